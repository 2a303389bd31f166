// SPDX-License-Identifier: Apache-2.0
/* The parts of the plugin node_exporter that need no network: the parser of the text
 * exposition format at its bounds, and what samples say of a board. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../plugins/node_exporter/readings.h"

/* ---- the parser ---- */

static struct {
	size_t n;
	char text[4][8192];
} seen;

/* Samples as one text: NAME|LABEL=VALUE|...|NUMBER */
static void note(void *arg, const struct expo_sample *s)
{
	char *out = seen.text[seen.n % 4];
	int at = sprintf(out, "%s", s->name);

	(void)arg;
	for (size_t i = 0; i < s->n_labels; i++)
		at += sprintf(out + at, "|%s=%s", s->labels[i].name,
			      s->labels[i].value);
	(void)sprintf(out + at, "|%g", s->value);
	seen.n++;
}

static struct expo expo;

static void begin(size_t bytes, size_t lines)
{
	memset(&seen, 0, sizeof(seen));
	expo_init(&expo, bytes, lines, note, NULL);
}

static void feed(const char *text)
{
	begin(1 << 20, 1000);
	assert_true(expo_feed(&expo, text, strlen(text)));
}

static void samples_have_names_labels_and_values(void **state)
{
	(void)state;
	feed("# HELP a b\n\n  # more\na 1\n\tb{} -2.5e3 1395066363000\n"
	     "c{x=\"1\", y = \"a\\\\b\\\"c\\nd\" ,} +Inf\n");
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.text[0], "a|1");
	assert_string_equal(seen.text[1], "b|-2500");
	assert_string_equal(seen.text[2], "c|x=1|y=a\\b\"c\nd|inf");
	assert_int_equal(expo.bad, 0);
	assert_true(expo_whole(&expo));
}

static void nan_and_infinities_are_values(void **state)
{
	(void)state;
	feed("a NaN\nb -Inf\nc Inf\n");
	assert_string_equal(seen.text[0], "a|nan");
	assert_string_equal(seen.text[1], "b|-inf");
	assert_string_equal(seen.text[2], "c|inf");
}

static void a_line_that_is_none_hides_no_other(void **state)
{
	static const char *const lines[] = {
		"1a 1",           "a",
		"a{ 1",           "a{x} 1",
		"a{x=1} 1",       "a{x=\"1} 1",
		"a{x=\"1\" 1",    "a{x=\"1\"y=\"2\"} 1",
		"a{,} 1",         "a 0x10",
		"a nan",          "a infinity",
		"a 1 2 3",        "a 1 x",
		"a 1e",           "a --1",
		"a{x=\"\\t\"} 1", "a{1x=\"\"} 1",
		"{a=\"b\"} 1",    "a{x=\"1\"}",
		"a\\ 1",          "a 1-",
		"\"a\" 1",        "a{x=\"\\",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[100];

		(void)snprintf(text, sizeof(text), "%s\nb 2\n", lines[i]);
		feed(text);
		if (seen.n != 1 || expo.bad != 1)
			fail_msg("%s: %s", lines[i], seen.text[0]);
		assert_string_equal(seen.text[0], "b|2");
	}
}

static void a_nul_makes_a_line_bad(void **state)
{
	(void)state;
	begin(100, 10);
	assert_true(expo_feed(&expo, "a 1\0x\nb 2\n", 10));
	assert_int_equal(expo.bad, 1);
	assert_string_equal(seen.text[0], "b|2");
}

static void pieces_of_any_size_give_the_same(void **state)
{
	static const char text[] = "# x\na{b=\"c\"} 1\nlonger_name 22 33\n";

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		begin(1000, 10);
		for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
			size_t left = sizeof(text) - 1 - at;

			assert_true(expo_feed(&expo, text + at,
					      left < piece ? left : piece));
		}
		assert_int_equal(seen.n, 2);
		assert_string_equal(seen.text[0], "a|b=c|1");
		assert_string_equal(seen.text[1], "longer_name|22");
		assert_true(expo_whole(&expo));
	}
}

/* A line of `len` bytes that is a sample. */
static void feed_long(size_t len)
{
	char *text = malloc(len + 8);

	assert_non_null(text);
	memset(text, 'a', len);
	memcpy(text + len - 2, " 7\nb 2\n", 8);
	begin(1 << 20, 10);
	assert_true(expo_feed(&expo, text, len + 5));
	free(text);
}

static void a_line_is_read_up_to_its_bound(void **state)
{
	(void)state;
	feed_long(EXPO_LINE_MAX - 1);
	assert_int_equal(seen.n, 2);
	assert_int_equal(expo.bad, 0);
	feed_long(EXPO_LINE_MAX);
	assert_int_equal(seen.n, 1);
	assert_int_equal(expo.bad, 1);
	assert_string_equal(seen.text[0], "b|2");
	feed_long(10 * EXPO_LINE_MAX);
	assert_int_equal(seen.n, 1);
}

static void bytes_and_lines_are_bounded(void **state)
{
	(void)state;
	begin(8, 10);
	assert_true(expo_feed(&expo, "a 1\na 2\n", 8));
	assert_false(expo_feed(&expo, "a", 1));
	assert_false(expo_feed(&expo, "a", SIZE_MAX));
	begin(100, 2);
	assert_true(expo_feed(&expo, "a 1\na 2\na", 9));
	assert_false(expo_feed(&expo, " 3\n", 3));
	assert_int_equal(seen.n, 2);
}

static void labels_are_bounded(void **state)
{
	char text[1000];

	(void)state;
	for (int n = EXPO_LABELS_MAX; n <= EXPO_LABELS_MAX + 1; n++) {
		int at = sprintf(text, "a{");

		for (int i = 0; i < n; i++)
			at += sprintf(text + at, "l=\"%d\",", i);
		(void)sprintf(text + at, "} 1\n");
		feed(text);
		assert_int_equal(seen.n, n == EXPO_LABELS_MAX);
	}
}

static void what_ends_within_a_line_is_cut_off(void **state)
{
	(void)state;
	feed("a 1\nb");
	assert_false(expo_whole(&expo));
	begin(100, 10);
	assert_false(expo_whole(&expo));
}

/* ---- readings ---- */

static struct ne_board board;

static int64_t value_of(const struct bmc_value *v, size_t n, size_t offset)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].offset == offset)
			return v[i].num;
	}
	fail_msg("a value is missing");
	return 0;
}

static const char *text_of(const struct bmc_value *v, size_t n, size_t offset)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].offset == offset)
			return v[i].text;
	}
	fail_msg("a text is missing");
	return NULL;
}

static struct bmc_value values[NE_VALUES_MAX];
static struct ne_answer answer;
static size_t n_values;

static void scrape(const char *text, int64_t now)
{
	ne_answer_init(&answer);
	expo_init(&expo, 1 << 20, 1000, ne_answer_take, &answer);
	assert_true(expo_feed(&expo, text, strlen(text)));
	n_values = ne_values(&answer, &board, now, values);
}

#define NUM(field)  value_of(values, n_values, offsetof(struct bmc_board, field))
#define TEXT(field) text_of(values, n_values, offsetof(struct bmc_board, field))

static void an_exporters_samples_become_the_boards_fields(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	scrape("node_boot_time_seconds 1.6e9\nnode_time_seconds 1.6000005e+09\n"
	       "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 10\n"
	       "node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 10\n"
	       "node_cpu_scaling_frequency_max_hertz{cpu=\"0\"} 1.416e+09\n"
	       "node_cpu_scaling_frequency_max_hertz{cpu=\"5\"} 1.8e+09\n"
	       "node_filesystem_free_bytes{fstype=\"ext4\",mountpoint=\"/\"} 3e9\n"
	       "node_filesystem_size_bytes{fstype=\"ext4\",mountpoint=\"/\"} 1e10\n"
	       "node_filesystem_size_bytes{fstype=\"ext4\",mountpoint=\"/mnt\"} 1e12\n"
	       "node_hwmon_chip_names{chip=\"z0\",chip_name=\"soc_thermal\"} 1\n"
	       "node_hwmon_chip_names{chip=\"z1\",chip_name=\"gpu_thermal\"} 1\n"
	       "node_hwmon_temp_celsius{chip=\"z0\",sensor=\"temp1\"} 45.125\n"
	       "node_hwmon_temp_celsius{chip=\"z1\",sensor=\"temp1\"} 44.5\n"
	       "node_hwmon_temp_celsius{chip=\"z2\",sensor=\"temp1\"} 99\n"
	       "node_memory_MemAvailable_bytes 1e9\nnode_memory_MemTotal_bytes 4e9\n"
	       "node_os_info{pretty_name=\"Ubuntu \x01"
	       "18.04\"} 1\n"
	       "node_thermal_zone_temp{type=\"soc-thermal\",zone=\"0\"} 46\n"
	       "node_uname_info{machine=\"aarch64\",nodename=\"sub1\",release=\"4.4\"} "
	       "1\n",
	       10000000);
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
	assert_int_equal(NUM(cpu_cores), 2);
	assert_int_equal(NUM(cpu_mhz), 1800);
	assert_int_equal(NUM(memory_bytes), 4000000000);
	assert_int_equal(NUM(memory_used), 3000000000);
	assert_int_equal(NUM(storage_bytes), 10000000000);
	assert_int_equal(NUM(storage_used), 7000000000);
	assert_int_equal(NUM(soc_temperature), 46000);
	assert_int_equal(NUM(gpu_temperature), 44500);
	assert_int_equal(NUM(boot_time), 10000000 - 500000);
	assert_int_equal(NUM(os), BMC_OS_LINUX);
	assert_string_equal(TEXT(os_version), "Ubuntu ?18.04");
	assert_string_equal(TEXT(hostname), "sub1");
	assert_string_equal(TEXT(kernel), "4.4");
	assert_string_equal(TEXT(architecture), "aarch64");
}

static void cpu(const char *idle, const char *user)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
		       "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} %s\n"
		       "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} %s\n",
		       idle, user);
	scrape(text, 1000);
}

static void load_is_the_difference_of_two_scrapes(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	cpu("100", "50");
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
	cpu("107.5", "52.5");
	assert_int_equal(NUM(cpu_load), 25000);
	cpu("117.5", "52.5");
	assert_int_equal(NUM(cpu_load), 0);
	cpu("117.5", "62.5");
	assert_int_equal(NUM(cpu_load), 100000);
}

static void counters_that_begin_anew_give_no_load(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	cpu("100", "50");
	cpu("1", "0.5");
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
	cpu("2", "1.5");
	assert_int_equal(NUM(cpu_load), 50000);
	cpu("1", "5"); /* idle alone went back */
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
	cpu("9", "4"); /* user alone */
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
	cpu("9", "4"); /* no time has passed */
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
}

static void a_processor_that_comes_gives_no_load(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	cpu("100", "50");
	scrape("node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 101\n"
	       "node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 500\n",
	       1000);
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
	assert_int_equal(NUM(cpu_cores), 2);
}

static void sums_from_before_a_restart_are_dropped(void **state)
{
	static const char form[] = "node_boot_time_seconds %d\nnode_time_seconds %d\n"
				   "node_cpu_seconds_total{mode=\"idle\"} %d\n";
	char text[200];

	(void)state;
	memset(&board, 0, sizeof(board));
	(void)snprintf(text, sizeof(text), form, 1000, 1100, 50);
	scrape(text, 500000);
	assert_int_equal(NUM(boot_time), 400000);
	(void)snprintf(text, sizeof(text), form, 1000, 1110, 55);
	scrape(text, 512000); /* 2 s of jitter: the same start */
	assert_int_equal(NUM(boot_time), 400000);
	assert_int_equal(NUM(cpu_load), 0);
	(void)snprintf(text, sizeof(text), form, 5000, 5200, 200);
	scrape(text, 800000);
	assert_int_equal(NUM(boot_time), 600000);
	assert_int_equal(NUM(cpu_load), BMC_UNKNOWN);
}

static void lies_are_unknown(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	scrape("node_memory_MemTotal_bytes 1e9\nnode_memory_MemAvailable_bytes 2e9\n"
	       "node_filesystem_size_bytes{fstype=\"ext4\",mountpoint=\"/\"} NaN\n"
	       "node_filesystem_free_bytes{fstype=\"ext4\",mountpoint=\"/\"} 1\n"
	       "node_cpu_scaling_frequency_max_hertz +Inf\n"
	       "node_thermal_zone_temp{type=\"soc\"} 1e300\n"
	       "node_thermal_zone_temp{type=\"gpu\"} NaN\n"
	       "node_boot_time_seconds 2e9\nnode_time_seconds 1e9\n"
	       "node_cpu_seconds_total{mode=\"idle\"} -5\n"
	       "node_cpu_seconds_total{mode=\"user\"} +Inf\n",
	       1000);
	assert_int_equal(NUM(memory_bytes), 1000000000);
	assert_int_equal(NUM(memory_used), BMC_UNKNOWN);
	assert_int_equal(NUM(storage_bytes), BMC_UNKNOWN);
	assert_int_equal(NUM(storage_used), BMC_UNKNOWN);
	assert_int_equal(NUM(cpu_mhz), BMC_UNKNOWN);
	assert_int_equal(NUM(soc_temperature), BMC_UNKNOWN);
	assert_int_equal(NUM(gpu_temperature), BMC_UNKNOWN);
	assert_int_equal(NUM(boot_time), BMC_UNKNOWN);
	assert_int_equal(NUM(cpu_cores), BMC_UNKNOWN);
	scrape("node_memory_MemTotal_bytes 1e19\n", 1000);
	assert_int_equal(NUM(memory_bytes), BMC_UNKNOWN);
}

static void androids_storage_is_that_of_its_data(void **state)
{
	(void)state;
	memset(&board, 0, sizeof(board));
	scrape("node_filesystem_free_bytes{fstype=\"f2fs\",mountpoint=\"/data\"} 2e10\n"
	       "node_filesystem_size_bytes{fstype=\"f2fs\",mountpoint=\"/data\"} "
	       "2.5e10\n"
	       "node_filesystem_size_bytes{fstype=\"ext4\",mountpoint=\"/\"} 2e9\n"
	       "node_filesystem_free_bytes{fstype=\"tmpfs\",mountpoint=\"/data\"} "
	       "9e10\n",
	       1000);
	assert_int_equal(NUM(storage_bytes), 25000000000);
	assert_int_equal(NUM(storage_used), 5000000000);
	assert_int_equal(NUM(os), BMC_OS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_have_names_labels_and_values),
		cmocka_unit_test(nan_and_infinities_are_values),
		cmocka_unit_test(a_line_that_is_none_hides_no_other),
		cmocka_unit_test(a_nul_makes_a_line_bad),
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test(a_line_is_read_up_to_its_bound),
		cmocka_unit_test(bytes_and_lines_are_bounded),
		cmocka_unit_test(labels_are_bounded),
		cmocka_unit_test(what_ends_within_a_line_is_cut_off),
		cmocka_unit_test(an_exporters_samples_become_the_boards_fields),
		cmocka_unit_test(load_is_the_difference_of_two_scrapes),
		cmocka_unit_test(counters_that_begin_anew_give_no_load),
		cmocka_unit_test(a_processor_that_comes_gives_no_load),
		cmocka_unit_test(sums_from_before_a_restart_are_dropped),
		cmocka_unit_test(lies_are_unknown),
		cmocka_unit_test(androids_storage_is_that_of_its_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
