// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "daemon/daemon.h"

/* For main.c: the end of its list of parts. */

struct part {
	const char *name;
	int (*init)(struct bmc_daemon *d, struct bmc_error *err);
	void (*done)(struct bmc_daemon *d);
};

extern const struct part frontends[];
extern const size_t n_frontends;

/** While the daemon has its first rights: opens the folder of the web pages. */
int frontends_open_webui(struct bmc_daemon *d, struct bmc_error *err);
/** Takes a changed section `snmp` over. */
int frontends_reload_snmp(const struct bmc_conf *snmp, struct bmc_error *err);
