// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "http/certificate.h"

/* The pair of key and certificate over its life: the self-made one is made when it is
 * missing or broken, and again before it ends; of the configured one's end it warns.
 * Main thread. */

/** Offers the pair in `files` from the next handshake on and watches over its end. An
 *  error is logged; what was offered before then stays. `installed`: a file of key and
 *  certificate that counts instead when it is there and good; NULL: none. */
void http_renew_load(const struct http_pair *files, bool self_made,
		     const char *installed);
/** Stops watching. */
void http_renew_done(void);
