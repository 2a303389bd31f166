// SPDX-License-Identifier: Apache-2.0
// The rules for new passwords.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/actions/action.h"
#include "core/base/util.h"
#include "priv/password-policy.h"

static int check(const char *secret)
{
	return priv_password_check("bmctest", secret, NULL);
}

static void all_are(const char *const *secrets, size_t n, int code)
{
	for (size_t i = 0; i < n; i++) {
		if (check(secrets[i]) != code)
			fail_msg("%s: not %d", secrets[i], code);
	}
}

static void common_passwords_are_refused_in_their_usual_forms(void **state)
{
	static const char *const secrets[] = {
		"password",     "Password1!",     "PASSWORD",       "p@ssw0rd",
		"P4ssw0rd2024", "passw0rd",       "12345678",       "87654321",
		"1234567890",   "qwertyuiop",     "Qwertz123",      "1q2w3e4r",
		"1Qaz2Wsx",     "admin123",       "4dm1n1234",      "Admin-2024",
		"changeme",     "Change.Me",      "letmein!!",      "iloveyou",
		"welcome1",     "Summer2024!",    "trustno1",       "sunshine",
		"raspberry",    "adminadmin",     "letmeinletmein", "Dragon12",
		"Welcome@123",  "123-password-1", "q1w2e3r4",       "monkey123",
		"football",     "00toor00",
	};

	(void)state;
	all_are(secrets, ARRAY_SIZE(secrets), BMC_EPASSWORD);
}

static void repetitions_and_sequences_are_refused(void **state)
{
	static const char *const secrets[] = {
		"aaaaaaaa", "12121212", "abcabcabc", "xyzwxyzwxyzw", "abcdefgh",
		"hgfedcba", "23456789", "zyxwvuts",  "wordwordwo",
	};
	static const char *const others[] = {
		"vwxyzvwxyz",
		"aaaaaaaaab",
	};

	(void)state;
	all_are(secrets, ARRAY_SIZE(secrets), BMC_EPASSWORD);
	all_are(others, ARRAY_SIZE(others), 0);
}

/* A common word that is a part only, or with more around it than is trivial. */
static void other_passwords_are_taken(void **state)
{
	static const char *const secrets[] = {
		"a-new-Password-7",
		"integration-Pw-1",
		"another-Pw-22",
		"Quartz-Lamp-41",
		"own-Password-77",
		"third-Word-333",
		"horse battery staple",
		"Tr0ub4dor-und-3",
		"love739144829",
		"x7pq-9Lmw-02",
		"\xc3\xbc"
		"berm\xc3\xa4\xc3\x9f"
		"ig viel",
	};

	(void)state;
	all_are(secrets, ARRAY_SIZE(secrets), 0);
	/* eight digits and marks around a word are trivial, nine are not */
	assert_int_equal(check("love73914482"), BMC_EPASSWORD);
	assert_int_equal(check("love739144829"), 0);
}

static void the_users_name_is_no_part_of_a_password(void **state)
{
	(void)state;
	assert_int_equal(priv_password_check("olga", "xx-OLGA-7719", NULL),
			 BMC_EPASSWORD);
	assert_int_equal(priv_password_check("olga", "xx-olla-7719", NULL), 0);
	assert_int_equal(priv_password_check("bob", "Kitchen-bob-3", NULL),
			 BMC_EPASSWORD);
	assert_int_equal(priv_password_check("al", "Kitchen-al-32", NULL), 0);
	assert_int_equal(priv_password_check("al", "AL", NULL), BMC_EPASSWORD);
}

static void longest_texts_stay_in_their_bounds(void **state)
{
	char secret[BMC_SECRET_MAX];

	(void)state;
	memset(secret, 'x', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	assert_int_equal(check(secret), BMC_EPASSWORD);
	secret[sizeof(secret) - 2] = ' ';
	assert_int_equal(check(secret), 0);
}

static void a_refusal_says_why_and_what_to_do(void **state)
{
	struct bmc_error err = { 0 };

	(void)state;
	assert_int_equal(priv_password_check("olga", "Passw0rd", &err), BMC_EPASSWORD);
	assert_non_null(strstr(err.what, "most common"));
	assert_non_null(strstr(err.what, "choose another"));
	assert_null(strstr(err.what, "Passw0rd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common_passwords_are_refused_in_their_usual_forms),
		cmocka_unit_test(repetitions_and_sequences_are_refused),
		cmocka_unit_test(other_passwords_are_taken),
		cmocka_unit_test(the_users_name_is_no_part_of_a_password),
		cmocka_unit_test(longest_texts_stay_in_their_bounds),
		cmocka_unit_test(a_refusal_says_why_and_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
