// SPDX-License-Identifier: Apache-2.0
#pragma once

/** Has SNMP's thread do a pass soon. Does not wait. Main thread, which also ends the
 * other, or SNMP's. */
void sn_wake(void);
