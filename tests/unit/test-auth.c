// SPDX-License-Identifier: Apache-2.0
// Logins and accounts as the frontends use them.
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "auth-fixture.h"

static void a_right_password_gives_an_actor_and_is_remembered(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_false(bmc_auth->cached(ADMIN, FIRST, HERE, &who));
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_string_equal(who.name, ADMIN);
	assert_string_equal(who.role, "Administrator");
	assert_true(row_of(BMC_ROLE, who.role));
	assert_int_equal(who.privileges, 31);
	assert_true(who.fresh);
	assert_false(who.must_change);
	assert_true(bmc_auth->cached(ADMIN, FIRST, HERE, &who));
	assert_false(bmc_auth->cached(ADMIN, OTHER, HERE, &who));
	assert_true(had_event("LoginSucceeded", ADMIN));
}

static void a_wrong_password_is_refused_and_told_in_an_event(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, OTHER, NULL), BMC_EAUTH);
	assert_int_equal(login("nobody-here", OTHER, NULL), BMC_EAUTH);
	assert_false(bmc_auth->cached(ADMIN, OTHER, HERE, &who));
	assert_true(had_event("LoginFailed", ADMIN));
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

static void guess(const char *client)
{
	int64_t then = bmc_now() + 60000;
	enum bmc_login_class class = bmc_throttle_admit(ADMIN, client, false, then);

	if (class != BMC_LOGIN_REFUSED)
		(void)bmc_throttle_result(ADMIN, client, class, then,
					  BMC_ATTEMPT_WRONG);
}

static void what_is_remembered_does_not_answer_who_has_to_wait(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_true(bmc_auth->cached(ADMIN, FIRST, "198.51.100.7", &who));
	for (unsigned i = 0; i < 20; i++)
		guess("198.51.100.8");
	assert_false(bmc_auth->cached(ADMIN, FIRST, "198.51.100.8", &who));
	assert_true(bmc_auth->cached(ADMIN, FIRST, HERE, &who));
}

static void the_same_password_at_the_same_time_is_asked_once(void **state)
{
	struct answer a[20] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		assert_int_equal(bmc_auth->check(ADMIN, FIRST, HERE, checked, &a[i]),
				 0);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
		wait_for(&a[i]);
		assert_int_equal(a[i].code, 0);
	}
}

static void a_changed_password_ends_sessions_and_what_was_remembered(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who, later;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_int_equal(password(&who, ADMIN, FIRST, OTHER), 0);
	assert_false(bmc_auth->cached(ADMIN, FIRST, HERE, &later));
	assert_false(bmc_auth->session_find(token, HERE, &later, id));
	assert_int_equal(login(ADMIN, FIRST, NULL), BMC_EAUTH);
	assert_int_equal(login(ADMIN, OTHER, NULL), 0);
	assert_true(had_event("AccountChanged", ADMIN));
}

/* Makes the account phase of the next PAM conversation, and of no later one, take a
 * while: `under-way` appears when it has begun. */
static void slow_pam_once(const struct priv_fixture *fixture)
{
	char path[128], script[128], service[PATH_MAX + 32];

	(void)snprintf(script, sizeof(script), "%s/slow.sh", fixture->dir);
	FILE *f = fopen(script, "w");
	assert_non_null(f);
	(void)fprintf(f,
		      "#!/bin/sh\nmv %s/slow %s/under-way 2>/dev/null && sleep 2\n"
		      "exit 0\n",
		      fixture->dir, fixture->dir);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(script, 0755), 0);
	(void)snprintf(service, sizeof(service), "%s/clusterbmc",
		       fixture->settings.file_pam_dir);
	f = fopen(service, "a");
	assert_non_null(f);
	(void)fprintf(f, "account required pam_exec.so quiet %s\n", script);
	assert_int_equal(fclose(f), 0);
	(void)snprintf(path, sizeof(path), "%s/slow", fixture->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void wait_until_under_way(const struct priv_fixture *fixture)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/under-way", fixture->dir);
	for (int i = 0; i < 2000 && access(path, F_OK) < 0; i++)
		bmc_loop_step(10);
	assert_int_equal(access(path, F_OK), 0);
}

/* PAM has found the old password right, and answers after the change is done. */
static void a_password_changed_while_pam_is_asked_lets_nobody_in(void **state)
{
	struct priv_fixture *fixture = *state;
	struct answer a = { 0 };
	struct bmc_actor who;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	slow_pam_once(fixture);
	assert_int_equal(bmc_auth->check(ADMIN, FIRST, "192.0.2.77", checked, &a), 0);
	wait_until_under_way(fixture);
	assert_int_equal(password(&who, ADMIN, "", OTHER), 0);
	assert_false(a.given);
	wait_for(&a);
	assert_int_equal(a.code, BMC_EAUTH);
	assert_false(bmc_auth->cached(ADMIN, FIRST, HERE, &who));
	assert_int_equal(login(ADMIN, OTHER, NULL), 0);
}

static void a_password_changed_by_other_tools_is_good_at_once(void **state)
{
	struct priv_fixture *fixture = *state;
	char id[BMC_ID_MAX], old[BMC_TOKEN_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who;
	struct priv_account_args p;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, old, NULL), 0);
	assert_int_equal(priv_account_args_init(&p, ADMIN, OTHER, NULL), 0);
	assert_int_equal(
		priv_accounts_file.password(&fixture->settings, &p, true, NULL), 0);
	assert_int_equal(login(ADMIN, OTHER, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	assert_true(bmc_auth->session_find(token, HERE, &who, id));
	assert_false(bmc_auth->session_find(old, HERE, &who, id));
}

/* With all of PAM's threads busy: what nobody waits for is not asked. */
static void a_login_that_nobody_waits_for_is_dropped(void **state)
{
	struct answer a[12] = { 0 }, last = { 0 };
	char password[32];
	int64_t start = bmc_now();

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
		(void)snprintf(password, sizeof(password), "no-such-%zu", i);
		(void)bmc_auth->check(i % 4 ? "made-up" : "another", password,
				      i % 2 ? "192.0.2.9" : "198.51.100.9", checked,
				      &a[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		(void)bmc_auth->abandon(&a[i]);
	assert_false(bmc_auth->abandon(&last));
	for (int i = 0; i < 50; i++)
		bmc_loop_step(10);
	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		assert_false(a[i].given);
	/* two that wait for the same answer: one leaves, the other gets it */
	assert_int_equal(bmc_auth->check(ADMIN, OTHER, HERE, checked, &a[0]), 0);
	assert_int_equal(bmc_auth->check(ADMIN, OTHER, HERE, checked, &last), 0);
	assert_true(bmc_auth->abandon(&a[0]));
	wait_for(&last);
	assert_false(a[0].given);
	assert_int_equal(last.code, BMC_EAUTH);
	assert_true(bmc_now() - start < 20000);
}

/* A client that was wrong has one thread: its next logins wait. */
static void a_login_that_waits_stays_for_who_still_wants_it(void **state)
{
	struct answer running = { 0 }, gone = { 0 }, stays = { 0 };
	const char *client = "192.0.2.77";

	(void)state;
	assert_int_equal(login_from("made-up", "no-such-1", client, NULL), BMC_EAUTH);
	assert_int_equal(
		bmc_auth->check("made-up", "no-such-2", client, checked, &running), 0);
	assert_int_equal(
		bmc_auth->check("made-up", "no-such-3", client, checked, &gone), 0);
	assert_int_equal(
		bmc_auth->check("made-up", "no-such-3", client, checked, &stays), 0);
	assert_true(bmc_auth->abandon(&gone));
	wait_for(&stays);
	assert_false(gone.given);
	assert_int_equal(stays.code, BMC_EAUTH);
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

static void an_old_password_can_not_be_tried_out_without_end(void **state)
{
	struct bmc_actor who;
	unsigned wrong = 0;
	int r = BMC_EAUTH;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	for (; wrong < 20 && r == BMC_EAUTH; wrong++)
		r = password(&who, ADMIN, "Wrong-Stone-97", OTHER);
	assert_int_equal(r, BMC_EAGAIN);
	assert_in_range(wrong, BMC_THROTTLE_FREE, BMC_THROTTLE_FREE + 6);
	assert_int_equal(password(&who, ADMIN, FIRST, OTHER), BMC_EAGAIN);
	assert_true(had_event("LoginLocked", ADMIN));
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

static int submit(const struct bmc_actor *who, const struct bmc_action *act,
		  struct answer *a)
{
	return bmc_action_submit(who, act, 1, carried_out, a, NULL, NULL);
}

/* Both are accepted before either is made. */
static void rights_that_change_in_between_count(void **state)
{
	/* a role that may configure users, but not the manager */
	struct bmc_actor admin,
		clerk = { .name = "clara",
			  .origin = "redfish",
			  .privileges = BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_USERS };
	struct bmc_action rise = on_account(BMC_ACT_SET, "bert"), reset = { 0 },
			  fall = on_account(BMC_ACT_SET, "clara"), remove;
	struct answer a[4] = { 0 };

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &admin), 0);
	(void)bmc_copy(admin.origin, sizeof(admin.origin), "redfish");
	assert_int_equal(add(&admin, "clara", OTHER, "Administrator"), 0);
	assert_int_equal(add(&admin, "bert", OTHER, "ReadOnly"), 0);
	clerk.privileges |= BMC_PRIV_CONFIGURE_SELF;
	rise.field = fall.field = bmc_field_find(BMC_ACCOUNT, "role");
	(void)bmc_copy(rise.text, sizeof(rise.text), "Administrator");
	(void)bmc_copy(fall.text, sizeof(fall.text), "ReadOnly");
	reset = on_account(BMC_ACT_PASSWORD, "bert");
	(void)bmc_copy(reset.secret, sizeof(reset.secret), "Third-Candle-5");
	assert_int_equal(submit(&admin, &rise, &a[0]), 0);
	assert_int_equal(submit(&clerk, &reset, &a[1]), 0);
	wait_for(&a[0]);
	wait_for(&a[1]);
	assert_int_equal(a[0].code, 0);
	assert_int_equal(a[1].code, BMC_EPERM);
	assert_int_equal(login("bert", OTHER, NULL), 0);
	/* ... and the actor's own */
	clerk.privileges = BMC_PRIV_ALL;
	remove = on_account(BMC_ACT_REMOVE, "bert");
	assert_int_equal(submit(&admin, &fall, &a[2]), 0);
	assert_int_equal(submit(&clerk, &remove, &a[3]), 0);
	wait_for(&a[2]);
	wait_for(&a[3]);
	assert_int_equal(a[2].code, 0);
	assert_int_equal(a[3].code, BMC_EPERM);
	assert_true(row_of(BMC_ACCOUNT, "bert"));
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
	assert_int_equal(bmc_auth->session_open(&op, id, token, NULL), 0);
	assert_int_equal(set(&admin, "olga", "enabled", 0, ""), 0);
	assert_false(bmc_auth->cached("olga", OTHER, HERE, &op));
	assert_false(bmc_auth->session_find(token, HERE, &op, id));
	assert_int_equal(login("olga", OTHER, NULL), BMC_EAUTH);
}

static void a_first_password_has_to_be_changed_before_anything_else(void **state)
{
	struct bmc_actor who;
	struct priv_fixture *fixture = *state;

	assert_int_equal(
		priv_accounts_file.must_change(&fixture->settings, ADMIN, true, NULL),
		0);
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
	struct priv_fixture *fixture = *state;
	struct bmc_actor who;
	struct priv_account_args p;
	int64_t until = bmc_now() + 10 * BMC_AUTH_POLL_MS;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(priv_account_args_init(&p, ADMIN, OTHER, NULL), 0);
	assert_int_equal(
		priv_accounts_file.password(&fixture->settings, &p, true, NULL), 0);
	while (bmc_auth->cached(ADMIN, FIRST, HERE, &who) && bmc_now() < until)
		bmc_loop_step(100);
	assert_false(bmc_auth->cached(ADMIN, FIRST, HERE, &who));
	assert_int_equal(login(ADMIN, OTHER, NULL), 0);
}

static void make_account(struct priv_fixture *fixture, const char *user,
			 const char *secret)
{
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, secret, NULL), 0);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_OPERATOR);
	assert_int_equal(priv_accounts_file.add(&fixture->settings, &p, NULL), 0);
	assert_int_equal(
		priv_accounts_file.password(&fixture->settings, &p, true, NULL), 0);
}

static void an_account_made_by_other_tools_logs_in_at_once(void **state)
{
	struct bmc_actor who;
	int64_t until = bmc_now() + 10000;

	make_account(*state, "fresh", OTHER);
	assert_int_equal(login("fresh", FIRST, NULL), BMC_EAUTH);
	assert_int_equal(login("fresh", OTHER, &who), 0);
	assert_string_equal(who.role, "Operator");
	assert_true(bmc_auth->cached("fresh", OTHER, HERE, &who));
	while (!row_of(BMC_ACCOUNT, "fresh") && bmc_now() < until)
		bmc_loop_step(10);
	assert_true(row_of(BMC_ACCOUNT, "fresh"));
}

struct direct {
	atomic_bool given;
	int code;
	struct bmc_actor who;
};

static void take_direct(void *arg, int code, const struct bmc_actor *who)
{
	struct direct *d = arg;

	d->code = code;
	if (who)
		d->who = *who;
	d->given = true;
}

/* The main loop stands still: what the helper listed before waits there meanwhile. */
static void an_older_list_does_not_end_a_fresh_session(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct direct d = { .given = false };
	struct bmc_actor who;
	int64_t until = bmc_now() + 60000;

	bmc_auth_refresh();
	(void)usleep(1000000);
	make_account(*state, "fresh", OTHER);
	assert_int_equal(bmc_auth->check("fresh", OTHER, HERE, take_direct, &d), 0);
	while (!d.given && bmc_now() < until)
		(void)usleep(10000);
	assert_true(d.given);
	assert_int_equal(d.code, 0);
	assert_int_equal(bmc_auth->session_open(&d.who, id, token, NULL), 0);
	while (!row_of(BMC_ACCOUNT, "fresh") && bmc_now() < until)
		bmc_loop_step(10);
	assert_true(bmc_auth->session_find(token, HERE, &who, id));
}

static void an_account_enabled_by_other_tools_logs_in_at_once(void **state)
{
	struct priv_fixture *fixture = *state;
	struct bmc_actor who;

	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(add(&who, "olga", OTHER, "Operator"), 0);
	assert_int_equal(set(&who, "olga", "enabled", 0, ""), 0);
	assert_int_equal(login("olga", OTHER, NULL), BMC_EAUTH);
	assert_int_equal(
		priv_accounts_file.enable(&fixture->settings, "olga", true, NULL), 0);
	assert_int_equal(login("olga", OTHER, &who), 0);
	assert_string_equal(who.name, "olga");
}

static void an_account_removed_by_other_tools_stays_out(void **state)
{
	struct priv_fixture *fixture = *state;
	struct bmc_actor who;
	int64_t until = bmc_now() + 3 * BMC_AUTH_POLL_MS;

	make_account(fixture, "fresh", OTHER);
	assert_int_equal(login("fresh", OTHER, &who), 0);
	assert_int_equal(priv_accounts_file.remove(&fixture->settings, "fresh", NULL),
			 0);
	assert_int_equal(login("fresh", FIRST, NULL), BMC_EAUTH);
	while (bmc_auth->cached("fresh", OTHER, HERE, &who) && bmc_now() < until)
		bmc_loop_step(100);
	assert_false(bmc_auth->cached("fresh", OTHER, HERE, &who));
	assert_int_equal(login("fresh", OTHER, NULL), BMC_EAUTH);
}

/* What a service manager does with a helper that ended. */
static void start_helper_again(struct priv_fixture *fixture)
{
	struct priv_client_conf conf = { .digest = fixture->settings.platform->digest };

	priv_client_done();
	priv_fixture_start(fixture);
	conf.fd = fixture->fd;
	fixture->fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
}

/* By its process id, with no call under way. */
static void kill_helper(struct priv_fixture *fixture)
{
	struct bmc_error err;
	int64_t until = bmc_now() + 10000;

	assert_int_equal(kill(fixture->pid, SIGKILL), 0);
	assert_int_equal(waitpid(fixture->pid, NULL, 0), fixture->pid);
	fixture->pid = 0;
	while (priv_client_wait(bmc_now() + 10, &err) == 0 && bmc_now() < until)
		(void)usleep(1000);
	assert_int_not_equal(priv_client_wait(bmc_now() + 10, &err), 0);
}

/* Whether a client may ask PAM `n` times at the same moment. */
static bool may_ask(const char *client, unsigned n)
{
	unsigned admitted = 0;
	bool ok = true;

	while (ok && admitted < n) {
		ok = bmc_throttle_admit(ADMIN, client, false, bmc_now()) !=
		     BMC_LOGIN_REFUSED;
		admitted += ok;
	}
	while (admitted--)
		(void)bmc_throttle_result(ADMIN, client, BMC_LOGIN_CLEAN, bmc_now(),
					  BMC_ATTEMPT_NOT_ASKED);
	return ok;
}

static void what_no_helper_was_asked_is_no_attempt(void **state)
{
	static const char client[] = "192.0.2.77", wrong[] = "192.0.2.78";
	struct bmc_actor who;

	kill_helper(*state);
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(login_from(ADMIN, FIRST, client, NULL), BMC_EAGAIN);
		assert_int_equal(login_from(ADMIN, OTHER, wrong, NULL), BMC_EAGAIN);
	}
	assert_false(had_event("LoginFailed", ADMIN));
	assert_false(bmc_auth->cached(ADMIN, OTHER, wrong, &who));
	start_helper_again(*state);
	assert_int_equal(login_from(ADMIN, FIRST, client, NULL), 0);
	/* no guess was free: PAM says of each what it would have said before */
	assert_int_equal(login_from(ADMIN, OTHER, wrong, NULL), BMC_EAUTH);
}

/* Else ending the helper would make guesses that nothing counts. */
static void what_a_helper_had_when_it_died_is_an_attempt(void **state)
{
	static const char client[] = "192.0.2.79";
	struct priv_fixture *fixture = *state;
	unsigned free = 0;

	while (may_ask(client, free + 1))
		free++;
	assert_in_range(free, 1, 50);
	assert_int_equal(kill(fixture->pid, SIGSTOP), 0);
	struct answer a = { 0 };
	assert_int_equal(bmc_auth->check(ADMIN, OTHER, client, checked, &a), 0);
	(void)usleep(300000); /* it is in the helper's socket by now */
	kill_helper(fixture);
	wait_for(&a);
	assert_int_equal(a.code, BMC_EIO);
	assert_true(may_ask(client, free - 1));
	assert_false(may_ask(client, free));
	start_helper_again(fixture);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_right_password_gives_an_actor_and_is_remembered),
		T(a_wrong_password_is_refused_and_told_in_an_event),
		T(a_client_that_guesses_has_to_wait_and_others_do_not),
		T(what_is_remembered_does_not_answer_who_has_to_wait),
		T(the_same_password_at_the_same_time_is_asked_once),
		T(a_changed_password_ends_sessions_and_what_was_remembered),
		T(a_password_changed_while_pam_is_asked_lets_nobody_in),
		T(a_password_changed_by_other_tools_is_good_at_once),
		T(a_login_that_nobody_waits_for_is_dropped),
		T(a_login_that_waits_stays_for_who_still_wants_it),
		T(an_own_password_needs_the_old_one_unless_it_was_just_given),
		T(an_old_password_can_not_be_tried_out_without_end),
		T(an_operator_changes_only_the_own_password),
		T(rights_that_change_in_between_count),
		T(the_last_administrator_cannot_go),
		T(a_disabled_account_is_out_at_once),
		T(a_first_password_has_to_be_changed_before_anything_else),
		T(a_change_by_other_tools_is_seen_within_seconds),
		T(an_account_made_by_other_tools_logs_in_at_once),
		T(an_older_list_does_not_end_a_fresh_session),
		T(an_account_enabled_by_other_tools_logs_in_at_once),
		T(an_account_removed_by_other_tools_stays_out),
		T(what_no_helper_was_asked_is_no_attempt),
		T(what_a_helper_had_when_it_died_is_an_attempt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
