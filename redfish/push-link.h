// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/images.h"
#include "http/request.h"

/* Between a request that sends an image and the store, which calls back on its own
 * threads, maybe when the request is over. Counted. */

struct rf_push_link;

/** With one reference; NULL: no memory. */
struct rf_push_link *rf_push_link_new(void);
void rf_push_link_ref(struct rf_push_link *l);
/** Accepts NULL. */
void rf_push_link_unref(struct rf_push_link *l);

/** A struct bmc_push_request's `ready`. */
void rf_push_link_ready(void *link);
/** A bmc_push_done; gives a reference back. */
bmc_push_done rf_push_link_stored;

/** Suspends the request until one of these is called, or was since the last wait, at
 * most `ms`. False: no memory, or the server stops. The request's thread. */
bool rf_push_link_wait(struct http_request *q, struct rf_push_link *l, int64_t ms);
/** The request is over: a wait that has ended by itself is freed. */
void rf_push_link_forget(struct rf_push_link *l);
/** What the image's end has come to: 0 with its id, or an error. */
int rf_push_link_result(struct rf_push_link *l, char ret_id[BMC_ID_MAX],
			struct bmc_error *err);
