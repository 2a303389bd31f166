// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/reset.h"

/** Registered by bmc_subscriptions_init. */
extern const struct bmc_reset_part sub_reset_part;
