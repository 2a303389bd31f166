// SPDX-License-Identifier: Apache-2.0
// Logins, sessions and accounts as the faces use them: the people's module over the
// door, the store, the client and a helper with the `file` backend and real PAM.
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/door.h"
#include "core/event.h"
#include "core/field.h"
#include "core/inventory.h"
#include "core/loop.h"
#include "core/people.h"
#include "core/util.h"
#include "people/accounts.h"
#include "people/guard.h"
#include "people/people.h"
#include "priv-rig.h"
#include "priv/accounts.h"
#include "priv/client.h"
#include "state/state.h"

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

static void start_parts(struct priv_rig *rig)
{
	struct priv_client_conf conf = { .digest = rig->settings.platform->digest };

	priv_rig_start(rig);
	conf.fd = rig->fd;
	rig->fd = -1;
	assert_int_equal(bmc_loop_init(), 0);
	assert_int_equal(bmc_state_init(rig->dir, NULL), 0);
	assert_int_equal(bmc_inventory_init(rig->settings.platform, NULL), 0);
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	assert_int_equal(bmc_door_init(0, false, NULL), 0);
	assert_int_equal(bmc_people_init(1800, NULL), 0);
	bmc_inventory_publish();
}

static void stop_parts(struct priv_rig *rig)
{
	bmc_people_exit();
	bmc_loop_step(0); /* what it has posted */
	bmc_door_done();
	priv_client_done();
	bmc_inventory_done();
	bmc_state_done();
	bmc_loop_done();
	priv_rig_stop(rig);
}

static int setup(void **state)
{
	struct priv_rig *rig = calloc(1, sizeof(*rig));
	struct priv_person p;

	priv_rig_init(rig);
	rig->people = true;
	assert_int_equal(priv_settings_key(&rig->settings, NULL), 0);
	assert_int_equal(priv_accounts_file.init(&rig->settings, NULL), 0);
	assert_int_equal(priv_person_init(&p, ADMIN, FIRST, NULL), 0);
	p.role = PRIV_ADMINISTRATOR;
	assert_int_equal(priv_first_admin(&rig->settings, &p, NULL), 0);
	start_parts(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	stop_parts(*state);
	priv_rig_done(*state);
	free(*state);
	return 0;
}

static void wait_for(const struct answer *a)
{
	int64_t until = bmc_now() + 20000;

	while (!__atomic_load_n(&a->given, __ATOMIC_ACQUIRE) && bmc_now() < until)
		bmc_loop_step(10);
	assert_true(a->given);
}

static void checked(void *arg, int code, const struct bmc_actor *who)
{
	struct answer *a = arg;

	a->code = code;
	if (who)
		a->who = *who;
	__atomic_store_n(&a->given, true, __ATOMIC_RELEASE);
}

static int login_from(const char *user, const char *password, const char *client,
		      struct bmc_actor *ret)
{
	struct answer a = { 0 };
	int r = bmc_people->check(user, password, client, checked, &a);

	if (r < 0)
		return r;
	wait_for(&a);
	if (ret)
		*ret = a.who;
	return a.code;
}

static int login(const char *user, const char *password, struct bmc_actor *ret)
{
	return login_from(user, password, HERE, ret);
}

static void carried_out(void *arg, const struct bmc_result *result)
{
	struct answer *a = arg;

	a->code = result->code;
	a->err = result->err;
	__atomic_store_n(&a->given, true, __ATOMIC_RELEASE);
}

static int act(const struct bmc_actor *who, const struct bmc_action *action)
{
	struct answer a = { 0 };
	int r = bmc_action_submit(who, action, 1, carried_out, &a, NULL, NULL);

	if (r < 0)
		return r;
	wait_for(&a);
	return a.code;
}

static struct bmc_action on_account(enum bmc_action_op op, const char *user)
{
	struct bmc_action a = { .op = op, .kind = BMC_ACCOUNT };

	(void)bmc_copy(a.id, sizeof(a.id), user);
	return a;
}

static int add(const struct bmc_actor *who, const char *user, const char *password,
	       const char *role)
{
	struct bmc_action a = on_account(BMC_ACT_ADD, user);

	(void)bmc_copy(a.text, sizeof(a.text), role);
	(void)bmc_copy(a.secret, sizeof(a.secret), password);
	return act(who, &a);
}

static int set(const struct bmc_actor *who, const char *user, const char *field,
	       int64_t num, const char *text)
{
	struct bmc_action a = on_account(BMC_ACT_SET, user);

	a.field = bmc_field_find(BMC_ACCOUNT, field);
	a.num = num;
	(void)bmc_copy(a.text, sizeof(a.text), text);
	return act(who, &a);
}

static int password(const struct bmc_actor *who, const char *user, const char *old,
		    const char *new)
{
	struct bmc_action a = on_account(BMC_ACT_PASSWORD, user);

	(void)bmc_copy(a.secret, sizeof(a.secret), new);
	(void)bmc_copy(a.old_secret, sizeof(a.old_secret), old);
	return act(who, &a);
}

static int remove_account(const struct bmc_actor *who, const char *user)
{
	const struct bmc_action a = on_account(BMC_ACT_REMOVE, user);

	return act(who, &a);
}

static bool row_of(enum bmc_kind kind, const char *id)
{
	auto_snapshot struct bmc_snapshot *s = NULL;

	bmc_loop_step(0);
	bmc_inventory_publish();
	s = bmc_snapshot_get();
	return bmc_snapshot_find(s, kind, id) != NULL;
}

static bool had_event(const char *type, const char *arg1)
{
	auto_snapshot struct bmc_snapshot *s = NULL;
	const struct bmc_row *const *rows;

	bmc_loop_step(0);
	bmc_inventory_publish();
	bmc_loop_step(0);
	bmc_inventory_publish();
	s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	for (size_t i = 0; i < n; i++) {
		const struct bmc_event *e = (const struct bmc_event *)rows[i];
		if (strcmp(e->type, type) == 0 && strcmp(e->args[0], arg1) == 0)
			return true;
	}
	return false;
}

static void a_right_password_gives_an_actor_and_is_remembered(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_false(bmc_people->cached(ADMIN, FIRST, HERE, &who));
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_string_equal(who.name, ADMIN);
	assert_string_equal(who.role, "Administrator");
	assert_int_equal(who.privileges, 31);
	assert_true(who.fresh);
	assert_false(who.must_change);
	assert_true(bmc_people->cached(ADMIN, FIRST, HERE, &who));
	assert_false(bmc_people->cached(ADMIN, OTHER, HERE, &who));
	assert_true(had_event("LoginSucceeded", ADMIN));
}

static void a_wrong_password_is_refused_and_told_in_an_event(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, OTHER, NULL), BMC_EAUTH);
	assert_int_equal(login("nobody-here", OTHER, NULL), BMC_EAUTH);
	assert_false(bmc_people->cached(ADMIN, OTHER, HERE, &who));
	assert_true(had_event("LoginFailed", ADMIN));
}

static bool guess(const char *user, const char *client, int64_t now)
{
	if (!bmc_guard_admit(user, client, now))
		return false;
	(void)bmc_guard_result(user, client, now, BMC_GUESS_WRONG);
	return true;
}

static void a_client_that_guesses_has_to_wait_and_others_do_not(void **state)
{
	int r = 0;

	(void)state;
	for (int i = 0; i < 12 && r != BMC_EAGAIN; i++)
		r = login_from(ADMIN, OTHER, "192.0.2.66", NULL);
	assert_int_equal(r, BMC_EAGAIN);
	assert_int_equal(login_from(ADMIN, FIRST, "192.0.2.66", NULL), BMC_EAGAIN);
	assert_int_equal(login(ADMIN, FIRST, NULL), 0);
	assert_true(had_event("LoginLocked", ADMIN));
}

static void ten_thousand_guesses_reach_pam_twenty_times_in_five_minutes(void **state)
{
	unsigned one = 0, many = 0;
	char user[BMC_ID_MAX];

	(void)state;
	bmc_guard_init();
	for (int64_t now = 1000; now < 301000; now += 30) {
		one += guess(ADMIN, "198.51.100.9", now);
		(void)snprintf(user, sizeof(user), "user%u", (unsigned)now);
		many += guess(user, "198.51.100.10", now);
	}
	assert_in_range(one, BMC_GUARD_FREE, 20);
	assert_in_range(many, BMC_GUARD_CLIENT_FREE, 20);
}

static void guesses_at_the_same_moment_are_counted_before_their_answers(void **state)
{
	unsigned admitted = 0;

	(void)state;
	bmc_guard_init();
	for (int i = 0; i < 100; i++)
		admitted += bmc_guard_admit(ADMIN, "198.51.100.9", 1000);
	assert_int_equal(admitted, BMC_GUARD_FREE);
}

static void being_right_clears_what_was_wrong_before(void **state)
{
	(void)state;
	bmc_guard_init();
	for (unsigned i = 0; i < 40; i++) {
		for (unsigned n = 1; n < BMC_GUARD_FREE; n++)
			(void)guess(ADMIN, HERE, 1000);
		assert_true(bmc_guard_admit(ADMIN, HERE, 1000));
		(void)bmc_guard_result(ADMIN, HERE, 1000, BMC_GUESS_RIGHT);
	}
}

static void what_is_remembered_does_not_answer_who_has_to_wait(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_true(bmc_people->cached(ADMIN, FIRST, "198.51.100.7", &who));
	for (unsigned i = 0; i < BMC_GUARD_FREE; i++)
		assert_true(guess(ADMIN, "198.51.100.8", bmc_now() + 60000));
	assert_false(bmc_people->cached(ADMIN, FIRST, "198.51.100.8", &who));
	assert_true(bmc_people->cached(ADMIN, FIRST, HERE, &who));
}

static void many_guessing_clients_do_not_lock_the_owner_out(void **state)
{
	char client[48];
	unsigned reached = 0;

	(void)state;
	bmc_guard_init();
	(void)bmc_guard_admit(ADMIN, HERE, 500);
	(void)bmc_guard_result(ADMIN, HERE, 500, BMC_GUESS_RIGHT);
	for (unsigned i = 0; i < 400; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:0:%x::1", i);
		reached += guess(ADMIN, client, 1000 + i);
	}
	assert_true(reached <= BMC_GUARD_USER_FREE + 2);
	assert_true(bmc_guard_admit(ADMIN, HERE, 2000));
}

static void a_neighbour_behind_the_same_address_does_not_lock_the_owner_out(
	void **state)
{
	(void)state;
	bmc_guard_init();
	(void)bmc_guard_admit(ADMIN, HERE, 500);
	(void)bmc_guard_result(ADMIN, HERE, 500, BMC_GUESS_RIGHT);
	for (unsigned i = 0; i < 100; i++)
		(void)guess("nobody", HERE, 1000 + i);
	assert_true(bmc_guard_admit(ADMIN, HERE, 2000));
}

static void the_same_password_at_the_same_time_is_asked_once(void **state)
{
	struct answer a[20] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		assert_int_equal(bmc_people->check(ADMIN, FIRST, HERE, checked, &a[i]),
				 0);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
		wait_for(&a[i]);
		assert_int_equal(a[i].code, 0);
	}
}

static void an_ipv6_network_is_one_client(void **state)
{
	char client[48];

	(void)state;
	bmc_guard_init();
	for (unsigned i = 0; i < BMC_GUARD_FREE; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:1:2::%x", i + 1);
		(void)guess(ADMIN, client, 1000);
	}
	assert_false(bmc_guard_admit(ADMIN, "2001:db8:1:2:ffff::1", 1001));
	assert_true(bmc_guard_admit(ADMIN, "2001:db8:1:3::1", 1001));
}

static void a_session_is_found_by_its_token_until_logout(void **state)
{
	struct bmc_action logout = { .op = BMC_ACT_REMOVE, .kind = BMC_SESSION };
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX], found[BMC_ID_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_people->session_open(&who, id, token, NULL), 0);
	assert_int_equal(strlen(token), 32);
	assert_true(bmc_people->session_find(token, HERE, &who, found));
	assert_string_equal(found, id);
	assert_string_equal(who.name, ADMIN);
	assert_true(who.fresh);
	assert_true(row_of(BMC_SESSION, id));
	token[0] = token[0] == 'A' ? 'B' : 'A';
	assert_false(bmc_people->session_find(token, HERE, &who, found));
	(void)bmc_copy(logout.id, sizeof(logout.id), id);
	assert_int_equal(act(&who, &logout), 0);
	assert_false(row_of(BMC_SESSION, id));
}

static void a_session_survives_a_restart_but_not_a_password_changed_meanwhile(
	void **state)
{
	struct priv_rig *rig = *state;
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX], found[BMC_ID_MAX];
	struct bmc_actor who;
	struct priv_person p;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_people->session_open(&who, id, token, NULL), 0);
	bmc_loop_step(0);
	stop_parts(rig);
	start_parts(rig);
	assert_true(bmc_people->session_find(token, HERE, &who, found));
	assert_false(who.fresh);
	assert_true(row_of(BMC_SESSION, id));
	stop_parts(rig);
	assert_int_equal(priv_person_init(&p, ADMIN, OTHER, NULL), 0);
	assert_int_equal(priv_accounts_file.password(&rig->settings, &p, true, NULL),
			 0);
	start_parts(rig);
	assert_false(bmc_people->session_find(token, HERE, &who, found));
	assert_false(row_of(BMC_SESSION, id));
}

static void a_user_has_sixteen_sessions_and_the_one_idle_longest_goes(void **state)
{
	char id[BMC_ID_MAX], first[BMC_TOKEN_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_people->session_open(&who, id, first, NULL), 0);
	(void)usleep(5000);
	for (unsigned i = 0; i < BMC_PEOPLE_SESSIONS_A_USER; i++)
		assert_int_equal(bmc_people->session_open(&who, id, token, NULL), 0);
	assert_false(bmc_people->session_find(first, HERE, &who, id));
	assert_true(bmc_people->session_find(token, HERE, &who, id));
}

static void a_changed_password_ends_sessions_and_what_was_remembered(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who, later;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_people->session_open(&who, id, token, NULL), 0);
	assert_int_equal(password(&who, ADMIN, FIRST, OTHER), 0);
	assert_false(bmc_people->cached(ADMIN, FIRST, HERE, &later));
	assert_false(bmc_people->session_find(token, HERE, &later, id));
	assert_int_equal(login(ADMIN, FIRST, NULL), BMC_EAUTH);
	assert_int_equal(login(ADMIN, OTHER, NULL), 0);
	assert_true(had_event("AccountChanged", ADMIN));
}

static void an_own_password_needs_the_old_one_unless_it_was_just_given(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	who.fresh = false;
	assert_int_equal(password(&who, ADMIN, "", OTHER), BMC_EAUTH);
	assert_int_equal(password(&who, ADMIN, "Wrong-Stone-97", OTHER), BMC_EAUTH);
	assert_int_equal(password(&who, ADMIN, "", "short"), BMC_EAUTH);
	who.fresh = true;
	assert_int_equal(password(&who, ADMIN, "", "short"), BMC_EPASSWORD);
	assert_int_equal(password(&who, ADMIN, "", OTHER), 0);
	assert_int_equal(login(ADMIN, OTHER, NULL), 0);
}

static void an_operator_changes_only_the_own_password(void **state)
{
	struct bmc_actor admin, op;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &admin), 0);
	assert_int_equal(add(&admin, "olga", OTHER, "Operator"), 0);
	assert_true(row_of(BMC_ACCOUNT, "olga"));
	assert_int_equal(login("olga", OTHER, &op), 0);
	assert_int_equal(password(&op, ADMIN, "", OTHER), BMC_EPERM);
	assert_int_equal(add(&op, "eve", OTHER, "Operator"), BMC_EPERM);
	assert_int_equal(set(&op, "olga", "role", 0, "Administrator"), BMC_EPERM);
	assert_int_equal(password(&op, "olga", "", "Third-Candle-5"), 0);
	assert_int_equal(login("olga", "Third-Candle-5", NULL), 0);
}

static void the_last_administrator_cannot_go(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(remove_account(&who, ADMIN), BMC_ESTATE);
	assert_int_equal(set(&who, ADMIN, "enabled", 0, ""), BMC_ESTATE);
	assert_int_equal(set(&who, ADMIN, "role", 0, "Operator"), BMC_ESTATE);
	assert_int_equal(add(&who, "second", OTHER, "Administrator"), 0);
	assert_int_equal(set(&who, "second", "enabled", 0, ""), 0);
	assert_int_equal(remove_account(&who, ADMIN), BMC_ESTATE);
	assert_int_equal(set(&who, "second", "enabled", 1, ""), 0);
	assert_int_equal(remove_account(&who, ADMIN), 0);
	assert_false(row_of(BMC_ACCOUNT, ADMIN));
	assert_int_equal(login(ADMIN, FIRST, NULL), BMC_EAUTH);
}

static void a_disabled_account_is_out_at_once(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor admin, op;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &admin), 0);
	assert_int_equal(add(&admin, "olga", OTHER, "Operator"), 0);
	assert_int_equal(login("olga", OTHER, &op), 0);
	assert_int_equal(bmc_people->session_open(&op, id, token, NULL), 0);
	assert_int_equal(set(&admin, "olga", "enabled", 0, ""), 0);
	assert_false(bmc_people->cached("olga", OTHER, HERE, &op));
	assert_false(bmc_people->session_find(token, HERE, &op, id));
	assert_int_equal(login("olga", OTHER, NULL), BMC_EAUTH);
}

static void a_first_password_has_to_be_changed_before_anything_else(void **state)
{
	struct bmc_actor who;
	struct priv_rig *rig = *state;

	assert_int_equal(priv_accounts_file.mark(&rig->settings, ADMIN, true, NULL), 0);
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_true(who.must_change);
	assert_int_equal(add(&who, "olga", OTHER, "Operator"), BMC_EMUSTCHANGE);
	assert_int_equal(password(&who, ADMIN, "", OTHER), 0);
	assert_int_equal(login(ADMIN, OTHER, &who), 0);
	assert_false(who.must_change);
	assert_int_equal(add(&who, "olga", FIRST, "Operator"), 0);
}

static void a_change_by_other_tools_is_seen_within_seconds(void **state)
{
	struct priv_rig *rig = *state;
	struct bmc_actor who;
	struct priv_person p;
	int64_t until = bmc_now() + 3 * BMC_PEOPLE_POLL_MS;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(priv_person_init(&p, ADMIN, OTHER, NULL), 0);
	assert_int_equal(priv_accounts_file.password(&rig->settings, &p, true, NULL),
			 0);
	while (bmc_people->cached(ADMIN, FIRST, HERE, &who) && bmc_now() < until)
		bmc_loop_step(100);
	assert_false(bmc_people->cached(ADMIN, FIRST, HERE, &who));
	assert_int_equal(login(ADMIN, OTHER, NULL), 0);
}

static void roles_are_rows_with_their_privileges(void **state)
{
	(void)state;
	assert_true(row_of(BMC_ROLE, "Administrator"));
	assert_true(row_of(BMC_ROLE, "Operator"));
	assert_true(row_of(BMC_ROLE, "ReadOnly"));
}

static void the_session_timeout_is_bounded_and_kept(void **state)
{
	struct priv_rig *rig = *state;

	assert_int_equal(bmc_people->session_timeout(), 1800);
	assert_int_equal(bmc_people->set_session_timeout(29), BMC_ERANGE);
	assert_int_equal(bmc_people->set_session_timeout(86401), BMC_ERANGE);
	assert_int_equal(bmc_people->set_session_timeout(600), 0);
	stop_parts(rig);
	start_parts(rig);
	assert_int_equal(bmc_people->session_timeout(), 600);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_right_password_gives_an_actor_and_is_remembered),
		T(a_wrong_password_is_refused_and_told_in_an_event),
		T(a_client_that_guesses_has_to_wait_and_others_do_not),
		T(ten_thousand_guesses_reach_pam_twenty_times_in_five_minutes),
		T(what_is_remembered_does_not_answer_who_has_to_wait),
		T(many_guessing_clients_do_not_lock_the_owner_out),
		T(guesses_at_the_same_moment_are_counted_before_their_answers),
		T(being_right_clears_what_was_wrong_before),
		T(a_neighbour_behind_the_same_address_does_not_lock_the_owner_out),
		T(the_same_password_at_the_same_time_is_asked_once),
		T(an_ipv6_network_is_one_client),
		T(a_session_is_found_by_its_token_until_logout),
		T(a_session_survives_a_restart_but_not_a_password_changed_meanwhile),
		T(a_user_has_sixteen_sessions_and_the_one_idle_longest_goes),
		T(a_changed_password_ends_sessions_and_what_was_remembered),
		T(an_own_password_needs_the_old_one_unless_it_was_just_given),
		T(an_operator_changes_only_the_own_password),
		T(the_last_administrator_cannot_go),
		T(a_disabled_account_is_out_at_once),
		T(a_first_password_has_to_be_changed_before_anything_else),
		T(a_change_by_other_tools_is_seen_within_seconds),
		T(roles_are_rows_with_their_privileges),
		T(the_session_timeout_is_bounded_and_kept),
	};
	glob_t g;

	if (glob("/usr/lib*/{,*/}pam_wrapper/pam_matrix.so", GLOB_BRACE, NULL, &g) !=
	    0) {
		(void)puts("1..0 # SKIP pam_matrix.so is missing: apt install "
			   "libpam-wrapper");
		return 0;
	}
	globfree(&g);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
