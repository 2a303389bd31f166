// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/* Whether a request may come from a page that this machine did not serve. A browser
 * here reaches loopback for any page it shows. */

/** Whether a Host header (NULL: none) names loopback: localhost, 127.0.0.1 or [::1],
 * with a port or without. A name that only resolves to loopback does not: that is how
 * DNS rebinding looks. */
bool local_host_ok(const char *host);
/** Whether what a browser says of the page (the headers Origin and Sec-Fetch-Site,
 * NULL: not sent) allows the request: nothing, as other programs, or the same origin
 * as `host`. */
bool local_origin_ok(const char *host, const char *origin, const char *fetch_site);
