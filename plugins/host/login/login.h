// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "bmc/error.h"

/* clusterbmc-shell: opens shells of the machine for the daemon, as the account that it
 * runs as itself. It needs no privilege and never changes its user: whose shells these
 * are is decided by who starts it. One process that listens, and below it one process
 * for each shell (session.c), which ends all that was started in it. One thread each.
 */

#define LOGIN_MAX 8u /* shells at a time */

/* The account of this process; texts are owned. */
struct login_account {
	char *name, *home, *shell;
};

struct login_conf {
	const char *socket; /* absolute */
	const struct login_account *account;
	uid_t peer; /* the daemon's user; root and the account itself may too */
};

/* ---- account.c ---- */

/** Checks that this process runs as the account `name`, and that the account's shell is
 * among those of `shells` (/etc/shells). BMC_EPERM: it runs as another one, or not as
 * this one alone; BMC_ENOTFOUND: there is no such account; BMC_ENOTSUP: its shell is
 * none. On success the caller calls login_account_done(). */
int login_account_find(const char *name, const char *shells, struct login_account *ret,
		       struct bmc_error *err);
void login_account_done(struct login_account *a);

/* ---- session.c ---- */

/** One shell, from the request on `conn` to its end; `conn` is the caller's. Ends what
 * was started in it. Changes the process (signals, subreaper): for a child. */
void login_session(const struct login_account *a, int conn);

/* ---- leave.c ---- */

/** Waits for the children of this process, and for those that are left to it, at most
 * three seconds: first they are asked (SIGHUP), after `ask_ms` they are killed.
 * Processes of other users stay: false. `*status` is set when `pid` is among them. */
bool login_end_children(pid_t pid, int *status, int ask_ms);

/* ---- serve.c ---- */

/** Serves until SIGTERM or SIGINT. BMC_EEXIST: another process serves there. */
int login_serve(const struct login_conf *conf, struct bmc_error *err);

/** A line on stderr, for the journal. */
void login_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
