// SPDX-License-Identifier: Apache-2.0
/* Copies, clocks, UTF-8, random bytes and the log. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include <cmocka.h>

#include "bmc/model.h"
#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "slower.h"

static void a_copy_is_cut_between_characters(void **state)
{
	char to[6];

	(void)state;
	assert_true(bmc_copy(to, sizeof(to), "abc"));
	assert_string_equal(to, "abc");
	assert_false(bmc_copy(to, sizeof(to), "abcdé!"));
	assert_string_equal(to, "abcd");
	assert_true(bmc_copy(to, sizeof(to), NULL));
	assert_string_equal(to, "");
	assert_false(bmc_copy(to, 0, "a"));
	assert_true(bmc_copy(to, 0, ""));
}

static void text_is_utf8_without_control_characters(void **state)
{
	static const char *const good[] = { "", "abc", "Grüße", "\xe2\x82\xac",
					    "\xf0\x9f\x90\xa7" };
	static const char *const bad[] = {
		"a\nb",         "\x7f",     "\xc0\x80",         "\xff",     "\xe2\x82",
		"\xed\xa0\x80", "\xc2\x9b", "\xf5\x80\x80\x80", "\xe2(\xa1"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(bmc_text_ok(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(bmc_text_ok(bad[i], strlen(bad[i])));
}

static void wall_clock_and_boot_time_convert_back(void **state)
{
	int64_t now = bmc_now(), wall = bmc_wall(now);

	(void)state;
	assert_true(wall / 1000 - time(NULL) < 3 && time(NULL) - wall / 1000 < 3);
	assert_int_equal(bmc_boottime(wall), now);
	assert_int_equal(bmc_wall(BMC_UNKNOWN), BMC_UNKNOWN);
	assert_int_equal(bmc_boottime(BMC_UNKNOWN), BMC_UNKNOWN);
	assert_int_equal(bmc_wall(now), wall);
}

static void random_bytes_differ(void **state)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	bmc_random(a, sizeof(a));
	bmc_random(b, sizeof(b));
	assert_false(bmc_equal_const_time(a, b, sizeof(a)));
	assert_true(bmc_equal_const_time(a, a, sizeof(a)));
	bmc_wipe(a, sizeof(a));
	bmc_wipe(b, sizeof(b));
	assert_true(bmc_equal_const_time(a, b, sizeof(a)));
}

/* ---- the log: stderr is a file meanwhile ---- */

static char logged[4096];

static int to_file(FILE *f)
{
	int old = dup(STDERR_FILENO);

	assert_true(old >= 0);
	assert_true(dup2(fileno(f), STDERR_FILENO) >= 0);
	return old;
}

static void and_back(FILE *f, int old)
{
	assert_true(dup2(old, STDERR_FILENO) >= 0);
	assert_int_equal(close(old), 0);
	rewind(f);
	logged[fread(logged, 1, sizeof(logged) - 1, f)] = '\0';
	assert_int_equal(fclose(f), 0);
}

static void bytes_that_are_no_text_are_mended(void **state)
{
	static const struct {
		const char *is, *becomes;
	} cases[] = {
		{ "plain", "plain" },
		{ "gr\xc3\xbcn", "gr\xc3\xbcn" },
		{ "a\xff\xfe", "a??" },
		{ "line\nforged\x1b[2J", "line?forged?[2J" },
		{ "\xed\xa0\x80x", "???x" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[32];
		(void)bmc_copy(text, sizeof(text), cases[i].is);
		bmc_text_sanitize(text);
		assert_string_equal(text, cases[i].becomes);
	}
}

/* What the log writes of two lines when JOURNAL_STREAM is the device and inode of
 * stderr, each with this added; not set when `device` is negative. */
static const char *logged_with(int device, unsigned inode)
{
	FILE *f = tmpfile();
	int old = to_file(f);
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju",
		       (uintmax_t)st.st_dev + (uintmax_t)device,
		       (uintmax_t)st.st_ino + inode);
	if (device >= 0)
		assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	bmc_log_init(LOG_WARNING);
	log_err("fan %s: stuck\nforged", "fan1");
	log_info("nobody hears this");
	and_back(f, old);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	return logged;
}

static void a_log_line_has_its_priority_for_the_journal_only(void **state)
{
	(void)state;
	assert_string_equal(logged_with(0, 0), "<3>fan fan1: stuck?forged\n");
	assert_string_equal(logged_with(-1, 0), "fan fan1: stuck?forged\n");
	assert_string_equal(logged_with(1, 0), "fan fan1: stuck?forged\n");
	assert_string_equal(logged_with(0, 1), "fan fan1: stuck?forged\n");
}

static void a_flood_of_lines_is_limited_by_place(void **state)
{
	FILE *f = tmpfile();
	int old = to_file(f);

	(void)state;
	bmc_log_init(LOG_INFO);
	for (int i = 0; i < 100; i++)
		log_limited(LOG_INFO, "x");
	and_back(f, old);
	/* Two minutes may meet in the test. */
	assert_true(strlen(logged) <= 2 * BMC_LOG_BURST * strlen("x\n") + 60);
	assert_true(strlen(logged) >= BMC_LOG_BURST * strlen("x\n"));
}

static void lines_that_were_left_out_are_counted(void **state)
{
	struct bmc_log_limit limit = { 0 };
	unsigned dropped;

	(void)state;
	for (unsigned i = 0; i < BMC_LOG_BURST; i++)
		assert_true(bmc_log_allowed(&limit, &dropped));
	assert_false(bmc_log_allowed(&limit, &dropped));
	assert_false(bmc_log_allowed(&limit, &dropped));
	limit.window--; /* a minute goes by */
	assert_true(bmc_log_allowed(&limit, &dropped));
	assert_int_equal(dropped, 2);
}

/* ---- liveness ---- */

static void silent_thread_is_counted_by_rounds(void **state)
{
	const char *name = NULL;
	struct bmc_live *a = bmc_live_new("one"), *b = bmc_live_new("two");

	(void)state;
	assert_int_equal(bmc_live_round(&name), 0); /* both are new */
	bmc_live_beat(a);
	assert_int_equal(bmc_live_round(&name), 1);
	assert_string_equal(name, "two");
	bmc_live_beat(b);
	assert_int_equal(bmc_live_round(&name), 1);
	assert_string_equal(name, "one");
	assert_int_equal(bmc_live_round(&name), 2);
	assert_string_equal(name, "one");
	a = bmc_live_free(a);
	assert_int_equal(bmc_live_round(&name), 2);
	assert_string_equal(name, "two");
	bmc_live_beat(b);
	bmc_live_beat(b);
	bmc_live_beat(NULL);
	assert_int_equal(bmc_live_round(&name), 0);
	(void)bmc_live_free(b);
	assert_null(bmc_live_free(NULL));
	assert_int_equal(bmc_live_round(&name), 0);
}

static void bytes_are_written_as_two_digits_each(void **state)
{
	char hex[9] = "????????";

	(void)state;
	bmc_hex("\x00\x9f\xa0\xff", 4, hex);
	assert_string_equal(hex, "009fa0ff");
	bmc_hex("", 0, hex);
	assert_string_equal(hex, "");
}

static void limits_of_tests_grow_by_the_environment_s_factor(void **state)
{
	static const struct {
		const char *text;
		int64_t limit;
	} all[] = {
		{ "1", 7 }, { "2", 14 }, { "1000", 7000 }, { "1001", 7 },
		{ "0", 7 }, { "-3", 7 }, { "", 7 },        { "x", 7 },
	};
	const char *was = getenv("CLUSTERBMC_SLOWER");
	char *before = was ? strdup(was) : NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		(void)setenv("CLUSTERBMC_SLOWER", all[i].text, 1);
		assert_int_equal(slower(7), all[i].limit);
	}
	(void)unsetenv("CLUSTERBMC_SLOWER");
	assert_int_equal(slower(7), 7);
	if (before)
		(void)setenv("CLUSTERBMC_SLOWER", before, 1);
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_cut_between_characters),
		cmocka_unit_test(text_is_utf8_without_control_characters),
		cmocka_unit_test(wall_clock_and_boot_time_convert_back),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(bytes_are_written_as_two_digits_each),
		cmocka_unit_test(bytes_that_are_no_text_are_mended),
		cmocka_unit_test(a_log_line_has_its_priority_for_the_journal_only),
		cmocka_unit_test(a_flood_of_lines_is_limited_by_place),
		cmocka_unit_test(lines_that_were_left_out_are_counted),
		cmocka_unit_test(silent_thread_is_counted_by_rounds),
		cmocka_unit_test(limits_of_tests_grow_by_the_environment_s_factor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
