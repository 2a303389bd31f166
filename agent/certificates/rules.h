// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/action.h"
#include "core/model/service.h"
#include "core/snapshot/snapshot.h"

/* What may be done to certificates. Pure: reads a snapshot. Any thread. */

/** The kind of the rows that own such ones; BMC_N_KINDS: they have no owner. */
enum bmc_kind cert_owner_kind(int64_t purpose);
/** BMC_EEXIST, BMC_ERANGE: as `check` of struct bmc_certificate_ops. */
int cert_check_room(const struct bmc_snapshot *s, const struct bmc_certificate *row,
		    struct bmc_error *err);
/** BMC_EPERM: who may add or remove it could act with more privileges than the actor
 * has. BMC_ENOTFOUND: it has no owner. */
int cert_check_rank(const struct bmc_snapshot *s, const struct bmc_certificate *row,
		    const struct bmc_actor *who, struct bmc_error *err);
