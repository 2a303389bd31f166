// SPDX-License-Identifier: Apache-2.0
/* Kinds of answers: files and parts of them, and streams. */
#include "http-fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

#include "http/conn.h"
#include "http/file.h"
#include "http/stream.h"

#define FILE_SIZE (3U << 20)
#define STREAMS   500
#define QUEUE_MAX 65536

static char path[128];
static char *contents;

/* ---- files ---- */

static int file_begin(struct http_request *q)
{
	q->authenticated = true;
	return HTTP_DONE;
}

static int file_run(struct http_request *q)
{
	static const struct http_file whole = { .type = "application/octet-stream",
						.etag = "\"one\"",
						.cache_control = "max-age=60" };
	int fd = open(strstr(q->path, "/folder") ? http_fixture_dir() : path,
		      O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	http_answer_file(q, fd, &whole);
	return HTTP_DONE;
}

static const struct http_handler file = { .begin = file_begin, .run = file_run };

struct part {
	const char *headers;
	unsigned status;
	const char *content_range;
	uint64_t first, len;
};

static void expect_part(const struct part *p)
{
	struct http_reply r = http_ask("GET /file", p->headers, "");

	if (r.status != p->status || r.len != p->len)
		fail_msg("%s: %u, %zu bytes", p->headers, r.status, r.len);
	assert_memory_equal(r.body, contents + p->first, p->len);
	assert_string_equal(http_reply_header(&r, "Content-Range"), p->content_range);
	assert_string_equal(http_reply_header(&r, "ETag"), "\"one\"");
	assert_string_equal(http_reply_header(&r, "Accept-Ranges"), "bytes");
	assert_string_equal(http_reply_header(&r, "Cache-Control"), "max-age=60");
	http_reply_done(&r);
}

static void file_is_sent_whole_or_in_parts(void **state)
{
	static const struct part parts[] = {
		{ "", 200, "", 0, FILE_SIZE },
		{ "Range: bytes=0-0\r\n", 206, "bytes 0-0/3145728", 0, 1 },
		{ "Range: bytes=5-1004\r\n", 206, "bytes 5-1004/3145728", 5, 1000 },
		{ "Range: bytes=3145720-\r\n", 206, "bytes 3145720-3145727/3145728",
		  3145720, 8 },
		{ "Range: bytes=3145727-9999999\r\n", 206,
		  "bytes 3145727-3145727/3145728", 3145727, 1 },
		{ "Range: bytes=-10\r\n", 206, "bytes 3145718-3145727/3145728", 3145718,
		  10 },
		{ "Range: bytes=-9999999\r\n", 206, "bytes 0-3145727/3145728", 0,
		  FILE_SIZE },
		{ "Range: bytes=3145728-\r\n", 416, "bytes */3145728", 0, 0 },
		{ "Range: bytes=-0\r\n", 416, "bytes */3145728", 0, 0 },
		{ "Range: bytes=0-1,4-5\r\n", 200, "", 0, FILE_SIZE },
		{ "Range: lines=0-1\r\n", 200, "", 0, FILE_SIZE },
		{ "Range: bytes=5-4\r\n", 200, "", 0, FILE_SIZE },
		{ "Range: bytes=1-2\r\nIf-Range: \"one\"\r\n", 206, "bytes 1-2/3145728",
		  1, 2 },
		{ "Range: bytes=1-2\r\nIf-Range: \"two\"\r\n", 200, "", 0, FILE_SIZE },
		{ "Range: bytes=1-2\r\nIf-Range: W/\"one\"\r\n", 200, "", 0,
		  FILE_SIZE },
		{ "Range: bytes=1-2\r\nIf-Range: Sat, 29 Oct 1994 19:43:31 GMT\r\n",
		  200, "", 0, FILE_SIZE },
		{ "If-None-Match: \"x\", W/\"one\"\r\n", 304, "", 0, 0 },
		{ "If-None-Match: *\r\nRange: bytes=1-2\r\n", 304, "", 0, 0 },
		{ "If-None-Match: \"onetwo\"\r\n", 200, "", 0, FILE_SIZE },
	};
	struct http_reply r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		expect_part(&parts[i]);
	r = http_ask("GET /file/folder", "", "");
	assert_int_equal(r.status, 500);
	http_reply_done(&r);
}

static void ranges_have_bounds(void **state)
{
	static const struct {
		const char *header;
		uint64_t size;
		enum http_range_kind kind;
		uint64_t first, len;
	} cases[] = {
		{ "bytes=0-0", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=-1", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=0-", 1, HTTP_RANGE_PART, 0, 1 },
		{ "bytes=999999999999999999-", UINT64_MAX, HTTP_RANGE_PART,
		  999999999999999999, UINT64_MAX - 999999999999999999 },
		{ "bytes=9999999999999999999-", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=0-9999999999999999999", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=-", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=1", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes= 1-2", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=1-2 ", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "bytes=--1", 5, HTTP_RANGE_NONE, 0, 0 },
		{ "BYTES=1-2", 5, HTTP_RANGE_PART, 1, 2 },
		{ NULL, 5, HTTP_RANGE_NONE, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_range r = { 0, 0 };
		assert_int_equal(http_range_parse(cases[i].header, cases[i].size, &r),
				 cases[i].kind);
		assert_int_equal(r.first, cases[i].first);
		assert_int_equal(r.len, cases[i].len);
	}
}

/* ---- streams ---- */

static struct {
	pthread_mutex_t lock;
	struct http_stream *list[STREAMS + 8];
	size_t n, lost;
} producers = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int stream_run(struct http_request *q)
{
	struct http_stream *s =
		http_answer_stream(q, "text/event-stream", QUEUE_MAX,
				   strstr(q->path, "/mute") ? NULL : ":\n\n");

	assert_non_null(s);
	(void)pthread_mutex_lock(&producers.lock);
	producers.list[producers.n++] = s;
	(void)pthread_mutex_unlock(&producers.lock);
	return HTTP_DONE;
}

static const struct http_handler stream = { .begin = file_begin, .run = stream_run };

static size_t count_of(const size_t *of)
{
	(void)pthread_mutex_lock(&producers.lock);
	size_t n = *of;
	(void)pthread_mutex_unlock(&producers.lock);
	return n;
}

/* To each stream; one that can't take it is closed. */
static void publish(const char *event, size_t len)
{
	(void)pthread_mutex_lock(&producers.lock);
	for (size_t i = 0; i < producers.n; i++) {
		struct http_stream **s = &producers.list[i];
		if (!*s || http_stream_write(*s, event, len) == 0)
			continue;
		*s = http_stream_close(*s);
		producers.lost++;
	}
	(void)pthread_mutex_unlock(&producers.lock);
}

static void close_all(void)
{
	(void)pthread_mutex_lock(&producers.lock);
	for (size_t i = 0; i < producers.n; i++)
		producers.list[i] = http_stream_close(producers.list[i]);
	producers.n = producers.lost = 0;
	(void)pthread_mutex_unlock(&producers.lock);
}

static int subscribe_to(const char *request, int receive)
{
	size_t before = count_of(&producers.n);
	int64_t end = bmc_now() + 20000;
	int fd = http_connect(receive);

	assert_true(http_say(fd, request));
	while (count_of(&producers.n) == before && bmc_now() < end)
		http_pass(1);
	assert_int_equal(count_of(&producers.n), before + 1);
	return fd;
}

static int subscribe(int receive)
{
	return subscribe_to("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", receive);
}

/* Reads chunks until so many bytes of events have come, and drops them. */
static bool read_events(int fd, size_t want)
{
	char buf[8192];
	size_t events = 0;

	while (events < want) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			return false;
		for (ssize_t i = 0; i < n; i++)
			events += buf[i] == 'e'; /* in no header, no chunk's size */
	}
	return true;
}

/* Events are 1,000 times the letter that read_events() counts. */
static void publish_events(unsigned n)
{
	char event[1000];

	memset(event, 'e', sizeof(event));
	for (unsigned i = 0; i < n; i++)
		publish(event, sizeof(event));
}

static bool skip_head(int fd)
{
	char end[5] = "", c;

	while (recv(fd, &c, 1, 0) == 1) {
		memmove(end, end + 1, 3);
		end[3] = c;
		if (strcmp(end, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static bool lost_reach(size_t n, int64_t ms)
{
	int64_t end = bmc_now() + ms;

	while (count_of(&producers.lost) < n && bmc_now() < end) {
		publish_events(1);
		http_pass(50);
	}
	return count_of(&producers.lost) == n;
}

/* Two of them never read: they hold nobody up, take no more than their queues, and end.
 */
static void five_hundred_streams_get_their_events(void **state)
{
	static int fds[STREAMS];
	int dead[2];
	size_t most;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dead); i++)
		dead[i] = subscribe(4096);
	for (size_t i = 0; i < STREAMS - 2; i++) {
		fds[i] = subscribe(0);
		assert_true(skip_head(fds[i]));
	}
	size_t before = http_resident_kb();
	for (unsigned round = 0; round < 20; round++) {
		publish_events(10);
		for (size_t i = 0; i < STREAMS - 2; i++)
			assert_true(read_events(fds[i], 10000));
	}
	most = http_resident_kb();
	print_message("# %zu kB more resident after 100 MB of events\n",
		      most - MIN(before, most));
	assert_true(most < before + MEMORY_MAX_KB);
	assert_int_equal(count_of(&producers.lost), 2); /* 200 kB: too much for those */
	for (size_t i = 0; i < STREAMS - 2; i++)
		(void)close(fds[i]);
	assert_true(lost_reach(STREAMS, 20000)); /* they are seen to be gone */
	for (size_t i = 0; i < ARRAY_SIZE(dead); i++) {
		assert_true(http_closed_within(dead[i], 20000));
		(void)close(dead[i]);
	}
	close_all();
}

static bool gone(void)
{
	int64_t end = bmc_now() + 20000;

	while (http_conns_count() > 0 && bmc_now() < end)
		http_pass(20);
	return http_conns_count() == 0;
}

static void quiet_stream_is_kept_alive_and_ends_well(void **state)
{
	int fd = subscribe(0);
	char got[256];

	(void)state;
	assert_true(skip_head(fd));
	for (unsigned i = 0; i < 3; i++) /* longer than any deadline */
		assert_true(recv(fd, got, sizeof(got), 0) > 0);
	publish_events(1);
	assert_true(read_events(fd, 1000));
	close_all();
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);
	assert_true(n > 0);
	got[n] = 0;
	assert_non_null(strstr(got, "0\r\n\r\n")); /* the last chunk */
	(void)close(fd);
	assert_true(gone());
}

/* What the kernel does not get rid of counts as no progress. */
static void dead_reader_is_cut_and_a_closed_one_is_seen(void **state)
{
	int fd = subscribe(4096), other = subscribe(0);

	(void)state;
	publish_events(
		60); /* less than the queue holds, more than the client's buffer */
	(void)close(other);
	assert_int_equal(http_conns_count(), 2);
	assert_true(gone());
	assert_true(skip_head(fd));
	assert_false(read_events(fd, 60001));
	(void)close(fd);
	close_all();
}

static void closed_client_of_a_mute_stream_is_seen(void **state)
{
	int fd = subscribe_to("GET /stream/mute HTTP/1.1\r\nHost: x\r\n\r\n", 0);

	(void)state;
	assert_true(skip_head(fd));
	http_pass(3 * INTERVAL_MS); /* it may be mute for longer than any deadline */
	assert_int_equal(http_conns_count(), 1);
	(void)close(fd);
	assert_true(gone());
	close_all();
}

static void stop_ends_streams(void **state)
{
	int fd = subscribe(0);

	(void)state;
	assert_true(skip_head(fd));
	int64_t begin = bmc_now();
	http_stop();
	assert_true(bmc_now() - begin < 10000);
	assert_true(http_closed_within(fd, 10000));
	(void)close(fd);
	close_all();
}

/* ---- life ---- */

static int start(void **state)
{
	static const struct http_route_entry routes[] = { { "/file", &file },
							  { "/stream", &stream },
							  { NULL, NULL } };

	(void)state;
	http_fixture_start(routes);
	contents = malloc(FILE_SIZE);
	assert_non_null(contents);
	for (size_t i = 0; i < FILE_SIZE; i++)
		contents[i] = (char)(i * 7 + i / 253);
	(void)snprintf(path, sizeof(path), "%s/file", http_fixture_dir());
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, contents, FILE_SIZE), FILE_SIZE);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	http_fixture_stop();
	free(contents);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_sent_whole_or_in_parts),
		cmocka_unit_test(ranges_have_bounds),
		cmocka_unit_test(five_hundred_streams_get_their_events),
		cmocka_unit_test(quiet_stream_is_kept_alive_and_ends_well),
		cmocka_unit_test(dead_reader_is_cut_and_a_closed_one_is_seen),
		cmocka_unit_test(closed_client_of_a_mute_stream_is_seen),
		cmocka_unit_test(stop_ends_streams),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
