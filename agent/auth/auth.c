// SPDX-License-Identifier: Apache-2.0
// Start, end and timers of authentication: see auth.h. Passwords are checked by
// logins.c; the list of accounts is read on the one thread of `changes`.
#include "auth/auth.h"

#include <stdlib.h>

#include "auth/accounts.h"
#include "auth/handler.h"
#include "auth/logins.h"
#include "auth/roles.h"
#include "auth/sessions.h"
#include "auth/throttle.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/base/work-queue.h"
#include "core/inventory/inventory.h"

#define CHANGE_QUEUE  64
#define FIRST_LIST_MS 3000
#define LIST_MS       5000
#define SAVE_MS       1000 /* a kill loses at most what the throttle counted since */

const struct bmc_auth_ops *bmc_auth;

static struct {
	struct bmc_work_queue *changes;
	struct bmc_timer *timer, *save;
} auth;

void bmc_auth_default_limits(struct bmc_auth_limits *ret)
{
	*ret = (struct bmc_auth_limits){
		.failures = BMC_THROTTLE_FREE,
		.wait_s = BMC_THROTTLE_LONGEST_MS / 1000,
		.password_min = PRIV_SECRET_MIN,
		.password_max = BMC_SECRET_MAX - 1,
		.basic = true,
		.sessions = BMC_AUTH_SESSIONS,
		.sessions_a_user = BMC_AUTH_SESSIONS_A_USER,
	};
}

/* They are settings of the manager's row. */
static void limits(struct bmc_auth_limits *ret)
{
	auto_snapshot struct bmc_snapshot *now = bmc_snapshot_get();
	const struct bmc_row *const *rows;

	bmc_auth_default_limits(ret);
	if (!now || bmc_snapshot_rows(now, BMC_MANAGER, &rows) == 0)
		return;
	const struct bmc_manager *m = (const struct bmc_manager *)rows[0];
	if (m->lockout_threshold <= 0 || m->lockout_duration <= 0 ||
	    m->password_min <= 0) /* a manager of tests */
		return;
	ret->failures = (unsigned)m->lockout_threshold;
	ret->wait_s = (unsigned)m->lockout_duration;
	ret->password_min = (unsigned)m->password_min;
	ret->basic = m->basic_auth != 0;
}

static void configure_throttle(void)
{
	struct bmc_auth_limits l;

	limits(&l);
	bmc_throttle_configure(l.failures, (int64_t)l.wait_s * 1000);
}

static const struct bmc_auth_ops ops = {
	.cached = bmc_login_cached,
	.check = bmc_login_check,
	.abandon = bmc_login_abandon,
	.session_open = bmc_session_open,
	.session_find = bmc_session_find,
	.session_timeout = bmc_session_timeout,
	.set_session_timeout = bmc_set_session_timeout,
	.stamp = bmc_accounts_stamp,
	.role_name = bmc_role_name,
	.limits = limits,
};

/* ---- the list of accounts ---- */

static void tick(void *arg);

struct list {
	struct bmc_message read;
	unsigned updates; /* of the table, before the helper was asked */
	struct priv_accounts all;
};

/* An account that a login has updated meanwhile would go, or go back, with an older
 * list, and its new session with it. */
static void take_list(void *arg)
{
	struct list *l = arg;

	if (l->updates == bmc_accounts_updates())
		bmc_accounts_apply(&l->all, bmc_sessions_end_user);
	else
		bmc_auth_refresh();
	bmc_wipe(l, sizeof(*l));
	free(l);
}

static void run_list(void *arg, bool stopping)
{
	struct list *l = stopping ? NULL : calloc(1, sizeof(*l));
	struct bmc_error err = { 0 };

	(void)arg;
	if (!l)
		return;
	l->updates = bmc_accounts_updates();
	if (priv_list_accounts(&l->all, bmc_now() + LIST_MS, &err) == 0) {
		bmc_loop_send(&l->read, take_list, l);
		return;
	}
	log_limited(LOG_WARNING, "accounts: %s", err.what);
	free(l);
}

void bmc_auth_refresh(void)
{
	(void)bmc_work_queue_submit(auth.changes, run_list, NULL);
}

static void start_timer(void)
{
	auth.timer = bmc_timer_new(bmc_now() + BMC_AUTH_POLL_MS, tick, NULL);
	if (!auth.timer)
		log_err("accounts: changes by other tools are not seen any more: out "
			"of memory");
}

static void tick(void *arg)
{
	(void)arg;
	bmc_sessions_expire();
	bmc_auth_refresh();
	start_timer();
}

static void save(void *arg)
{
	(void)arg;
	configure_throttle();
	(void)bmc_throttle_save();
	auth.save = bmc_timer_new(bmc_now() + SAVE_MS, save, NULL);
	if (!auth.save)
		log_err("logins: what is counted is not stored any more: out of "
			"memory");
}

/* Once, before the frontends start: sessions of the last run are valid from the first
 * request on. */
static void first_list(void)
{
	struct priv_accounts all;
	struct bmc_error err = { 0 };

	if (priv_list_accounts(&all, bmc_now() + FIRST_LIST_MS, &err) < 0)
		log_err("no user can log in yet: %s", err.what);
	else
		bmc_accounts_apply(&all, bmc_sessions_end_user);
}

int bmc_auth_init(int64_t session_timeout, struct bmc_error *err)
{
	int r = bmc_accounts_init();

	if (r < 0)
		return bmc_fail(err, r, "out of memory");
	bmc_throttle_init();
	/* The stored settings of the manager's row bound what is loaded. */
	bmc_inventory_publish();
	configure_throttle();
	bmc_throttle_load(bmc_now());
	first_list();
	r = bmc_sessions_init(session_timeout, err);
	if (r < 0)
		return r;
	auth.changes = bmc_work_queue_new("accounts", 1, CHANGE_QUEUE);
	if (bmc_logins_init() < 0 || !auth.changes) {
		bmc_auth_exit();
		return bmc_fail(err, BMC_ENOMEM, "accounts: no threads");
	}
	bmc_auth_register(auth.changes);
	start_timer();
	save(NULL);
	bmc_auth = &ops;
	return 0;
}

void bmc_auth_exit(void)
{
	auth.timer = bmc_timer_cancel(auth.timer);
	auth.save = bmc_timer_cancel(auth.save);
	bmc_auth_unregister();
	bmc_logins_exit();
	while (bmc_throttle_save())
		;
	auth.changes = bmc_work_queue_free(auth.changes, priv_client_hurry);
	bmc_sessions_done();
	bmc_accounts_done();
}

void bmc_auth_reload(int64_t session_timeout)
{
	bmc_sessions_configure(session_timeout);
}
