// SPDX-License-Identifier: Apache-2.0
/* The action API: who may do what to which row in which state, and what else comes
 * through it: settings, accounts, the daemon's own restart. */
#include "action-fixture.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/model/field.h"
#include "core/ports/action-handler.h"

static struct bmc_action set_num(enum bmc_kind kind, const char *id, const char *field,
				 int64_t num)
{
	struct bmc_action act = { .op = BMC_ACT_SET, .kind = kind, .num = num };

	act.field = bmc_field_find(kind, field);
	(void)bmc_copy(act.id, sizeof(act.id), id);
	return act;
}

static struct bmc_action set_text(enum bmc_kind kind, const char *id, const char *field,
				  const char *text)
{
	struct bmc_action act = set_num(kind, id, field, 0);

	(void)bmc_copy(act.text, sizeof(act.text), text);
	return act;
}

static int submit(const struct bmc_actor *who, struct bmc_action act)
{
	struct bmc_result result;

	return fixture_submit(who, &act, 1, &result);
}

/* ---- refusals ---- */

static void wrong_targets_are_refused(void **state)
{
	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub9-99", NULL), BMC_ENOTFOUND);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-04", NULL), BMC_EABSENT);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub2-02", NULL), BMC_ENOTSUP);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "main", NULL), BMC_ENOTSUP);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "main", NULL), BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error.what, "gracefully"));
	assert_int_equal(fixture_do(BMC_ACT_ON, "main", NULL), 0);
}

static void wrong_actions_are_refused(void **state)
{
	struct bmc_action act = fixture_action(BMC_N_ACTS, "sub1-01");
	struct bmc_result result;

	(void)state;
	assert_int_equal(submit(&fixture_admin, act), BMC_EINVAL);
	act = fixture_action(BMC_ACT_NONE, "sub1-01");
	assert_int_equal(submit(&fixture_admin, act), BMC_EINVAL);
	act = fixture_action(BMC_ACT_ON, "sub1-01");
	act.kind = BMC_N_KINDS;
	assert_int_equal(submit(&fixture_admin, act), BMC_EINVAL);
	memset(act.id, 'x', sizeof(act.id));
	assert_int_equal(submit(&fixture_admin, act), BMC_EINVAL);
	act = fixture_action(BMC_ACT_ON, "fan1");
	act.kind = BMC_FAN;
	assert_int_equal(submit(&fixture_admin, act), BMC_ENOTSUP);
	act = fixture_action(BMC_ACT_REMOVE, "sub1-01");
	assert_int_equal(submit(&fixture_admin, act), BMC_ENOTSUP);
	assert_int_equal(fixture_submit(&fixture_admin, &act, 0, &result), BMC_ERANGE);
	assert_int_equal(fixture_submit(&fixture_admin, &act, 2049, &result),
			 BMC_ERANGE);
}

static void off_board_is_not_restarted_gracefully(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "blade1"),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_RESTART, "sub1-01", NULL),
			 BMC_ESTATE);
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_RESTART, "blade1", NULL),
			 BMC_ESTATE);
	assert_int_equal(fixture_do_wait(BMC_ACT_POWER_CYCLE, "sub1-01"),
			 BMC_TASK_COMPLETED);
}

static void empty_blade_is_refused(void **state)
{
	(void)state;
	fixture->boards[5].present = fixture->boards[6].present = 0;
	fixture_pass(100);
	assert_int_equal(fixture_do(BMC_ACT_ON, "blade2", NULL), BMC_EABSENT);
}

static void busy_board_is_busy(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &task), 0);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-02", NULL), BMC_EBUSY);
	assert_non_null(strstr(fixture_error.what, "PowerCycle"));
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-02"),
			 BMC_TASK_COMPLETED);
}

static void two_actions_for_a_board_are_refused(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_FORCE_RESTART, "sub1-01"),
				     fixture_action(BMC_ACT_FORCE_OFF, "sub1-02"),
				     fixture_action(BMC_ACT_POWER_CYCLE, "sub1-01") };
	struct bmc_transaction *t;
	size_t bad = 99;

	(void)state;
	assert_int_equal(bmc_action_reserve(&fixture_admin, acts, 3, &t, &bad, NULL),
			 BMC_EINVAL);
	assert_int_equal(bad, 2);
	/* all or none: what came before is free again */
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-02"),
			 BMC_TASK_COMPLETED);
}

/* ---- tickets ---- */

static void released_ticket_leaves_nothing(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_FORCE_OFF, "blade1"),
				     fixture_action(BMC_ACT_FORCE_OFF, "sub2-01") };
	struct bmc_transaction *t;

	(void)state;
	assert_int_equal(bmc_action_reserve(&fixture_admin, acts, 2, &t, NULL, NULL),
			 0);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub2-01", NULL), BMC_EBUSY);
	assert_int_equal(fixture->n_jobs, 4);
	assert_int_equal(bmc_transaction_ready(t, 0, &fixture_error), BMC_ETIMEDOUT);
	fixture_pass(50);
	assert_int_equal(bmc_transaction_ready(t, 1000, &fixture_error), 0);
	bmc_transaction_release(t);
	bmc_transaction_release(NULL);
	assert_int_equal(fixture->n_jobs, 0);
	assert_int_equal(fixture->n_tasks, 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub2-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].powered, 1);
}

static void ticket_without_a_task_is_ready_at_once(void **state)
{
	struct bmc_action act = set_text(BMC_BOARD, "sub1-01", "name", "database");
	struct bmc_transaction *t;

	(void)state;
	assert_int_equal(bmc_action_reserve(&fixture_admin, &act, 1, &t, NULL, NULL),
			 0);
	assert_int_equal(bmc_transaction_ready(t, 0, NULL), 0);
	bmc_transaction_commit(t, NULL, NULL);
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-01")->name, "database");
}

/* ---- people ---- */

static void roles_are_kept(void **state)
{
	struct bmc_actor fresh = fixture_admin;
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_OFF, "sub1-01");

	(void)state;
	assert_int_equal(submit(&fixture_reader, act), BMC_EPERM);
	assert_int_equal(submit(&fixture_operator, act), 0);
	fresh.must_change = true;
	assert_int_equal(submit(&fresh, act), BMC_EMUSTCHANGE);
	assert_int_equal(
		submit(&fixture_reader, set_text(BMC_BOARD, "sub1-01", "name", "x")),
		BMC_EPERM);
	act.op = BMC_ACT_MANAGER_RESTART;
	act.kind = BMC_MANAGER;
	assert_int_equal(submit(&fixture_operator, act), BMC_EPERM);
}

static bool refusal_was_raised(void *arg)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	(void)arg;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(((const struct bmc_event *)rows[i])->type,
			   "ActionRefused") == 0)
			return true;
	}
	return false;
}

static void refusal_for_the_role_is_an_event(void **state)
{
	(void)state;
	assert_int_equal(submit(&fixture_reader, fixture_action(BMC_ACT_ON, "sub1-01")),
			 BMC_EPERM);
	assert_true(fixture_until(refusal_was_raised, NULL));
}

static void frontends_learn_what_is_allowed(void **state)
{
	const uint32_t power = 1u << BMC_ACT_ON | 1u << BMC_ACT_FORCE_OFF |
			       1u << BMC_ACT_POWER_CYCLE | 1u << BMC_ACT_FORCE_RESTART |
			       1u << BMC_ACT_RECOVER;
	const uint32_t os = 1u << BMC_ACT_GRACEFUL_RESTART |
			    1u << BMC_ACT_GRACEFUL_SHUTDOWN | 1u << BMC_ACT_ENTER_MODE;
	const uint32_t set = 1u << BMC_ACT_SET;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct bmc_row other = { .kind = BMC_MANAGER };

	(void)state;
	assert_int_equal(bmc_action_allowed(&fixture_row("sub1-01")->row),
			 power | os | set);
	assert_int_equal(bmc_action_allowed(&fixture_row("sub2-02")->row), os | set);
	assert_int_equal(bmc_action_allowed(&fixture_row("sub1-04")->row), set);
	assert_int_equal(bmc_action_allowed(bmc_snapshot_find(s, BMC_BLADE, "blade1")),
			 power | os | set);
	assert_int_equal(bmc_action_allowed(&other) & 1u << BMC_ACT_MANAGER_RESTART,
			 1u << BMC_ACT_MANAGER_RESTART);
	other.kind = BMC_ACCOUNT;
	assert_true(bmc_action_allowed(&other) & 1u << BMC_ACT_PASSWORD);
	other.kind = BMC_SESSION;
	assert_true(bmc_action_allowed(&other) & 1u << BMC_ACT_REMOVE);
	other.kind = BMC_TASK;
	assert_int_equal(bmc_action_allowed(&other), 0);
	assert_int_equal(bmc_action_privilege(BMC_ACT_ON, BMC_BOARD),
			 BMC_PRIV_CONFIGURE_MANAGER | BMC_PRIV_CONFIGURE_COMPONENTS);
	assert_int_equal(bmc_action_privilege(BMC_ACT_ADD, BMC_ACCOUNT),
			 BMC_PRIV_CONFIGURE_USERS);
	assert_int_equal(bmc_action_privilege(BMC_ACT_PASSWORD, BMC_ACCOUNT),
			 BMC_PRIV_CONFIGURE_SELF);
	assert_int_equal(bmc_action_privilege(BMC_ACT_PASSWORD, BMC_BOARD),
			 BMC_PRIV_CONFIGURE_MANAGER);
}

static uint32_t allowed_of(enum bmc_kind kind, const char *id)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return bmc_action_allowed(bmc_snapshot_find(s, kind, id)) &
	       ~(1u << BMC_ACT_SET);
}

static void plug(bool present)
{
	for (unsigned i = 1; i < FIXTURE_BOARDS; i++)
		fixture->boards[i].present = present;
}

static bool nothing_is_allowed(void *arg)
{
	(void)arg;
	return allowed_of(BMC_CHASSIS, "enclosure") == 0;
}

static bool much_is_allowed(void *arg)
{
	return !nothing_is_allowed(arg);
}

static void ended(void *arg)
{
	*(bool *)arg = true;
}

static bool is_set(void *arg)
{
	return *(bool *)arg;
}

static void what_is_allowed_follows_boards_and_instances(void **state)
{
	const uint32_t all = allowed_of(BMC_CHASSIS, "enclosure");
	bool gone = false;

	(void)state;
	assert_true(all & 1u << BMC_ACT_ON && all & 1u << BMC_ACT_GRACEFUL_RESTART);
	assert_false(allowed_of(BMC_BLADE, "blade2") & 1u << BMC_ACT_MANAGER_RESTART);
	plug(false);
	assert_true(fixture_until(nothing_is_allowed, NULL));
	assert_int_equal(allowed_of(BMC_BLADE, "blade1"), 0);
	assert_int_equal(allowed_of(BMC_BOARD, "sub1-01"), 0);
	plug(true);
	assert_true(fixture_until(much_is_allowed, NULL));
	fixture_pass(100);
	assert_int_equal(allowed_of(BMC_CHASSIS, "enclosure"), all);
	assert_int_equal(allowed_of(BMC_BLADE, "blade1"), all);

	/* the rows stay, only the instance with the verbs ends */
	assert_int_equal(bmc_instance_stop("fixture", ended, &gone), 0);
	assert_true(fixture_until(is_set, &gone));
	bmc_inventory_publish();
	assert_int_equal(allowed_of(BMC_BOARD, "sub1-01"), 0);
	assert_int_equal(allowed_of(BMC_CHASSIS, "enclosure"), 0);
	assert_int_equal(
		submit(&fixture_admin, fixture_action(BMC_ACT_POWER_CYCLE, "sub1-01")),
		BMC_ENOTSUP);
}

/* ---- settings ---- */

static void name_is_set_and_stored(void **state)
{
	(void)state;
	assert_int_equal(submit(&fixture_operator,
				set_text(BMC_BOARD, "sub1-04", "name", "spare")),
			 0);
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-04")->name, "spare");
	assert_int_equal(fixture->n_settings, 1);
	assert_string_equal(fixture->settings[0].text, "spare");
	/* the same again is success, and nothing is written */
	assert_int_equal(submit(&fixture_operator,
				set_text(BMC_BOARD, "sub1-04", "name", "spare")),
			 0);
	assert_int_equal(fixture->n_settings, 1);
}

static void bad_settings_are_refused(void **state)
{
	struct bmc_action none = set_num(BMC_BOARD, "sub1-01", "locator", 1);

	(void)state;
	none.field = NULL;
	assert_int_equal(submit(&fixture_admin, none), BMC_EINVAL);
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_BOARD, "sub1-01", "power_state", 1)),
		BMC_EREADONLY);
	assert_true(submit(&fixture_admin,
			   set_num(BMC_FAN, "fan1", "target_duty", 100001)) < 0);
	assert_true(submit(&fixture_admin,
			   set_text(BMC_BOARD, "sub1-01", "name", "a\nb")) < 0);
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_BOARD, "sub1-04", "locator", 1)),
		BMC_EABSENT);
	assert_int_equal(submit(&fixture_admin,
				set_text(BMC_BOARD, "sub1-01", "vendor_serial", "A1")),
			 BMC_ENOTSUP);
}

static void locator_is_lit_before_it_is_shown(void **state)
{
	struct bmc_action twice[] = { set_num(BMC_BOARD, "sub1-01", "locator", 1),
				      set_num(BMC_BOARD, "sub1-01", "locator", 1) };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, twice, 2, &result), BMC_EINVAL);
	assert_int_equal(fixture_submit(&fixture_admin, twice, 1, &result), 0);
	assert_true(result.durable);
	assert_int_equal(result.task, 0);
	assert_int_equal(fixture->boards[1].locator, 1);
	fixture_pass(50);
	assert_int_equal(fixture_row("sub1-01")->locator, 1);
}

static void setting_that_hardware_refuses_is_not_stored(void **state)
{
	(void)state;
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_FAN, "fan1", "target_duty", 66000)),
		BMC_EIO);
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_BOARD, "sub2-01", "locator", 1)),
		BMC_ENOTSUP);
	assert_int_equal(fixture->n_settings, 0);
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_FAN, "fan1", "target_duty", 40000)),
		0);
	assert_int_equal(fixture->duty, 40000);
}

static void setting_and_action_go_through_in_one_transaction(void **state)
{
	struct bmc_action acts[] = { set_text(BMC_BOARD, "sub1-01", "name", "web"),
				     fixture_action(BMC_ACT_FORCE_OFF, "sub1-01"),
				     set_num(BMC_BOARD, "sub1-02", "locator", 1) };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, acts, 3, &result), 0);
	assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(result.task)->targets, 1);
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-01")->name, "web");
	assert_int_equal(fixture->boards[2].locator, 1);
}

static void setting_that_can_not_be_stored_changes_nothing(void **state)
{
	struct bmc_action acts[] = { set_text(BMC_BOARD, "sub1-01", "name", "one"),
				     set_num(BMC_BOARD, "sub1-02", "locator", 1),
				     set_num(BMC_FAN, "fan1", "target_duty", 40000),
				     fixture_action(BMC_ACT_FORCE_OFF, "sub1-01") };
	struct bmc_result result;

	(void)state;
	for (int i = 0; i < 2; i++) {
		fixture->store_refuses = i == 0; /* its queue is full */
		fixture->store_fails = i == 1;   /* the disk is */
		for (size_t n = 1; n <= ARRAY_SIZE(acts); n++) {
			assert_int_equal(
				fixture_submit(&fixture_admin, acts, n, &result),
				i == 0 ? BMC_EAGAIN : BMC_ENOSPC);
			assert_int_equal(result.task, 0);
		}
		fixture_pass(100);
		assert_string_not_equal(fixture_row("sub1-01")->name, "one");
		assert_int_equal(fixture->boards[2].locator, 0);
		assert_int_equal(fixture->duty, 0);
		assert_int_equal(fixture->boards[1].powered, 1);
	}
	fixture->store_fails = false;
	assert_int_equal(fixture->n_settings, 0);
	/* no claim is left: the same goes through with a database */
	assert_int_equal(
		fixture_submit(&fixture_admin, acts, ARRAY_SIZE(acts), &result), 0);
	assert_true(result.durable);
	assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
	assert_string_equal(fixture_row("sub1-01")->name, "one");
	assert_int_equal(fixture->n_settings, 3);
}

static void refused_transaction_keeps_no_claim(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_FORCE_OFF, "sub1-01"),
				     set_num(BMC_BOARD, "sub1-02", "locator", 1),
				     fixture_action(BMC_ACT_FORCE_OFF, "blade2"),
				     fixture_action(BMC_ACT_FORCE_OFF, "sub1-04") };
	struct bmc_transaction *t;
	struct bmc_result result;
	size_t bad = 0;

	(void)state;
	assert_int_equal(bmc_action_reserve(&fixture_admin, acts, ARRAY_SIZE(acts), &t,
					    &bad, &fixture_error),
			 BMC_EABSENT);
	assert_int_equal(bad, 3);
	assert_int_equal(
		bmc_action_reserve(&fixture_admin, acts, 3, &t, NULL, &fixture_error),
		0);
	bmc_transaction_release(t);
	assert_int_equal(fixture_submit(&fixture_admin, acts, 3, &result), 0);
	assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
}

static void setting_that_fails_keeps_no_claim(void **state)
{
	struct bmc_action fails = set_num(BMC_FAN, "fan1", "target_duty", 66000);
	struct bmc_action works = set_num(BMC_FAN, "fan1", "target_duty", 40000);

	(void)state;
	assert_int_equal(submit(&fixture_admin, fails), BMC_EIO);
	assert_int_equal(submit(&fixture_admin, works), 0);
	assert_int_equal(fixture->duty, 40000);
}

static void setting_is_stored_before_the_hardware_hears_of_it(void **state)
{
	(void)state;
	fixture->store_fails = true;
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_BOARD, "sub1-01", "locator", 1)),
		BMC_ENOSPC);
	fixture->store_fails = false;
	assert_int_equal(fixture->boards[1].locator, 0);
}

static void refused_by_hardware_the_former_setting_stays_stored(void **state)
{
	(void)state;
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_FAN, "fan1", "target_duty", 40000)),
		0);
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_FAN, "fan1", "target_duty", 66000)),
		BMC_EIO);
	assert_int_equal(fixture->n_settings, 1);
	assert_int_equal(fixture->settings[0].num, 40000);
}

static void note_end(void *arg, const struct bmc_result *result)
{
	*(int *)arg = result->code;
}

static bool has_ended(void *code)
{
	return *(int *)code <= 0;
}

/* The row shows 40000 until the verb has ended. */
static void former_value_is_busy_while_a_verb_sets_another(void **state)
{
	struct bmc_action former = set_num(BMC_FAN, "fan1", "target_duty", 40000);
	struct bmc_action other = set_num(BMC_FAN, "fan1", "target_duty", 70000);
	struct bmc_action both[] = { other, former };
	struct bmc_error err;
	struct bmc_result result;
	int code = 1;

	(void)state;
	assert_int_equal(submit(&fixture_admin, former), 0);
	fixture->fan_hangs = true;
	assert_int_equal(bmc_action_submit(&fixture_admin, &other, 1, note_end, &code,
					   NULL, NULL),
			 0);
	assert_int_equal(bmc_action_submit(&fixture_admin, &former, 1, note_end, &code,
					   NULL, &err),
			 BMC_EBUSY);
	assert_non_null(strstr(err.what, "fan1 is busy"));
	fixture->fan_hangs = false;
	assert_true(fixture_until(has_ended, &code));
	assert_int_equal(code, 0);
	/* free again: the same value is no change, the former one is */
	fixture->duty = 0;
	assert_int_equal(submit(&fixture_admin, other), 0);
	assert_int_equal(fixture->duty, 0);
	assert_int_equal(submit(&fixture_admin, former), 0);
	assert_int_equal(fixture->duty, 40000);
	/* the last one of a request must not be dropped silently */
	assert_int_equal(fixture_submit(&fixture_admin, both, 2, &result), BMC_EINVAL);
	assert_int_equal(submit(&fixture_admin, other), 0);
}

/* ---- owners ---- */

static int owner_answer;
static char owner_saw[256];

static int owner_check(const struct bmc_action *act, const struct bmc_actor *who,
		       struct bmc_error *err)
{
	(void)who;
	if (act->op == BMC_ACT_ADD && strcmp(act->id, "root") == 0)
		return bmc_fail(err, BMC_EPERM, "root is the system's");
	return BMC_OK;
}

static void owner_run(const struct bmc_action *act, const struct bmc_actor *who,
		      bmc_action_handler_done *done, void *arg)
{
	struct bmc_error err = { .code = owner_answer, .what = "too short" };

	(void)snprintf(owner_saw, sizeof(owner_saw), "%d %s %s by %s", act->op, act->id,
		       act->secret, who->name);
	done(arg, owner_answer, owner_answer == BMC_EIO ? NULL : &err);
}

static const struct bmc_action_handler owner = { owner_check, owner_run };

static struct bmc_action account(enum bmc_action_op op, const char *id)
{
	struct bmc_action act = { .op = op, .kind = BMC_ACCOUNT };

	(void)bmc_copy(act.id, sizeof(act.id), id);
	(void)bmc_copy(act.secret, sizeof(act.secret), "secret");
	return act;
}

static void put_people(void)
{
	struct bmc_account rita = {
		.row = { .kind = BMC_ACCOUNT, .id = "rita", .index = { 1 } }
	};
	struct bmc_session hers = {
		.row = { .kind = BMC_SESSION, .id = "s1", .index = { 1 } },
		.user = "rita"
	};

	bmc_action_handler_register(BMC_ACCOUNT, &owner);
	bmc_action_handler_register(BMC_SESSION, &owner);
	bmc_action_handler_register(BMC_N_KINDS, &owner);
	assert_true(bmc_inventory_upsert(&rita.row) != 0);
	assert_true(bmc_inventory_upsert(&hers.row) != 0);
	bmc_inventory_publish();
	owner_answer = 0;
}

static int take_people_away(void **state)
{
	bmc_action_handler_register(BMC_ACCOUNT, NULL);
	bmc_action_handler_register(BMC_SESSION, NULL);
	return fixture_tear_down(state);
}

static void owner_carries_out_what_is_done_to_accounts(void **state)
{
	(void)state;
	put_people();
	assert_int_equal(submit(&fixture_admin, account(BMC_ACT_ADD, "anna")), 0);
	assert_string_equal(owner_saw, "8 anna secret by admin");
	assert_int_equal(submit(&fixture_admin, account(BMC_ACT_ADD, "rita")),
			 BMC_EEXIST);
	assert_int_equal(submit(&fixture_admin, account(BMC_ACT_ADD, "root")),
			 BMC_EPERM);
	assert_int_equal(submit(&fixture_admin, account(BMC_ACT_REMOVE, "nobody")),
			 BMC_ENOTFOUND);
	owner_answer = BMC_EPASSWORD;
	assert_int_equal(submit(&fixture_admin, account(BMC_ACT_PASSWORD, "rita")),
			 BMC_EPASSWORD);
	owner_answer = BMC_EIO;
	assert_int_equal(submit(&fixture_admin, account(BMC_ACT_PASSWORD, "rita")),
			 BMC_EIO);
}

/* ---- a full queue of the loop ---- */

#define CHANGES 8

static struct {
	bmc_action_handler_done *done[CHANGES + 1];
	void *arg[CHANGES + 1];
	unsigned asked, answered;
} slow;

static void slow_run(const struct bmc_action *act, const struct bmc_actor *who,
		     bmc_action_handler_done *done, void *arg)
{
	(void)act;
	(void)who;
	slow.done[slow.asked] = done;
	slow.arg[slow.asked++] = arg;
}

static void slow_answered(void *arg, const struct bmc_result *result)
{
	unsigned i = (unsigned)(uintptr_t)arg;

	assert_int_equal(result->code, i % 2 ? BMC_EIO : 0);
	slow.answered++;
}

static void slow_submit(unsigned i)
{
	struct bmc_action act = account(BMC_ACT_PASSWORD, "rita");

	assert_int_equal(bmc_action_submit(&fixture_admin, &act, 1, slow_answered,
					   (void *)(uintptr_t)i, NULL, NULL),
			 0);
}

static void *slow_finish(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < CHANGES; i++)
		slow.done[i](slow.arg[i], i % 2 ? BMC_EIO : 0, NULL);
	return NULL;
}

static void nothing(void *arg)
{
	(void)arg;
}

static bool all_answered(void *arg)
{
	(void)arg;
	return slow.answered == CHANGES;
}

static void answers_come_when_the_queue_of_the_loop_was_full(void **state)
{
	static const struct bmc_action_handler handler = { NULL, slow_run };
	pthread_t thread;

	(void)state;
	put_people();
	bmc_action_handler_register(BMC_ACCOUNT, &handler);
	for (unsigned i = 0; i < CHANGES; i++)
		slow_submit(i);
	fixture_pass(10);
	assert_int_equal(slow.asked, CHANGES);
	while (bmc_loop_post(nothing, NULL) == 0)
		;
	assert_int_equal(pthread_create(&thread, NULL, slow_finish, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	slow_submit(CHANGES); /* a commit is not refused either */
	assert_true(fixture_until(all_answered, NULL));
	fixture_pass(10);
	assert_int_equal(slow.asked, CHANGES + 1);
	slow.done[CHANGES](slow.arg[CHANGES], 0, NULL);
	fixture_pass(10);
	assert_int_equal(slow.answered, CHANGES + 1);
}

static void own_password_and_session_are_ones_own(void **state)
{
	struct bmc_actor fresh = fixture_reader;
	struct bmc_action logout = account(BMC_ACT_REMOVE, "s1");

	(void)state;
	put_people();
	logout.kind = BMC_SESSION;
	fresh.must_change = true;
	assert_int_equal(submit(&fresh, account(BMC_ACT_PASSWORD, "rita")), 0);
	assert_int_equal(submit(&fresh, logout), 0);
	assert_int_equal(submit(&fixture_operator, account(BMC_ACT_PASSWORD, "rita")),
			 BMC_EPERM);
	assert_int_equal(submit(&fixture_operator, logout), BMC_EPERM);
	assert_int_equal(submit(&fixture_admin, logout), 0);
	assert_int_equal(submit(&fixture_reader, account(BMC_ACT_REMOVE, "rita")),
			 BMC_EPERM);
}

/* ---- the daemon's restart ---- */

static int restarts;

static void limit_is(const char *field, int64_t value, int code)
{
	assert_int_equal(
		submit(&fixture_admin, set_num(BMC_SENSOR, "ambient", field, value)),
		code);
}

/* The platform file gives it 0 C, no low_warning, 45 C and 50 C. */
static void limits_of_a_sensor_stay_in_order(void **state)
{
	(void)state;
	limit_is("high_warning", 50001, BMC_ECONFLICT);
	assert_string_equal(fixture_error.what,
			    "high_warning of ambient would be above its high_critical");
	limit_is("high_warning", 50000, 0);
	limit_is("high_critical", 49999, BMC_ECONFLICT);
	limit_is("low_critical", 50001, BMC_ECONFLICT); /* past one that is not set */
	limit_is("low_warning", -1, BMC_ECONFLICT);
	limit_is("low_warning", 0, 0);
	limit_is("low_warning", 50000, 0);
	limit_is("low_critical", 50000, 0);
	limit_is("low_critical", 50001, BMC_ECONFLICT);
}

static void limits_move_together(void **state)
{
	struct bmc_result result;
	struct bmc_action acts[] = {
		set_num(BMC_SENSOR, "ambient", "low_critical", 60000),
		set_num(BMC_SENSOR, "ambient", "high_critical", 70000),
		set_num(BMC_SENSOR, "ambient", "high_warning", 60000),
		set_num(BMC_FAN, "fan1", "low_rpm", 100001),
	};
	struct bmc_transaction *t;
	size_t bad = 9;

	(void)state;
	assert_int_equal(bmc_action_reserve(&fixture_admin, acts, 4, &t, &bad, NULL),
			 BMC_ERANGE);
	assert_int_equal(bad, 3);
	assert_int_equal(bmc_action_reserve(&fixture_admin, acts, 1, &t, &bad, NULL),
			 BMC_ECONFLICT);
	assert_int_equal(bad, 0);
	acts[1].num = 59999;
	assert_int_equal(bmc_action_reserve(&fixture_admin, acts, 3, &t, &bad, NULL),
			 BMC_ECONFLICT);
	assert_int_equal(bad, 2);
	acts[1].num = 60000;
	assert_int_equal(fixture_submit(&fixture_admin, acts, 3, &result), 0);
	limit_is("high_warning", 60001, BMC_ECONFLICT);
}

static void restart(const char *why)
{
	assert_non_null(why);
	restarts++;
}

static void manager_restarts_after_the_answer(void **state)
{
	struct bmc_manager row = {
		.row = { .kind = BMC_MANAGER, .id = "bmc", .index = { 1 } }
	};
	struct bmc_action act = { .op = BMC_ACT_MANAGER_RESTART,
				  .kind = BMC_MANAGER,
				  .id = "bmc" };

	(void)state;
	(void)bmc_inventory_upsert(&row.row);
	bmc_inventory_publish();
	assert_int_equal(submit(&fixture_admin, act), BMC_ENOTSUP);
	bmc_restart_hook = restart;
	assert_int_equal(submit(&fixture_admin, act), 0);
	assert_int_equal(restarts, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, take_people_away)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(wrong_targets_are_refused),
		T(wrong_actions_are_refused),
		T(off_board_is_not_restarted_gracefully),
		T(empty_blade_is_refused),
		T(busy_board_is_busy),
		T(two_actions_for_a_board_are_refused),
		T(released_ticket_leaves_nothing),
		T(ticket_without_a_task_is_ready_at_once),
		T(roles_are_kept),
		T(refusal_for_the_role_is_an_event),
		T(frontends_learn_what_is_allowed),
		T(what_is_allowed_follows_boards_and_instances),
		T(name_is_set_and_stored),
		T(bad_settings_are_refused),
		T(locator_is_lit_before_it_is_shown),
		T(setting_that_hardware_refuses_is_not_stored),
		T(setting_and_action_go_through_in_one_transaction),
		T(setting_that_can_not_be_stored_changes_nothing),
		T(refused_transaction_keeps_no_claim),
		T(setting_that_fails_keeps_no_claim),
		T(setting_is_stored_before_the_hardware_hears_of_it),
		T(refused_by_hardware_the_former_setting_stays_stored),
		T(former_value_is_busy_while_a_verb_sets_another),
		T(owner_carries_out_what_is_done_to_accounts),
		T(answers_come_when_the_queue_of_the_loop_was_full),
		T(own_password_and_session_are_ones_own),
		T(limits_of_a_sensor_stay_in_order),
		T(limits_move_together),
		T(manager_restarts_after_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
