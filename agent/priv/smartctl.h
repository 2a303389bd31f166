// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

#define PRIV_SMARTCTL        "/usr/sbin/smartctl"
#define PRIV_SMARTCTL_OUTPUT 262144u /* bytes of its JSON that are taken */

/** What smartctl's JSON says of a disk (smartctl(8), --json; written by version 7).
 * Takes any bytes: what is missing or makes no sense stays unknown. BMC_EIO: smartctl
 * could not read the disk, with its own words; BMC_ECORRUPT: no such JSON. Pure. */
int smartctl_decode(const char *json, size_t len, struct bmc_smart *ret,
		    struct bmc_error *err);
