// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "scan/scan.h"

/* What machines of the network say, read: any of them can write it. Pure, but for the
 * names of interfaces. */

/** Reads the service root's document. False: it is none. Texts come by
 * scan_text_copy(). */
bool scan_root_read(const char *body, size_t len, struct scan_root *ret);

/** Where the service of "http[s]://HOST[:PORT]/..." is to be asked, as `from` said it:
 * at the port of the URL, and at `from`. An IPv6 machine answers from a link-local
 * address: it is asked at the URL's host where that is an address for which `near` is
 * true. So no machine leads a searcher to others, or to another network. */
bool scan_url_read(const char *url, const struct sockaddr_storage *from,
		   bool (*near)(void *arg, const struct sockaddr_storage *address),
		   void *arg, struct scan_endpoint *ret);

/** Reads one line of `avahi-browse --parsable --resolve`. False: it names no endpoint.
 */
bool scan_browse_read(const char *line, struct scan_endpoint *ret);
