// SPDX-License-Identifier: Apache-2.0
#pragma once

/** Notifies the service manager of `state` ("READY=1", "STOPPING=1", "WATCHDOG=1",
 * lines apart by \n) as sd_notify(3) describes the protocol: a datagram to
 * $NOTIFY_SOCKET. Without one, nothing. Any thread; never waits. */
void bmc_notify(const char *state);
