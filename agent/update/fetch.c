// SPDX-License-Identifier: Apache-2.0
/* Fetching an image with libcurl. What may be asked is decided three times: by the
 * address's text, by the protocols that libcurl is given for it and for redirects, and
 * by the numeric address of each connection, after the name was looked up. */
#include "update/fetch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "update/policy.h"

#define PACE       1024 /* bytes in each second of the timeout: the least */
#define HEADER_MAX (256u << 10)

struct fetch {
	const struct upd_fetch *f;
	CURL *curl;
	struct upd_incoming *in;
	struct bmc_error err; /* why it was ended by a callback; code 0: it was not */
	uint64_t done, headers;
	/* progress: `mark` bytes had come at `since` (BMC_TIME) */
	uint64_t mark;
	int64_t since;
	bool begun;   /* the body */
	bool chunked; /* it says where it ends */
};

/* ---- callbacks ---- */

/* A task's words have 95 bytes. */
static void refuse_address(struct fetch *f, const struct sockaddr *sa, const char *text)
{
	if (!upd_policy_address(sa, UPD_ADDRESSES_ANY))
		(void)bmc_fail(&f->err, BMC_EPERM,
			       "images are never fetched from %s, whatever is set",
			       text);
	else
		(void)bmc_fail(&f->err, BMC_EPERM,
			       "not fetched from %s: set `update.addresses: %s`", text,
			       upd_policy_address(sa, UPD_ADDRESSES_PRIVATE) ? "private"
									     : "any");
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose,
				 struct curl_sockaddr *a)
{
	struct fetch *f = arg;
	char text[BMC_ADDRESS_MAX];

	if (purpose == CURLSOCKTYPE_IPCXN &&
	    upd_policy_address(&a->addr, upd_policy.addresses))
		return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	bmc_address_format(&a->addr, (socklen_t)a->addrlen, text, sizeof(text));
	refuse_address(f, &a->addr, *text ? text : "such an address");
	return CURL_SOCKET_BAD;
}

/* libcurl's list of protocols for redirects holds for the whole chain, in which http
 * may have come first. */
static bool leaves_https(struct fetch *f, const char *line, size_t len)
{
	const char *scheme = NULL;
	size_t at = 9;

	if (len < at || strncasecmp(line, "Location:", at) != 0)
		return false;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	(void)curl_easy_getinfo(f->curl, CURLINFO_SCHEME, &scheme);
	return scheme && strcasecmp(scheme, "https") == 0 && len - at >= 5 &&
	       strncasecmp(line + at, "http:", 5) == 0;
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;

	if (leaves_https(f, data, size * n)) {
		(void)bmc_fail(&f->err, BMC_EPERM,
			       "the server redirects from https to http: that is never "
			       "followed");
		return 0;
	}
	if (size * n >= 5 && memcmp(data, "HTTP/", 5) == 0)
		f->chunked = false; /* of this answer nothing is known yet */
	if (size * n > 18 && strncasecmp(data, "Transfer-Encoding:", 18) == 0)
		f->chunked = true;
	f->headers += size * n;
	if (f->headers <= HEADER_MAX)
		return size * n;
	(void)bmc_fail(&f->err, BMC_EIO, "the server's headers do not end");
	return 0;
}

/* The name of the file: the last part of the address's path. */
static char *file_name(CURL *curl)
{
	char *url = NULL, *path = NULL;
	CURLU *u = curl_url();

	(void)curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
	if (u && url && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		(void)curl_url_get(u, CURLUPART_PATH, &path, CURLU_URLDECODE);
	curl_url_cleanup(u);
	return path;
}

static int begin(struct fetch *f)
{
	curl_off_t size = -1;
	char *name = file_name(f->curl);

	(void)curl_easy_getinfo(f->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
	int r = upd_incoming_new(name, size >= 0 ? (uint64_t)size : UINT64_MAX, &f->in,
				 &f->err);

	curl_free(name);
	f->begun = true;
	return r;
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;

	if (!f->begun && begin(f) != BMC_OK)
		return 0;
	if (upd_incoming_append(f->in, data, size * n, &f->err) != BMC_OK)
		return 0;
	f->done += size * n;
	return size * n;
}

static int has_progress(struct fetch *f)
{
	uint64_t least = (uint64_t)upd_policy.timeout_ms * PACE / 1000;
	int64_t now = bmc_now();

	if (f->done - f->mark >= least) {
		f->mark = f->done;
		f->since = now;
	}
	if (now - f->since <= upd_policy.timeout_ms)
		return BMC_OK;
	return bmc_fail(&f->err, BMC_ETIMEDOUT,
			f->done ? "the server sends the image too slowly"
				: "the server does not answer");
}

static int watch(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
		 curl_off_t up_now)
{
	struct fetch *f = arg;

	(void)up_total;
	(void)up_now;
	(void)now;
	if (!upd_report(f->f->watch, "fetch", (int64_t)f->done,
			total > 0 ? total : BMC_UNKNOWN))
		(void)bmc_fail(&f->err, BMC_ECANCELED, "cancelled");
	return f->err.code != BMC_OK || has_progress(f) != BMC_OK;
}

/* ---- settings ---- */

static bool set_who(struct fetch *f)
{
	CURL *c = f->curl;
	const struct upd_policy *p = &upd_policy;

	if (f->f->user && curl_easy_setopt(c, CURLOPT_USERNAME, f->f->user))
		return false;
	if (f->f->password && curl_easy_setopt(c, CURLOPT_PASSWORD, f->f->password))
		return false;
	if (*p->ca && curl_easy_setopt(c, CURLOPT_CAINFO, p->ca))
		return false;
	if (*p->known_hosts &&
	    curl_easy_setopt(c, CURLOPT_SSH_KNOWNHOSTS, p->known_hosts))
		return false;
	return !curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, p->verify ? 1L : 0L) &&
	       !curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, p->verify ? 2L : 0L) &&
	       !curl_easy_setopt(c, CURLOPT_SSH_AUTH_TYPES,
				 (long)CURLSSH_AUTH_PASSWORD |
					 (long)CURLSSH_AUTH_KEYBOARD) &&
	       !curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
	       !curl_easy_setopt(c, CURLOPT_UNRESTRICTED_AUTH, 0L);
}

static bool set_redirects(struct fetch *f)
{
	bool web = strncasecmp(f->f->uri, "http:", 5) == 0 &&
		   upd_policy_uri("http://x/", NULL) == BMC_OK;
	bool secure = upd_policy_uri("https://x/", NULL) == BMC_OK;
	const char *allowed = web ? (secure ? "http,https" : "http") : "https";

	return !curl_easy_setopt(f->curl, CURLOPT_REDIR_PROTOCOLS_STR, allowed) &&
	       !curl_easy_setopt(f->curl, CURLOPT_FOLLOWLOCATION,
				 upd_policy.redirects && (web || secure) ? 1L : 0L) &&
	       !curl_easy_setopt(f->curl, CURLOPT_MAXREDIRS,
				 (long)upd_policy.redirects);
}

static bool set_up(struct fetch *f)
{
	CURL *c = f->curl;

	/* through a proxy, the address that open_socket() checks would be the proxy's
	 */
	return !curl_easy_setopt(c, CURLOPT_URL, f->f->uri) &&
	       !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, upd_policy.schemes) &&
	       !curl_easy_setopt(c, CURLOPT_PROXY, "") &&
	       !curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
				 (long)upd_policy.timeout_ms) &&
	       !curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
	       !curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch) &&
	       !curl_easy_setopt(c, CURLOPT_XFERINFODATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header) &&
	       !curl_easy_setopt(c, CURLOPT_HEADERDATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEDATA, f) &&
	       !curl_easy_setopt(c, CURLOPT_USERAGENT, "clusterbmcd") && set_who(f) &&
	       set_redirects(f);
}

/* ---- what came of it ---- */

static bool is_ssh(const char *uri)
{
	return strncasecmp(uri, "sftp:", 5) == 0 || strncasecmp(uri, "scp:", 4) == 0;
}

static int status_failed(struct fetch *f)
{
	long status = 0;
	int code = BMC_EIO;

	(void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 404 || status == 410)
		code = BMC_ENOTFOUND;
	if (status == 401 || status == 403)
		code = BMC_EAUTH;
	return bmc_fail(&f->err, code, "the server answers with status %ld", status);
}

/* clang-format off */
static const struct {
	CURLcode curl;
	int code;
	const char *words;
	bool ssh; /* of sftp and scp only */
} failures[] = {
	{ CURLE_PEER_FAILED_VERIFICATION, BMC_EAUTH,     "the server's host key is not the one in `update.ssh_known_hosts`, or not in it", true },
	{ CURLE_FAILED_INIT,              BMC_EIO,       "the SSH handshake failed: has `update.ssh_known_hosts` its Ed25519 or ECDSA key?", true },
	{ CURLE_SSH,                      BMC_EIO,       "the server can't read the image: it may be no file", true },
	{ CURLE_UNSUPPORTED_PROTOCOL,     BMC_EPERM,     "the server redirects to another protocol than http or https of `update.schemes`", false },
	{ CURLE_TOO_MANY_REDIRECTS,       BMC_EPERM,     "it redirects too often: name the image's own address, or raise `update.redirects`", false },
	{ CURLE_URL_MALFORMAT,            BMC_EINVAL,    "the image's address is no URL", false },
	{ CURLE_COULDNT_RESOLVE_HOST,     BMC_EIO,       "the server's name is not known", false },
	{ CURLE_REMOTE_FILE_NOT_FOUND,    BMC_ENOTFOUND, "the server does not have the image", false },
	{ CURLE_TFTP_NOTFOUND,            BMC_ENOTFOUND, "the server does not have the image", false },
	{ CURLE_TFTP_PERM,                BMC_EAUTH,     "the server refuses the image", false },
	{ CURLE_REMOTE_ACCESS_DENIED,     BMC_EAUTH,     "the server refuses the image", false },
	{ CURLE_LOGIN_DENIED,             BMC_EAUTH,     "the server refuses user and password", false },
	{ CURLE_PEER_FAILED_VERIFICATION, BMC_EAUTH,     "the server's certificate is not one that is trusted: name its CA in `update.ca`", false },
	{ CURLE_SSL_CACERT_BADFILE,       BMC_EIO,       "the file with the CA certificates can't be read", false },
	{ CURLE_OPERATION_TIMEDOUT,       BMC_ETIMEDOUT, "the server does not answer", false },
	{ CURLE_PARTIAL_FILE,             BMC_EIO,       "the image is cut off", false },
	{ CURLE_OUT_OF_MEMORY,            BMC_ENOMEM,    "no memory to fetch the image", false },
};
/* clang-format on */

static int judge(struct fetch *f, CURLcode code)
{
	if (f->err.code != BMC_OK)
		return f->err.code;
	if (code == CURLE_OK)
		return BMC_OK;
	if (code == CURLE_HTTP_RETURNED_ERROR)
		return status_failed(f);
	bool ssh = is_ssh(f->f->uri);

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].curl == code && (ssh || !failures[i].ssh))
			return bmc_fail(&f->err, failures[i].code, "%s",
					failures[i].words);
	return bmc_fail(&f->err, BMC_EIO, "the image can't be fetched: %s",
			curl_easy_strerror(code));
}

/* A body that ends where the connection does may be cut off anywhere, and of a raw
 * image nobody would see it. */
static int check_end(struct fetch *f)
{
	curl_off_t size = -1;
	long version = 0;

	(void)curl_easy_getinfo(f->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
	(void)curl_easy_getinfo(f->curl, CURLINFO_HTTP_VERSION, &version);
	if (size >= 0 || f->chunked || version >= CURL_HTTP_VERSION_2_0)
		return BMC_OK;
	return bmc_fail(&f->err, BMC_EIO,
			"the server does not say how long the image is: it may be cut "
			"off");
}

/* A redirect that was not followed has a body, too. */
static int check_status(struct fetch *f)
{
	long status = 0;

	(void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (strncasecmp(f->f->uri, "http", 4) != 0)
		return BMC_OK;
	if (status == 200)
		return check_end(f);
	if (status >= 300 && status < 400)
		return bmc_fail(
			&f->err, BMC_EPERM,
			"the server redirects: name the image's own address, or "
			"raise `update.redirects`");
	return status_failed(f);
}

static int check_known_hosts(const struct upd_fetch *f, struct bmc_error *err)
{
	if (!is_ssh(f->uri) || !upd_policy.verify || *upd_policy.known_hosts)
		return BMC_OK;
	return bmc_fail(err, BMC_EPERM,
			"no server's host key is known: name a file of them in "
			"`update.ssh_known_hosts`");
}

static int perform(struct fetch *f, struct upd_stored **ret)
{
	if (!set_up(f))
		return bmc_fail(&f->err, BMC_ENOMEM, "libcurl takes no settings");
	f->since = bmc_now();
	int r = judge(f, curl_easy_perform(f->curl));

	if (r == BMC_OK)
		r = check_status(f);
	if (r == BMC_OK && !f->in)
		r = bmc_fail(&f->err, BMC_EIO, "the server sends nothing");
	if (r != BMC_OK)
		return r;
	(void)upd_report(f->f->watch, "store", (int64_t)f->done, (int64_t)f->done);
	struct upd_incoming *in = f->in;

	f->in = NULL;
	return upd_incoming_commit(in, ret, &f->err);
}

int upd_fetch(const struct upd_fetch *fetch, struct upd_stored **ret,
	      struct bmc_error *err)
{
	struct fetch f = { .f = fetch };
	int r = upd_policy_uri(fetch->uri ? fetch->uri : "", err);

	if (r == BMC_OK)
		r = check_known_hosts(fetch, err);
	if (r != BMC_OK)
		return r;
	f.curl = curl_easy_init();
	r = f.curl ? perform(&f, ret)
		   : bmc_fail(&f.err, BMC_ENOMEM, "no memory to fetch the image");
	f.in = upd_incoming_abort(f.in);
	curl_easy_cleanup(f.curl);
	if (r != BMC_OK && err)
		*err = f.err;
	return r;
}
