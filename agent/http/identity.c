// SPDX-License-Identifier: Apache-2.0
// Replacing the certificate and asking for one: see identity.h. A call is a job: it
// begins and ends on the main thread, which owns what is below; in between a thread of
// its own makes keys and writes files. There is one at a time.
#include <string.h>

#include "http/identity-job.h"

#include <gnutls/x509.h>
#include <stdio.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "http/certificate-check.h"
#include "http/csr.h"
#include "http/new-file.h"
#include "http/renew.h"

struct paths {
	struct http_pair own;
	char installed[512], pending[512];
};

static struct {
	struct paths paths;
	bool replaceable, busy;
} place;

struct job {
	struct bmc_message message;
	char *pem; /* of a replacement, owned; may hold a key */
	struct http_csr csr;
	http_identity_done *done;
	void *arg;
	struct paths paths;
	int code;
	struct bmc_error err;
	char *text; /* the request that was made, owned */
	bool ran;
};

/* ---- keys ---- */

/* The key in a PEM text, or NULL. */
static gnutls_x509_privkey_t key_of(const char *pem)
{
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem,
				      (unsigned)strlen(pem) };
	gnutls_x509_privkey_t key;

	if (gnutls_x509_privkey_init(&key) < 0)
		return NULL;
	if (gnutls_x509_privkey_import(key, &text, GNUTLS_X509_FMT_PEM) >= 0)
		return key;
	gnutls_x509_privkey_deinit(key);
	return NULL;
}

static gnutls_x509_privkey_t key_in(const char *path)
{
	struct bmc_error err;
	auto_free char *text = NULL;
	gnutls_x509_privkey_t key = NULL;

	if (http_file_read(path, &text, &err) == 0)
		key = key_of(text);
	if (text)
		bmc_wipe(text, strlen(text));
	return key;
}

static gnutls_x509_privkey_t key_in_use(const struct paths *p)
{
	gnutls_x509_privkey_t key = key_in(p->installed);

	return key ? key : key_in(p->own.key);
}

static gnutls_x509_privkey_t if_it_fits(gnutls_x509_privkey_t key,
					const struct http_chain *c)
{
	if (!key || http_chain_has_key(c, key))
		return key;
	gnutls_x509_privkey_deinit(key);
	return NULL;
}

static gnutls_x509_privkey_t key_for(const struct job *j, const struct http_chain *c)
{
	gnutls_x509_privkey_t key;

	if (strstr(j->pem, "PRIVATE KEY-----"))
		return if_it_fits(key_of(j->pem), c);
	key = if_it_fits(key_in(j->paths.pending), c);
	return key ? key : if_it_fits(key_in_use(&j->paths), c);
}

static int export_key(gnutls_x509_privkey_t key, char **ret)
{
	gnutls_datum_t pem = { NULL, 0 };

	if (gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
					      GNUTLS_PKCS_PLAIN, &pem) < 0)
		return BMC_EINVAL;
	*ret = strndup((const char *)pem.data, pem.size);
	bmc_wipe(pem.data, pem.size);
	gnutls_free(pem.data);
	return *ret ? 0 : BMC_ENOMEM;
}

/* Writes a text with a key in it, for good. */
static int put_file(const char *path, const char *text, struct bmc_error *err)
{
	const gnutls_datum_t d = { (unsigned char *)(uintptr_t)text,
				   (unsigned)strlen(text) };
	struct http_new_file f;
	int r = http_new_file_write(&f, path, &d, 0600, err);

	if (r == 0)
		r = http_new_file_rename(&f, err);
	if (r != 0)
		http_new_file_drop(&f);
	return r;
}

/* ---- the work, on its own thread ---- */

static int install(const struct job *j, const struct http_chain *c,
		   gnutls_x509_privkey_t key, struct bmc_error *err)
{
	char *text = NULL;
	int r = export_key(key, &text);

	if (r == 0) {
		size_t head = strlen(text);
		char *chain = NULL, *both;
		r = http_chain_write(c, &chain);
		both = r == 0 ? malloc(head + strlen(chain) + 1) : NULL;
		if (both) {
			memcpy(both, text, head);
			(void)strcpy(both + head, chain);
			r = put_file(j->paths.installed, both, err);
			bmc_wipe(both, head);
		} else if (r == 0) {
			r = BMC_ENOMEM;
		}
		free(both);
		free(chain);
		bmc_wipe(text, head);
	}
	free(text);
	return r;
}

static int replace(struct job *j)
{
	struct http_chain c;
	int r = http_chain_read(&c, j->pem, &j->err);

	if (r < 0)
		return r;
	gnutls_x509_privkey_t key = key_for(j, &c);
	if (key) {
		r = install(j, &c, key, &j->err);
		gnutls_x509_privkey_deinit(key);
	} else {
		r = bmc_fail(&j->err, BMC_EINVAL,
			     "no key fits the certificate: it was not requested here, "
			     "and the text has none");
	}
	http_chain_done(&c);
	return r;
}

static int make_request(struct job *j)
{
	gnutls_x509_privkey_t key =
		j->csr.same_key ? key_in_use(&j->paths) : http_key_new(j->csr.key);
	char *pem = NULL;
	int r = key ? http_csr_write(&j->csr, key, &j->text)
		    : bmc_fail(&j->err, BMC_EIO, "there is no key");

	if (r == 0 && !j->csr.same_key) {
		r = export_key(key, &pem);
		if (r == 0)
			r = put_file(j->paths.pending, pem, &j->err);
	}
	if (pem)
		bmc_wipe(pem, strlen(pem));
	free(pem);
	gnutls_x509_privkey_deinit(key);
	return r;
}

/* ---- a job ---- */

/* Main thread. */
static void finish(void *arg)
{
	struct job *j = arg;

	if (j->ran)
		place.busy = false;
	if (j->ran && j->code == 0 && j->pem) {
		http_renew_load(&place.paths.own, true, place.paths.installed);
		(void)unlink(j->paths.pending);
		log_notice("https: the certificate was replaced");
	}
	if (j->code < 0 && !j->err.what[0])
		(void)bmc_fail(&j->err, j->code, "%s", bmc_strerror(j->code));
	j->done(j->arg, j->code, &j->err, j->code == 0 ? j->text : NULL);
	if (j->pem)
		bmc_wipe(j->pem, strlen(j->pem));
	free(j->pem);
	free(j->text);
	free(j);
}

static void *run(void *arg)
{
	struct job *j = arg;

	j->code = j->pem ? replace(j) : make_request(j);
	bmc_loop_send(&j->message, finish, j);
	return NULL;
}

/* Main thread. */
static void begin(void *arg)
{
	struct job *j = arg;

	if (!place.replaceable)
		j->code = bmc_fail(&j->err, BMC_EREADONLY,
				   "the configuration names key and certificate: "
				   "replace those files");
	else if (place.busy)
		j->code = bmc_fail(&j->err, BMC_EBUSY,
				   "another certificate is being made or replaced");
	j->paths = place.paths;
	if (j->code == 0) {
		j->ran = place.busy = true;
		if (bmc_thread_start(run, j) == 0)
			return;
		j->code = BMC_EAGAIN;
	}
	finish(j);
}

static void submit(struct job *j)
{
	bmc_loop_send(&j->message, begin, j);
}

static struct job *job_new(http_identity_done *done, void *arg)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j) {
		j->done = done;
		j->arg = arg;
	}
	return j;
}

int http_identity_replace(const char *pem, http_identity_done *done, void *arg)
{
	struct job *j = job_new(done, arg);

	if (!j || !(j->pem = strdup(pem))) {
		free(j);
		return BMC_ENOMEM;
	}
	submit(j);
	return 0;
}

int http_identity_request(const struct http_csr *csr, http_identity_done *done,
			  void *arg)
{
	struct job *j = job_new(done, arg);

	if (!j)
		return BMC_ENOMEM;
	j->csr = *csr;
	submit(j);
	return 0;
}

void http_identity_place(const char *state_dir, const struct http_pair *own)
{
	place.replaceable = state_dir != NULL;
	place.paths.own = *own;
	(void)snprintf(place.paths.installed, sizeof(place.paths.installed),
		       "%s/https.pem", state_dir ? state_dir : "");
	(void)snprintf(place.paths.pending, sizeof(place.paths.pending),
		       "%s/https-request.key", state_dir ? state_dir : "");
}
