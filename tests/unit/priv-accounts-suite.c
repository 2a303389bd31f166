// SPDX-License-Identifier: Apache-2.0
// What both account backends have to do, asked over the socket as the daemon does, with
// real PAM behind it. The two test programs run it with the one and the other.
#include "priv-accounts-suite.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/client.h"

#define GOOD  "Quartz-Lamp-41"
#define OTHER "Velvet-Stone-97"
#define USER  "bmctest1"
#define ADMIN "bmctest0" /* is there in every test: one Administrator has to be */

static bool use_unix;

static int64_t soon(void)
{
	return bmc_now() + 20000;
}

static int change(enum priv_number op, const struct priv_account_args *p,
		  struct bmc_error *err)
{
	return priv_change_account(op, p, soon(), err);
}

static int add(const char *user, const char *secret, const char *role, bool must_change)
{
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, secret, NULL), 0);
	(void)bmc_copy(p.role, sizeof(p.role), role);
	p.flag = must_change;
	return change(PRIV_ACCOUNT_ADD, &p, NULL);
}

static int setup(void **state)
{
	struct priv_fixture *fixture = calloc(1, sizeof(*fixture));
	struct priv_client_conf conf = { 0 };

	priv_fixture_init(fixture);
	fixture->accounts = fixture->confined = true;
	fixture->settings.unix_backend = use_unix;
	priv_fixture_start(fixture);
	conf.fd = fixture->fd;
	fixture->fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	int r = add(ADMIN, GOOD, PRIV_ROLE_ADMINISTRATOR, false);
	assert_true(r == 0 || r == BMC_EEXIST);
	*state = fixture;
	return 0;
}

static int login(const char *user, const char *secret, struct priv_account *ret)
{
	struct priv_account ignored;
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, secret, NULL), 0);
	return priv_authenticate(&p, ret ? ret : &ignored, soon(), NULL);
}

static bool find(const char *user, struct priv_account *ret)
{
	struct priv_accounts all;

	assert_int_equal(priv_list_accounts(&all, soon(), NULL), 0);
	for (uint32_t i = 0; i < all.n; i++) {
		if (strcmp(all.account[i].user, user) == 0) {
			*ret = all.account[i];
			return true;
		}
	}
	return false;
}

static int remove_user(const char *user)
{
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, "", NULL), 0);
	return change(PRIV_ACCOUNT_REMOVE, &p, NULL);
}

static int teardown(void **state)
{
	(void)remove_user(USER);
	priv_client_done();
	priv_fixture_done(*state);
	free(*state);
	return 0;
}

static void an_account_that_was_added_can_log_in(void **state)
{
	struct priv_account a;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_int_equal(login(USER, GOOD, &a), 0);
	assert_string_equal(a.user, USER);
	assert_string_equal(a.role, PRIV_ROLE_OPERATOR);
	assert_int_equal(a.must_change, 0);
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), BMC_EEXIST);
}

static void wrong_passwords_and_unknown_users_get_the_same_answer(void **state)
{
	struct priv_account_args p;
	struct priv_account a;
	struct bmc_error wrong = { 0 }, unknown = { 0 };

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	(void)priv_account_args_init(&p, USER, OTHER, NULL);
	assert_int_equal(priv_authenticate(&p, &a, soon(), &wrong), BMC_EAUTH);
	(void)priv_account_args_init(&p, "nosuchuser", OTHER, NULL);
	assert_int_equal(priv_authenticate(&p, &a, soon(), &unknown), BMC_EAUTH);
	assert_string_equal(wrong.what, unknown.what);
	assert_int_equal(login(USER, "", NULL), BMC_EAUTH);
	assert_int_equal(login("root", GOOD, NULL), BMC_EAUTH);
}

static void an_own_change_needs_the_old_password(void **state)
{
	struct priv_account_args p;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	(void)priv_account_args_init(&p, USER, OTHER, NULL);
	(void)bmc_copy(p.old_secret, sizeof(p.old_secret), "Wrong-Stone-97");
	assert_int_equal(change(PRIV_PASSWORD_CHANGE, &p, NULL), BMC_EAUTH);
	assert_int_equal(login(USER, GOOD, NULL), 0);
	(void)bmc_copy(p.old_secret, sizeof(p.old_secret), GOOD);
	assert_int_equal(change(PRIV_PASSWORD_CHANGE, &p, NULL), 0);
	assert_int_equal(login(USER, GOOD, NULL), BMC_EAUTH);
	assert_int_equal(login(USER, OTHER, NULL), 0);
}

static void a_reset_needs_no_old_password_and_moves_the_stamp(void **state)
{
	struct priv_account_args p;
	struct priv_account before, after;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_true(find(USER, &before));
	(void)priv_account_args_init(&p, USER, OTHER, NULL);
	assert_int_equal(change(PRIV_PASSWORD_RESET, &p, NULL), 0);
	assert_int_equal(login(USER, OTHER, NULL), 0);
	assert_true(find(USER, &after));
	assert_true(before.stamp != after.stamp);
}

static void weak_passwords_are_refused_with_a_reason(void **state)
{
	struct priv_account_args p;
	struct bmc_error err = { 0 };

	(void)state;
	assert_int_equal(add(USER, "short", PRIV_ROLE_OPERATOR, false), BMC_EPASSWORD);
	assert_int_equal(login(USER, "short", NULL), BMC_EAUTH);
	assert_int_equal(add(USER, "Welcome123!", PRIV_ROLE_OPERATOR, false),
			 BMC_EPASSWORD);
	assert_int_equal(login(USER, "Welcome123!", NULL), BMC_EAUTH);
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	(void)priv_account_args_init(&p, USER, "x\ny-Quartz-Lamp", NULL);
	assert_int_equal(change(PRIV_PASSWORD_RESET, &p, &err), BMC_EPASSWORD);
	assert_true(strlen(err.what) > 10);
	assert_int_equal(login(USER, GOOD, NULL), 0);
	(void)priv_account_args_init(&p, USER, "Password-2024", NULL);
	assert_int_equal(change(PRIV_PASSWORD_RESET, &p, &err), BMC_EPASSWORD);
	assert_non_null(strstr(err.what, "most common"));
	(void)bmc_copy(p.old_secret, sizeof(p.old_secret), GOOD);
	assert_int_equal(change(PRIV_PASSWORD_CHANGE, &p, &err), BMC_EPASSWORD);
	(void)priv_account_args_init(&p, USER, "x-" USER "-7731", NULL);
	assert_int_equal(change(PRIV_PASSWORD_RESET, &p, &err), BMC_EPASSWORD);
	assert_non_null(strstr(err.what, "user's name"));
	assert_int_equal(login(USER, GOOD, NULL), 0);
}

static int reset(const char *user, const char *secret, struct bmc_error *err)
{
	struct priv_account_args p;
	int r = priv_account_args_init(&p, user, secret, err);

	return r < 0 ? r : change(PRIV_PASSWORD_RESET, &p, err);
}

/* What is stored is what was sent, to the byte. */
static void assert_taken(const char *secret)
{
	char other[BMC_SECRET_MAX];
	size_t len = strlen(secret);

	if (reset(USER, secret, NULL) != 0)
		fail_msg("%s: not taken", secret);
	assert_int_equal(login(USER, secret, NULL), 0);
	(void)bmc_copy(other, sizeof(other), secret + 1);
	assert_int_equal(login(USER, other, NULL), BMC_EAUTH);
	(void)bmc_copy(other, sizeof(other), secret);
	other[len - 1] = '\0';
	assert_int_equal(login(USER, other, NULL), BMC_EAUTH);
}

static void what_is_stored_is_what_was_sent(void **state)
{
	static const char *const secrets[] = {
		" Velvet-Stone-97",
		"Velvet-Stone-98 ",
		"  Velvet  Stone-99  ",
		"Velvet:Stone:97",
		":Velvet-Stone-97:",
		"\"Velvet\" 'Stone' `97`",
		"$6$Velvet\\Stone%s",
		"*!Velvet-Stone-97",
		"#Velvet,Stone;97",
		"\xc3\xa4Velvet-\xe2\x82\xac-Stone\xf0\x9f\x94\x91",
	};

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		assert_taken(secrets[i]);
}

static void lengths_at_both_ends_are_kept_to(void **state)
{
	char longest[BMC_SECRET_MAX + 1] = "";
	struct bmc_error err = { 0 };

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_int_equal(reset(USER, "vS9-xQ2", &err), BMC_EPASSWORD);
	assert_non_null(strstr(err.what, "shorter than 8"));
	assert_int_equal(login(USER, GOOD, NULL), 0);
	assert_taken("vS9-xQ2k");
	assert_taken("vS9-xQ2k7");
	for (size_t i = 0; i < BMC_SECRET_MAX; i++)
		longest[i] = "vS9-xQ2k7zLm_"[i * i % 13];
	assert_int_equal(reset(USER, longest, &err), BMC_EINVAL); /* 129 */
	assert_int_equal(login(USER, "vS9-xQ2k7", NULL), 0);
	longest[BMC_SECRET_MAX - 1] = '\0'; /* 128 */
	assert_taken(longest);
	longest[BMC_SECRET_MAX - 2] = '\0'; /* 127 */
	assert_taken(longest);
}

static void what_no_backend_stores_is_refused_and_changes_nothing(void **state)
{
	static const char *const secrets[] = {
		"Velvet\tStone-97",      "Velvet-Stone-97\n",  "\rVelvet-Stone-97",
		"Velvet\x7fStone-97",    "Velvet\xffStone-97", "Velvet\xc3",
		"Velvet\xc2\x85Stone97", "        ",           "",
	};
	struct bmc_error err;
	struct priv_account before, after;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_true(find(USER, &before));
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		memset(&err, 0, sizeof(err));
		if (reset(USER, secrets[i], &err) != BMC_EPASSWORD)
			fail_msg("%zu: %s", i, err.what);
	}
	assert_true(find(USER, &after));
	assert_true(before.stamp == after.stamp);
	assert_int_equal(login(USER, GOOD, NULL), 0);
}

/* An account that is disabled can't log in, so its password is proved another way. */
static void a_disabled_account_gets_a_new_password_and_stays_disabled(void **state)
{
	struct priv_account_args p;
	struct priv_account a;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	(void)priv_account_args_init(&p, USER, "", NULL);
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_int_equal(reset(USER, OTHER, NULL), 0);
	assert_true(find(USER, &a));
	assert_int_equal(a.enabled, 0);
	assert_int_equal(login(USER, OTHER, NULL), BMC_EAUTH);
	p.flag = 1;
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_int_equal(login(USER, OTHER, NULL), 0);
	assert_int_equal(login(USER, GOOD, NULL), BMC_EAUTH);
}

static void a_first_password_is_marked_until_it_is_changed(void **state)
{
	struct priv_account a;
	struct priv_account_args p;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_ADMINISTRATOR, true), 0);
	assert_int_equal(login(USER, GOOD, &a), 0);
	assert_int_equal(a.must_change, 1);
	(void)priv_account_args_init(&p, USER, OTHER, NULL);
	(void)bmc_copy(p.old_secret, sizeof(p.old_secret), GOOD);
	assert_int_equal(change(PRIV_PASSWORD_CHANGE, &p, NULL), 0);
	assert_int_equal(login(USER, OTHER, &a), 0);
	assert_int_equal(a.must_change, 0);
	(void)priv_account_args_init(&p, USER, "", NULL);
	p.flag = 1;
	assert_int_equal(change(PRIV_ACCOUNT_MUST_CHANGE, &p, NULL), 0);
	assert_true(find(USER, &a));
	assert_int_equal(a.must_change, 1);
}

static void a_disabled_account_cannot_log_in_until_enabled(void **state)
{
	struct priv_account a;
	struct priv_account_args p;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	(void)priv_account_args_init(&p, USER, "", NULL);
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_true(find(USER, &a));
	assert_int_equal(a.enabled, 0);
	assert_int_equal(login(USER, GOOD, NULL), BMC_EAUTH);
	p.flag = 1;
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_int_equal(login(USER, GOOD, NULL), 0);
}

static int set_role(const char *role, uint32_t privileges)
{
	return priv_change_role(PRIV_ROLE_SET, role, privileges, soon(), NULL);
}

static int remove_role(const char *role)
{
	return priv_change_role(PRIV_ROLE_REMOVE, role, 0, soon(), NULL);
}

/* -1: there is none. */
static int64_t privileges_of(const char *role)
{
	struct priv_accounts all;

	assert_int_equal(priv_list_accounts(&all, soon(), NULL), 0);
	for (uint32_t i = 0; i < all.n_roles; i++) {
		if (strcmp(all.role[i].role, role) == 0)
			return all.role[i].privileges;
	}
	return -1;
}

static void roles_are_made_changed_and_removed_unless_they_are_used(void **state)
{
	(void)state;
	assert_int_equal(set_role("auditor", 1), 0);
	assert_int_equal(privileges_of("auditor"), 1);
	assert_int_equal(set_role("auditor", BMC_PRIV_ALL), 0);
	assert_int_equal(privileges_of("auditor"), BMC_PRIV_ALL);
	assert_int_equal(set_role("auditor", BMC_PRIV_ALL + 1), BMC_ERANGE);
	assert_int_equal(privileges_of("auditor"), BMC_PRIV_ALL);
	assert_int_equal(add(USER, GOOD, "auditor", false), 0);
	assert_int_equal(remove_role("auditor"), BMC_EBUSY);
	assert_int_equal(privileges_of("auditor"), BMC_PRIV_ALL);
	assert_int_equal(remove_user(USER), 0);
	assert_int_equal(remove_role("auditor"), 0);
	assert_int_equal(privileges_of("auditor"), -1);
	assert_int_equal(remove_role("auditor"), BMC_ENOTFOUND);
	assert_int_equal(add(USER, GOOD, "auditor", false), BMC_EINVAL);
}

static void redfishs_own_roles_and_bad_names_are_no_roles_to_set(void **state)
{
	static const char *const own[] = { PRIV_ROLE_ADMINISTRATOR, PRIV_ROLE_OPERATOR,
					   PRIV_ROLE_READONLY };
	static const char *const bad[] = {
		"",      "1a",       "a b",
		"a:b",   "-a",       "a/b",
		"admin", "OPERATOR", "abcdefghijklmnopqrstu"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		assert_int_equal(set_role(own[i], 1), BMC_EREADONLY);
		assert_int_equal(remove_role(own[i]), BMC_EREADONLY);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(set_role(bad[i], 1), BMC_EINVAL);
	assert_int_equal(set_role("abcdefghijklmnopqrst", 1), 0); /* the longest */
	assert_int_equal(remove_role("abcdefghijklmnopqrst"), 0);
}

static void there_is_room_for_29_roles(void **state)
{
	char name[8];

	(void)state;
	for (unsigned i = 0; i < PRIV_ROLES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "r%u", i);
		assert_int_equal(set_role(name, i), 0);
	}
	assert_int_equal(set_role("one-more", 1), BMC_ENOSPC);
	assert_int_equal(set_role("r0", 1), 0);
	for (unsigned i = 0; i < PRIV_ROLES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "r%u", i);
		assert_int_equal(privileges_of(name), i ? i : 1);
		assert_int_equal(remove_role(name), 0);
	}
}

/* As a power cut leaves it: the last write is half there. */
static void a_torn_write_of_the_roles_leaves_the_former_ones(void **state)
{
	const struct priv_fixture *fixture = *state;
	char path[PATH_MAX + 16];

	assert_int_equal(set_role("first", 1), 0);  /* the file's first place */
	assert_int_equal(set_role("second", 3), 0); /* its second one */
	(void)snprintf(path, sizeof(path), "%s/helper.roles",
		       fixture->settings.state_dir);
	FILE *f = fopen(path, "r+e");
	assert_non_null(f);
	assert_int_equal(fseek(f, -8, SEEK_END), 0);
	assert_int_equal(fwrite("xxxx", 1, 4, f), 4);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(privileges_of("first"), 1);
	assert_int_equal(privileges_of("second"), -1);
	assert_int_equal(set_role("third", 3), 0);
	assert_int_equal(privileges_of("first"), 1);
	assert_int_equal(privileges_of("third"), 3);
}

static void a_renamed_account_keeps_password_role_and_state(void **state)
{
	struct priv_account_args p;
	struct priv_account a;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, true), 0);
	(void)priv_account_args_init(&p, USER, "", NULL);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), ADMIN);
	assert_int_equal(change(PRIV_ACCOUNT_RENAME, &p, NULL), BMC_EEXIST);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), "Bad Name");
	assert_int_equal(change(PRIV_ACCOUNT_RENAME, &p, NULL), BMC_EINVAL);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), "bmctest2");
	p.flag = 1; /* only asked */
	assert_int_equal(change(PRIV_ACCOUNT_RENAME, &p, NULL), 0);
	assert_int_equal(login(USER, GOOD, NULL), 0);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), "root");
	assert_int_equal(change(PRIV_ACCOUNT_RENAME, &p, NULL),
			 use_unix ? BMC_EEXIST : 0);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), "bmctest2");
	p.flag = 0;
	assert_int_equal(change(PRIV_ACCOUNT_RENAME, &p, NULL), 0);
	assert_int_equal(change(PRIV_ACCOUNT_RENAME, &p, NULL), BMC_ENOTFOUND);
	assert_int_equal(login(USER, GOOD, NULL), BMC_EAUTH);
	assert_int_equal(login("bmctest2", GOOD, &a), 0);
	assert_string_equal(a.role, PRIV_ROLE_OPERATOR);
	assert_int_equal(a.must_change, 1);
	assert_int_equal(remove_user("bmctest2"), 0);
	(void)bmc_copy(p.user, sizeof(p.user), ADMIN);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), "root");
	int r = change(PRIV_ACCOUNT_RENAME, &p, NULL);
	assert_int_equal(r, use_unix ? BMC_EEXIST : 0);
	(void)priv_account_args_init(&p, "root", "", NULL);
	(void)bmc_copy(p.new_user, sizeof(p.new_user), ADMIN);
	r = change(PRIV_ACCOUNT_RENAME, &p, NULL);
	assert_int_equal(r, use_unix ? BMC_ENOTFOUND : 0);
}

static void an_account_can_be_made_disabled(void **state)
{
	struct priv_account_args p;
	struct priv_account a;

	(void)state;
	assert_int_equal(priv_account_args_init(&p, USER, GOOD, NULL), 0);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_OPERATOR);
	p.disabled = 1;
	assert_int_equal(change(PRIV_ACCOUNT_ADD, &p, NULL), 0);
	assert_true(find(USER, &a));
	assert_int_equal(a.enabled, 0);
	assert_int_equal(login(USER, GOOD, NULL), BMC_EAUTH);
	p.flag = 1;
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_int_equal(login(USER, GOOD, NULL), 0);
}

static void a_role_can_be_changed_to_any_other(void **state)
{
	static const char *const roles[] = { PRIV_ROLE_ADMINISTRATOR, "auditor",
					     "field-Tech_2", PRIV_ROLE_READONLY,
					     PRIV_ROLE_OPERATOR };
	/* the second half would have the groups of Redfish's own roles */
	static const char *const bad[] = { "",
					   "1a",
					   "a b",
					   "a:b",
					   "-a",
					   "a,b",
					   "a/b",
					   "abcdefghijklmnopqrstu",
					   "admin",
					   "Admin",
					   "operator",
					   "readonly",
					   "ADMINISTRATOR" };
	struct priv_account a;
	struct priv_account_args p;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	(void)priv_account_args_init(&p, USER, "", NULL);
	(void)bmc_copy(p.role, sizeof(p.role), "auditor");
	assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL),
			 BMC_EINVAL); /* none yet */
	assert_int_equal(set_role("auditor", BMC_PRIV_LOGIN), 0);
	assert_int_equal(set_role("field-Tech_2", BMC_PRIV_LOGIN), 0);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		(void)bmc_copy(p.role, sizeof(p.role), roles[i]);
		assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), 0);
		assert_true(find(USER, &a));
		assert_string_equal(a.role, roles[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		(void)bmc_copy(p.role, sizeof(p.role), bad[i]);
		assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), BMC_EINVAL);
	}
	memset(p.role, 'a', sizeof(p.role));
	assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), BMC_EINVAL);
	assert_true(find(USER, &a));
	assert_string_equal(a.role, PRIV_ROLE_OPERATOR);
}

static void a_removed_account_is_gone(void **state)
{
	struct priv_account a;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_int_equal(remove_user(USER), 0);
	assert_false(find(USER, &a));
	assert_int_equal(login(USER, GOOD, NULL), BMC_EAUTH);
	assert_int_equal(remove_user(USER), BMC_ENOTFOUND);
}

static void accounts_of_others_are_not_touched(void **state)
{
	struct priv_account_args p;
	struct priv_account a;

	(void)state;
	assert_false(find("root", &a));
	assert_int_equal(remove_user("root"), BMC_ENOTFOUND);
	(void)priv_account_args_init(&p, "root", GOOD, NULL);
	assert_int_equal(change(PRIV_PASSWORD_RESET, &p, NULL), BMC_ENOTFOUND);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_ADMINISTRATOR);
	assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), BMC_ENOTFOUND);
}

/* Each way to lose the last enabled Administrator. */
static void assert_stays(const char *user)
{
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, "", NULL), 0);
	assert_int_equal(change(PRIV_ACCOUNT_REMOVE, &p, NULL), BMC_ESTATE);
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), BMC_ESTATE);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_OPERATOR);
	assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), BMC_ESTATE);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_READONLY);
	assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), BMC_ESTATE);
	assert_int_equal(login(user, GOOD, NULL), 0);
}

static void the_last_enabled_administrator_stays(void **state)
{
	struct priv_account_args p, admin;

	(void)state;
	(void)priv_account_args_init(&p, USER, "", NULL);
	(void)priv_account_args_init(&admin, ADMIN, "", NULL);
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_stays(ADMIN);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_ADMINISTRATOR);
	assert_int_equal(change(PRIV_ACCOUNT_ROLE, &p, NULL), 0);
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_stays(ADMIN);
	p.flag = 1;
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &p, NULL), 0);
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &admin, NULL), 0);
	assert_stays(USER);
	admin.flag = 1;
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, &admin, NULL), 0);
	assert_int_equal(remove_user(ADMIN), 0);
	assert_stays(USER);
	assert_int_equal(add(ADMIN, GOOD, PRIV_ROLE_ADMINISTRATOR, false), 0);
}

static void assert_not_ours(const char *user)
{
	struct priv_account a;
	struct priv_account_args p;

	assert_false(find(user, &a));
	assert_int_equal(login(user, GOOD, NULL), BMC_EAUTH);
	assert_int_equal(remove_user(user), BMC_ENOTFOUND);
	(void)priv_account_args_init(&p, user, OTHER, NULL);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_READONLY);
	p.flag = 1;
	for (enum priv_number op = PRIV_PASSWORD_CHANGE; op <= PRIV_ACCOUNT_MUST_CHANGE;
	     op++)
		assert_true(change(op, &p, NULL) < 0);
}

/* A shell's words about `word`, which they call $1. */
static void run(const char *script, const char *word)
{
	char command[500];

	(void)snprintf(command, sizeof(command), "set -- %s; { %s; } >/dev/null", word,
		       script);
	assert_int_equal(system(command), 0);
}

/* A stack whose module stores OTHER, whatever it is asked to store. */
#define STORES_OTHER                                                  \
	"cp /etc/pam.d/clusterbmc /etc/pam.d/kept;"                   \
	"printf '%s\\n' '#!/bin/sh' 'echo $PAM_USER:" OTHER           \
	" | chpasswd -c SHA512' >/etc/store && chmod 755 /etc/store;" \
	"sed -i '/^password/d' /etc/pam.d/clusterbmc;"                \
	"echo 'password required pam_exec.so /etc/store' >>/etc/pam.d/clusterbmc"

static void what_a_module_stores_otherwise_is_undone(void **state)
{
	static const char *const secrets[] = { OTHER " ", " " OTHER, "x" OTHER };
	struct bmc_error err = { 0 };
	struct priv_account a;

	(void)state;
	if (!use_unix) /* the file backend stores it itself */
		return;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, true), 0);
	run(STORES_OTHER, USER);
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		assert_int_equal(reset(USER, secrets[i], &err), BMC_EIO);
		assert_non_null(strstr(err.what, "the old one stays"));
		assert_int_equal(login(USER, OTHER, NULL), BMC_EAUTH);
		assert_int_equal(login(USER, GOOD, &a), 0);
		assert_int_equal(a.must_change, 1);
	}
	assert_int_equal(reset(USER, OTHER, NULL), 0); /* so the module works */
	run("mv /etc/pam.d/kept /etc/pam.d/clusterbmc", USER);
	assert_int_equal(login(USER, OTHER, &a), 0);
}

static void a_password_expires_when_the_system_says_so(void **state)
{
	struct priv_account a;

	(void)state;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	assert_true(find(USER, &a));
	assert_int_equal(a.expires, 0);
	if (!use_unix)
		return;
	run("chage -d 2026-01-01 -M 90 $1", USER);
	assert_true(find(USER, &a));
	assert_int_equal(a.expires, 1775001600); /* 2026-04-01 */
}

/* The system's administrators are not for the daemon to touch, whatever number their
 * group has. */
static void members_of_the_systems_groups_are_not_touched(void **state)
{
	static const char *const groups[] = { "sudo", "shadow", "docker", "wheel" };
	struct priv_account a;

	(void)state;
	if (!use_unix)
		return;
	assert_int_equal(add(USER, GOOD, PRIV_ROLE_OPERATOR, false), 0);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		run("getent group $1 || groupadd $1", groups[i]); /* 1000 or more */
		run("gpasswd -a " USER " $1", groups[i]);
		assert_not_ours(USER);
		run("gpasswd -d " USER " $1", groups[i]);
	}
	run("usermod -u 999 $1", USER);
	assert_not_ours(USER);
	run("usermod -u 4999 $1", USER);
	run("groupadd -g 4998 bmcplain && gpasswd -a $1 bmcplain", USER);
	assert_true(find(USER, &a));
	assert_int_equal(login(USER, GOOD, NULL), 0);
}

static void no_more_accounts_than_are_listed(void **state)
{
	const struct priv_fixture *fixture = *state;
	struct priv_accounts all;
	char path[PATH_MAX + 16];

	if (use_unix) /* a minute of useradd; the limit is checked for both alike */
		return;
	/* a hash takes 60 ms: most of them have no password */
	(void)snprintf(path, sizeof(path), "%s/accounts", fixture->settings.file_dir);
	FILE *f = fopen(path, "ae");
	assert_non_null(f);
	for (unsigned i = 2; i < PRIV_ACCOUNTS_MAX; i++)
		(void)fprintf(f, "many%u 3 1 0\n", i);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(add("many1", GOOD, PRIV_ROLE_READONLY, false), 0);
	assert_int_equal(add("onemore", GOOD, PRIV_ROLE_READONLY, false), BMC_ENOSPC);
	assert_int_equal(priv_list_accounts(&all, soon(), NULL), 0);
	assert_int_equal(all.n, PRIV_ACCOUNTS_MAX);
}

static void names_that_tools_could_misread_are_refused(void **state)
{
	static const char *const names[] = { "",    "-rf", "0",    "Admin", "a b",
					     "a:b", "a/b", "../x", "a\nb",  ".x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(add(names[i], GOOD, PRIV_ROLE_OPERATOR, false),
				 BMC_EINVAL);
		assert_int_equal(login(names[i], GOOD, NULL), BMC_EAUTH);
	}
}

int priv_accounts_suite(bool unix_backend)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_account_that_was_added_can_log_in),
		T(wrong_passwords_and_unknown_users_get_the_same_answer),
		T(an_own_change_needs_the_old_password),
		T(a_reset_needs_no_old_password_and_moves_the_stamp),
		T(weak_passwords_are_refused_with_a_reason),
		T(what_is_stored_is_what_was_sent),
		T(lengths_at_both_ends_are_kept_to),
		T(what_no_backend_stores_is_refused_and_changes_nothing),
		T(a_disabled_account_gets_a_new_password_and_stays_disabled),
		T(a_first_password_is_marked_until_it_is_changed),
		T(a_disabled_account_cannot_log_in_until_enabled),
		T(a_role_can_be_changed_to_any_other),
		T(roles_are_made_changed_and_removed_unless_they_are_used),
		T(redfishs_own_roles_and_bad_names_are_no_roles_to_set),
		T(there_is_room_for_29_roles),
		T(a_torn_write_of_the_roles_leaves_the_former_ones),
		T(a_renamed_account_keeps_password_role_and_state),
		T(an_account_can_be_made_disabled),
		T(a_password_expires_when_the_system_says_so),
		T(a_removed_account_is_gone),
		T(accounts_of_others_are_not_touched),
		T(names_that_tools_could_misread_are_refused),
		T(the_last_enabled_administrator_stays),
		T(what_a_module_stores_otherwise_is_undone),
		T(members_of_the_systems_groups_are_not_touched),
		T(no_more_accounts_than_are_listed),
	};

	use_unix = unix_backend;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
