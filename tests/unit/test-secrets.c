// SPDX-License-Identifier: Apache-2.0
/* No memory is given back with a secret in it: free() is wrapped and searches what it
 * is given, while an action with passwords and parameters is reserved, released,
 * refused and carried out. */
#include "action-fixture.h"

#include <malloc.h>

#include "core/ports/action-handler.h"

#define NEW_SECRET "correct-horse-9Zq"
#define OLD_SECRET "battery-staple-4Xk"
#define URI_SECRET "https://u:quartz-7Lm@images.example/r2.img"

static atomic_bool searching;
static atomic_int found;

void __real_free(void *p);
void __wrap_free(void *p);

void __wrap_free(void *p)
{
	static const char *const secrets[] = { "horse-9Zq", "staple-4Xk",
					       "quartz-7Lm" };

	for (size_t i = 0; searching && p && i < ARRAY_SIZE(secrets); i++)
		found += memmem(p, malloc_usable_size(p), secrets[i],
				strlen(secrets[i])) != NULL;
	__real_free(p);
}

static int accept_all(const struct bmc_action *act, const struct bmc_actor *who,
		      struct bmc_error *err)
{
	(void)act;
	(void)who;
	(void)err;
	return BMC_OK;
}

static bool right;

static void change(const struct bmc_action *act, const struct bmc_actor *who,
		   bmc_action_handler_done *done, void *arg)
{
	(void)who;
	right = strcmp(act->secret, NEW_SECRET) == 0 &&
		strcmp(act->old_secret, OLD_SECRET) == 0 &&
		strcmp(bmc_params_text(act->params, BMC_PARAM_URI), URI_SECRET) == 0;
	done(arg, BMC_OK, NULL);
}

static const struct bmc_action_handler handler = { accept_all, change };

static struct bmc_action password(void)
{
	struct bmc_action act = { .op = BMC_ACT_PASSWORD,
				  .kind = BMC_ACCOUNT,
				  .id = "admin" };

	(void)bmc_copy(act.secret, sizeof(act.secret), NEW_SECRET);
	(void)bmc_copy(act.old_secret, sizeof(act.old_secret), OLD_SECRET);
	act.params = bmc_params_new();
	assert_int_equal(bmc_params_set_text(act.params, BMC_PARAM_URI, "x", NULL), 0);
	assert_int_equal(
		bmc_params_set_text(act.params, BMC_PARAM_URI, URI_SECRET, NULL), 0);
	assert_int_equal(
		bmc_params_set_text(act.params, BMC_PARAM_CREDENTIAL, NEW_SECRET, NULL),
		0);
	return act;
}

static int set_up(void **state)
{
	struct bmc_account row = { .row.kind = BMC_ACCOUNT, .row.id = "admin" };

	(void)fixture_set_up(state);
	bmc_action_handler_register(BMC_ACCOUNT, &handler);
	assert_int_not_equal(bmc_inventory_upsert(&row.row), 0);
	bmc_inventory_publish();
	found = 0;
	searching = true;
	return 0;
}

static int tear_down(void **state)
{
	searching = false;
	bmc_action_handler_register(BMC_ACCOUNT, NULL);
	return fixture_tear_down(state);
}

static void free_is_searched(void **state)
{
	char *s = strdup(NEW_SECRET);

	(void)state;
	__wrap_free(s);
	assert_int_equal(found, 1);
}

static void carried_out_action_leaves_no_secret(void **state)
{
	struct bmc_action act = password();
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, &act, 1, &result), 0);
	assert_true(right);
	(void)bmc_params_unref(act.params);
	fixture_pass(20);
	assert_int_equal(found, 0);
}

static void released_action_leaves_no_secret(void **state)
{
	struct bmc_action act = password();
	struct bmc_transaction *t;

	(void)state;
	assert_int_equal(
		bmc_action_reserve(&fixture_admin, &act, 1, &t, NULL, &fixture_error),
		0);
	(void)bmc_params_unref(act.params);
	bmc_transaction_release(t);
	assert_int_equal(found, 0);
}

static void refused_action_leaves_no_secret(void **state)
{
	struct bmc_action act = password();
	struct bmc_transaction *t;

	(void)state;
	(void)bmc_copy(act.id, sizeof(act.id), "nobody");
	assert_true(bmc_action_reserve(&fixture_reader, &act, 1, &t, NULL,
				       &fixture_error) < 0);
	(void)bmc_params_unref(act.params);
	assert_int_equal(found, 0);
}

static void parameter_that_is_set_again_leaves_no_secret(void **state)
{
	struct bmc_params *p = bmc_params_new();

	(void)state;
	assert_int_equal(bmc_params_set_text(p, BMC_PARAM_CREDENTIAL, NEW_SECRET, NULL),
			 0);
	assert_int_equal(bmc_params_set_text(p, BMC_PARAM_CREDENTIAL, "other", NULL),
			 0);
	(void)bmc_params_unref(p);
	assert_int_equal(found, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(free_is_searched),
		T(carried_out_action_leaves_no_secret),
		T(released_action_leaves_no_secret),
		T(refused_action_leaves_no_secret),
		T(parameter_that_is_set_again_leaves_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
