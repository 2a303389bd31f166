// SPDX-License-Identifier: Apache-2.0
/* Bodies: limits, chunks, and a sink that takes them as they come, with back-pressure.
 */
#include "http-fixture.h"

#include <pthread.h>

#define GIB      (1ULL << 30)
#define MAX_BODY 65536

/* ---- the handlers ---- */

struct sink {
	uint64_t bytes, sum;
	unsigned waits;
	bool waited; /* the next bytes are taken */
};

/* What the last request left. */
static struct sink last;
static _Atomic unsigned resumed;
static _Atomic int64_t pause_ms = 2;

static int sink_begin(struct http_request *q)
{
	if (q->state)
		return HTTP_DONE;
	q->authenticated = strstr(q->path, "/known");
	q->max_body = strstr(q->path, "/big") ? 4 * GIB : 0;
	q->pace = strstr(q->path, "/sleepy") ? HTTP_PACE_CALL : HTTP_PACE_TRANSFER;
	q->state = calloc(1, sizeof(struct sink));
	if (strstr(q->path, "/refuse"))
		http_answer(q, 403, http_response_new("no", 2, HTTP_STATIC, q->secure));
	return HTTP_DONE;
}

static void *resume_later(void *arg)
{
	http_pass(pause_ms);
	resumed++;
	struct http_request *q = http_wait_end(arg);
	if (q)
		http_wait_resume(q);
	return NULL;
}

static int wait(struct http_request *q)
{
	struct http_wait *w = http_wait_begin(q, HTTP_WAIT_FOREVER, NULL);
	pthread_attr_t detached;
	pthread_t t;

	assert_non_null(w);
	(void)pthread_attr_init(&detached);
	(void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	assert_int_equal(pthread_create(&t, &detached, resume_later, w), 0);
	(void)pthread_attr_destroy(&detached);
	return HTTP_WAIT;
}

static void add(struct sink *s, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s->sum = s->sum * 31 + bytes[i];
	s->bytes += len;
}

/* Of a path with /slow it takes 1,000 bytes and waits; with /full it has no room after
 * 10,000. */
static int sink_data(struct http_request *q, const void *bytes, size_t len,
		     size_t *ret_taken)
{
	struct sink *s = q->state;

	*ret_taken = len;
	if (strstr(q->path, "/big")) {
		s->bytes += len;
		return HTTP_DONE;
	}
	if (strstr(q->path, "/full") && s->bytes + len > 10000) {
		http_answer(q, 507,
			    http_response_new("full", 4, HTTP_STATIC, q->secure));
		return HTTP_DONE;
	}
	if (strstr(q->path, "/slow") && !s->waited) {
		*ret_taken = MIN(len, (size_t)1000);
		add(s, bytes, *ret_taken);
		s->waited = true;
		s->waits++;
		return wait(q);
	}
	s->waited = false;
	add(s, bytes, len);
	return HTTP_DONE;
}

static int sink_run(struct http_request *q)
{
	char text[64];
	const struct sink *s = q->state;

	last = *s;
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)s->bytes);
	http_answer(q, 200, http_response_new(text, (size_t)n, HTTP_COPIED, q->secure));
	return HTTP_DONE;
}

static void sink_end(struct http_request *q)
{
	free(q->state);
}

static const struct http_handler sink = {
	.begin = sink_begin, .data = sink_data, .run = sink_run, .end = sink_end
};

/* Gives back what it got, whole. */
static int echo_run(struct http_request *q)
{
	http_answer(q, 200,
		    http_response_new(q->body, q->body_len, HTTP_COPIED, q->secure));
	return HTTP_DONE;
}

static int echo_begin(struct http_request *q)
{
	q->authenticated = strstr(q->path, "/known");
	return HTTP_DONE;
}

static const struct http_handler echo = { .begin = echo_begin, .run = echo_run };

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "/sink", &sink },
							  { "/echo", &echo },
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

/* ---- limits ---- */

static char *bytes_of(size_t len)
{
	char *bytes = malloc(len + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)('a' + (i * 7 + i / 251) % 26);
	bytes[len] = 0;
	return bytes;
}

/* In chunks of this size; 0: announced. */
static struct http_reply send_body(const char *path, size_t len, size_t chunk)
{
	auto_fd int fd = http_connect(0);
	auto_free char *bytes = bytes_of(len);
	char line[128];

	(void)snprintf(line, sizeof(line), "POST %s HTTP/1.1\r\nHost: x\r\n", path);
	(void)http_say(fd, line);
	if (!chunk) {
		(void)snprintf(line, sizeof(line), "Content-Length: %zu\r\n\r\n", len);
		(void)http_say(fd, line);
		(void)http_send(fd, bytes, len);
		return http_receive(fd);
	}
	(void)http_say(fd, "Transfer-Encoding: chunked\r\n\r\n");
	for (size_t at = 0; at < len; at += chunk) {
		(void)snprintf(line, sizeof(line), "%zx\r\n", MIN(chunk, len - at));
		(void)http_say(fd, line);
		(void)http_send(fd, bytes + at, MIN(chunk, len - at));
		(void)http_say(fd, "\r\n");
	}
	(void)http_say(fd, "0\r\n\r\n");
	return http_receive(fd);
}

static void expect_echo(const char *path, size_t len, size_t chunk, unsigned status)
{
	struct http_reply r = send_body(path, len, chunk);
	auto_free char *bytes = bytes_of(len);

	if (r.status != status)
		fail_msg("%s: %zu bytes in chunks of %zu: %u", path, len, chunk,
			 r.status);
	if (status == 200) {
		assert_int_equal(r.len, len);
		assert_memory_equal(r.body, bytes, len);
	}
	http_reply_done(&r);
}

static void body_has_its_limit_announced_and_in_chunks(void **state)
{
	static const size_t chunks[] = { 0, 1000, 65536 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
		expect_echo("/echo/known", 1, chunks[i], 200);
		expect_echo("/echo/known", MAX_BODY - 1, chunks[i], 200);
		expect_echo("/echo/known", MAX_BODY, chunks[i], 200);
		expect_echo("/echo/known", MAX_BODY + 1, chunks[i], 413);
		expect_echo("/echo", 4096, chunks[i], 200);
		expect_echo("/echo", 4097, chunks[i], 413);
		expect_echo("/sink/known", MAX_BODY + 1, chunks[i], 413);
	}
	expect_echo("/echo/known", 700, 1, 200);
	expect_echo("/echo/known", 0, 1, 200);
	/* so much more is dropped, then the connection ends */
	expect_echo("/echo/known", MAX_BODY + (4U << 20), 65536, 413);
	expect_echo("/echo/known", MAX_BODY + (4U << 20) + 1, 65536, 0);
}

static void expect(const char *request, const char *answer)
{
	auto_fd int fd = http_connect(0);
	char got[4096];
	size_t len = 0;
	ssize_t n;

	assert_true(http_say(fd, request));
	while ((n = recv(fd, got + len, sizeof(got) - 1 - len, 0)) > 0)
		len += (size_t)n;
	got[len] = 0;
	assert_int_equal(n, 0);
	if (strncmp(got, answer, strlen(answer)) != 0)
		fail_msg("%s\ngot %s", request, got);
	const char *more = strstr(got + 1, "HTTP/1.");
	if (more)
		fail_msg("%s\ngot a second answer: %s", request, more);
}

#define HIDDEN "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
#define CHUNKED(version)                                   \
	"POST /echo/known HTTP/" version "\r\nHost: x\r\n" \
	"Transfer-Encoding: chunked\r\n\r\n"

/* Whatever it ends with: what follows is not taken for a request. */
static void connection_ends_with_a_chunked_body(void **state)
{
	(void)state;
	expect(CHUNKED("1.1") "2\r\nab\r\n0\r\n\r\n" HIDDEN, "HTTP/1.1 200");
	expect(CHUNKED("1.1") "2;x=y\r\nab\r\n0\r\nTrailer: x\r\n\r\n" HIDDEN,
	       "HTTP/1.1 200");
	expect(CHUNKED("1.1") "2\nab\n0\n\n" HIDDEN, "HTTP/1.1 ");
	expect(CHUNKED("1.0") "2\r\nab\r\n0\r\n\r\n" HIDDEN, "HTTP/1.1 400");
	expect(CHUNKED("1.1") "-2\r\nab\r\n0\r\n\r\n" HIDDEN, "HTTP/1.1 400");
	expect(CHUNKED("1.1") "0x2\r\nab\r\n0\r\n\r\n" HIDDEN, "HTTP/1.1 400");
	expect(CHUNKED("1.1") "fffffffffffffffff\r\nab\r\n0\r\n\r\n" HIDDEN,
	       "HTTP/1.1 4");
	expect("POST /echo/known HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
	       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN,
	       "HTTP/1.1 400");
	expect("POST /sink/refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
	       "ab" HIDDEN,
	       "HTTP/1.1 403");
}

/* ---- the sink ---- */

static void sink_holds_the_client_back_and_loses_nothing(void **state)
{
	static const size_t chunks[] = { 0, 3000 };
	struct sink want = { 0 };
	auto_free char *bytes = bytes_of(MAX_BODY);

	(void)state;
	add(&want, (const uint8_t *)bytes, MAX_BODY);
	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
		resumed = 0;
		struct http_reply r =
			send_body("/sink/known/slow", MAX_BODY, chunks[i]);
		assert_int_equal(r.status, 200);
		assert_int_equal(last.bytes, MAX_BODY);
		assert_int_equal(last.sum, want.sum);
		assert_true(last.waits >= 2);
		assert_int_equal(resumed, last.waits);
		http_reply_done(&r);
	}
}

static void sink_that_is_full_answers_after_the_body(void **state)
{
	(void)state;
	for (size_t chunk = 0; chunk <= 1000; chunk += 1000) {
		struct http_reply r = send_body("/sink/known/full", 60000, chunk);
		assert_int_equal(r.status, 507);
		assert_string_equal(r.body, "full");
		http_reply_done(&r);
	}
}

/* At full speed. */
static void two_gib_take_constant_memory(void **state)
{
	auto_fd int fd = http_connect(0);
	auto_free char *block = calloc(1, 1 << 20);
	size_t most = 0, before = http_resident_kb();
	int64_t begin = bmc_now();
	char line[128];

	(void)state;
	(void)snprintf(line, sizeof(line),
		       "POST /sink/known/big HTTP/1.1\r\nHost: x\r\n"
		       "Content-Length: %llu\r\n\r\n",
		       2 * GIB);
	assert_true(http_say(fd, line));
	for (unsigned i = 0; i < 2048; i++) {
		assert_true(http_send(fd, block, 1 << 20));
		if (i % 64 == 0)
			most = MAX(most, http_resident_kb());
	}
	struct http_reply r = http_receive(fd);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "2147483648");
	http_reply_done(&r);
	print_message("# 2 GiB in %lld ms, %zu kB more resident\n",
		      (long long)(bmc_now() - begin), most - MIN(before, most));
	assert_true(most < before + MEMORY_MAX_KB);
}

/* Longer than a client may take for its part. */
static void sink_may_take_its_time(void **state)
{
	(void)state;
	pause_ms = 3 * INTERVAL_MS;
	struct http_reply r = send_body("/sink/known/slow/sleepy", 2000, 0);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "2000");
	assert_true(last.waits >= 1);
	http_reply_done(&r);
	pause_ms = 2;
}

/* 8 kB/s, for four times as long as a request had before; and one that stops. */
static void slow_upload_goes_on_and_a_stalled_one_is_cut(void **state)
{
	static const char bytes[1000] = { 0 };
	auto_fd int slow = http_connect(0), stalled = http_connect(0);

	(void)state;
	assert_true(http_say(slow, "POST /sink/known HTTP/1.1\r\nHost: x\r\n"
				   "Content-Length: 32000\r\n\r\n"));
	assert_true(http_say(stalled, "POST /sink/known HTTP/1.1\r\nHost: x\r\n"
				      "Content-Length: 32000\r\n\r\n"));
	assert_true(http_send(stalled, bytes, sizeof(bytes)));
	for (unsigned i = 0; i < 32; i++) {
		http_pass(125);
		assert_true(http_send(slow, bytes, sizeof(bytes)));
	}
	struct http_reply r = http_receive(slow);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "32000");
	http_reply_done(&r);
	assert_true(http_closed_within(stalled, 20 * INTERVAL_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_has_its_limit_announced_and_in_chunks),
		cmocka_unit_test(connection_ends_with_a_chunked_body),
		cmocka_unit_test(sink_holds_the_client_back_and_loses_nothing),
		cmocka_unit_test(sink_that_is_full_answers_after_the_body),
		cmocka_unit_test(sink_may_take_its_time),
		cmocka_unit_test(two_gib_take_constant_memory),
		cmocka_unit_test(slow_upload_goes_on_and_a_stalled_one_is_cut),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
