// SPDX-License-Identifier: Apache-2.0
/* The place where the helper's client puts itself for the core; see hardware.h. */
#include "core/ports/hardware.h"

const struct bmc_hardware_ops *bmc_hardware;
