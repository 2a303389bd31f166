// SPDX-License-Identifier: Apache-2.0
// No error about a configuration file quotes a secret, whatever is wrong with it: each
// key of the schema that is flagged, and one of each type, in files that are refused.
#include "conf-test.h"
#include "conf/tree.h"

#define NEEDLE "hunter2"

/* clang-format off */
/* %s is the key. The value is what may be wrong, or what is around it. */
static const char *const faults[] = {
	"%s: " NEEDLE,                               /* other keys are missing */
	"%s: \"" NEEDLE "\\x01\"",                   /* a control character */
	"%s: [" NEEDLE ", x]",
	"%s: {" NEEDLE ": x}",
	"%s: {x: " NEEDLE "}",
	"%s: !" NEEDLE " x",
	"%s: &" NEEDLE " x",
	"%s: *" NEEDLE,
	"%s: " NEEDLE ", %s: " NEEDLE,               /* twice */
	"%s:" NEEDLE,                                /* no blank: all of it is a key */
	"%s:" NEEDLE ", %s:" NEEDLE,
	"%s=" NEEDLE,
	"range: {i: 1-2}, %s: " NEEDLE,
	"range: {n: 1-2}, %s: \"a{" NEEDLE "}\"",
	"range: {n: " NEEDLE "}, %s: x",
	"%s: \"" NEEDLE,                             /* no end */
	"%s: " NEEDLE ": x",
	"%s: '" NEEDLE "' " NEEDLE,
	"%s: |\n " NEEDLE,
};

static const struct bmc_name words[] = { { 0, "hunters" }, { 1, "gatherers" }, { 0, NULL } };
static const struct bmc_name others[] = { { 0, "x" }, { 1, "y" }, { 0, NULL } };
static const struct bmc_conf_item below[] = {
	{ .key = "required", .type = BMC_CONF_TEXT, .def = "!", .doc = "." },
	{ .key = "number", .type = BMC_CONF_INT, .min = 1, .max = 2, .unit = "ms", .secret = true, .doc = "." },
	{ .key = "bool", .type = BMC_CONF_BOOL, .secret = true, .doc = "." },
	{ .key = "near", .type = BMC_CONF_ENUM, .names = words, .secret = true, .doc = "." },
	{ .key = "far", .type = BMC_CONF_ENUM, .names = others, .secret = true, .doc = "." },
	{ .key = "text", .type = BMC_CONF_TEXT, .min = 2, .max = 3, .secret = true, .doc = "." },
	{ .key = NULL },
};
static const struct bmc_conf_item schema[] = {
	{ .key = "rows", .type = BMC_CONF_LIST, .max = 9, .items = below, .doc = "." },
	{ .key = NULL },
};
/* clang-format on */

static unsigned n_secrets;

/* Text of a fault with each %s replaced by the key. */
static void put_fault(const char *fault, const char *key, char *buf, size_t size)
{
	size_t n = 0;

	for (; *fault && n + 1 < size; fault++) {
		if (strncmp(fault, "%s", 2) == 0) {
			n += (size_t)snprintf(buf + n, size - n, "%s", key);
			fault++;
		} else {
			buf[n++] = *fault;
		}
	}
	buf[MIN(n, size - 1)] = '\0';
}

static void refuse(const struct bmc_conf_item *root, const char *text)
{
	struct bmc_conf_file *f = NULL;
	struct bmc_error err = { 0 };

	if (bmc_conf_parse("t.yaml", text, strlen(text), root, &f, &err) == 0)
		fail_msg("taken: %s", text);
	if (!err.what[0] || strstr(err.what, NEEDLE))
		fail_msg("%s\nsays: %s", text, err.what);
}

/* `before` and `after` are the mappings and lists around a key. */
static void try_key(const struct bmc_conf_item *root, const char *before,
		    const char *key, const char *after)
{
	char fault[300], text[800], longer[260];

	n_secrets++;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		put_fault(faults[i], key, fault, sizeof(fault));
		(void)snprintf(text, sizeof(text), "%s%s%s", before, fault, after);
		refuse(root, text);
	}
	memset(longer, 'x', sizeof(longer));
	(void)snprintf(longer + sizeof(longer) - sizeof(NEEDLE), sizeof(NEEDLE), "%s",
		       NEEDLE);
	(void)snprintf(text, sizeof(text), "%s%s: %s%s", before, key, longer, after);
	refuse(root, text);
}

static void try_all(const struct bmc_conf_item *root, const struct bmc_conf_item *items,
		    const char *before, const char *after)
{
	char b[200], a[64];

	for (; items->key; items++) {
		if (items->secret)
			try_key(root, before, items->key, after);
		if (!items->items)
			continue;
		bool list = items->type == BMC_CONF_LIST;
		(void)snprintf(b, sizeof(b), "%s%s: %s", before, items->key,
			       list ? "[{" : "{");
		(void)snprintf(a, sizeof(a), "%s%s", list ? "}]" : "}", after);
		try_all(root, items->items, b, a);
	}
}

static void no_error_quotes_a_secret_of_the_configuration(void **state)
{
	(void)state;
	n_secrets = 0;
	try_all(bmc_conf_schema, bmc_conf_schema, "{", "}");
	assert_true(n_secrets >= 4);
}

static void no_error_quotes_a_secret_of_any_type(void **state)
{
	(void)state;
	n_secrets = 0;
	try_all(schema, schema, "{", "}");
	assert_int_equal(n_secrets, 5);
}

/* What is printed of a file that is fine. */
static void secrets_are_not_printed(void **state)
{
	static const char text[] = "{rows: [{required: x, text: abc, number: 2}]}";
	struct bmc_conf_file *f = NULL;
	struct bmc_error err = { 0 };
	char buf[1000] = "";
	FILE *out = fmemopen(buf, sizeof(buf) - 1, "w");

	(void)state;
	assert_int_equal(bmc_conf_parse("t", text, strlen(text), schema, &f, &err), 0);
	bmc_conf_print(bmc_conf_root(f), out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(buf, "text: \"***\""));
	assert_non_null(strstr(buf, "number: \"***\""));
	assert_null(strstr(buf, "abc"));
	bmc_conf_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_error_quotes_a_secret_of_the_configuration),
		cmocka_unit_test(no_error_quotes_a_secret_of_any_type),
		cmocka_unit_test(secrets_are_not_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
