// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/accounts.h"
#include "auth/auth.h"
#include "auth/throttle.h"
#include "core/actions/actions.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/ports/auth.h"
#include "priv-fixture.h"
#include "priv/accounts.h"
#include "priv/client.h"
#include "state/state.h"

/* agent/auth over everything below it: action API, store, client, and a helper with
 * the `file` backend and real PAM, with one Administrator. */

#define ADMIN "admin"
#define FIRST "Quartz-Lamp-41"
#define OTHER "Velvet-Stone-97"
#define HERE  "192.0.2.1"

struct answer {
	bool given;
	int code;
	struct bmc_actor who;
	struct bmc_error err;
};

/* The row whose settings are the limits, as it is before anything is set. */
static inline void add_manager(void)
{
	struct bmc_manager row = {
		.row = { .kind = BMC_MANAGER, .id = "bmc", .index = { 1 } }
	};
	struct bmc_auth_limits l;

	bmc_auth_default_limits(&l);
	row.lockout_threshold = l.failures;
	row.lockout_duration = l.wait_s;
	row.password_min = l.password_min;
	row.basic_auth = l.basic;
	assert_int_not_equal(bmc_inventory_upsert(&row.row), 0);
}

static inline void start_parts(struct priv_fixture *fixture)
{
	struct priv_client_conf conf = { .digest = fixture->settings.platform->digest };

	priv_fixture_start(fixture);
	conf.fd = fixture->fd;
	fixture->fd = -1;
	assert_int_equal(bmc_loop_init(), 0);
	assert_int_equal(bmc_state_init(fixture->dir, NULL), 0);
	assert_int_equal(bmc_inventory_init(fixture->settings.platform, NULL), 0);
	assert_int_equal(bmc_events_init(NULL), 0);
	add_manager();
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	assert_int_equal(bmc_actions_init(0, false, NULL), 0);
	assert_int_equal(bmc_auth_init(1800, NULL), 0);
	bmc_inventory_publish();
}

static inline void stop_parts(struct priv_fixture *fixture)
{
	bmc_auth_exit();
	bmc_loop_step(0); /* what it has posted */
	bmc_actions_done();
	priv_client_done();
	bmc_events_done();
	bmc_inventory_done();
	bmc_state_done();
	bmc_loop_done();
	priv_fixture_stop(fixture);
}

static inline int setup(void **state)
{
	struct priv_fixture *fixture = calloc(1, sizeof(*fixture));
	struct priv_account_args p;

	priv_fixture_init(fixture);
	fixture->accounts = true;
	priv_settings_key(&fixture->settings);
	assert_int_equal(priv_accounts_file.init(&fixture->settings, NULL), 0);
	assert_int_equal(priv_account_args_init(&p, ADMIN, FIRST, NULL), 0);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_ADMINISTRATOR);
	assert_int_equal(priv_first_admin(&fixture->settings, &p, NULL), 0);
	start_parts(fixture);
	*state = fixture;
	return 0;
}

static inline int teardown(void **state)
{
	stop_parts(*state);
	priv_fixture_done(*state);
	free(*state);
	return 0;
}

static inline void wait_for(const struct answer *a)
{
	int64_t until = bmc_now() + 60000;

	while (!__atomic_load_n(&a->given, __ATOMIC_ACQUIRE) && bmc_now() < until)
		bmc_loop_step(10);
	assert_true(a->given);
}

static inline void checked(void *arg, int code, const struct bmc_actor *who)
{
	struct answer *a = arg;

	a->code = code;
	if (who)
		a->who = *who;
	__atomic_store_n(&a->given, true, __ATOMIC_RELEASE);
}

static inline int login_from(const char *user, const char *password, const char *client,
			     struct bmc_actor *ret)
{
	struct answer a = { 0 };
	int r = bmc_auth->check(user, password, client, checked, &a);

	if (r < 0)
		return r;
	wait_for(&a);
	if (ret)
		*ret = a.who;
	return a.code;
}

static inline int login(const char *user, const char *password, struct bmc_actor *ret)
{
	return login_from(user, password, HERE, ret);
}

static inline void carried_out(void *arg, const struct bmc_result *result)
{
	struct answer *a = arg;

	a->code = result->code;
	a->err = result->err;
	__atomic_store_n(&a->given, true, __ATOMIC_RELEASE);
}

static inline int act(const struct bmc_actor *who, const struct bmc_action *action)
{
	struct answer a = { 0 };
	int r = bmc_action_submit(who, action, 1, carried_out, &a, NULL, NULL);

	if (r < 0)
		return r;
	wait_for(&a);
	return a.code;
}

static inline struct bmc_action on_account(enum bmc_action_op op, const char *user)
{
	struct bmc_action a = { .op = op, .kind = BMC_ACCOUNT };

	(void)bmc_copy(a.id, sizeof(a.id), user);
	return a;
}

static inline int add(const struct bmc_actor *who, const char *user,
		      const char *password, const char *role)
{
	struct bmc_action a = on_account(BMC_ACT_ADD, user);

	(void)bmc_copy(a.text, sizeof(a.text), role);
	(void)bmc_copy(a.secret, sizeof(a.secret), password);
	return act(who, &a);
}

static inline int set(const struct bmc_actor *who, const char *user, const char *field,
		      int64_t num, const char *text)
{
	struct bmc_action a = on_account(BMC_ACT_SET, user);

	a.field = bmc_field_find(BMC_ACCOUNT, field);
	a.num = num;
	(void)bmc_copy(a.text, sizeof(a.text), text);
	return act(who, &a);
}

static inline int password(const struct bmc_actor *who, const char *user,
			   const char *old, const char *new)
{
	struct bmc_action a = on_account(BMC_ACT_PASSWORD, user);

	(void)bmc_copy(a.secret, sizeof(a.secret), new);
	(void)bmc_copy(a.old_secret, sizeof(a.old_secret), old);
	return act(who, &a);
}

static inline int remove_account(const struct bmc_actor *who, const char *user)
{
	const struct bmc_action a = on_account(BMC_ACT_REMOVE, user);

	return act(who, &a);
}

static inline bool row_of(enum bmc_kind kind, const char *id)
{
	auto_snapshot struct bmc_snapshot *s = NULL;

	bmc_loop_step(0);
	bmc_inventory_publish();
	s = bmc_snapshot_get();
	return bmc_snapshot_find(s, kind, id) != NULL;
}

static inline bool had_event(const char *type, const char *arg1)
{
	auto_snapshot struct bmc_snapshot *s = NULL;
	const struct bmc_row *const *rows;

	(void)row_of(BMC_ACCOUNT, "");
	(void)row_of(BMC_ACCOUNT, "");
	s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	for (size_t i = 0; i < n; i++) {
		const struct bmc_event *e = (const struct bmc_event *)rows[i];
		if (strcmp(e->type, type) == 0 && strcmp(e->args[0], arg1) == 0)
			return true;
	}
	return false;
}
