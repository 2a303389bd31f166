// SPDX-License-Identifier: Apache-2.0
/* What boards ask at the listener on their network: the image, and the notes beside it.
 * Called by the HTTP server's threads. An address that is no board's is answered as if
 * there were nothing. */
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "http/file.h"
#include "update/offer-table.h"

#define DIGEST_TEXT 64 /* SHA-256 in base64, or as hexadecimal digits */

/* ---- answers ---- */

static int answer(struct http_request *q, unsigned status, const char *header,
		  const char *value)
{
	char text[8];
	int n = snprintf(text, sizeof(text), "%u\n", status);
	struct http_response *r = http_response_new(text, status == 204 ? 0 : (size_t)n,
						    HTTP_COPIED, q->secure);

	if (r) {
		if (status != 204)
			http_response_add(r, "Content-Type", "text/plain");
		http_response_add(r, header, value);
	}
	http_answer(q, status, r);
	return HTTP_DONE;
}

static void base64(const unsigned char *bytes, size_t n, char *ret, size_t size)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)bytes, (unsigned)n }, out;

	ret[0] = 0;
	if (gnutls_base64_encode2(&in, &out) < 0)
		return;
	(void)bmc_copy(ret, size, (const char *)out.data);
	gnutls_free(out.data);
}

/* RFC 9530: of the whole image, whichever part is sent. `Digest` (RFC 3230) is what
 * older clients know. */
static void add_digests(struct http_response *r, const unsigned char digest[32])
{
	char text[DIGEST_TEXT], value[DIGEST_TEXT + 16];

	base64(digest, 32, text, sizeof(text));
	(void)snprintf(value, sizeof(value), "sha-256=:%s:", text);
	http_response_add(r, "Repr-Digest", value);
	(void)snprintf(value, sizeof(value), "SHA-256=%s", text);
	http_response_add(r, "Digest", value);
}

static void send_image(struct http_request *q, int fd, const unsigned char digest[32],
		       struct http_range *ret)
{
	char etag[DIGEST_TEXT + 3] = "\"";
	const struct http_file file = { .type = "application/octet-stream",
					.etag = etag,
					.cache_control = "no-store" };

	bmc_hex(digest, 32, etag + 1);
	etag[DIGEST_TEXT + 1] = '"';
	etag[DIGEST_TEXT + 2] = 0;
	*ret = http_answer_file(q, fd, &file);
	if (q->response && (q->status == 200 || q->status == 206))
		add_digests(q->response, digest);
}

static int run_image(struct http_request *q, struct upd_request *r)
{
	unsigned char digest[32];
	struct http_range range;
	int fd = -1;

	(void)pthread_mutex_lock(&upd_offer_table.lock);
	if (r->offer) {
		fd = fcntl(r->offer->image->fd, F_DUPFD_CLOEXEC, 0);
		memcpy(digest, r->offer->image->file.digest, sizeof(digest));
	}
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	if (fd < 0)
		return answer(q, 503, "Retry-After", "1");
	send_image(q, fd, digest, &range);
	(void)pthread_mutex_lock(&upd_offer_table.lock);
	r->first = range.first;
	r->len = range.len;
	r->base = q->transport->acknowledged(q);
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	return HTTP_DONE;
}

static int run_get(struct http_request *q, const struct upd_request *r)
{
	struct http_response *response = NULL;
	const struct upd_note *n = NULL;

	(void)pthread_mutex_lock(&upd_offer_table.lock);
	if (r->offer)
		n = upd_note_find(r->offer->put, r->name);
	if (n)
		response = http_response_new(n->bytes, n->len, HTTP_COPIED, q->secure);
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	if (!n)
		return answer(q, 404, NULL, NULL);
	if (response) {
		http_response_add(response, "Content-Type", "text/plain");
		http_response_add(response, "Cache-Control", "no-store");
	}
	http_answer(q, 200, response);
	return HTTP_DONE;
}

static int run_put(struct http_request *q, const struct upd_request *r)
{
	int code = BMC_ESTATE;

	(void)pthread_mutex_lock(&upd_offer_table.lock);
	if (r->offer)
		code = upd_note_set(r->offer->sent, r->name, q->body, q->body_len);
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	return answer(q,
		      code == BMC_OK       ? 204
		      : code == BMC_ESTATE ? 410
		      : code == BMC_ENOSPC ? 403
					   : 503,
		      NULL, NULL);
}

/* ---- requests ---- */

static bool is_get(const struct http_request *q)
{
	return strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
}

static bool is_put(const struct http_request *q)
{
	return strcmp(q->method, "PUT") == 0 || strcmp(q->method, "POST") == 0;
}

/* "/TOKEN/NAME": the name, or NULL. */
static const char *name_in(const char *path)
{
	if (path[0] != '/' ||
	    strspn(path + 1, "0123456789abcdef") != (size_t)UPD_TOKEN ||
	    path[UPD_TOKEN + 1] != '/')
		return NULL;
	return path + UPD_TOKEN + 2;
}

/* Enters the request with its offer; the status to refuse it with, or 0. Locked. */
static unsigned enter(struct upd_request *r)
{
	bool ended;
	struct upd_offer *o = upd_offer_find(r->q->path + 1, &ended);

	if (!o)
		return ended ? 410 : 404;
	if (o->n_requests >= UPD_REQUESTS || (r->image && o->n_fetches >= UPD_FETCHES))
		return 503;
	r->offer = o;
	o->n_requests++;
	o->n_fetches += r->image;
	LIST_INSERT_HEAD(&o->requests, r, link);
	return 0;
}

static unsigned judge(struct http_request *q)
{
	const char *name = name_in(q->path);
	struct upd_request *r;
	unsigned status;

	if (!name || (strcmp(name, "image") != 0 && !upd_note_name_ok(name)))
		return 404;
	r = calloc(1, sizeof(*r));
	if (!r)
		return 503;
	r->q = q;
	r->name = name;
	r->image = strcmp(name, "image") == 0;
	(void)pthread_mutex_lock(&upd_offer_table.lock);
	status = enter(r);
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	if (status)
		free(r);
	else
		q->state = r;
	return status;
}

/* Who knows an address is the board: its body may be long, its connection stays. */
static int begin(struct http_request *q)
{
	unsigned status = judge(q);
	const struct upd_request *r = q->state;

	if (status)
		return answer(q, status, "Retry-After", status == 503 ? "1" : NULL);
	if (!is_get(q) && (r->image || !is_put(q)))
		return answer(q, 405, "Allow",
			      r->image ? "GET, HEAD" : "GET, HEAD, POST, PUT");
	q->authenticated = true;
	q->pace = HTTP_PACE_TRANSFER;
	q->max_body = BMC_OFFER_SENT_MAX;
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	struct upd_request *r = q->state;

	if (r->image)
		return run_image(q, r);
	return is_get(q) ? run_get(q, r) : run_put(q, r);
}

static void end(struct http_request *q)
{
	struct upd_request *r = q->state;
	struct upd_offer *o;

	if (!r)
		return;
	(void)pthread_mutex_lock(&upd_offer_table.lock);
	o = r->offer;
	if (o) {
		o->reached = MAX(o->reached, upd_request_end(r, q->complete));
		o->n_requests--;
		o->n_fetches -= r->image;
		LIST_REMOVE(r, link);
	}
	(void)pthread_mutex_unlock(&upd_offer_table.lock);
	free(r);
}

const struct http_handler upd_offer_handler = { .begin = begin,
						.run = run,
						.end = end };
