// SPDX-License-Identifier: Apache-2.0
/* What a client takes, and the gzip coding: of bodies received and of answers. */
#include "http-fixture.h"

#include "http/gzip.h"
#include "http/negotiate.h"

#define MAX_BODY 65536

/* ---- what a client takes ---- */

static void accept_is_read_as_a_list_with_weights(void **state)
{
	static const struct {
		const char *header;
		bool taken;
	} cases[] = {
		{ NULL, true },
		{ "", true },
		{ " , ", true },
		{ "application/json", true },
		{ "APPLICATION/Json", true },
		{ "application/json;charset=utf-8", true },
		{ "application/json; odata.metadata=minimal;q=0.1", true },
		{ "application/*", true },
		{ "*/*", true },
		{ "text/html, application/json;q=0.001", true },
		{ "text/html,\tAPPLICATION/*;q=0.5", true },
		{ "application/json;q=1.000", true },
		{ "*/*;q=0, application/json", true },
		{ "text/x;a=\"b,c;q=0\", */*", true },
		{ "text/html", false },
		{ "application/jsonx", false },
		{ "application/xml, text/*", false },
		{ "application/json;q=0", false },
		{ "application/json;Q=0.000", false },
		{ "application/json; q = 0", false },
		{ "application/json;q=0, */*", false },
		{ "application/*;q=0, */*;q=1", false },
		{ "application/json;q=x", false },
		{ "application/json;q=1.001", false },
		{ "application/json;q=0.0001", false },
		{ "application/json;q=", false },
		{ "text/x;a=\"b, application/json", false },
		{ "*", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (http_accepts(cases[i].header, "application/json") != cases[i].taken)
			fail_msg("Accept: %s", cases[i].header);
	}
}

static void gzip_is_used_where_it_is_preferred(void **state)
{
	static const struct {
		const char *header;
		bool taken;
	} cases[] = {
		{ "gzip", true },
		{ "GZip", true },
		{ "x-gzip", true },
		{ "deflate, gzip;q=0.5, br", true },
		{ "*", true },
		{ "*;q=0.1", true },
		{ "gzip;q=0.5, identity;q=0.5", true },
		{ "gzip;q=1.0, identity; q=0.5, *;q=0", true },
		{ NULL, false },
		{ "", false },
		{ "identity", false },
		{ "br, deflate", false },
		{ "gzip;q=0", false },
		{ "gzip;q=0.0, *", false },
		{ "*;q=0", false },
		{ "gzip;q=0.4, identity;q=0.5", false },
		{ "gzipped", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (http_accepts_gzip(cases[i].header) != cases[i].taken)
			fail_msg("Accept-Encoding: %s", cases[i].header);
	}
}

/* ---- the coding itself ---- */

static char *letters(size_t len)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + i / 97 % 26);
	text[len] = 0;
	return text;
}

static void expect_inflate(const char *in, size_t len, size_t max, int code)
{
	char *out = NULL;
	size_t n = 0;
	int r = http_gzip_inflate(in, len, max, &out, &n);

	if (r != code)
		fail_msg("%zu bytes, at most %zu: %d", len, max, r);
	assert_true((out != NULL) == (code == 0));
	free(out);
}

static void coding_goes_both_ways_within_its_bound(void **state)
{
	static const size_t sizes[] = { 64, 4095, 4096, 4097, 70000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t len = sizes[i], coded_len, n;
		auto_free char *text = letters(len);
		auto_free char *coded = http_gzip_deflate(text, len, &coded_len);
		char *out;

		assert_non_null(coded);
		assert_true(coded_len < len);
		assert_int_equal(http_gzip_inflate(coded, coded_len, len, &out, &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(out, text, len);
		free(out);
		expect_inflate(coded, coded_len, len + 1, 0);
		expect_inflate(coded, coded_len, len - 1, BMC_ERANGE);
	}
}

static void nothing_longer_comes_of_deflating(void **state)
{
	char noise[64];
	size_t len;

	(void)state;
	bmc_random(noise, sizeof(noise));
	assert_null(http_gzip_deflate(noise, sizeof(noise), &len));
	assert_null(http_gzip_deflate("", 0, &len));
	assert_null(http_gzip_deflate("x", 1, &len));
}

static void cut_and_corrupt_bodies_are_invalid(void **state)
{
	size_t len, n;
	auto_free char *text = letters(3000);
	auto_free char *coded = http_gzip_deflate(text, 3000, &len);
	char twice[2048], *out;

	(void)state;
	for (size_t i = 0; i < len; i++)
		expect_inflate(coded, i, 4000, BMC_EINVAL);
	coded[len - 6] ^= 1; /* the checksum */
	expect_inflate(coded, len, 4000, BMC_EINVAL);
	coded[len - 6] ^= 1;
	assert_true(2 * len < sizeof(twice));
	memcpy(twice, coded, len);
	memcpy(twice + len, coded, len);
	expect_inflate(twice, len + 1, 8000, BMC_EINVAL);
	expect_inflate(twice, 2 * len, 5999, BMC_ERANGE);
	assert_int_equal(http_gzip_inflate(twice, 2 * len, 6000, &out, &n), 0);
	assert_int_equal(n, 6000);
	free(out);
}

static void bomb_takes_little_memory(void **state)
{
	size_t len, before;
	auto_free char *zeros = calloc(1, 64U << 20);
	auto_free char *coded = http_gzip_deflate(zeros, 64U << 20, &len);

	(void)state;
	assert_non_null(coded);
	before = http_resident_kb();
	expect_inflate(coded, len, MAX_BODY, BMC_ERANGE);
	assert_true(http_resident_kb() < before + MEMORY_MAX_KB);
}

/* ---- over the server ---- */

static int begin(struct http_request *q)
{
	q->authenticated = strstr(q->path, "/known");
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	http_answer(q, 200,
		    http_response_new(q->body, q->body_len, HTTP_COPIED, q->secure));
	return HTTP_DONE;
}

static int data(struct http_request *q, const void *bytes, size_t len,
		size_t *ret_taken)
{
	(void)q;
	(void)bytes;
	*ret_taken = len;
	return HTTP_DONE;
}

static const struct http_handler echo = { .begin = begin, .run = run };
static const struct http_handler stream = { .begin = begin, .data = data, .run = run };

static struct http_reply post(const char *path, const char *coding, const char *body,
			      size_t len)
{
	auto_fd int fd = http_connect(0);
	char line[256];

	(void)snprintf(line, sizeof(line),
		       "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n",
		       path, coding, len);
	assert_true(http_say(fd, line));
	assert_true(http_send(fd, body, len));
	return http_receive(fd);
}

static void expect_post(const char *path, const char *coding, const char *body,
			size_t len, unsigned status, const char *accept)
{
	struct http_reply r = post(path, coding, body, len);

	if (r.status != status)
		fail_msg("%s %s %zu bytes: %u", path, coding, len, r.status);
	assert_string_equal(http_reply_header(&r, "Accept-Encoding"), accept);
	http_reply_done(&r);
}

#define GZIP "Content-Encoding: gzip\r\n"

static void body_that_is_coded_is_decoded(void **state)
{
	size_t len, big_len;
	auto_free char *text = letters(MAX_BODY);
	auto_free char *coded = http_gzip_deflate(text, 4096, &len);
	auto_free char *big = http_gzip_deflate(text, MAX_BODY, &big_len);

	(void)state;
	struct http_reply r = post("/echo", "Content-Encoding: GZIP\r\n", coded, len);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, 4096);
	assert_memory_equal(r.body, text, 4096);
	http_reply_done(&r);
	expect_post("/echo/known", GZIP, big, big_len, 200, "");
	expect_post("/echo/known", "Content-Encoding: x-gzip\r\n", big, big_len, 200,
		    "");
	expect_post("/echo", "Content-Encoding: identity\r\n", text, 100, 200, "");
	expect_post("/echo", GZIP, "", 0, 200, "");
	expect_post("/echo", GZIP, coded, len - 1, 400, "");
	expect_post("/echo", GZIP, text, 100, 400, "");
	expect_post("/echo", "Content-Encoding: deflate\r\n", coded, len, 415, "gzip");
	expect_post("/echo", "Content-Encoding: gzip, gzip\r\n", coded, len, 415,
		    "gzip");
	expect_post("/echo", GZIP GZIP, coded, len, 400, "");
	expect_post("/stream", GZIP, coded, len, 415, "identity");
	expect_post("/stream", "Content-Encoding: identity\r\n", coded, len, 200, "");
}

/* The bound is that of the body, whatever its coding. */
static void decoded_body_has_the_bound_of_any_other(void **state)
{
	size_t len;
	auto_free char *text = letters(MAX_BODY + 1);
	auto_free char *four = http_gzip_deflate(text, 4097, &len);

	(void)state;
	expect_post("/echo", GZIP, four, len, 413, "");
	expect_post("/echo/known", GZIP, four, len, 200, "");
	auto_free char *more = http_gzip_deflate(text, MAX_BODY + 1, &len);
	expect_post("/echo/known", GZIP, more, len, 413, "");
}

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "/echo", &echo },
							  { "/stream", &stream },
							  { NULL, NULL } };

	(void)state;
	http_fixture_set("max_body", MAX_BODY);
	http_fixture_start(routes);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	http_fixture_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_is_read_as_a_list_with_weights),
		cmocka_unit_test(gzip_is_used_where_it_is_preferred),
		cmocka_unit_test(coding_goes_both_ways_within_its_bound),
		cmocka_unit_test(nothing_longer_comes_of_deflating),
		cmocka_unit_test(cut_and_corrupt_bodies_are_invalid),
		cmocka_unit_test(bomb_takes_little_memory),
		cmocka_unit_test(body_that_is_coded_is_decoded),
		cmocka_unit_test(decoded_body_has_the_bound_of_any_other),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
