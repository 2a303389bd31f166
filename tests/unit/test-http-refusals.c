// SPDX-License-Identifier: Apache-2.0
/* Refusals: they reach a client that still sends, and are ours, not the library's. */
#include "http-fixture.h"

#include <pthread.h>

#include "http/linger.h"

#define MAX_BODY   65536
#define MAX_HEADER 8192

static int begin(struct http_request *q)
{
	q->authenticated = true;
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	http_answer(
		q, 200,
		http_response_new(q->path, strlen(q->path), HTTP_COPIED, q->secure));
	return HTTP_DONE;
}

static void refuse(struct http_request *q, unsigned status, const char *header)
{
	char *text = strdup(header ? header : "none");

	http_answer(q, status,
		    http_response_new(text, strlen(text), HTTP_STOLEN, q->secure));
}

static const struct http_handler handler = { .begin = begin,
					     .run = run,
					     .refuse = refuse };

/* ---- an answer before the body's end ---- */

/* A client that reads nothing before all is sent, as many are. */
static void refusal_reaches_a_client_that_sends_on(void **state)
{
	static char block[1 << 20];

	(void)state;
	for (size_t mib = 1; mib <= 64; mib *= 8) {
		auto_fd int fd = http_connect(0);
		char line[128];
		(void)snprintf(line, sizeof(line),
			       "POST /x HTTP/1.1\r\nHost: x\r\n"
			       "Content-Length: %zu\r\n\r\n",
			       mib << 20);
		assert_true(http_say(fd, line));
		for (size_t i = 0; i < mib; i++)
			assert_true(http_send(fd, block, sizeof(block)));
		http_pass(50);
		struct http_reply r = http_receive(fd);
		assert_int_equal(r.status, 413);
		assert_string_equal(http_reply_header(&r, "Connection"), "close");
		assert_string_equal(r.body, "none");
		assert_true(http_closed_within(fd, 1000));
		http_reply_done(&r);
	}
}

static void client_that_never_ends_is_closed(void **state)
{
	auto_fd int fd = http_connect(0);
	int64_t begin_at = bmc_now();

	(void)state;
	assert_true(http_say(fd, "POST /x HTTP/1.1\r\nHost: x\r\n"
				 "Content-Length: 999999999\r\n\r\n"));
	while (http_send(fd, "x", 1) && bmc_now() < begin_at + 60000)
		http_pass(50);
	assert_in_range(bmc_now() - begin_at, HTTP_LINGER_MS - 100, 59000);
}

static void silent_client_is_closed_sooner(void **state)
{
	auto_fd int fd = http_connect(0);

	(void)state;
	assert_true(http_say(fd, "POST /x HTTP/1.1\r\nHost: x\r\n"
				 "Content-Length: 999999999\r\n\r\n"));
	http_pass(1500 + HTTP_LINGER_IDLE_MS);
	assert_true(!http_send(fd, "x", 1) || (http_pass(100), !http_send(fd, "x", 1)));
}

/* Of more than may linger the oldest is closed, and the server goes on. */
static void many_that_never_end_have_a_bound(void **state)
{
	int fds[HTTP_LINGER_MAX + 40];
	unsigned open = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = http_connect(0);
		(void)http_say(fds[i], "POST /x HTTP/1.1\r\nHost: x\r\n"
				       "Content-Length: 999999999\r\n\r\n");
		struct http_reply r = http_receive(fds[i]);
		assert_int_equal(r.status, 413);
		http_reply_done(&r);
	}
	http_pass(50);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)http_send(fds[i], "x", 1); /* a closed one is reset by that */
	http_pass(50);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		open += http_send(fds[i], "x", 1);
	assert_in_range(open, 1, HTTP_LINGER_MAX);
	struct http_reply r = http_ask("GET /y", "", "");
	assert_int_equal(r.status, 200);
	http_reply_done(&r);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

/* ---- what the library refuses ---- */

static void expect_400(int fd, const char *header)
{
	struct http_reply r = http_receive(fd);

	assert_int_equal(r.status, 400);
	assert_string_equal(r.body, header);
	assert_string_equal(http_reply_header(&r, "Connection"), "close");
	assert_string_equal(http_reply_header(&r, "X-Content-Type-Options"), "nosniff");
	assert_int_equal(strlen(http_reply_header(&r, "Date")), 29);
	http_reply_done(&r);
	char more;
	assert_int_equal(recv(fd, &more, 1, 0), 0);
}

static void bad_length_is_refused_by_us(void **state)
{
	static const char *const lengths[] = {
		"abc", "", "-1", "+1", "1x", "0x10", "1, 1", "99999999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		auto_fd int fd = http_connect(0);
		char line[128];
		(void)snprintf(line, sizeof(line),
			       "POST /x HTTP/1.1\r\nHost: x\r\n"
			       "Content-Length: %s\r\n\r\nabc",
			       lengths[i]);
		assert_true(http_say(fd, line));
		expect_400(fd, "Content-Length");
	}
}

/* Others' headers are still on their way meanwhile: it is told from them. */
static void bad_length_that_comes_late_is_refused_on_its_connection(void **state)
{
	int others[8];
	auto_fd int fd = http_connect(0);

	(void)state;
	assert_true(http_say(fd, "POST /x HTTP/1.1\r\nHost: x\r\nContent-"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		others[i] = http_connect(0);
		assert_true(http_say(others[i], "GET /z HTTP/1.1\r\nHo"));
	}
	http_pass(100);
	assert_true(http_say(fd, "Length: abc\r\n"));
	http_pass(100);
	assert_true(http_say(fd, "\r\n"));
	expect_400(fd, "Content-Length");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_true(http_say(others[i], "st: x\r\n\r\n"));
		struct http_reply r = http_receive(others[i]);
		assert_int_equal(r.status, 200);
		http_reply_done(&r);
		(void)close(others[i]);
	}
}

static void host_is_there_once(void **state)
{
	static const char *const heads[] = {
		"POST /x HTTP/1.1\r\n\r\n", "GET /x HTTP/1.1\r\nX: y\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		auto_fd int fd = http_connect(0);
		assert_true(http_say(fd, heads[i]));
		expect_400(fd, "Host");
	}
}

/* ---- targets ---- */

static void expect_target(size_t len, unsigned status)
{
	auto_fd int fd = http_connect(0);
	char target[MAX_HEADER + 1];

	memset(target, 'a', len);
	target[0] = '/';
	target[len] = 0;
	assert_true(http_say(fd, "GET "));
	assert_true(http_say(fd, target));
	assert_true(http_say(fd, " HTTP/1.1\r\nHost: x\r\n\r\n"));
	struct http_reply r = http_receive(fd);
	if (r.status != status)
		fail_msg("%zu bytes: %u", len, r.status);
	http_reply_done(&r);
}

static void long_target_is_refused_as_such(void **state)
{
	(void)state;
	expect_target(MAX_HEADER / 2 - 1, 200);
	expect_target(MAX_HEADER / 2, 200);
	expect_target(MAX_HEADER / 2 + 1, 414);
	expect_target(MAX_HEADER, 414); /* not 431 */
}

static void encoded_slash_is_no_separator(void **state)
{
	static const char *const targets[][2] = {
		{ "/a%2Fb", "/a%2Fb" },   { "/a%2fb", "/a%2fb" },
		{ "/%61%2Fb", "/a%2Fb" }, { "/a%252Fb", "/a%2Fb" },
		{ "/a/b%20c", "/a/b c" }, { "/%2F", "/%2F" },
		{ "/a?x=%2F%2f", "/a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		char line[64];
		(void)snprintf(line, sizeof(line), "GET %s", targets[i][0]);
		struct http_reply r = http_ask(line, "", "");
		assert_int_equal(r.status, 200);
		assert_string_equal(r.body, targets[i][1]);
		http_reply_done(&r);
	}
}

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "", &handler },
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
		cmocka_unit_test(refusal_reaches_a_client_that_sends_on),
		cmocka_unit_test(client_that_never_ends_is_closed),
		cmocka_unit_test(silent_client_is_closed_sooner),
		cmocka_unit_test(many_that_never_end_have_a_bound),
		cmocka_unit_test(bad_length_is_refused_by_us),
		cmocka_unit_test(
			bad_length_that_comes_late_is_refused_on_its_connection),
		cmocka_unit_test(host_is_there_once),
		cmocka_unit_test(long_target_is_refused_as_such),
		cmocka_unit_test(encoded_slash_is_no_separator),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
