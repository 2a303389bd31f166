// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/images.h"

/* Getting and checking the images of jobs, each on a thread of its own. */

#define UPD_PREPARES_MAX 16u /* at once */

/** Main thread. */
int upd_prepare_init(struct bmc_error *err);
/** Cancels what is under way and waits for it. Main thread. */
void upd_prepare_done(void);

/* As the operations of struct bmc_images_ops. */
int upd_prepare(const struct bmc_prepare *request, struct bmc_error *err);
void upd_prepare_cancel(uint32_t task);
