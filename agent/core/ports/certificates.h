// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"
#include "core/model/service.h"

/* Certificates that users brought: authorities of clients, and those that are a login
 * as an account. Their rows are in the snapshot like any other row, and are added and
 * removed through the action API (BMC_ACT_ADD with the row among the parameters,
 * REMOVE); agent/certificates stores them. One with an owner goes with it, so who has
 * the owners' rows reports here what became of them. */

struct bmc_certificate_ops {
	/** An id for a new one. Any thread. */
	void (*new_id)(char ret[BMC_ID_MAX], uint32_t *ret_index);
	/** Whether there is a place for it: BMC_EEXIST (that certificate is there),
	 * BMC_ERANGE (as many as there may be). It is checked once more when it is
	 * added. Any thread. */
	int (*check)(const struct bmc_certificate *row, struct bmc_error *err);
	/** An owner has another id from the next `listed` on. Main thread. */
	void (*renamed)(enum bmc_kind kind, const char *from, const char *to);
	/** The rows of this kind are those that there are now: what has lost its owner
	 * goes. Main thread. */
	void (*listed)(enum bmc_kind kind);
};

/** Set by bmc_certificates_init; NULL before and after. */
extern const struct bmc_certificate_ops *bmc_certificates;
