// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/* The machine's NTP client, systemd-timesyncd, as its files say it is:
 * timesyncd.conf(5) and where systemd enables its unit. The root helper changes them
 * (agent/priv/asroot-ntp.c). Any thread. */

#define BMC_NTP_SERVERS_MAX 8u   /* that can be set                            */
#define BMC_NTP_NAME_MAX    253u /* bytes of one: RFC 1035's 255 octets as text */
#define BMC_NTP_LIST_MAX    2048 /* of all, with the NUL                       */

struct bmc_ntp {
	int enabled;                    /* 1, 0; -1 not known                  */
	bool servers_known;             /* else `servers` says nothing         */
	char servers[BMC_NTP_LIST_MAX]; /* as configured, with a space between */
};

/** True where systemd runs and has timesyncd. */
bool bmc_ntp_here(void);
/** Reads the files. What can't be read or understood is not known. */
void bmc_ntp_read(struct bmc_ntp *ret);
/** A host name (RFC 1123) or an address, of at most BMC_NTP_NAME_MAX bytes. */
bool bmc_ntp_server_ok(const char *name);
/** Up to BMC_NTP_SERVERS_MAX of them with one space between; "" has none. */
bool bmc_ntp_list_ok(const char *list);

/** For tests: the files are below `folder` (borrowed), not below "". Before any thread.
 */
void bmc_ntp_below(const char *folder);
