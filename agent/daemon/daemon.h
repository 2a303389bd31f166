// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/error.h"
#include "conf/daemon.h"

/* Exit status that asks whoever started the daemon to start it again: after
 * Manager.Reset, when too many calls into hardware never came back, or when the helper
 * that it had started ended. */
#define BMC_EXIT_RESTART 75

/* The daemon's own state, shared by main.c (the list of parts) and what surrounds it:
 * options, signals, reloading, privileges. Main thread only. */
struct bmc_daemon {
	const char *config_path, *ready_file;
	int ready_fd;     /* of ready_file, opened before privileges are dropped */
	int64_t ready_by; /* when we say so in any case; 0: the parts still start */
	struct bmc_config *config;
	char state_dir[256];
	int helper_fd; /* of a helper we started ourselves, else -1 */
	int helper_pid;
	bool helper_ended; /* the one that we started */
	int signal_fd;
	int end_with; /* the parent process that the daemon ends with, else 0 */
	bool restart;
	/* hands section `http` to those who take it over live: at each reload, as its
	 * files may have changed when it has not; set by main() */
	void (*reload_http)(const struct bmc_conf *http, bool changed);
	/* hands section `snmp` to SNMP at each reload; an error changes nothing and
	 * refuses the config; set by main() */
	int (*reload_snmp)(const struct bmc_conf *snmp, struct bmc_error *err);
	/* for -t: what only the parts can tell of a config (its root), without starting
	 * them; set by main() */
	int (*check)(const struct bmc_conf *root, struct bmc_error *err);
	/* prints a frontend's ("snmp", "redfish") tables; the exit status; set by
	 * main() */
	int (*dump_frontend)(const char *name);
};

/** Parses the command line and loads the configuration; carries out -t, -p, -V, -h and
 * the
 *  --dump options. Returns 0 to go on, or 1 with `*ret_status` the exit status. */
int bmc_daemon_options(struct bmc_daemon *d, int argc, char **argv, int *ret_status);

/** Makes the state folder and opens the ready file, as whoever started the daemon. One
 *  daemon a folder: a second one is refused. */
int bmc_daemon_files(struct bmc_daemon *d, struct bmc_error *err);

/** Starts the root helper when `helper.spawn` says so. */
int bmc_daemon_spawn_helper(struct bmc_daemon *d, struct bmc_error *err);

/** Becomes the user of the config when started as root; root is not kept in any way. */
int bmc_daemon_drop_privileges(struct bmc_daemon *d, struct bmc_error *err);

/** TERM, INT, HUP become events of the main loop; the watchdog is fed from there. */
int bmc_daemon_signals(struct bmc_daemon *d, struct bmc_error *err);
void bmc_daemon_signals_done(struct bmc_daemon *d);

/** Everything answers: notifies the service manager and writes the ready file once
 * every instance has reported what there is. Main thread. */
void bmc_daemon_ready(struct bmc_daemon *d);

/** Notifies the service manager: READY, and a line for `systemctl status` that ends
 * with `note` ("" for none). Main thread. */
void bmc_daemon_notify_ready(const struct bmc_daemon *d, const char *note);

/** Makes the instances of the config. One that can't be made is left out, and said so.
 */
int bmc_daemon_start_instances(struct bmc_daemon *d, struct bmc_error *err);

/** Takes over what a changed configuration allows without a restart. A bad one changes
 *  nothing. */
void bmc_daemon_reload(struct bmc_daemon *d);
