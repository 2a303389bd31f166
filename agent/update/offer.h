// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"
#include "core/ports/images.h"

/* Images that boards fetch themselves: each board of a job has an address of 128 random
 * bits at a listener on the boards' network, for the job's life. It is the same after a
 * restart of the daemon. Beside the image a board finds what its flasher has put there,
 * and puts what it reports. */

struct upd_offers;

/** Says to the HTTP server where to listen, as the section `update` says it; without
 * `board_network` nothing is offered. The state folder keeps the key of the addresses.
 * Before http_start. Main thread. */
int upd_offers_init(const struct bmc_conf *update, const char *state_dir,
		    struct bmc_error *err);
/** After http_stop. Main thread. */
void upd_offers_done(void);
/** Whether upd_offers_init could use the section. */
int upd_offers_check(const struct bmc_conf *update, struct bmc_error *err);

/* As the operations of struct bmc_images_ops. Any thread. */
int upd_offer(const struct bmc_flash *flash, char *ret_url, size_t size,
	      struct bmc_error *err);
int64_t upd_offered(const struct bmc_flash *flash);
int upd_offer_put(const struct bmc_flash *flash, const char *name, const void *bytes,
		  size_t len, struct bmc_error *err);
ssize_t upd_offer_get(const struct bmc_flash *flash, const char *name, void *buf,
		      size_t size, int64_t *ret_at);
/** The job has ended: its addresses answer 410, what is being sent is cut off. Accepts
 * NULL. Any thread. */
void upd_offers_free(struct upd_offers *o);
