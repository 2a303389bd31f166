// SPDX-License-Identifier: Apache-2.0
/* What a support bundle leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands/scrub.h"
#include "core/base/util.h"

static void texts_under_secret_names_are_masked_at_any_depth(void **state)
{
	json_t *v = json_loads(
		"{\"Name\": \"n\", \"Password\": \"s3cret\", \"Password2\": null,"
		" \"list\": [{\"X-Auth-Token\": \"s3cret\", \"n\": 1}, \"plain\"],"
		" \"SNMP\": {\"CommunityStrings\": [{\"CommunityString\": \"s3cret\"}],"
		" \"AuthenticationKey\": \"s3cret\", \"Key\": \"kept\"},"
		" \"Tokens\": [\"s3cret\"], \"Message\": \"to "
		"https://h/e?token=s3cret\","
		" \"MessageArgs\": [\"https://u:s3cret@h/\"]}",
		0, NULL);
	char *text;

	(void)state;
	cli_scrub_json(v);
	text = json_dumps(v, JSON_COMPACT);
	assert_null(strstr(text, "s3cret"));
	assert_non_null(strstr(text, "\"Name\":\"n\""));
	assert_non_null(strstr(text, "\"plain\""));
	assert_non_null(strstr(text, "\"kept\""));
	assert_non_null(strstr(text, "\"Password2\":null"));
	free(text);
	json_decref(v);
	cli_scrub_json(NULL);
}

static void values_in_lines_are_masked(void **state)
{
	static const char *const lines[][2] = {
		{ "password: s3cret\nnext: x\n", "password: ******\nnext: x\n" },
		{ "auth_passphrase = \"s3cret\", more",
		  "auth_passphrase = \"******\", more" },
		{ "Authorization: Basic abc=\nq", "Authorization: **********\nq" },
		{ "API_TOKEN='a b' c", "API_TOKEN='***' c" },
		{ "{\"password\": \"a\\\"b\", 1}", "{\"password\": \"****\", 1}" },
		{ "community:x", "community:*" },
		{ "the password of rita was changed",
		  "the password of rita was changed" },
		{ "no password", "no password" },
		{ "password:", "password:" },
		{ "at https://u:p@host/a and http://host/x@y",
		  "at https://***@host/a and http://host/x@y" },
		{ "", "" },
		{ "at https://u:p/w@h/a", "at https://*****@h/a" },
		{ "at https://u:p@w?#/@h/a b@c", "at https://********@h/a b@c" },
		{ "(http://tok@h/)", "(http://***@h/)" },
		{ "http://h:8080/a b@c", "http://h:8080/a b@c" },
		{ "run --password s3cret -v", "run --password ****** -v" },
		{ "run --password  's 3' -v", "run --password  ****' -v" },
		{ "\"--auth-token\ts3cret", "\"--auth-token\t******" },
		{ "--password-file /etc/pw x", "--password-file /etc/pw x" },
		{ "--password", "--password" },
		{ "--password ", "--password " },
		{ "--password --verbose", "--password --verbose" },
		{ "a --token", "a --token" },
		{ "no--password x", "no--password x" },
		{ "-----BEGIN EC PRIVATE KEY-----\nab+/\ncd==\n-----END EC PRIVATE "
		  "KEY-----\nkept",
		  "-----BEGIN EC PRIVATE KEY-----\n****\n****\n-----END EC PRIVATE "
		  "KEY-----\nkept" },
		{ "-----BEGIN PRIVATE KEY-----\nab\ncut", /* off: all that is left */
		  "-----BEGIN PRIVATE KEY-----\n**\n***" },
		{ "-----BEGIN PRIVATE KEY-----\\nab\\n-----END PRIVATE KEY-----\\n",
		  "-----BEGIN PRIVATE KEY-----******-----END PRIVATE KEY-----\\n" },
		{ "-----BEGIN CERTIFICATE-----\nab\n-----END CERTIFICATE-----",
		  "-----BEGIN CERTIFICATE-----\nab\n-----END CERTIFICATE-----" },
		{ "-----BEGIN CERTIFICATE-----\nab\n-----END CERTIFICATE-----\n"
		  "-----BEGIN OPENSSH PRIVATE KEY-----\nk\n",
		  "-----BEGIN CERTIFICATE-----\nab\n-----END CERTIFICATE-----\n"
		  "-----BEGIN OPENSSH PRIVATE KEY-----\n*\n" },
		{ "-----BEGIN ", "-----BEGIN " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *text = strdup(lines[i][0]);
		cli_scrub_text(text);
		assert_string_equal(text, lines[i][1]);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_under_secret_names_are_masked_at_any_depth),
		cmocka_unit_test(values_in_lines_are_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
