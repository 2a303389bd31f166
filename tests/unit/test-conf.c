// SPDX-License-Identifier: Apache-2.0
// The pieces of the loader: what a good file becomes, numbers, ranges, print and
// manual.
#include "conf-test.h"
#include "conf/tree.h"

/* clang-format off */
static const struct bmc_name colours[] = { { 1, "red" }, { 2, "blue" }, { 0, NULL } };
static const struct bmc_conf_item below[] = {
	{ .key = "id", .type = BMC_CONF_TEXT, .def = "!", .doc = "Id." },
	{ .key = "n", .type = BMC_CONF_INT, .doc = "Number." },
	{ .key = "words", .type = BMC_CONF_WORDS, .doc = "Words." },
	{ .key = NULL },
};
static const struct bmc_conf_item schema[] = {
	{ .key = "time", .type = BMC_CONF_INT, .min = 1, .max = 60000, .def = "2s", .unit = "ms", .doc = "Time." },
	{ .key = "on", .type = BMC_CONF_BOOL, .def = "false", .doc = "Switch." },
	{ .key = "text", .type = BMC_CONF_TEXT, .doc = "Text." },
	{ .key = "colour", .type = BMC_CONF_ENUM, .names = colours, .def = "blue", .doc = "Colour." },
	{ .key = "secret", .type = BMC_CONF_TEXT, .secret = true, .doc = "Secret." },
	{ .key = "part", .type = BMC_CONF_SECTION, .items = below, .doc = "Part." },
	{ .key = "rows", .type = BMC_CONF_LIST, .items = below, .doc = "Rows." },
	{ .key = "words", .type = BMC_CONF_WORDS, .doc = "Words." },
	{ .key = "map", .type = BMC_CONF_MAP, .doc = "Map." },
	{ .key = "any", .type = BMC_CONF_ANY, .def = "{}", .doc = "Somebody's." },
	{ .key = NULL },
};
static const struct bmc_conf_item secret_schema[] = {
	{ .key = "text", .type = BMC_CONF_TEXT, .min = 8, .max = 64, .secret = true, .doc = "Text." },
	{ .key = "number", .type = BMC_CONF_INT, .min = 1000, .max = 9999, .secret = true, .doc = "Number." },
	{ .key = "word", .type = BMC_CONF_ENUM, .names = colours, .secret = true, .doc = "Word." },
	{ .key = "flag", .type = BMC_CONF_BOOL, .secret = true, .doc = "Flag." },
	{ .key = NULL },
};
/* clang-format on */

static struct bmc_conf_file *parse(const char *text)
{
	struct bmc_conf_file *f = NULL;
	struct bmc_error err = { 0 };

	if (bmc_conf_parse("t.yaml", text, strlen(text), schema, &f, &err) < 0)
		fail_msg("%s", err.what);
	return f;
}

static void refuse(const char *text, const char *what)
{
	struct bmc_conf_file *f = NULL;
	struct bmc_error err = { 0 };

	assert_true(bmc_conf_parse("t.yaml", text, strlen(text), schema, &f, &err) < 0);
	assert_string_equal(err.what, what);
}

static void values_have_their_types_and_places(void **state)
{
	struct bmc_conf_file *f = parse("on: true\ncolour: red\n"
					"part:\n  id: x\n  n: -7\nmap: {a: b}\n");
	const struct bmc_conf *root = bmc_conf_root(f), *n;

	(void)state;
	assert_int_equal(bmc_conf_num(root, "on", -1), 1);
	assert_int_equal(bmc_conf_num(root, "colour", -1), 1);
	assert_string_equal(bmc_conf_text(bmc_conf_find(root, "map"), "a", ""), "b");
	n = bmc_conf_find(bmc_conf_find(root, "part"), "n");
	assert_int_equal(n->num, -7);
	assert_int_equal(n->line, 5);
	assert_int_equal(n->column, 3);
	assert_string_equal(n->file, "t.yaml");
	assert_false(n->is_default);
	bmc_conf_free(f);
}

static void missing_keys_take_their_defaults(void **state)
{
	struct bmc_conf_file *f = parse("text: x\n");
	const struct bmc_conf *root = bmc_conf_root(f),
			      *time = bmc_conf_find(root, "time");

	(void)state;
	assert_int_equal(time->num, 2000);
	assert_true(time->is_default);
	assert_string_equal(time->file, "default");
	assert_null(bmc_conf_find(root, "rows"));
	assert_int_equal(bmc_conf_num(root, "rows", 5), 5);
	bmc_conf_free(f);
}

static void any_is_checked_by_somebody_else_later(void **state)
{
	struct bmc_conf_file *f = parse("any: {id: x, n: 3}\n");
	const struct bmc_conf *any = bmc_conf_find(bmc_conf_root(f), "any"), *got;
	struct bmc_error err;

	(void)state;
	assert_int_equal(bmc_conf_apply(f, any, below, &got, &err), 0);
	assert_ptr_equal(got, any);
	assert_int_equal(bmc_conf_num(got, "n", 0), 3);
	assert_int_equal(bmc_conf_apply(f, any, below, &got, &err), 0);
	assert_int_equal(bmc_conf_apply(f, any, schema, &got, &err), BMC_EINVAL);
	assert_string_equal(err.what, "t.yaml:1: unknown key 'id'");
	assert_int_equal(bmc_conf_apply(f, NULL, schema, &got, &err), 0);
	assert_int_equal(bmc_conf_num(got, "time", 0), 2000);
	bmc_conf_free(f);
}

static void numbers_take_the_suffixes_of_their_unit(void **state)
{
	/* clang-format off */
	static const struct { const char *text, *unit; int rc; int64_t n; } cases[] = {
		{ "0", NULL, 0, 0 }, { "-5", NULL, 0, -5 }, { "007", NULL, 0, 7 },
		{ "150ms", "ms", 0, 150 }, { "10s", "ms", 0, 10000 }, { "2m", "ms", 0, 120000 },
		{ "1.5s", "ms", 0, 1500 }, { "250", "ms", 0, 250 }, { "3000ms", "s", 0, 3 },
		{ "1d", "s", 0, 86400 }, { "4GiB", "bytes", 0, INT64_C(4) << 30 },
		{ "1.5KiB", "bytes", 0, 1536 }, { "-40C", "mC", 0, -40000 }, { "45.5C", "mC", 0, 45500 },
		{ "1.3kW", "mW", 0, 1300000 }, { "50%", "m%", 0, 50000 }, { "1Gbit/s", "Mbit/s", 0, 1000 },
		{ "9223372036854775807", NULL, 0, INT64_MAX },
		{ "", NULL, BMC_EINVAL, 0 }, { "-", NULL, BMC_EINVAL, 0 }, { "+1", NULL, BMC_EINVAL, 0 },
		{ " 1", NULL, BMC_EINVAL, 0 }, { "1 ", NULL, BMC_EINVAL, 0 }, { "1.", NULL, BMC_EINVAL, 0 },
		{ "1.5", NULL, BMC_EINVAL, 0 }, { "10x", "ms", BMC_EINVAL, 0 }, { "10s", NULL, BMC_EINVAL, 0 },
		{ "1500ms", "s", BMC_EINVAL, 0 }, { "0.0001s", "ms", BMC_EINVAL, 0 },
		{ "9223372036854775808", NULL, BMC_ERANGE, 0 }, { "9223372036854775807s", "ms", BMC_ERANGE, 0 },
		{ "0.00000000000000000001", NULL, BMC_ERANGE, 0 },
	};
	/* clang-format on */
	size_t i;
	int64_t n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		n = 0;
		if (bmc_conf_number(cases[i].text, cases[i].unit, &n) != cases[i].rc ||
		    n != cases[i].n)
			fail_msg("'%s' is not what it should be", cases[i].text);
	}
}

static void ranges_make_one_item_for_each_combination(void **state)
{
	struct bmc_conf_file *f = parse("rows:\n"
					"  - {id: first}\n"
					"  - range: {b: 1-2, s: \"8,10-11\"}\n"
					"    id: \"{b}-{s:02}\"\n"
					"    n: \"{i}\"\n"
					"    words: [x, \"{s}\"]\n"
					"  - {id: \"{last}\"}\n");
	static const char *const ids[] = { "first", "1-08", "1-10", "1-11",
					   "2-08",  "2-10", "2-11", "{last}" };
	const struct bmc_conf *c = bmc_conf_find(bmc_conf_root(f), "rows")->child;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ids); i++, c = c->next) {
		assert_non_null(c);
		assert_string_equal(bmc_conf_text(c, "id", ""), ids[i]);
		if (i == 0 || i == 7)
			continue;
		assert_int_equal(bmc_conf_num(c, "n", -1), i - 1);
		assert_int_equal(c->line, 3);
		assert_string_equal(
			bmc_conf_find(c, "words")->child->next->text,
			strchr(ids[i], '-')[1] == '0' ? "8" : strchr(ids[i], '-') + 1);
	}
	assert_null(c);
	bmc_conf_free(f);
}

static void range_in_a_mapping_is_an_unknown_key(void **state)
{
	(void)state;
	refuse("part: {range: {n: 1-2}, id: x}\n", "t.yaml:1: unknown key 'range'");
}

static void huge_expansion_is_refused(void **state)
{
	(void)state;
	refuse("rows:\n  - {range: {a: 1-65535, b: 1-65535}, id: x}\n",
	       "t.yaml:2: the ranges of this file make more than 65536 items");
}

static void suggestions_are_near_or_none(void **state)
{
	struct bmc_conf_suggestion near = { .word = "tmie" }, far = { .word = "zzz" };

	(void)state;
	bmc_conf_suggestion(&near, "text");
	bmc_conf_suggestion(&near, "time");
	bmc_conf_suggestion(&far, "time");
	assert_string_equal(near.best, "time");
	assert_null(far.best);
}

static void long_file_names_lose_their_front(void **state)
{
	static const struct bmc_conf at = {
		.file = "/a/very/long/path/that/nobody/needs/to/see/whole/because/it/"
			"is/so/long/"
			"the-name.yaml",
		.line = 7
	};
	struct bmc_error err;

	(void)state;
	assert_int_equal(bmc_conf_fail(&at, &err, BMC_EINVAL, "why"), BMC_EINVAL);
	assert_int_equal(strncmp(err.what, "...", 3), 0);
	assert_non_null(strstr(err.what, "/the-name.yaml:7: why"));
}

static char *printed(const struct bmc_conf_file *f)
{
	char *buf = NULL;
	size_t len;
	FILE *out = open_memstream(&buf, &len);

	bmc_conf_print(bmc_conf_root(f), out);
	(void)fclose(out);
	return buf;
}

static void error_about_a_secret_does_not_show_it(void **state)
{
	static const char *const values[] = {
		"hush",
		"[hush]",
		"{hush: 1}",
		"[{a: hush}]",
		"hus\\h",
		"\"hush",
		"hush0123456789012345678901234567890123456789012345678901234567890",
		"&hush x",
		"*hush",
		"!hush 1",
		"red-hush",
		"1000-hush",
	};
	static const char *const keys[] = { "text", "number", "word", "flag" };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			struct bmc_conf_file *f = NULL;
			struct bmc_error err = { 0 };
			char text[128];
			int rc;

			(void)snprintf(text, sizeof(text), "%s: %s\n", keys[k],
				       values[i]);
			rc = bmc_conf_parse("t.yaml", text, strlen(text), secret_schema,
					    &f, &err);
			assert_int_equal(rc<0, strlen(err.what)> 0);
			if (rc < 0 && strstr(err.what, "hush"))
				fail_msg("%s", err.what);
			bmc_conf_free(f);
		}
	}
}

static void print_says_where_each_value_came_from(void **state)
{
	struct bmc_conf_file *f =
		parse("text: \"a \\\"b\\\" #c\"\nsecret: hush\nrows:\n  - id: \"1\"\n");
	auto_free char *text = printed(f);

	(void)state;
	assert_non_null(strstr(text, "text: \"a \\\"b\\\" #c\"  # t.yaml:1\n"));
	assert_non_null(strstr(text, "rows:\n  - id: 1  # t.yaml:4\n"));
	assert_non_null(strstr(text, "time: 2s  # default\n"));
	assert_null(strstr(text, "hush"));
	bmc_conf_free(f);
}

/* Where a value came from is not the same the second time. */
static void strip_origins(char *text)
{
	char *at;

	while ((at = strstr(text, "  # ")))
		memmove(at, at + strcspn(at, "\n"), strlen(at + strcspn(at, "\n")) + 1);
}

static void print_can_be_loaded_again(void **state)
{
	struct bmc_conf_file *f =
		parse("time: 5s\ntext: \"- x: \\L\\P\\u00e9\"\npart: {id: \"\", words: "
		      "[a, \"b "
		      "c\", \"~\"]}\n"
		      "map: {\"k.1\": \"null\", b: \"{c}\"}\nwords: []\n"
		      "rows:\n  - {range: {n: 1-3}, id: \"r{n}\", words: [\"{n}\"]}\n"
		      "any: {deep: [1, {a: 1, c: [[2, 3], 4]}, {b: [x]}, [], {}]}\n");
	auto_free char *once = printed(f), *twice = NULL;

	(void)state;
	bmc_conf_free(f);
	f = parse(once);
	twice = printed(f);
	strip_origins(once);
	strip_origins(twice);
	assert_string_equal(once, twice);
	assert_non_null(strstr(twice, "- id: r3\n"));
	bmc_conf_free(f);
}

static void manual_lists_every_key_with_its_doc(void **state)
{
	auto_free char *buf = NULL;
	size_t len;
	FILE *out = open_memstream(&buf, &len);

	(void)state;
	bmc_conf_doc("Test", schema, out);
	(void)fclose(out);
	assert_non_null(strstr(
		buf, "| `time` | number, 1 to 60000 ms (suffixes: ms, s, m, h) | "
		     "`2s` | at once | Time. |\n"));
	assert_non_null(strstr(buf, "| `colour` | `red`, `blue` | `blue` |"));
	assert_non_null(strstr(buf, "### `rows[]`\n"));
	assert_non_null(strstr(buf, "| `id` | text | required |"));
}

static void every_item_is_documented(const struct bmc_conf_item *items)
{
	for (; items->key; items++) {
		if (!items->doc || !*items->doc ||
		    items->doc[strlen(items->doc) - 1] != '.')
			fail_msg("'%s' has no sentence of documentation", items->key);
		if (items->items && items->items != items)
			every_item_is_documented(items->items);
	}
}

static void both_schemas_document_every_item(void **state)
{
	(void)state;
	every_item_is_documented(bmc_conf_schema);
	every_item_is_documented(bmc_platform_schema());
}

static void folder_in_place_of_a_file_is_refused(void **state)
{
	struct bmc_conf_file *f;
	struct bmc_error err;

	(void)state;
	assert_int_equal(bmc_conf_load("/tmp", schema, &f, &err), BMC_EINVAL);
	assert_string_equal(err.what, "/tmp: not a regular file");
	assert_int_equal(bmc_conf_load("/nowhere/x", schema, &f, &err), BMC_ENOTFOUND);
	assert_string_equal(err.what, "/nowhere/x: No such file or directory");
}

static void file_above_4_mib_is_refused(void **state)
{
	char path[] = "/tmp/clusterbmc-conf-XXXXXX";
	struct bmc_conf_file *f;
	struct bmc_error err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (4 << 20) + 1), 0);
	assert_int_equal(bmc_conf_load(path, schema, &f, &err), BMC_ENOSPC);
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_their_types_and_places),
		cmocka_unit_test(missing_keys_take_their_defaults),
		cmocka_unit_test(any_is_checked_by_somebody_else_later),
		cmocka_unit_test(numbers_take_the_suffixes_of_their_unit),
		cmocka_unit_test(ranges_make_one_item_for_each_combination),
		cmocka_unit_test(range_in_a_mapping_is_an_unknown_key),
		cmocka_unit_test(huge_expansion_is_refused),
		cmocka_unit_test(suggestions_are_near_or_none),
		cmocka_unit_test(long_file_names_lose_their_front),
		cmocka_unit_test(error_about_a_secret_does_not_show_it),
		cmocka_unit_test(print_says_where_each_value_came_from),
		cmocka_unit_test(print_can_be_loaded_again),
		cmocka_unit_test(manual_lists_every_key_with_its_doc),
		cmocka_unit_test(both_schemas_document_every_item),
		cmocka_unit_test(folder_in_place_of_a_file_is_refused),
		cmocka_unit_test(file_above_4_mib_is_refused),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
