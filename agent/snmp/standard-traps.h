// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/model.h"
#include "snmp/value.h"

/* Notifications of standard MIBs that an event is besides its own: linkUp and linkDown
 * (RFC 2863), entConfigChange (RFC 6933), entStateOperEnabled and entStateOperDisabled
 * (RFC 4268). They are sent just before it. SNMP's thread only. */

#define SN_CONFIG_CHANGE_MS 5000 /* between two entConfigChange (RFC 6933) */

/** An object of such a notification. */
struct sn_trap_object {
	struct sn_oid name;
	struct sn_value value;
};

struct sn_standard_trap {
	struct sn_oid id;
	struct sn_trap_object objects[3];
	size_t n;
};

/** The standard notification of an event; false: it has none. An event of an earlier
 * process has none: it names no row any more. */
bool sn_standard_trap(const struct bmc_event *e, struct sn_standard_trap *ret);
