// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "scan/address.h"

/* What was found, an agent once. Pure. */

/** Adds what an endpoint said. An agent that is seen over IPv4 and over IPv6, or over
 * two interfaces, is one device; two addresses of one network that claim to be the same
 * agent are two. Only the UUID says that two interfaces see the same one, so a device
 * has what was said over one of them: that of the lower index, whichever answers first.
 * `root` NULL: it did not answer. False: no memory, or too many. */
bool scan_list_add(struct scan_list *l, const struct scan_endpoint *e,
		   const struct scan_root *root);
/** The first with this UUID ("": none has that), borrowed, or NULL. */
const struct scan_device *scan_list_find(const struct scan_list *l, const char *uuid);
/** How many have given their service root. */
size_t scan_list_answering(const struct scan_list *l);
void scan_list_sort(struct scan_list *l);
bool scan_list_copy(struct scan_list *to, const struct scan_list *from);
void scan_list_free(struct scan_list *l);

/** Puts the devices of `now` in the place of those of `kept`. One that `now` does not
 * have stays until it was missed in `scans` scans in a row: an answer may get lost. */
bool scan_list_keep(struct scan_list *kept, const struct scan_list *now,
		    unsigned scans);

/** Its first address, IPv4 where it has one. */
const char *scan_device_host(const struct scan_device *d);
/** "192.0.2.1:443", "[2001:db8::1]:443" */
void scan_device_target(const struct scan_device *d, char ret[SCAN_URL_MAX]);
/** Of its web pages. */
void scan_device_url(const struct scan_device *d, char ret[SCAN_URL_MAX]);
