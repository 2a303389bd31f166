// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "scan/scan.h"

/* What Avahi knows by DNS-SD, by its program avahi-browse. One thread. */

struct scan_browser;

/** Starts it; NULL: it is not installed. */
struct scan_browser *scan_browser_new(void);
/** To wait for; -1: it has ended. */
int scan_browser_fd(const struct scan_browser *b);
/** Calls `found` for what has come in. */
void scan_browser_read(struct scan_browser *b,
		       void (*found)(void *arg, const struct scan_endpoint *e),
		       void *arg);
/** Ends it. */
void scan_browser_free(struct scan_browser *b);
