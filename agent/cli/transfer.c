// SPDX-License-Identifier: Apache-2.0
// One request and its answer, with libcurl: over the agent's Unix socket, or HTTPS
// whose certificate is checked. Called by client.c and login.c.
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/link.h"
#include "core/base/util.h"

#define CONNECT_MS 5000

struct transfer {
	const struct cli_call *call;
	struct cli_reply *reply;
	struct curl_slist *headers;
	curl_mime *mime;
	char *body;
	bool too_long;
};

static size_t gather(char *bytes, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;
	struct cli_reply *r = t->reply;
	long status = r->status;

	(void)one; /* is 1 */
	if (t->call->take && status >= 200 && status < 300)
		return t->call->take(t->call->arg, bytes, n) ? n : 0;
	t->too_long = n > CLI_REPLY_MAX || r->len + n > CLI_REPLY_MAX;
	char *more = t->too_long ? NULL : realloc(r->text, r->len + n + 1);
	if (!more)
		return 0;
	memcpy(more + r->len, bytes, n);
	r->text = more;
	r->len += n;
	more[r->len] = 0;
	return n;
}

/* The value of header `name`, without its end; NULL: it is another one. */
static bool is_header(const char *line, size_t n, const char *name, char *ret,
		      size_t max)
{
	size_t len = strlen(name);

	if (n <= len + 1 || strncasecmp(line, name, len) != 0 || line[len] != ':')
		return false;
	for (line += len + 1, n -= len + 1; n && *line == ' '; line++)
		n--;
	while (n && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
		n--;
	if (n >= max)
		n = 0; /* of no use cut */
	memcpy(ret, line, n);
	ret[n] = 0;
	return true;
}

static size_t take_header(char *line, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;
	struct cli_reply *r = t->reply;
	char value[CLI_PATH_MAX];

	(void)one;
	if (n > 12 && strncmp(line, "HTTP/", 5) == 0)
		r->status = strtol(line + 9, NULL, 10);
	(void)is_header(line, n, "X-Auth-Token", r->token, sizeof(r->token));
	if (is_header(line, n, "Location", value, sizeof(value))) {
		const char *path = strstr(value, "://");
		path = path ? strchr(path + 3, '/') : value;
		(void)bmc_copy(r->location, sizeof(r->location), path);
	}
	return n;
}

static int watch(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
		 curl_off_t up)
{
	const struct transfer *t = arg;

	(void)total, (void)now;
	if (t->call->sent && up_total > 0)
		t->call->sent(t->call->arg, up, up_total);
	return t->call->stop && t->call->stop(t->call->arg);
}

static void add_line(struct transfer *t, const char *line)
{
	struct curl_slist *more = curl_slist_append(t->headers, line);

	if (more)
		t->headers = more;
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
	char line[CLI_TOKEN_MAX + 64];

	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	add_line(t, line);
	bmc_wipe(line, sizeof(line));
}

static void set_tls(CURL *h, const struct cli_target *t)
{
	bool check = !t->insecure && !t->fingerprint;

	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, check ? 1L : 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, check ? 2L : 0L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (t->ca)
		curl_easy_setopt(h, CURLOPT_CAINFO, t->ca);
	if (t->fingerprint)
		curl_easy_setopt(h, CURLOPT_PINNEDPUBLICKEY, t->fingerprint);
}

static void set_place(struct cli_link *l, struct transfer *t)
{
	char url[sizeof(l->base) + 1 + CLI_PATH_MAX];
	CURL *h = l->curl;

	/* an agent's own links are hostile: "@host/" must not become another one's name
	 */
	(void)snprintf(url, sizeof(url), "%s%s%s", l->base,
		       t->call->path[0] == '/' ? "" : "/", t->call->path);
	curl_easy_reset(h); /* keeps its connections */
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_PROXY, ""); /* never through the environment's */
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
	if (l->target->host)
		set_tls(h, l->target);
	else
		curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, l->target->socket);
}

static void set_request(struct cli_link *l, struct transfer *t)
{
	const struct cli_call *call = t->call;
	int64_t ms = call->file ? -1 : call->ms ? call->ms : l->target->request_ms;
	CURL *h = l->curl;

	if (call->method)
		curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, call->method);
	add_header(t, "Accept", call->accept ? call->accept : "application/json");
	add_header(t, "OData-Version", "4.0");
	if (l->token[0])
		add_header(t, "X-Auth-Token", l->token);
	if (call->header)
		add_line(t, call->header);
	if (call->file || call->no_file) {
		t->mime = cli_upload(h, call, t->body);
	} else if (t->body) {
		add_header(t, "Content-Type", "application/json");
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, t->body);
	}
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms < 0 ? 0L : (long)MIN(ms, INT_MAX));
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, gather);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(h, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(h, CURLOPT_NOPROGRESS, call->stop || call->sent ? 0L : 1L);
}

static int fail_tls(const struct cli_link *l, CURLcode r, struct cli_error *err)
{
	cli_fail(err, CLI_UNREACHABLE, "%s can't be trusted: %s", l->base,
		 curl_easy_strerror(r));
	if (l->target->fingerprint)
		return cli_next(err, "Its key is another one than --fingerprint says: "
				     "was its certificate renewed?");
	if (l->target->ca)
		return cli_next(err,
				"No authority in %s has signed its certificate for "
				"that name.",
				l->target->ca);
	return cli_next(err, "Name its authority (--ca FILE) or its key "
			     "(--fingerprint sha256//BASE64).");
}

static int fail_local(const struct cli_link *l, struct cli_error *err)
{
	cli_fail(err, CLI_UNREACHABLE, "no agent answers at %s", l->target->socket);
	return cli_next(err,
			"Does clusterbmcd run (systemctl status clusterbmcd)? Another "
			"machine's is reached with --host.");
}

static int fail_transfer(const struct cli_link *l, const struct transfer *t, CURLcode r,
			 struct cli_error *err)
{
	switch (r) {
	case CURLE_OPERATION_TIMEDOUT:
		cli_fail(err, CLI_TIMEOUT, "%s has not answered in time", l->base);
		return cli_next(err, "--timeout SECONDS waits longer.");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return fail_tls(l, r, err);
	case CURLE_COULDNT_CONNECT:
		if (!l->target->host)
			return fail_local(l, err);
		break;
	case CURLE_WRITE_ERROR:
		if (t->too_long)
			return cli_fail(err, CLI_FAILED, "the answer is too long");
		break;
	default:
		break;
	}
	cli_fail(err, CLI_UNREACHABLE, "%s: %s", l->base, curl_easy_strerror(r));
	return cli_next(err,
			"Are the address and the port right, and does the agent run?");
}

/* A stream that its reader ended is fine. */
static bool was_stopped(const struct transfer *t, CURLcode r)
{
	return r == CURLE_ABORTED_BY_CALLBACK ||
	       (r == CURLE_WRITE_ERROR && t->call->take);
}

static int end(struct cli_link *l, struct transfer *t, CURLcode r,
	       struct cli_error *err)
{
	struct cli_reply *reply = t->reply;

	if (was_stopped(t, r))
		return CLI_OK;
	if (r != CURLE_OK)
		return fail_transfer(l, t, r, err);
	if (reply->len && (!t->call->accept || reply->status >= 300))
		reply->json = json_loadb(reply->text, reply->len, 0, NULL);
	if (reply->status >= 200 && reply->status < 300)
		return CLI_OK;
	return cli_refused(t->call, reply->status, reply->json, err);
}

int cli_connect(struct cli_link *l, struct cli_error *err)
{
	const struct cli_call call = { .path = "/" };
	struct transfer t = { .call = &call };

	set_place(l, &t);
	curl_easy_setopt(l->curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(l->curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(l->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	CURLcode r = curl_easy_perform(l->curl);
	return r == CURLE_OK ? CLI_OK : fail_transfer(l, &t, r, err);
}

int cli_transfer(struct cli_link *l, const struct cli_call *call, struct cli_reply *ret,
		 struct cli_error *err)
{
	struct transfer t = { .call = call, .reply = ret };

	memset(ret, 0, sizeof(*ret));
	t.body = call->body ? json_dumps(call->body, JSON_COMPACT | JSON_ENCODE_ANY)
			    : NULL;
	set_place(l, &t);
	set_request(l, &t);
	CURLcode r = curl_easy_perform(l->curl);
	int code = end(l, &t, r, err);
	curl_slist_free_all(t.headers);
	curl_mime_free(t.mime);
	if (t.body)
		bmc_wipe(t.body, strlen(t.body)); /* it may hold a password */
	free(t.body);
	return code;
}
