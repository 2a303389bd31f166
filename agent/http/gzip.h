// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/* The gzip coding of bodies (RFC 1952). Any thread. */

/** What `in` inflates to, one or more gzip members and nothing else: at most `max`
 * bytes, of which memory is taken as they come. *ret is for free(). BMC_EINVAL: cut
 * short or corrupt; BMC_ERANGE: longer than `max`; BMC_ENOMEM. */
int http_gzip_inflate(const void *in, size_t len, size_t max, char **ret,
		      size_t *ret_len);
/** `in` as one gzip member, for free(). NULL: no memory, or it would be no shorter. */
char *http_gzip_deflate(const void *in, size_t len, size_t *ret_len);
