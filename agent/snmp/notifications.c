// SPDX-License-Identifier: Apache-2.0
/* Which event is which notification. The numbers are the MIB's and never change. */
#include "snmp/notifier.h"

/* clang-format off */
const struct sn_notification sn_notifications[] = {
	{ NULL, 1, "cbmcEvent", BMC_N_KINDS, { NULL } },
};
/* clang-format on */
