// SPDX-License-Identifier: Apache-2.0
// Responses, see request.h. Called by handlers, on serving threads.
#include "http/response.h"

#include <stdlib.h>
#include <unistd.h>

struct http_response *http_response_free(struct http_response *r)
{
	if (!r)
		return NULL;
	MHD_destroy_response(r->mhd);
	free(r);
	return NULL;
}

void http_response_add(struct http_response *r, const char *name, const char *value)
{
	if (value && value[0])
		(void)MHD_add_response_header(r->mhd, name, value);
}

/* Browsers take HSTS from TLS only, and only where they trust the certificate. */
struct http_response *http_response_wrap(struct MHD_Response *mhd, bool secure)
{
	struct http_response *r = mhd ? malloc(sizeof(*r)) : NULL;

	if (!r) {
		if (mhd)
			MHD_destroy_response(mhd);
		return NULL;
	}
	*r = (struct http_response){ .mhd = mhd, .secure = secure };
	http_response_add(r, "X-Content-Type-Options", "nosniff");
	if (secure)
		http_response_add(r, "Strict-Transport-Security", "max-age=31536000");
	return r;
}

struct http_response *http_response_new(const void *bytes, size_t len,
					enum http_bytes how, bool secure)
{
	static const enum MHD_ResponseMemoryMode modes[] = {
		[HTTP_STOLEN] = MHD_RESPMEM_MUST_FREE,
		[HTTP_COPIED] = MHD_RESPMEM_MUST_COPY,
		[HTTP_STATIC] = MHD_RESPMEM_PERSISTENT,
	};
	void *buf = (void *)(uintptr_t)bytes;
	struct MHD_Response *mhd =
		MHD_create_response_from_buffer(len, buf, modes[how]);

	if (!mhd && how == HTTP_STOLEN)
		free(buf);
	struct http_response *r = http_response_wrap(mhd, secure);
	if (r && how != HTTP_COPIED) {
		r->bytes = bytes;
		r->len = len;
	}
	return r;
}

struct http_response *http_response_file(int fd, uint64_t first, uint64_t len,
					 bool secure)
{
	struct MHD_Response *mhd =
		MHD_create_response_from_fd_at_offset64(len, fd, first);

	if (!mhd)
		(void)close(fd);
	return http_response_wrap(mhd, secure);
}

void http_answer(struct http_request *q, unsigned status, struct http_response *r)
{
	if (!q->shared)
		(void)http_response_free(q->response);
	q->status = status;
	q->response = r;
	q->shared = false;
}

bool http_answer_shared(struct http_request *q, unsigned status,
			struct http_response *r)
{
	if (!r || r->secure != q->secure || q->close)
		return false;
	http_answer(q, status, r);
	q->shared = true;
	return true;
}
