// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>

#include "http/request.h"

/* A response as libmicrohttpd sends it. */
struct http_response {
	struct MHD_Response *mhd;
	const void *bytes; /* the body, `mhd`'s or static; NULL: of a file, a stream */
	size_t len;
	bool secure;
};

/** A response of part of a file (stolen, closed also on failure). */
struct http_response *http_response_file(int fd, uint64_t first, uint64_t len,
					 bool secure);
/** Wraps a response of libmicrohttpd (stolen; NULL gives NULL) and adds the headers
 * that every response has. */
struct http_response *http_response_wrap(struct MHD_Response *mhd, bool secure);
