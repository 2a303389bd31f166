// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/* What a client takes (RFC 9110, section 12). Any thread. */

/** Whether an Accept header (or NULL) takes the media type "main/sub", whatever its
 * parameters: by the range that fits best, unless that has a weight of 0. */
bool http_accepts(const char *header, const char *type);
/** Whether an Accept-Encoding header (or NULL) prefers gzip to no coding. */
bool http_accepts_gzip(const char *header);
/** Whether a request is no page's, or of a page that this server has: values of Origin
 * (RFC 6454) and Host, NULL without. Over TLS (`secure`) no page without it is this
 * server's: a machine on the way can write one in its name. */
bool http_same_origin(const char *origin, const char *host, bool secure);
