// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "bmc/error.h"
#include "scan/list.h"

/* Other agents of the networks of this machine. They are searched for by SSDP, and each
 * that answers is asked for its service root, at the address that answered and without
 * a login (scan/). That is done only when the list is read, and then on a thread of its
 * own, which ends with the search. What it finds may be a forgery: texts are cut and
 * cleaned, and all is bounded. */

#define NEIGHBOURS_MAX      256    /* further ones are left out */
#define NEIGHBOURS_EVERY_MS 10000  /* from the end of a search to the next one   */
#define NEIGHBOURS_KEPT_MS  300000 /* one that no search finds any more is shown */

struct neighbour {
	struct scan_device is;
	int64_t seen; /* BMC_TIME */
};

struct neighbours {
	bool searching;
	int64_t searched; /* BMC_TIME: the end of the last search; 0: there was none */
	struct neighbour *list; /* by name, then address */
	size_t n;
};

/** Main thread, after libcurl is ready. */
int neighbours_start(struct bmc_error *err);
/** Ends a search that is under way. Main thread, when none reads the list any more. */
void neighbours_stop(void);

/** What is known now; begins a search when the last one is long enough ago. `self`: our
 * own UUID, which is left out. Never waits for the network. Any thread. The caller
 * frees ret->list. BMC_ENOMEM, BMC_EAGAIN: no thread can be made; *ret is empty then.
 */
int neighbours_read(const char *self, struct neighbours *ret);
