// SPDX-License-Identifier: Apache-2.0
// Passwords of the `file` backend: what is stored of them, what an older version's
// clear text becomes, and what a damaged hash does.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/accounts.h"
#include "priv/client.h"
#include "priv/hash.h"
#include "priv/helper.h"

#define GOOD  "Quartz-Lamp-41"
#define OTHER "Velvet-Stone-97"
#define ADMIN "rosa"

struct fixture {
	struct priv_fixture fixture;
	bool connected;
};

static int64_t soon(void)
{
	return bmc_now() + 60000;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	priv_fixture_init(&f->fixture);
	f->fixture.accounts = f->fixture.confined = true;
	*state = f;
	return 0;
}

static void stop(struct fixture *f)
{
	if (f->connected)
		priv_client_done();
	f->connected = false;
	priv_fixture_stop(&f->fixture);
}

static void start(struct fixture *f)
{
	struct priv_client_conf conf = { 0 };

	stop(f);
	priv_fixture_start(&f->fixture);
	conf.fd = f->fixture.fd;
	f->fixture.fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	f->connected = true;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stop(f);
	priv_fixture_done(&f->fixture);
	free(f);
	return 0;
}

static int change(enum priv_number op, const char *user, const char *secret)
{
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, secret, NULL), 0);
	(void)bmc_copy(p.role, sizeof(p.role), PRIV_ROLE_ADMINISTRATOR);
	return priv_change_account(op, &p, soon(), NULL);
}

static int login(const char *user, const char *secret)
{
	struct priv_account a;
	struct priv_account_args p;

	assert_int_equal(priv_account_args_init(&p, user, secret, NULL), 0);
	return priv_authenticate(&p, &a, soon(), NULL);
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[PATH_MAX + 64];

	(void)mkdir(f->fixture.settings.file_dir, 0700);
	(void)snprintf(path, sizeof(path), "%s/%s", f->fixture.settings.file_dir, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void read_file(const struct fixture *f, const char *name, char *text,
		      size_t size)
{
	char path[PATH_MAX + 300];

	(void)snprintf(path, sizeof(path), "%s/%s", f->fixture.settings.file_dir, name);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	(void)fclose(file);
}

/* How many files of the folder have this text in them. */
static unsigned files_with(const struct fixture *f, const char *text)
{
	char have[8192];
	unsigned n = 0;
	DIR *d = opendir(f->fixture.settings.file_dir);
	const struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (e->d_type != DT_REG)
			continue;
		read_file(f, e->d_name, have, sizeof(have));
		n += strstr(have, text) != NULL;
	}
	(void)closedir(d);
	return n;
}

static bool exists(const struct fixture *f, const char *name)
{
	char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", f->fixture.settings.file_dir, name);
	return access(path, F_OK) == 0;
}

static void a_hash_fits_its_password_only(void **state)
{
	char hash[PRIV_HASH_MAX], another[PRIV_HASH_MAX];

	(void)state;
	assert_int_equal(priv_hash_make(GOOD, hash, NULL), 0);
	assert_int_equal(priv_hash_make(GOOD, another, NULL), 0);
	assert_string_not_equal(hash, another);
	assert_int_equal(strncmp(hash, "$y$", 3), 0);
	assert_true(priv_hash_ok(hash));
	assert_int_equal(priv_hash_check(GOOD, hash, NULL), 0);
	assert_int_equal(priv_hash_check(GOOD " ", hash, NULL), BMC_EAUTH);
	assert_int_equal(priv_hash_check("", hash, NULL), BMC_EAUTH);
	assert_int_equal(priv_hash_refuse(GOOD, NULL), BMC_EAUTH);
	hash[strlen(hash) - 1] ^= 1; /* the last character alone */
	assert_int_equal(priv_hash_check(GOOD, hash, NULL), BMC_EAUTH);
}

static void a_hash_of_another_method_is_checked_too(void **state)
{
	/* crypt(5)'s sha256crypt; `openssl passwd -5 -salt saltstring 'Hello world!'`
	 */
	static const char hash[] =
		"$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";

	(void)state;
	assert_true(priv_hash_ok(hash));
	assert_int_equal(priv_hash_check("Hello world!", hash, NULL), 0);
	assert_int_equal(priv_hash_check("Hello world?", hash, NULL), BMC_EAUTH);
}

static void a_damaged_hash_is_told_from_a_wrong_password(void **state)
{
	char hash[PRIV_HASH_MAX];

	(void)state;
	assert_int_equal(priv_hash_make(GOOD, hash, NULL), 0);
	for (size_t len = strlen(hash) - 1; len > 0; len -= MIN(len, 6)) {
		hash[len] = '\0';
		assert_false(priv_hash_ok(hash));
		assert_int_equal(priv_hash_check(GOOD, hash, NULL), BMC_ECORRUPT);
	}
	assert_false(priv_hash_ok(""));
	assert_false(priv_hash_ok(GOOD));
	assert_int_equal(priv_hash_check(GOOD, "", NULL), BMC_ECORRUPT);
	assert_int_equal(priv_hash_check("*0", "*0", NULL), BMC_ECORRUPT);
}

static void no_file_has_a_password_in_it(void **state)
{
	struct fixture *f = *state;
	char line[2 * PRIV_HASH_MAX];

	start(f);
	assert_int_equal(change(PRIV_ACCOUNT_ADD, ADMIN, GOOD), 0);
	assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, OTHER), 0);
	assert_int_equal(login(ADMIN, OTHER), 0);
	assert_int_equal(files_with(f, GOOD), 0);
	assert_int_equal(files_with(f, OTHER), 0);
	read_file(f, "passwords", line, sizeof(line));
	assert_int_equal(strncmp(line, ADMIN ":$y$", strlen(ADMIN ":$y$")), 0);
}

static void passwords_of_every_form_are_taken_as_they_are(void **state)
{
	static const char *const odd[] = { " Quartz-Lamp-41 ", "Quartz:Lamp:41",
					   ":Quartz-Lamp-41:",
					   "Qu\xc3\xa4rtz-Lamp-41" };
	struct fixture *f = *state;
	char longest[BMC_SECRET_MAX], cut[BMC_SECRET_MAX];

	start(f);
	assert_int_equal(change(PRIV_ACCOUNT_ADD, ADMIN, GOOD), 0);
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, odd[i]), 0);
		assert_int_equal(login(ADMIN, odd[i]), 0);
	}
	assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, odd[0]), 0);
	assert_int_equal(login(ADMIN, GOOD), BMC_EAUTH); /* without the blanks */
	for (size_t i = 0; i < sizeof(longest) - 1; i++)
		longest[i] = (char)('!' + i % 90);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, longest), 0);
	assert_int_equal(login(ADMIN, longest), 0);
	(void)bmc_copy(cut, sizeof(cut) - 1, longest); /* the last byte counts */
	assert_int_equal(login(ADMIN, cut), BMC_EAUTH);
	assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, "Quartz\nLamp-41"),
			 BMC_EPASSWORD);
	assert_int_equal(login(ADMIN, longest), 0);
}

static const char older_accounts[] = ADMIN " 1 1 0\nolga 2 1 0\nines 3 1 1\n";
static const char older_passdb[] = ADMIN ":" GOOD ":clusterbmc\n"
					 "olga: two blanks :clusterbmc\n"
					 "no colon\n"
					 "gone:Gone-Word-77:clusterbmc\n";

static void assert_migrated(struct fixture *f)
{
	start(f);
	assert_int_equal(login(ADMIN, GOOD), 0);
	assert_int_equal(login(ADMIN, OTHER), BMC_EAUTH);
	assert_int_equal(login("olga", " two blanks "), 0);
	assert_int_equal(login("ines", ""), BMC_EAUTH);
	assert_int_equal(login("gone", "Gone-Word-77"), BMC_EAUTH);
	assert_int_equal(files_with(f, GOOD) + files_with(f, "two blanks") +
				 files_with(f, "Gone-Word"),
			 0);
	assert_false(exists(f, "passdb"));
}

static void clear_text_of_an_older_version_is_hashed_at_the_start(void **state)
{
	struct fixture *f = *state;

	write_file(f, "accounts", older_accounts);
	write_file(f, "passdb", older_passdb);
	write_file(f, "passdb.new", older_passdb);
	write_file(f, "passdb.damaged-1700000000", older_passdb);
	assert_migrated(f);
	assert_false(exists(f, "passdb.new"));
	assert_false(exists(f, "passdb.damaged-1700000000"));
}

/* Killed while the new file was written: the old one is still all there is. */
static void a_migration_that_was_cut_off_is_done_again(void **state)
{
	struct fixture *f = *state;

	write_file(f, "accounts", older_accounts);
	write_file(f, "passdb", older_passdb);
	write_file(f, "passwords.new", ADMIN ":$y$j9T$");
	assert_migrated(f);
}

/* Killed between the new file and the removal of the old one. The new file counts: were
 * it made again, a password changed since would be the old one. */
static void a_migration_that_was_done_is_not_done_again(void **state)
{
	struct fixture *f = *state;
	char before[2048], after[2048];

	write_file(f, "accounts", older_accounts);
	write_file(f, "passdb", older_passdb);
	assert_migrated(f);
	assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, OTHER), 0);
	stop(f);
	/* and roles, which an older version wrote as numbers, are text */
	read_file(f, "accounts", before, sizeof(before));
	assert_string_equal(before, ADMIN " Administrator 1 0\nolga Operator 1 0\n"
					  "ines ReadOnly 1 1\n");
	read_file(f, "passwords", before, sizeof(before));
	write_file(f, "passdb", older_passdb);
	start(f);
	read_file(f, "passwords", after, sizeof(after));
	assert_string_equal(before, after);
	assert_int_equal(login(ADMIN, OTHER), 0);
	assert_int_equal(login(ADMIN, GOOD), BMC_EAUTH);
	assert_false(exists(f, "passdb"));
}

/* The new file can't be written at the first start; then one account gets a password,
 * which makes that file. The others still have theirs in clear text only. */
static void a_migration_that_failed_is_done_again(void **state)
{
	struct fixture *f = *state;
	char blocked[PATH_MAX + 64];

	write_file(f, "accounts", older_accounts);
	write_file(f, "passdb", older_passdb);
	(void)snprintf(blocked, sizeof(blocked), "%s/passwords.new",
		       f->fixture.settings.file_dir);
	assert_int_equal(mkdir(blocked, 0700), 0);
	start(f);
	assert_true(exists(f, "passdb"));
	assert_int_equal(login(ADMIN, GOOD), BMC_EAUTH);
	assert_int_equal(rmdir(blocked), 0);
	assert_int_equal(change(PRIV_PASSWORD_RESET, ADMIN, OTHER), 0);
	stop(f);
	start(f);
	assert_int_equal(login("olga", " two blanks "), 0);
	assert_int_equal(login(ADMIN, OTHER), 0);
	assert_int_equal(login(ADMIN, GOOD), BMC_EAUTH);
	assert_false(exists(f, "passdb"));
}

static void a_truncated_hash_refuses_its_account_only(void **state)
{
	struct fixture *f = *state;
	char hash[PRIV_HASH_MAX], good[PRIV_HASH_MAX], text[1024];

	assert_int_equal(priv_hash_make(GOOD, hash, NULL), 0);
	assert_int_equal(priv_hash_make(OTHER, good, NULL), 0);
	write_file(f, "accounts", "rosa 1 1 0\nolga 1 1 0\nines 1 1 0\n");
	for (size_t cut = 1; cut < 60; cut += 20) {
		(void)snprintf(text, sizeof(text), "rosa:%.*s\nines:%s:x\nolga:%s\n",
			       (int)(strlen(hash) - cut), hash, hash, good);
		write_file(f, "passwords", text);
		start(f);
		assert_int_equal(login("rosa", GOOD), BMC_EAUTH);
		assert_int_equal(login("ines", GOOD), BMC_EAUTH);
		assert_int_equal(login("olga", OTHER), 0);
	}
	/* and it is mended by a new password */
	assert_int_equal(change(PRIV_PASSWORD_RESET, "rosa", GOOD), 0);
	assert_int_equal(login("rosa", GOOD), 0);
	assert_int_equal(login("olga", OTHER), 0);
}

/* What an administrator adds to the service holds beside the password, over restarts.
 */
static void pams_word_counts_beside_the_hash(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_int_equal(change(PRIV_ACCOUNT_ADD, ADMIN, GOOD), 0);
	write_file(f, "pam.d/clusterbmc",
		   "auth required pam_permit.so\naccount required pam_deny.so\n");
	assert_int_equal(login(ADMIN, GOOD), BMC_EAUTH);
	start(f);
	assert_int_equal(login(ADMIN, GOOD), BMC_EAUTH);
	write_file(f, "pam.d/clusterbmc", "auth required /x/pam_matrix.so passdb=/x\n");
	start(f); /* that of an older version is replaced */
	assert_int_equal(login(ADMIN, GOOD), 0);
	assert_int_equal(login(ADMIN, OTHER), BMC_EAUTH);
}

/* CPU time, not the clock's: that does not depend on what else runs. */
static int64_t cost_of_refusal(const struct fixture *f, const char *user)
{
	struct priv_helper h = { .settings = &f->fixture.settings };
	struct priv_request rq = { .op = PRIV_AUTHENTICATE };
	struct priv_reply rp = { 0 };
	struct timespec before, after;

	assert_int_equal(priv_account_args_init(&rq.u.args, user, OTHER, NULL), 0);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	assert_int_equal(asroot_authenticate(&h, &rq, &rp), BMC_EAUTH);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
	       before.tv_nsec;
}

static void a_name_without_an_account_costs_as_much_as_a_wrong_password(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_int_equal(change(PRIV_ACCOUNT_ADD, ADMIN, GOOD), 0);
	assert_int_equal(change(PRIV_ACCOUNT_ADD, "olga", GOOD), 0);
	assert_int_equal(change(PRIV_ACCOUNT_ENABLE, "olga", ""), 0); /* disabled */
	int64_t known = cost_of_refusal(f, ADMIN);
	assert_true(cost_of_refusal(f, "nosuchuser") > known / 2);
	assert_true(cost_of_refusal(f, "olga") > known / 2);
	assert_true(cost_of_refusal(f, "nosuchuser") < known * 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_fits_its_password_only),
		cmocka_unit_test(a_hash_of_another_method_is_checked_too),
		cmocka_unit_test(a_damaged_hash_is_told_from_a_wrong_password),
		T(no_file_has_a_password_in_it),
		T(passwords_of_every_form_are_taken_as_they_are),
		T(clear_text_of_an_older_version_is_hashed_at_the_start),
		T(a_migration_that_was_cut_off_is_done_again),
		T(a_migration_that_failed_is_done_again),
		T(a_migration_that_was_done_is_not_done_again),
		T(a_truncated_hash_refuses_its_account_only),
		T(pams_word_counts_beside_the_hash),
		T(a_name_without_an_account_costs_as_much_as_a_wrong_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
