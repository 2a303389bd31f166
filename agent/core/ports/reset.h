// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "core/ports/store.h"

/* The reset to defaults: each owner of what users set registers a part. All parts go in
 * one transaction of the store, and from memory once that is on the disk. Main thread.
 */

struct bmc_reset_part {
	/** Writes the records that drop what is stored to `ret` (NULL: only counts
	 * them), and returns how many there are. After a call with `ret`, end()
	 * follows. */
	size_t (*records)(struct bmc_record *ret);
	/** BMC_OK: the records are on the disk, drop it from memory, too (the caller
	 *  publishes). Else: nothing was dropped. */
	void (*end)(int code);
};

/** Borrowed until it is unregistered. Twice is once. */
void bmc_reset_register(const struct bmc_reset_part *part);
void bmc_reset_unregister(const struct bmc_reset_part *part);

/** Drops the parts, all or none. `done` is called after the parts' end(); not at all
 *  when this returns an error (BMC_EAGAIN, BMC_ENOMEM, BMC_ESTATE: no store). */
int bmc_reset(bmc_store_done *done, void *arg);

/** BMC_EAGAIN while a reset is being stored: a change of a row that is written now
 *  would outlive the reset. Its owner refuses it or lets it wait. */
int bmc_reset_check(struct bmc_error *err);
