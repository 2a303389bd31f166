// SPDX-License-Identifier: Apache-2.0
// No memory is given back with a password or a token in it: every free() of the agent's
// code is looked at on its way.
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>

#include "auth-fixture.h"

void __real_free(void *p);
void __wrap_free(void *p);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the secrets */
static char secrets[4][BMC_SECRET_MAX];
static atomic_bool armed;
static atomic_uint freed_with_secret;

void __wrap_free(void *p)
{
	size_t size = p && armed ? malloc_usable_size(p) : 0;

	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; size && i < ARRAY_SIZE(secrets); i++) {
		if (secrets[i][0] &&
		    memmem(p, size, secrets[i], strlen(secrets[i]) + 1))
			freed_with_secret++;
	}
	(void)pthread_mutex_unlock(&lock);
	__real_free(p);
}

static int arm(void **state)
{
	int r = setup(state);

	(void)pthread_mutex_lock(&lock);
	memset(secrets, 0, sizeof(secrets));
	(void)bmc_copy(secrets[0], sizeof(secrets[0]), FIRST);
	(void)bmc_copy(secrets[1], sizeof(secrets[1]), OTHER);
	(void)bmc_copy(secrets[2], sizeof(secrets[2]), "Wrong-Guess-77");
	(void)pthread_mutex_unlock(&lock);
	freed_with_secret = 0;
	armed = true;
	return r;
}

static int disarm(void **state)
{
	armed = false;
	return teardown(state);
}

static void test_sees_a_secret_that_is_not_wiped(void **state)
{
	char *copy = strdup(FIRST);

	(void)state;
	free(copy);
	assert_int_equal(freed_with_secret, 1);
	copy = strdup(FIRST);
	bmc_wipe(copy, strlen(copy));
	free(copy);
	assert_int_equal(freed_with_secret, 1);
}

static void passwords_of_logins_are_wiped(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(login(ADMIN, "Wrong-Guess-77", NULL), BMC_EAUTH);
	assert_int_equal(login("no-account", "Wrong-Guess-77", NULL), BMC_EAUTH);
	assert_int_equal(freed_with_secret, 0);
}

static void passwords_of_changes_are_wiped(void **state)
{
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(password(&who, ADMIN, FIRST, OTHER), 0);
	assert_int_equal(password(&who, ADMIN, "Wrong-Guess-77", FIRST), BMC_EAUTH);
	assert_int_equal(login(ADMIN, OTHER, &who), 0);
	assert_int_equal(add(&who, "anna", FIRST, "Operator"), 0);
	assert_int_equal(add(&who, "anna", FIRST, "Operator"), BMC_EEXIST);
	assert_int_equal(remove_account(&who, "anna"), 0);
	assert_int_equal(freed_with_secret, 0);
}

static void passwords_of_refused_transactions_are_wiped(void **state)
{
	struct bmc_action change = on_account(BMC_ACT_PASSWORD, ADMIN);
	struct bmc_transaction *t;
	struct bmc_actor who;
	size_t bad;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	(void)bmc_copy(change.secret, sizeof(change.secret), OTHER);
	(void)bmc_copy(change.old_secret, sizeof(change.old_secret), FIRST);
	assert_int_equal(bmc_action_reserve(&who, &change, 1, &t, &bad, NULL), 0);
	bmc_transaction_release(t); /* never committed */
	who.privileges = 0;
	(void)bmc_copy(who.name, sizeof(who.name), "other");
	assert_true(bmc_action_reserve(&who, &change, 1, &t, &bad, NULL) < 0);
	assert_int_equal(freed_with_secret, 0);
}

static void tokens_of_sessions_are_wiped(void **state)
{
	char id[BMC_ID_MAX], token[BMC_TOKEN_MAX];
	struct bmc_actor who;

	(void)state;
	assert_int_equal(login(ADMIN, FIRST, &who), 0);
	assert_int_equal(bmc_auth->session_open(&who, id, token, NULL), 0);
	(void)pthread_mutex_lock(&lock);
	(void)bmc_copy(secrets[3], sizeof(secrets[3]), token);
	(void)pthread_mutex_unlock(&lock);
	assert_true(bmc_auth->session_find(token, HERE, &who, id));
	assert_true(row_of(BMC_SESSION, id));
	assert_int_equal(freed_with_secret, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, arm, disarm)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_sees_a_secret_that_is_not_wiped),
		T(passwords_of_logins_are_wiped),
		T(passwords_of_changes_are_wiped),
		T(passwords_of_refused_transactions_are_wiped),
		T(tokens_of_sessions_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
