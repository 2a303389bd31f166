// SPDX-License-Identifier: Apache-2.0
// See login.h. Called by handlers before a body is read and before anything is done.
#include "http/login.h"

#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"
#include "core/snapshot/snapshot.h"

#define CREDENTIALS_MAX 256 /* decoded "user:password" */

static void take(struct http_request *q, struct http_login *l, int code,
		 const struct bmc_actor *who)
{
	l->code = code;
	l->known = q->authenticated = code == 0;
	if (!l->known)
		return;
	l->actor = *who;
	(void)bmc_copy(l->actor.origin, sizeof(l->actor.origin), l->origin);
	(void)bmc_copy(l->actor.client, sizeof(l->actor.client), q->client);
}

/* ---- a password ---- */

static void checked(void *arg, int code, const struct bmc_actor *who)
{
	struct http_request *q = http_wait_end(arg);

	if (!q)
		return;
	take(q, q->login, code, who);
	http_wait_resume(q);
}

static bool cancel(struct http_wait *w)
{
	return bmc_auth->abandon(w);
}

int http_login_check(struct http_request *q, struct http_login *l, const char *user,
		     const char *password)
{
	struct http_wait *w;
	int r;

	q->login = l;
	w = http_wait_begin(q, HTTP_WAIT_MS, cancel);
	if (!w)
		return BMC_ENOMEM;
	r = bmc_auth->check(user, password, q->client, checked, w);
	if (r != 0)
		checked(w, r, NULL); /* resumes at once */
	return 0;
}

/* Splits at the first colon, in place. */
static int try_credentials(struct http_request *q, struct http_login *l,
			   char *credentials)
{
	char *password = strchr(credentials, ':');
	struct bmc_actor who;

	if (!password)
		return HTTP_DONE;
	*password++ = 0;
	if (bmc_auth->cached(credentials, password, q->client, &who)) {
		take(q, l, 0, &who);
		return HTTP_DONE;
	}
	if (http_login_check(q, l, credentials, password) == 0)
		return HTTP_WAIT;
	l->code = BMC_ENOMEM;
	return HTTP_DONE;
}

static int try_basic(struct http_request *q, struct http_login *l, const char *encoded)
{
	char credentials[CREDENTIALS_MAX];
	gnutls_datum_t in = { .size = (unsigned)strlen(encoded) },
		       out = { .data = NULL };
	int r = HTTP_DONE;

	/* decode2 takes it as const in all but name */
	in.data = (unsigned char *)(uintptr_t)encoded;
	l->code = BMC_EAUTH;
	if (in.size > CREDENTIALS_MAX * 2 || gnutls_base64_decode2(&in, &out) < 0)
		return HTTP_DONE;
	if (out.size < sizeof(credentials) && !memchr(out.data, 0, out.size)) {
		memcpy(credentials, out.data, out.size);
		credentials[out.size] = 0;
		r = try_credentials(q, l, credentials);
		bmc_wipe(credentials, sizeof(credentials));
	}
	bmc_wipe(out.data, out.size);
	gnutls_free(out.data);
	return r;
}

/* ---- what others vouch for ---- */

/* The kernel says who is at the other end of a Unix socket: root could read and change
 * everything anyway. */
static bool take_local_root(struct http_request *q, struct http_login *l)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *role = bmc_snapshot_find(s, BMC_ROLE, "Administrator");
	struct bmc_actor who = { .name = "root",
				 .role = "Administrator",
				 .fresh = true };

	if (!role)
		return false;
	who.privileges = (uint32_t)((const struct bmc_role *)role)->privileges;
	take(q, l, 0, &who);
	(void)bmc_copy(l->actor.origin, sizeof(l->actor.origin), "local");
	return true;
}

/* agent/http has verified the certificate; here is the account that it names, if it is
 * there and enabled. It has given no password. */
static void take_certificate(struct http_request *q, struct http_login *l)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_account *account =
		(const struct bmc_account *)bmc_snapshot_find(s, BMC_ACCOUNT,
							      q->certificate);
	const struct bmc_role *role =
		account ? (const struct bmc_role *)bmc_snapshot_find(s, BMC_ROLE,
								     account->role)
			: NULL;
	struct bmc_actor who = { 0 };

	if (!role || account->enabled != 1) {
		take(q, l, BMC_EAUTH, NULL);
		return;
	}
	who.privileges = (uint32_t)role->privileges;
	who.certificate = q->certificate_row;
	who.must_change = account->must_change != 0;
	(void)bmc_copy(who.name, sizeof(who.name), account->row.id);
	(void)bmc_copy(who.role, sizeof(who.role), account->role);
	take(q, l, 0, &who);
}

void http_login_token(struct http_request *q, struct http_login *l, const char *token)
{
	struct bmc_actor who;

	l->asked = true;
	if (bmc_auth->session_find(token, q->client, &who, l->session))
		take(q, l, 0, &who);
	else
		l->code = BMC_EAUTH;
}

/* ---- which of them ---- */

static int find_out(struct http_request *q, struct http_login *l)
{
	const char *token = http_header(q, "X-Auth-Token"),
		   *basic = http_header(q, "Authorization");
	struct bmc_auth_limits limits;

	if (token) {
		http_login_token(q, l, token);
		return HTTP_DONE;
	}
	if (!basic && q->peer.known && q->peer.uid == 0 && take_local_root(q, l))
		return HTTP_DONE;
	if (!basic && q->certificate[0])
		take_certificate(q, l);
	if (!basic || strncasecmp(basic, "Basic ", 6) != 0)
		return HTTP_DONE;
	bmc_auth->limits(&limits);
	if (!limits.basic)
		return HTTP_DONE;
	return try_basic(q, l, basic + 6 + strspn(basic + 6, " "));
}

int http_login(struct http_request *q, struct http_login *l)
{
	if (!l->asked) {
		l->asked = true;
		return find_out(q, l);
	}
	if (q->expired) {
		l->code = q->expired;
		q->expired = 0;
	}
	return HTTP_DONE;
}
