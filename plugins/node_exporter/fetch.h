// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

#include "exposition.h"

/* One GET of an exporter's page, by libcurl: plain HTTP to an address, no redirect, no
 * proxy, no name to look up (a name server that does not answer would hold the call).
 */

#define NE_URL_MAX 200

/** Checks that `url` is http://ADDRESS[:PORT][/PATH] with a numeric IPv4 or IPv6
 * address. */
int ne_url_check(const char *url, struct bmc_error *err);

struct ne_fetch {
	const struct bmc_host_ops *ops;
	struct bmc_call *call; /* its deadline and cancellation end the transfer */
	const char *board, *url;
	struct expo *expo; /* takes the body */
	size_t head;       /* bytes of headers so far */
	bool beyond;       /* a bound was exceeded    */
};

/** BMC_OK: the answer was 200 and came whole. Else what it gave so far does not count.
 */
int ne_fetch(struct ne_fetch *f, struct bmc_error *err);
