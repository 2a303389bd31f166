// SPDX-License-Identifier: Apache-2.0
/* What configure decided. Apart from the rest, since net-snmp's headers and config.h
 * define the same names. */
#include "config.h"

#include "snmp/system.h"

const char *sn_enterprise_default(void)
{
	return BMC_ENTERPRISE_OID;
}
