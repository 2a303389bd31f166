// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <curl/curl.h>

#include "scan/scan.h"

/* Reads the service roots of many endpoints at once, without a login and without
 * following what they say elsewhere. One thread. */

struct scan_asker;

/** `done` is called for each endpoint in the end; NULL: it gave no service root. At
 * most `at_once` are asked at the same time. */
struct scan_asker *scan_asker_new(int64_t timeout_ms, unsigned at_once,
				  void (*done)(void *arg, const struct scan_endpoint *e,
					       const struct scan_root *root),
				  void *arg);
/** False: no memory. `e` is copied. */
bool scan_asker_add(struct scan_asker *a, const struct scan_endpoint *e);
/** Waits for answers or one of `fds`, at most `most_ms`. */
void scan_asker_step(struct scan_asker *a, struct curl_waitfd *fds, unsigned n,
		     int most_ms);
bool scan_asker_busy(const struct scan_asker *a);
/** What is under way is given up. */
void scan_asker_free(struct scan_asker *a);
