// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/hardware.h"

/* Between client.c and client-calls.c only. */

extern const struct bmc_hardware_ops priv_hardware_ops;

/** Whether the helper has lost its memory of pulses since the last run or in this one.
 */
bool priv_client_pulses_lost(void);
