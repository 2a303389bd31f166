// SPDX-License-Identifier: Apache-2.0
// /metrics as a handler of the HTTP server. What changes with the snapshot only is
// rendered once for each snapshot that is scraped.
#include <pthread.h>
#include <string.h>

#include "core/base/util.h"
#include "http/gzip.h"
#include "http/http.h"
#include "http/negotiate.h"
#include "metrics/access.h"
#include "metrics/metrics.h"
#include "metrics/render.h"

#define PATH        "/metrics"
#define OPENMETRICS "application/openmetrics-text"

static const char *const types[MX_N_FORMATS] = {
	[MX_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
	[MX_OPENMETRICS] = OPENMETRICS "; version=1.0.0; charset=utf-8",
};

static enum mx_anonymous anonymous; /* set before the serving threads start */

static struct {
	pthread_mutex_t lock;
	struct rendered {
		uint64_t generation; /* 0: nothing is rendered */
		char *text;
		size_t len;
	} of[MX_N_FORMATS];
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Under the lock. */
static bool renew(struct rendered *r, enum mx_format format, struct bmc_snapshot *s)
{
	struct rendered is = { .generation = bmc_snapshot_generation(s) };
	struct mx_text t = { .format = format };

	if (r->generation == is.generation)
		return true;
	t.to = open_memstream(&is.text, &is.len);
	if (!t.to)
		return false;
	mx_render(&t, s);
	if (fclose(t.to) != 0) {
		free(is.text);
		return false;
	}
	free(r->text);
	*r = is;
	return true;
}

static bool copy_rendered(FILE *to, enum mx_format format, struct bmc_snapshot *s)
{
	struct rendered *r = &cache.of[format];
	bool ok;

	(void)pthread_mutex_lock(&cache.lock);
	ok = renew(r, format, s) && fwrite(r->text, 1, r->len, to) == r->len;
	(void)pthread_mutex_unlock(&cache.lock);
	return ok;
}

/* All of it, for free(); NULL: no memory. */
static char *exposition(enum mx_format format, size_t *ret_len)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct mx_text t = { .format = format };
	int64_t since = mx_clock();
	char *text = NULL;
	bool ok;

	t.to = open_memstream(&text, ret_len);
	if (!t.to)
		return NULL;
	ok = copy_rendered(t.to, format, s);
	mx_render_now(&t, s, since);
	if (format == MX_OPENMETRICS)
		(void)fputs("# EOF\n", t.to);
	if (fclose(t.to) == 0 && ok)
		return text;
	free(text);
	return NULL;
}

static void answer(struct http_request *q, unsigned status, const char *text)
{
	struct http_response *r =
		http_response_new(text, strlen(text), HTTP_STATIC, q->secure);

	if (r) {
		http_response_add(r, "Content-Type", "text/plain; charset=utf-8");
		http_response_add(r, "Allow", status == 405 ? "GET, HEAD" : NULL);
		http_response_add(r, "WWW-Authenticate",
				  status == 401 ? "Basic realm=\"clusterbmc\", "
						  "charset=\"UTF-8\""
						: NULL);
	}
	http_answer(q, status, r);
}

static void answer_refused(struct http_request *q, int code)
{
	if (code == BMC_EAUTH)
		answer(q, 401, "log in\n");
	else if (code == BMC_EPERM)
		answer(q, 403, "this account may not read\n");
	else
		answer(q, 503, "the login could not be checked\n");
}

/* Not for a client that takes anything: Prometheus names what it wants. */
static enum mx_format format_of(const struct http_request *q)
{
	const char *accept = http_header(q, "Accept");

	return accept && strcasestr(accept, OPENMETRICS) &&
			       http_accepts(accept, OPENMETRICS)
		       ? MX_OPENMETRICS
		       : MX_TEXT;
}

/* Replaces the text where the client prefers that. */
static bool code_gzip(const struct http_request *q, char **text, size_t *len)
{
	size_t coded_len;
	char *coded = http_accepts_gzip(http_header(q, "Accept-Encoding"))
			      ? http_gzip_deflate(*text, *len, &coded_len)
			      : NULL;

	if (!coded)
		return false;
	free(*text);
	*text = coded;
	*len = coded_len;
	return true;
}

static void answer_metrics(struct http_request *q)
{
	enum mx_format format = format_of(q);
	size_t len = 0;
	char *text = exposition(format, &len);
	bool gzip = text && code_gzip(q, &text, &len);
	struct http_response *r =
		text ? http_response_new(text, len, HTTP_STOLEN, q->secure) : NULL;

	if (r) {
		http_response_add(r, "Content-Type", types[format]);
		http_response_add(r, "Content-Encoding", gzip ? "gzip" : NULL);
		http_response_add(r, "Cache-Control", "no-cache");
		http_response_add(r, "Vary", "Accept, Accept-Encoding");
	}
	http_answer(q, 200, r);
}

static int begin(struct http_request *q)
{
	struct http_login *l = q->state;

	if (mx_access_is_open(q, anonymous))
		return HTTP_DONE;
	if (!l)
		l = q->state = calloc(1, sizeof(*l));
	if (!l) {
		http_answer(q, 500, NULL);
		return HTTP_DONE;
	}
	l->origin = "metrics";
	return http_login(q, l);
}

static int run(struct http_request *q)
{
	const struct http_login *l = q->state; /* NULL: needs none */
	int code = l ? mx_access_code(l) : 0;

	if (strcmp(q->path, PATH) != 0)
		answer(q, 404, "not found\n");
	else if (strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0)
		answer(q, 405, "read only\n");
	else if (code != 0)
		answer_refused(q, code);
	else
		answer_metrics(q);
	return HTTP_DONE;
}

static void end(struct http_request *q)
{
	free(q->state);
	q->state = NULL;
}

static const struct http_handler handler = { .begin = begin, .run = run, .end = end };

void mx_init(const struct bmc_conf *metrics)
{
	anonymous = (enum mx_anonymous)bmc_conf_num(metrics, "anonymous", 0);
	http_register(PATH, &handler);
}

void mx_done(void)
{
	for (size_t i = 0; i < MX_N_FORMATS; i++) {
		free(cache.of[i].text);
		cache.of[i] = (struct rendered){ 0 };
	}
}
