// SPDX-License-Identifier: Apache-2.0
#pragma once

/** Has SNMP's thread do a pass soon. Any thread; does not wait. */
void sn_wake(void);
