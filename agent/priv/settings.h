// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "core/platform/platform.h"

/* What the helper takes from the configuration, read by itself and as root. */
struct priv_settings {
	char socket[108];
	char state_dir[PATH_MAX];
	char file_dir[PATH_MAX];         /* backend `file`: the helper's own folder */
	char file_pam_dir[PATH_MAX + 8]; /* below it */
	char pam_service[BMC_ID_MAX];
	char pam_dir[PATH_MAX]; /* "" the system's /etc/pam.d */
	int64_t deadline_ms;    /* for what a worker does; PRIV_DEADLINE_MS */
	bool unix_backend;
	bool system_allowed; /* hostname, clock, NTP, reboot */
	uid_t uid;           /* the daemon's user */
	gid_t gid;
	uint8_t stamp_key[32];                      /* of accounts' change stamps */
	struct bmc_conf_file *conf, *platform_conf; /* owned */
	struct bmc_platform *platform;              /* owned */
};

/** Reads `path` and the platform file it names. The daemon's user must not be able to
 *  write either of them. */
int priv_settings_load(const char *path, struct priv_settings *ret,
		       struct bmc_error *err);
/** Refuses a path that the daemon's user could change, or put something else in the
 *  place of: what root reads there would be the daemon's word. */
int priv_settings_guarded(const struct priv_settings *s, const char *path,
			  struct bmc_error *err);
/** Reads or makes the key that stays the same over restarts. */
void priv_settings_key(struct priv_settings *s);
void priv_settings_done(struct priv_settings *s);
