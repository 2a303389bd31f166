// SPDX-License-Identifier: Apache-2.0
// Sessions as the frontends use them.
#include <pthread.h>

#include "auth-fixture.h"
#include "auth/sessions.h"
#include "auth/throttle-table.h"
#include "core/ports/store.h"

static void a_session_is_found_by_its_token_until_logout(void **state)
{
	struct bmc_action logout = { .op = BMC_ACT_REMOVE, .kind = BMC_SESSION };
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX], found[BMC_ID_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_int_equal(strlen(token), 40);
	assert_true(bmc_auth->session_find(token, HERE, &who, found));
	assert_string_equal(found, id);
	assert_string_equal(who.name, ADMIN);
	assert_true(who.fresh);
	assert_true(row_of(BMC_SESSION, id));
	token[0] = token[0] == 'A' ? 'B' : 'A';
	assert_false(bmc_auth->session_find(token, HERE, &who, found));
	(void)bmc_copy(logout.id, sizeof(logout.id), id);
	assert_int_equal(act(&who, &logout), 0);
	assert_false(row_of(BMC_SESSION, id));
}

struct seen {
	const char *id;
	bool in_snapshot;
};

static void look_for_session(void *arg)
{
	auto_snapshot struct bmc_snapshot *now = bmc_snapshot_get();
	struct seen *seen = arg;

	seen->in_snapshot = bmc_snapshot_find(now, BMC_SESSION, seen->id) != NULL;
}

/* A frontend that posts its answer then may show the Location. */
static void a_new_session_is_published_before_what_is_posted_later(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct seen seen = { .id = id };
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_int_equal(bmc_loop_post(look_for_session, &seen), 0);
	bmc_loop_step(1000);
	assert_true(seen.in_snapshot);
}

static void a_session_survives_a_restart_but_not_a_password_changed_meanwhile(
	void **state)
{
	struct priv_fixture *fixture = *state;
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX], found[BMC_ID_MAX];
	struct bmc_actor who;
	struct priv_account_args p;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	bmc_loop_step(0);
	stop_parts(fixture);
	start_parts(fixture);
	assert_true(bmc_auth->session_find(token, HERE, &who, found));
	assert_false(who.fresh);
	assert_true(row_of(BMC_SESSION, id));
	stop_parts(fixture);
	assert_int_equal(priv_account_args_init(&p, ADMIN, OTHER, NULL), 0);
	assert_int_equal(
		priv_accounts_file.password(&fixture->settings, &p, true, NULL), 0);
	start_parts(fixture);
	assert_false(bmc_auth->session_find(token, HERE, &who, found));
	assert_false(row_of(BMC_SESSION, id));
}

static void a_user_has_sixteen_sessions_and_the_one_idle_longest_goes(void **state)
{
	char id[BMC_ID_MAX], first[BMC_TOKEN_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, first, NULL), 0);
	(void)usleep(5000);
	for (unsigned i = 1; i < BMC_AUTH_SESSIONS_A_USER; i++)
		assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_false(had_event("SessionEnded", ADMIN));
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_true(had_event("SessionEnded", ADMIN));
	assert_false(bmc_auth->session_find(first, HERE, &who, id));
	assert_true(bmc_auth->session_find(token, HERE, &who, id));
	assert_true(had_event("SessionEnded", ADMIN));
}

/* A frontend's thread, while this one is the main thread. */
static void *set_it(void *arg)
{
	int64_t *at = arg;

	at[1] = bmc_auth->set_session_timeout(at[0]);
	return NULL;
}

static int set_timeout(int64_t seconds)
{
	int64_t at[2] = { seconds, 1 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, set_it, at), 0);
	while (pthread_tryjoin_np(thread, NULL) != 0)
		bmc_loop_step(10);
	return (int)at[1];
}

static void nothing(void *arg)
{
	(void)arg;
}

static void fill_queue(void)
{
	while (bmc_loop_post(nothing, NULL) == 0)
		;
}

static void sessions_are_shown_and_hidden_when_the_queue_of_the_loop_was_full(
	void **state)
{
	char id[2][BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	fill_queue();
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(bmc_auth->session_open(&who, id[i], token, NULL), 0);
	assert_true(row_of(BMC_SESSION, id[0]) && row_of(BMC_SESSION, id[1]));
	fill_queue();
	bmc_sessions_end_user(ADMIN);
	assert_false(row_of(BMC_SESSION, id[0]) || row_of(BMC_SESSION, id[1]));
	fill_queue();
	assert_int_equal(bmc_auth->session_open(&who, id[0], token, NULL), 0);
	assert_int_equal(bmc_session_end(id[0]), 0); /* before it was shown */
	assert_false(row_of(BMC_SESSION, id[0]));
}

static void account_change_is_answered_when_the_queue_of_the_loop_was_full(void **state)
{
	struct bmc_action change = on_account(BMC_ACT_PASSWORD, ADMIN);
	struct answer a = { 0 };
	struct priv_account is;
	struct priv_account_args p;
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	(void)bmc_copy(change.secret, sizeof(change.secret), OTHER);
	assert_int_equal(
		bmc_action_submit(&who, &change, 1, carried_out, &a, NULL, NULL), 0);
	bmc_loop_step(0); /* it is under way in its thread */
	fill_queue();
	assert_int_equal(priv_account_args_init(&p, ADMIN, OTHER, NULL), 0);
	while (priv_authenticate(&p, &is, bmc_now() + 60000, NULL) != 0)
		(void)usleep(10000);
	(void)usleep(200000); /* it reads the list, then it answers */
	wait_for(&a);
	assert_int_equal(a.code, 0);
}

/* Answers as the disk would, when it does. */
static int refusal;

static int refuse(const struct bmc_record *records, size_t n, bmc_store_done *done,
		  void *arg)
{
	(void)records;
	(void)n;
	if (refusal == BMC_EAGAIN)
		return refusal;
	done(arg, refusal);
	return 0;
}

static void a_session_timeout_that_can_not_be_stored_is_not_in_force(void **state)
{
	const struct bmc_store_ops *store = bmc_store;
	struct bmc_store_ops full = *store;

	(void)state;
	full.write_or_drop = refuse;
	bmc_store = &full;
	refusal = BMC_ENOSPC;
	assert_int_equal(set_timeout(600), BMC_ENOSPC);
	refusal = BMC_EREADONLY;
	assert_int_equal(set_timeout(600), BMC_ENOSPC);
	refusal = BMC_EAGAIN;
	assert_int_equal(set_timeout(600), BMC_EAGAIN);
	assert_int_equal(bmc_auth->session_timeout(), 1800);
	bmc_store = store;
	assert_int_equal(set_timeout(600), 0);
	assert_int_equal(bmc_auth->session_timeout(), 600);
}

static void the_session_timeout_is_bounded_and_kept(void **state)
{
	struct priv_fixture *fixture = *state;

	assert_int_equal(bmc_auth->session_timeout(), 1800);
	assert_int_equal(set_timeout(29), BMC_ERANGE);
	assert_int_equal(set_timeout(86401), BMC_ERANGE);
	assert_int_equal(set_timeout(600), 0);
	stop_parts(fixture);
	start_parts(fixture);
	assert_int_equal(bmc_auth->session_timeout(), 600);
}

/* The login throttle, through the store. */
static void what_the_throttle_counted_outlives_a_restart(void **state)
{
	struct priv_fixture *fixture = *state;
	char client[48];
	unsigned n = 0;

	assert_int_equal(login(ADMIN, FIRST, NULL), 0);
	for (unsigned i = 0; i < BMC_THROTTLE_FREE; i++)
		(void)bmc_throttle_result(
			ADMIN, HERE, bmc_throttle_admit(ADMIN, HERE, false, bmc_now()),
			bmc_now(), BMC_ATTEMPT_WRONG);
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(client, sizeof(client), "10.%u.0.1", i);
		n += bmc_throttle_admit(ADMIN, client, false, bmc_now()) !=
		     BMC_LOGIN_REFUSED;
	}
	assert_int_equal(n, BMC_THROTTLE_BUCKET);
	stop_parts(fixture);
	bmc_throttle_init(); /* memory is lost */
	start_parts(fixture);
	assert_int_equal(bmc_throttle_admit(ADMIN, "10.99.0.1", false, bmc_now()),
			 BMC_LOGIN_REFUSED);
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false, bmc_now()),
			 BMC_LOGIN_REFUSED);
	/* known still, when its wait is over */
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false,
					    bmc_now() + BMC_THROTTLE_FIRST_MS),
			 BMC_LOGIN_KNOWN);
	/* a client that failed is not clean after the restart either */
	(void)snprintf(client, sizeof(client), "10.0.0.1");
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(
			bmc_throttle_admit("nobody-here", client, false, bmc_now()),
			BMC_LOGIN_SUSPECT);
		(void)bmc_throttle_result("nobody-here", client, BMC_LOGIN_SUSPECT,
					  bmc_now(), BMC_ATTEMPT_NOT_ASKED);
	}
	assert_int_equal(
		bmc_throttle_admit("nobody-here", "10.98.0.1", false, bmc_now()),
		BMC_LOGIN_CLEAN);
}

static void set_longest_wait(int64_t seconds)
{
	struct bmc_action set = {
		.op = BMC_ACT_SET, .kind = BMC_MANAGER, .id = "bmc", .num = seconds
	};
	struct bmc_actor who;
	int64_t end = bmc_now() + 60000;

	set.field = bmc_field_find(BMC_MANAGER, "lockout_duration");
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(act(&who, &set), 0);
	while (bmc_throttle.longest != seconds * 1000 && bmc_now() < end)
		bmc_loop_step(50);
	assert_int_equal(bmc_throttle.longest, seconds * 1000);
}

static void long_wait_is_as_long_after_a_restart(void **state)
{
	struct priv_fixture *fixture = *state;
	int64_t start = bmc_now(), now = start;

	set_longest_wait(86400);
	for (unsigned i = 0; i < BMC_THROTTLE_FREE + 9; i++) {
		enum bmc_login_class class =
			bmc_throttle_admit(ADMIN, HERE, false, now);

		assert_int_equal(class, BMC_LOGIN_KNOWN);
		(void)bmc_throttle_result(ADMIN, HERE, class, now, BMC_ATTEMPT_WRONG);
		now += i + 1 < BMC_THROTTLE_FREE
			       ? 0
			       : BMC_THROTTLE_FIRST_MS << (i + 1 - BMC_THROTTLE_FREE);
	}
	stop_parts(fixture);
	bmc_throttle_init(); /* memory is lost */
	bmc_throttle_configure(BMC_THROTTLE_FREE, BMC_THROTTLE_LONGEST_MS);
	start_parts(fixture);
	now = bmc_now();
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false,
					    now + BMC_THROTTLE_LONGEST_MS + 1),
			 BMC_LOGIN_REFUSED);
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false, now + 86400000),
			 BMC_LOGIN_KNOWN);
}

static unsigned admitted(const char *user, unsigned net, unsigned attempts)
{
	char client[48];
	unsigned n = 0;

	for (unsigned i = 0; i < attempts; i++) {
		(void)snprintf(client, sizeof(client), "10.%u.%u.1", net, i);
		n += bmc_throttle_admit(user, client, false, bmc_now()) !=
		     BMC_LOGIN_REFUSED;
	}
	return n;
}

/* Else a restart would tell them from accounts. */
static void what_was_counted_of_made_up_names_outlives_a_restart(void **state)
{
	static const char *const names[] = { "made-up", "a b=\n\xc3\xa9", "",
					     "0123456789012345678901234567890" };
	struct priv_fixture *fixture = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(admitted(names[i], i, 20), BMC_THROTTLE_BUCKET);
	stop_parts(fixture);
	bmc_throttle_init(); /* memory is lost */
	start_parts(fixture);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(admitted(names[i], 100 + i, 20), 0);
	assert_int_equal(admitted("another", 200, 20), BMC_THROTTLE_BUCKET);
}

static void a_changed_account_gets_no_session_for_an_earlier_check(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(password(&who, ADMIN, "", OTHER), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), BMC_EAUTH);
	assert_int_equal(login(ADMIN, OTHER, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_true(bmc_auth->session_find(token, HERE, &who, id));
}

/* ---- a store that counts what it is given ---- */

static struct {
	bool durable;
	int code;
	unsigned writes, records;
} counted;

static int count_write(const struct bmc_record *records, size_t n, bmc_store_done *done,
		       void *arg)
{
	(void)done;
	(void)arg;
	counted.writes++;
	for (size_t i = 0; i < n; i++)
		counted.records += records[i].type == BMC_REC_META;
	return counted.code;
}

static bool count_durable(void)
{
	return counted.durable;
}

static const struct bmc_store_ops counting = { .write = count_write,
					       .durable = count_durable };

static unsigned attempts(unsigned n)
{
	char client[48];
	unsigned admitted = 0;

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(client, sizeof(client), "10.%u.%u.1", i / 200, i % 200);
		admitted += bmc_throttle_admit("made-up", client, false, bmc_now()) !=
			    BMC_LOGIN_REFUSED;
	}
	return admitted;
}

static void a_full_disk_stops_no_login_and_what_was_counted_is_stored_later(
	void **state)
{
	const struct bmc_store_ops *real = bmc_store;
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	(void)bmc_throttle_save();
	bmc_store = &counting;
	counted.durable = false;
	assert_int_equal(attempts(500), BMC_THROTTLE_BUCKET);
	for (unsigned i = 0; i < 100; i++)
		(void)bmc_throttle_save();
	assert_int_equal(counted.writes, 0);
	assert_int_equal(login_from(ADMIN, FIRST, "192.0.2.2", &who), 0);
	counted.durable = true;
	for (unsigned i = 0; i < 100; i++)
		(void)bmc_throttle_save();
	/* 500 clients and the new known one, 64 at a time, each once */
	assert_in_range(counted.records, 500, 520);
	assert_in_range(counted.writes, 8, 9);
	/* a queue that is full: the accounts are given to it again */
	bmc_throttle_drop(ADMIN);
	counted.code = BMC_EAGAIN;
	counted.records = 0;
	(void)bmc_throttle_save();
	counted.code = 0;
	unsigned refused = counted.records;
	(void)bmc_throttle_save();
	assert_true(refused > 0);
	assert_true(counted.records >= 2 * refused);
	bmc_store = real;
}

static void what_an_account_has_already_ends_no_session(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor admin, op;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &admin), 0);
	assert_int_equal(add(&admin, "olga", OTHER, "Operator"), 0);
	assert_int_equal(login("olga", OTHER, &op), 0);
	assert_int_equal(bmc_auth->session_open(&op, id, token, NULL), 0);
	assert_int_equal(set(&admin, "olga", "enabled", 1, ""), 0);
	assert_int_equal(set(&admin, "olga", "role", 0, "Operator"), 0);
	assert_true(bmc_auth->session_find(token, HERE, &op, id));
	assert_true(bmc_auth->cached("olga", OTHER, HERE, &op));
	assert_int_equal(set(&admin, "olga", "role", 0, "ReadOnly"), 0);
	assert_false(bmc_auth->session_find(token, HERE, &op, id));
	assert_int_equal(set(&admin, "olga", "enabled", 0, ""), 0);
	assert_int_equal(set(&admin, "olga", "enabled", 0, ""), 0);
	assert_int_equal(set(&admin, "olga", "enabled", 1, ""), 0);
	assert_int_equal(login("olga", OTHER, &op), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_session_is_found_by_its_token_until_logout),
		T(a_new_session_is_published_before_what_is_posted_later),
		T(a_session_survives_a_restart_but_not_a_password_changed_meanwhile),
		T(a_user_has_sixteen_sessions_and_the_one_idle_longest_goes),
		T(the_session_timeout_is_bounded_and_kept),
		T(a_full_disk_stops_no_login_and_what_was_counted_is_stored_later),
		T(what_an_account_has_already_ends_no_session),
		T(what_the_throttle_counted_outlives_a_restart),
		T(long_wait_is_as_long_after_a_restart),
		T(what_was_counted_of_made_up_names_outlives_a_restart),
		T(a_changed_account_gets_no_session_for_an_earlier_check),
		T(sessions_are_shown_and_hidden_when_the_queue_of_the_loop_was_full),
		T(account_change_is_answered_when_the_queue_of_the_loop_was_full),
		T(a_session_timeout_that_can_not_be_stored_is_not_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
