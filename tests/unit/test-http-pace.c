// SPDX-License-Identifier: Apache-2.0
/* Deadlines count progress: what goes on is never cut, what stalls is. Each test runs
 * its connections side by side. */
#include "http-fixture.h"

#define LONG_ANSWER (6U << 20) /* more than the buffers of both ends hold */

static char *long_answer;

static int begin(struct http_request *q)
{
	q->authenticated = true;
	if (strstr(q->path, "/transfer"))
		q->pace = HTTP_PACE_TRANSFER;
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	char text[32];

	if (strcmp(q->method, "GET") == 0) {
		http_answer(q, 200,
			    http_response_new(long_answer, LONG_ANSWER, HTTP_STATIC,
					      q->secure));
		return HTTP_DONE;
	}
	int n = snprintf(text, sizeof(text), "%zu", q->body_len);
	http_answer(q, 200, http_response_new(text, (size_t)n, HTTP_COPIED, q->secure));
	return HTTP_DONE;
}

static const struct http_handler handler = { .begin = begin, .run = run };

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "/test", &handler },
							  { NULL, NULL } };

	(void)state;
	long_answer = calloc(1, LONG_ANSWER);
	assert_non_null(long_answer);
	http_fixture_start(routes);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	http_fixture_stop();
	free(long_answer);
	return 0;
}

/* ---- uploads ---- */

#define UPLOAD(path, len) \
	"POST /test" path " HTTP/1.1\r\nHost: x\r\nContent-Length: " len "\r\n\r\n"

static int upload(const char *request)
{
	int fd = http_connect(0);

	assert_true(http_say(fd, request));
	return fd;
}

/* Four intervals: at 4 kB, at 0.5 kB (below the least progress of 1 KiB, but enough for
 * a transfer), and one that stops. */
static void upload_goes_on_while_it_makes_progress(void **state)
{
	static const char bytes[512] = { 0 };
	int quick = upload(UPLOAD("", "16384")), slow = upload(UPLOAD("", "16384")),
	    transfer = upload(UPLOAD("/transfer", "2048")),
	    stalls = upload(UPLOAD("", "16384"));
	bool slow_is_sent = true;

	(void)state;
	(void)http_send(stalls, bytes, sizeof(bytes));
	for (int i = 0; i < 32; i++) {
		assert_true(http_send(quick, bytes, sizeof(bytes)));
		if (i % 8 == 0) {
			slow_is_sent &= http_send(slow, bytes, sizeof(bytes));
			assert_true(http_send(transfer, bytes, sizeof(bytes)));
		}
		http_pass(INTERVAL_MS / 8);
	}
	struct http_reply r = http_receive(quick);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "16384");
	http_reply_done(&r);
	r = http_receive(transfer);
	assert_int_equal(r.status, 200);
	http_reply_done(&r);
	assert_true(http_closed_within(stalls, 100));
	assert_true(http_closed_within(slow, 100) || !slow_is_sent);
	(void)close(quick);
	(void)close(slow);
	(void)close(transfer);
	(void)close(stalls);
}

static void transfer_that_stalls_is_cut(void **state)
{
	int fd = upload(UPLOAD("/transfer", "2048"));

	(void)state;
	assert_true(http_say(fd, "some"));
	assert_false(http_closed_within(fd, 3 * INTERVAL_MS));
	assert_true(http_closed_within(fd, 20 * INTERVAL_MS));
	(void)close(fd);
}

/* ---- answers ---- */

static void answer_goes_on_while_it_is_read(void **state)
{
	static const char get[] = "GET /test HTTP/1.1\r\nHost: x\r\n\r\n";
	int reads = http_connect(4096), stops = http_connect(4096);

	(void)state;
	assert_true(http_say(reads, get));
	assert_true(http_say(stops, get));
	/* more than IDLE_MS, more than the 8 intervals in which an answer had to end */
	for (int i = 0; i < 40; i++) {
		assert_true(http_skip(reads, 16384));
		http_pass(INTERVAL_MS / 4);
	}
	/* the client's end of the connection has what was sent before the cut */
	assert_false(http_skip(stops, LONG_ANSWER));
	assert_true(http_skip(reads, LONG_ANSWER - 40 * 16384));
	(void)close(reads);
	(void)close(stops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upload_goes_on_while_it_makes_progress),
		cmocka_unit_test(transfer_that_stalls_is_cut),
		cmocka_unit_test(answer_goes_on_while_it_is_read),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
