// SPDX-License-Identifier: Apache-2.0
/* Streams to boards: the module events-plugin.c under the real host, with the test as
 * the frontend. */
#include "action-fixture.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/events/event.h"
#include "core/plugin/host.h"
#include "core/plugin/stream.h"

#define SIZE    (10 * 1024 * 1024)
#define IDLE_MS 600000

static const char platform_text[] =
	"platform: streams\n"
	"verbs: {power: fixture, shell: events, files: events}\n"
	"chips:\n"
	"  - {id: pins, driver: simulator, lines: 400}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-3}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - range: {b: 1-3, s: 1-8}\n"
	"    id: \"sub{b}-{s:02}\"\n"
	"    index: \"{b}.{s}\"\n"
	"    parent: \"blade{b}\"\n"
	"    pins: [{name: power, chip: pins, line: \"{b}{s}\"}]\n"
	"fans:\n"
	"  - {id: fan1, low_rpm: 1000}\n"
	"psus:\n"
	"  - {id: psu1}\n";

static char dir[] = "/tmp/plugin-stream-XXXXXX", fifo[64];
static int events_fd;
static const struct bmc_plugin *plugin;
static struct bmc_conf_file *file;

/* ---- the module and its instance ---- */

static int load_module(void **state)
{
	const char *top = getenv("top_builddir");
	char path[512];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	(void)snprintf(path, sizeof(path), "%s/tests/unit/.libs", top ? top : ".");
	if (mkfifo(fifo, 0600) < 0)
		return -1;
	events_fd = open(fifo, O_RDWR | O_CLOEXEC);
	return bmc_plugin_load(path, "events", &plugin, &fixture_error);
}

static int remove_module(void **state)
{
	(void)state;
	(void)close(events_fd);
	(void)unlink(fifo);
	return rmdir(dir);
}

static bool version_is(void *arg)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, BMC_FIRMWARE, "hold");

	return row && strcmp(((const struct bmc_firmware *)row)->version, arg) == 0;
}

/* "hold": what the plugin does next in a stream never ends, until "go". */
static void tell(const char *word)
{
	char line[16];
	int n = snprintf(line, sizeof(line), "!%s\n", word);

	assert_int_equal(write(events_fd, line, (size_t)n), n);
	assert_true(fixture_until(version_is, (void *)(uintptr_t)word));
}

static int set_up(void **state)
{
	struct bmc_instance_conf conf = { .name = "events", .poll_ms = 3600000 };
	char text[100];

	(void)state;
	fixture_platform = platform_text;
	fixture_last = "sub3-08";
	fixture_new();
	fixture_start(true);
	(void)snprintf(text, sizeof(text), "fifo: %s\n", fifo);
	if (bmc_conf_parse("settings", text, strlen(text), plugin->conf, &file,
			   &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
	conf.settings = bmc_conf_root(file);
	if (bmc_instance_start(plugin, &conf, &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
	return 0;
}

static int tear_down(void **state)
{
	int code = fixture_tear_down(state);

	file = bmc_conf_free(file);
	return code;
}

static void note_end(void *arg)
{
	*(bool *)arg = true;
}

static bool flag(void *arg)
{
	return *(bool *)arg;
}

static void stop(const char *name)
{
	bool ended = false;

	assert_int_equal(bmc_instance_stop(name, note_end, &ended), 0);
	assert_true(fixture_until(flag, &ended));
}

/* ---- a client ---- */

struct client {
	struct bmc_stream *s;
	struct bmc_stream_request *next; /* opened where this one ends */
	bool ended;
	int code;
	char what[160], got[256];
	size_t len, pace, sent, received;
	uint32_t digest;
};

static void on_ready(void *arg)
{
	(void)arg; /* has the loop's step return */
}

static void on_ended(void *arg, int code, const struct bmc_error *err)
{
	struct client *c = arg;

	assert_false(c->ended);
	c->ended = true;
	c->code = code;
	if (c->next)
		assert_int_equal(bmc_stream_open(c->next,
						 &((struct client *)c->next->arg)->s,
						 &fixture_error),
				 BMC_OK);
	(void)snprintf(c->what, sizeof(c->what), "%s", err->what);
}

static struct bmc_stream_request request(struct client *c, const char *board,
					 enum bmc_stream_what what, const char *text)
{
	memset(c, 0, sizeof(*c));
	return (struct bmc_stream_request){
		.row = fixture_row(board)->row.handle,
		.args = { .what = what, .text = text, .size = BMC_UNKNOWN },
		.user = "olga",
		.client = "192.0.2.7",
		.idle_ms = IDLE_MS,
		.ready = on_ready,
		.ended = on_ended,
		.arg = c,
	};
}

static int client_try(struct client *c, const char *board, enum bmc_stream_what what,
		      const char *text)
{
	const struct bmc_stream_request r = request(c, board, what, text);

	return bmc_stream_open(&r, &c->s, &fixture_error);
}

static void client_open(struct client *c, const char *board, enum bmc_stream_what what,
			const char *text)
{
	if (client_try(c, board, what, text) < 0)
		fail_msg("%s", fixture_error.what);
}

static bool has_ended(void *arg)
{
	return ((struct client *)arg)->ended;
}

static int client_end(struct client *c)
{
	assert_true(fixture_until(has_ended, c));
	c->s = bmc_stream_close(c->s);
	return c->code;
}

static bool none_left(void *arg)
{
	(void)arg;
	return bmc_streams() == 0;
}

static void say(struct client *c, const char *text)
{
	assert_int_equal(bmc_stream_send(c->s, text, strlen(text)), strlen(text));
}

static bool has_answer(void *arg)
{
	struct client *c = arg;
	ssize_t n =
		bmc_stream_receive(c->s, c->got + c->len, sizeof(c->got) - 1 - c->len);

	c->len += n > 0 ? (size_t)n : 0;
	c->got[c->len] = '\0';
	return c->ended || strchr(c->got, '\n');
}

static const char *answer(struct client *c)
{
	c->len = 0;
	assert_true(fixture_until(has_answer, c));
	return c->got;
}

static bool echoes(const char *board)
{
	struct client c;

	client_open(&c, board, BMC_STREAM_SHELL, NULL);
	say(&c, "ping\n");
	assert_string_equal(answer(&c), "ping\n");
	say(&c, "exit 0\n");
	return client_end(&c) == 0;
}

/* ---- events ---- */

struct sought {
	const char *type, *args[3];
};

/* At the end of a stream the bytes in both directions follow. */
static bool is_arg(const char *is, const char *want)
{
	size_t len = strlen(want);

	return strncmp(is, want, len) == 0 &&
	       (is[len] == 0 || (strncmp(is + len, ", ", 2) == 0 &&
				 strstr(is, " B in, ") && strstr(is, " out")));
}

static bool is_in_log(void *arg)
{
	const struct sought *want = arg;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_event *e = (const struct bmc_event *)rows[i];
		bool same = strcmp(e->type, want->type) == 0;

		assert_null(strstr(e->message, "hunter2"));
		for (int k = 0; k < 3; k++)
			same = same &&
			       is_arg(e->args[k], want->args[k] ? want->args[k] : "");
		if (same)
			return true;
	}
	return false;
}

static void assert_logged(const char *type, const char *a, const char *b, const char *c)
{
	struct sought want = { type, { a, b, c } };

	assert_true(fixture_until(is_in_log, &want));
}

/* ---- a shell ---- */

static void shell_echoes_and_gives_its_exit_code(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, NULL);
	assert_int_equal(bmc_streams(), 1);
	say(&c, "hello\n");
	assert_string_equal(answer(&c), "hello\n");
	bmc_stream_resize(c.s, 120, 40);
	assert_string_equal(answer(&c), "120x40\n");
	say(&c, "exit 3\n");
	assert_true(fixture_until(has_ended, &c));
	assert_int_equal(c.code, 3);
	assert_int_equal(bmc_stream_receive(c.s, c.got, 1), 0);
	assert_int_equal(bmc_stream_send(c.s, "x", 1), BMC_ECANCELED);
	c.s = bmc_stream_close(c.s);
	assert_logged("StreamOpened", "sub1-01", "shell", "olga from 192.0.2.7");
	assert_logged("StreamClosed", "sub1-01", "shell: exit code 3",
		      "olga from 192.0.2.7");
}

static void shell_ends_where_its_input_ends(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, NULL);
	say(&c, "last\n");
	assert_string_equal(answer(&c), "last\n");
	bmc_stream_finish(c.s);
	assert_int_equal(bmc_stream_send(c.s, "x", 1), BMC_ECANCELED);
	assert_int_equal(client_end(&c), 0);
}

static void error_of_the_plugin_is_the_streams(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, "login hunter2");
	assert_int_equal(client_end(&c), BMC_ENOTFOUND);
	assert_string_equal(c.what, "sub1-01: no such command");
	assert_logged("StreamClosed", "sub1-01", "shell: not found",
		      "olga from 192.0.2.7");
}

static void stream_changes_no_hardware_and_waits_for_descriptors(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, "change");
	assert_int_equal(client_end(&c), 0);
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, "wait");
	assert_int_equal(client_end(&c), 0);
}

/* ---- files ---- */

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i % 251);
}

static uint32_t sum(uint32_t digest, const unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		digest = (digest ^ buf[i]) * 16777619u;
	return digest;
}

static bool all_is_sent(void *arg)
{
	static unsigned char buf[BMC_STREAM_BUFFER];
	struct client *c = arg;
	size_t len = MIN(MIN(sizeof(buf), c->pace), SIZE - c->sent);
	ssize_t n;

	for (size_t i = 0; i < len; i++)
		buf[i] = byte_at(c->sent + i);
	n = len ? bmc_stream_send(c->s, buf, len) : 0;
	assert_true(n >= 0 || n == BMC_EAGAIN);
	if (n > 0) {
		c->digest = sum(c->digest, buf, (size_t)n);
		c->sent += (size_t)n;
	}
	return c->sent == SIZE;
}

static bool some_is_sent(void *arg)
{
	struct client *c = arg;

	(void)all_is_sent(c);
	return c->sent > BMC_STREAM_BUFFER + 5;
}

static bool all_is_received(void *arg)
{
	static unsigned char buf[BMC_STREAM_BUFFER];
	struct client *c = arg;
	ssize_t n = bmc_stream_receive(c->s, buf, c->pace);

	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] != byte_at(c->received + (size_t)i))
			fail_msg("byte %zu", c->received + (size_t)i);
	}
	c->received += n > 0 ? (size_t)n : 0;
	return n == 0;
}

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void push_of_10_mib(void **state)
{
	size_t before = heap();
	char want[64];
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_PUSH, "/data/image");
	c.digest = 2166136261u;
	c.pace = BMC_STREAM_BUFFER;
	assert_true(fixture_until(all_is_sent, &c));
	assert_true(heap() < before + 1024 * 1024);
	bmc_stream_finish(c.s);
	assert_true(fixture_until(has_ended, &c));
	assert_true(has_answer(&c));
	(void)snprintf(want, sizeof(want), "%d %08x", SIZE, c.digest);
	assert_string_equal(c.got, want);
	assert_int_equal(client_end(&c), 0);
	assert_logged("StreamClosed", "sub1-01", "push: exit code 0",
		      "olga from 192.0.2.7");
}

static void pull_of_10_mib(void **state)
{
	size_t before = heap();
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_PULL, "10485760");
	c.pace = BMC_STREAM_BUFFER - 7;
	assert_true(fixture_until(all_is_received, &c));
	assert_true(heap() < before + 1024 * 1024);
	assert_int_equal(c.received, SIZE);
	assert_int_equal(client_end(&c), 0);
}

static void plugin_that_reads_nothing_holds_the_client_back(void **state)
{
	struct client c;

	(void)state;
	tell("hold");
	client_open(&c, "sub1-01", BMC_STREAM_PUSH, "/data/image");
	c.pace = BMC_STREAM_BUFFER;
	for (int i = 0; i < 10; i++)
		(void)all_is_sent(&c);
	assert_int_equal(c.sent, BMC_STREAM_BUFFER);
	assert_int_equal(bmc_stream_send(c.s, "x", 1), BMC_EAGAIN);
	tell("go");
	c.pace = 1; /* a slow client, now */
	assert_true(fixture_until(some_is_sent, &c));
	bmc_stream_finish(c.s);
	assert_int_equal(client_end(&c), 0);
}

static void client_that_takes_nothing_holds_the_plugin_back(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_PULL, "10485760");
	/* longer than the deadline and the grace: waiting in the core is no hang */
	fixture_pass(1600);
	assert_false(c.ended);
	stop("events");
	assert_true(c.ended);
	assert_int_equal(client_end(&c), BMC_ECANCELED);
	assert_string_equal(c.what, "65536 bytes were taken");
}

static void push_that_ends_early_is_an_error(void **state)
{
	struct bmc_stream_request r;
	struct client c;

	(void)state;
	r = request(&c, "sub1-01", BMC_STREAM_PUSH, "/data/image");
	r.args.size = 4;
	assert_int_equal(bmc_stream_open(&r, &c.s, &fixture_error), 0);
	say(&c, "abc");
	bmc_stream_finish(c.s);
	assert_int_equal(client_end(&c), BMC_EIO);
	assert_string_equal(c.what, "sub1-01: 3 bytes came");
}

/* ---- ends ---- */

static void closing_cancels_and_calls_back_no_more(void **state)
{
	static const char *const texts[] = { NULL, "idle" };
	struct client c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		client_open(&c, "sub1-01", BMC_STREAM_SHELL, texts[i]);
		fixture_pass(20);
		c.s = bmc_stream_close(c.s);
		assert_true(fixture_until(none_left, NULL));
		assert_false(c.ended);
	}
	assert_int_equal(bmc_abandoned(), 0);
	assert_logged("StreamClosed", "sub1-01", "shell: cancelled",
		      "olga from 192.0.2.7");
}

static void stream_without_a_byte_is_ended(void **state)
{
	struct client c;

	(void)state;
	stop("fixture"); /* it probes, and this test moves the clock */
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, NULL);
	say(&c, "ping\n");
	assert_string_equal(answer(&c), "ping\n");
	fixture_pass(50); /* it waits again */
	bmc_clock_skip(IDLE_MS - 20000);
	say(&c, "ping\n");
	assert_string_equal(answer(&c), "ping\n");
	bmc_clock_skip(IDLE_MS - 20000);
	fixture_pass(100);
	assert_false(c.ended);
	bmc_clock_skip(20000);
	assert_int_equal(client_end(&c), BMC_ETIMEDOUT);
	assert_string_equal(c.what, "sub1-01: nothing was sent for 600 s");
}

static void end_of_the_instance_ends_its_streams(void **state)
{
	struct client c[2], more;
	int64_t begin = bmc_now();

	(void)state;
	for (int i = 0; i < 2; i++)
		client_open(&c[i], i ? "sub1-01" : "sub2-01", BMC_STREAM_SHELL, NULL);
	assert_int_equal(bmc_instance_stop("events", NULL, NULL), 0);
	assert_int_equal(client_try(&more, "sub3-01", BMC_STREAM_SHELL, NULL),
			 BMC_EAGAIN);
	assert_true(fixture_until(none_left, NULL));
	assert_true(bmc_now() - begin < 20000); /* what calls may take: 30 s */
	assert_int_equal(client_end(&c[0]), BMC_ECANCELED);
	assert_int_equal(client_end(&c[1]), BMC_ECANCELED);
}

static bool one_is_abandoned(void *arg)
{
	(void)arg;
	return bmc_abandoned() == 1;
}

static void hung_stream_is_abandoned_and_the_others_go_on(void **state)
{
	struct client c, other;

	(void)state;
	client_open(&other, "sub1-02", BMC_STREAM_SHELL, NULL);
	tell("hold");
	client_open(&c, "sub1-01", BMC_STREAM_PUSH, "/data/image");
	assert_int_equal(client_end(&c), BMC_ETIMEDOUT);
	assert_true(one_is_abandoned(NULL));
	assert_logged("BoardQuarantined", "sub1-01", NULL, NULL);
	assert_logged("StreamClosed", "sub1-01", "push: timed out",
		      "olga from 192.0.2.7");
	assert_int_equal(client_try(&c, "sub1-01", BMC_STREAM_SHELL, NULL),
			 BMC_EQUARANTINED);
	assert_int_equal(bmc_streams(), 2);
	client_open(&c, "sub1-03", BMC_STREAM_PULL, "3"); /* which is not held */
	assert_int_equal(client_end(&c), 0);
	tell("go");
	say(&other, "exit 5\n");
	assert_int_equal(client_end(&other), 5);
	assert_true(fixture_until(none_left, NULL));
	assert_int_equal(bmc_abandoned(), 0);
	assert_true(echoes("sub1-01"));
}

static void stream_left_hanging_by_its_client_is_abandoned(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, "sub1-01", BMC_STREAM_SHELL, NULL);
	say(&c, "ping\n");
	assert_string_equal(answer(&c), "ping\n");
	tell("hold");
	c.s = bmc_stream_close(c.s);
	assert_true(fixture_until(one_is_abandoned, NULL));
	tell("go");
	assert_true(fixture_until(none_left, NULL));
	assert_false(c.ended);
}

/* ---- refusals ---- */

static void limit_of_a_board(void **state)
{
	struct client c[BMC_STREAMS_PER_BOARD], more;
	struct bmc_stream_request next;

	(void)state;
	for (unsigned i = 0; i < BMC_STREAMS_PER_BOARD; i++)
		client_open(&c[i], "sub1-01", BMC_STREAM_SHELL, NULL);
	assert_int_equal(client_try(&more, "sub1-01", BMC_STREAM_PULL, "1"),
			 BMC_ENOSPC);
	assert_true(echoes("sub1-02"));
	next = request(&more, "sub1-01", BMC_STREAM_PULL, "1");
	c[0].next = &next;
	say(&c[0], "exit 0\n");
	assert_true(fixture_until(has_ended, &c[0])); /* and is not closed yet */
	assert_int_equal(client_end(&more), 0);
	assert_true(echoes("sub1-01"));
	for (unsigned i = 0; i < BMC_STREAMS_PER_BOARD; i++)
		c[i].s = bmc_stream_close(c[i].s);
	assert_true(fixture_until(none_left, NULL));
}

static void limit_of_all_boards(void **state)
{
	static struct client c[BMC_STREAMS_MAX];
	struct client more;

	(void)state;
	for (unsigned i = 0; i < BMC_STREAMS_MAX; i++) {
		char id[BMC_ID_MAX];

		/* 16 boards take four each; sub1-04 is empty */
		(void)snprintf(id, sizeof(id), "sub%u-%02u", i / 8 % 2 + 2, i % 8 + 1);
		client_open(&c[i], id, BMC_STREAM_SHELL, NULL);
	}
	assert_int_equal(bmc_streams(), BMC_STREAMS_MAX);
	assert_int_equal(client_try(&more, "sub1-01", BMC_STREAM_SHELL, NULL),
			 BMC_ENOSPC);
	c[0].s = bmc_stream_close(c[0].s);
	for (unsigned i = 1; i < BMC_STREAMS_MAX; i++)
		c[i].s = bmc_stream_close(c[i].s);
	assert_true(fixture_until(none_left, NULL));
	assert_true(echoes("sub3-07"));
}

static void request_is_checked_before_anything_is_done(void **state)
{
	static char text[2050];
	struct bmc_stream_request r;
	struct client c;

	(void)state;
#define REFUSED(code, change)                                                        \
	do {                                                                         \
		r = request(&c, "sub1-01", BMC_STREAM_PUSH, "/x");                   \
		change;                                                              \
		assert_int_equal(bmc_stream_open(&r, &c.s, &fixture_error), (code)); \
	} while (0)
	memset(text, 'a', 2048);
	REFUSED(BMC_ERANGE, r.args.text = text);
	REFUSED(BMC_EINVAL, r.args.text = NULL);
	REFUSED(BMC_EINVAL, r.args.text = "");
	REFUSED(BMC_EINVAL, r.args.text = "a\nb");
	REFUSED(BMC_EINVAL, r.args.what = BMC_N_STREAMS);
	REFUSED(BMC_ERANGE, r.args.mode = 01000);
	REFUSED(BMC_ERANGE, r.args.size = -1);
	REFUSED(BMC_ERANGE, r.idle_ms = 0);
	REFUSED(BMC_ERANGE, r.idle_ms = BMC_STREAM_IDLE_MAX + 1);
	REFUSED(BMC_EINVAL, r.user = NULL);
	REFUSED(BMC_ENOTFOUND, r.row = UINT32_MAX);
	REFUSED(BMC_EABSENT, r.row = fixture_row("sub1-04")->row.handle);
	REFUSED(BMC_ENOTSUP, r.row = fixture_row("main")->row.handle);
	REFUSED(BMC_ENOTSUP, r.row = fixture_row("sub1-01")->row.parent);
	assert_int_equal(bmc_streams(), 0);
	text[2047] = '\0';
	REFUSED(BMC_OK, (r.args.text = text, r.args.mode = 0777,
			 r.idle_ms = BMC_STREAM_IDLE_MAX));
	c.s = bmc_stream_close(c.s);
	assert_true(fixture_until(none_left, NULL));
	assert_true(bmc_plugin_does(plugin, "shell"));
	assert_true(bmc_plugin_does(plugin, "files"));
	assert_false(bmc_plugin_does(plugin, "power"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(shell_echoes_and_gives_its_exit_code),
		T(shell_ends_where_its_input_ends),
		T(error_of_the_plugin_is_the_streams),
		T(stream_changes_no_hardware_and_waits_for_descriptors),
		T(push_of_10_mib),
		T(pull_of_10_mib),
		T(plugin_that_reads_nothing_holds_the_client_back),
		T(client_that_takes_nothing_holds_the_plugin_back),
		T(push_that_ends_early_is_an_error),
		T(closing_cancels_and_calls_back_no_more),
		T(stream_without_a_byte_is_ended),
		T(end_of_the_instance_ends_its_streams),
		T(hung_stream_is_abandoned_and_the_others_go_on),
		T(stream_left_hanging_by_its_client_is_abandoned),
		T(limit_of_a_board),
		T(limit_of_all_boards),
		T(request_is_checked_before_anything_is_done),
	};

	return cmocka_run_group_tests(tests, load_module, remove_module);
}
