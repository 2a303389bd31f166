// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/images.h"

/* Images that clients send: a buffer and a thread for each, which writes. */

#define UPD_PUSHES_MAX  8u           /* at once */
#define UPD_PUSH_BUFFER (256u << 10) /* bytes */

int upd_push_init(struct bmc_error *err);
/** Drops what is under way. No client calls any more. Main thread. */
void upd_push_done(void);

/* As the operations of struct bmc_images_ops. */
int upd_push_begin(const struct bmc_push_request *request, struct bmc_push **ret,
		   struct bmc_error *err);
ssize_t upd_push_write(struct bmc_push *push, const void *buf, size_t len,
		       struct bmc_error *err);
void upd_push_end(struct bmc_push *push, bmc_push_done *done, void *arg);
void upd_push_abort(struct bmc_push *push);
