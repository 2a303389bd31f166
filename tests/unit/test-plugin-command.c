// SPDX-License-Identifier: Apache-2.0
/* The host operation `command`: a long verb runs commands on a board through another
 * instance's shell, which is this test's, too. */
#include "action-fixture.h"

#include <time.h>

#define BEAT_MS 400
#define BIG     (3 * 1024 * 1024)

static const char platform_text[] =
	"platform: commands\n"
	"verbs: {power: fixture, recovery: fixture, "
	"locator: fixture, shell: sh}\n"
	"chips:\n"
	"  - {id: pins, driver: simulator, lines: 40}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - id: sub1-01\n"
	"    index: \"1.1\"\n"
	"    pins: [{name: power, chip: pins, line: 1}]\n"
	"  - {id: sub1-02, index: \"1.2\", verbs: {shell: \"\"}}\n"
	"  - {id: sub1-03, index: \"1.3\"}\n"
	"fans:\n"
	"  - {id: fan1, low_rpm: 1000}\n"
	"psus:\n"
	"  - {id: psu1}\n";

/* What the verb's thread and the test share. */
static struct {
	/* set before the verb is started */
	const char *text;
	int64_t ms;
	size_t out_size;
	size_t in_size; /* bytes of input, pattern i % 251 */
	int in_fails;   /* after them */
	/* read after its end, or atomic */
	atomic_bool inside, release;
	atomic_size_t given, taken, ahead_max;
	atomic_int again; /* times that there is no input yet */
	char out[64];
	size_t out_len;
	uint32_t digest;
} seen;

static void nap(long ms)
{
	struct timespec t = { 0, ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

static uint32_t sum(uint32_t digest, const unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		digest = (digest ^ buf[i]) * 16777619u;
	return digest;
}

/* ---- a shell ---- */

static const struct bmc_host_ops *sh;

static int say(struct bmc_call *call, const char *text, size_t len)
{
	ssize_t n = sh->stream_write(call, text, len, -1);

	return n < 0 ? (int)n : n == (ssize_t)len ? BMC_OK : BMC_EIO;
}

/* Reads all, in small pieces with a wait in between each of the first ones. */
static int sh_sum(struct bmc_call *call)
{
	unsigned char buf[1000];
	ssize_t n;

	for (int i = 0;; i++) {
		n = sh->stream_read(call, buf, sizeof(buf), i % 2 ? -1 : 50);
		if (n == BMC_EAGAIN)
			continue;
		if (n <= 0)
			break;
		seen.digest = sum(seen.digest, buf, (size_t)n);
		seen.taken += (size_t)n;
		if (i < 5)
			nap(2);
	}
	return n < 0 ? (int)n : say(call, "summed", 6);
}

static int sh_idle(struct bmc_call *call)
{
	int is;

	seen.inside = true;
	is = sh->stream_wait(call, -1, 0, 0, -1);
	seen.inside = false;
	return is;
}

/* Is silent for longer than the verb may be, but not than the command. */
static int sh_long(struct bmc_call *call)
{
	for (int i = 0; i < 4; i++) {
		int code = sh->stream_wait(call, -1, 0, 0, BEAT_MS);

		if (code == 0)
			code = say(call, ".", 1);
		if (code < 0)
			return code;
	}
	return 0;
}

/* Says a little again and again, and never ends. */
static int sh_drip(struct bmc_call *call)
{
	int code = 0;

	while (code == 0) {
		code = sh->stream_wait(call, -1, 0, 0, 20);
		if (code == 0)
			code = say(call, ".", 1);
	}
	return code;
}

static int sh_stuck(struct bmc_call *call)
{
	(void)call;
	seen.inside = true;
	while (!seen.release)
		nap(5);
	seen.inside = false;
	return 0;
}

static int sh_change(struct bmc_call *call)
{
	struct bmc_command c = { .text = "sum", .ms = 1000 };
	struct bmc_error err;
	uint16_t columns, rows;

	return sh->verb(call, "power", NULL, &err) != BMC_EPERM ||
	       sh->pin_set(call, BMC_PIN_POWER, true, &err) != BMC_EPERM ||
	       sh->pin_pulse(call, BMC_PIN_RESET, &err) != BMC_EPERM ||
	       sh->command(call, &c, &err) != BMC_EINVAL ||
	       sh->stream_size(call, &columns, &rows);
}

static int sh_many(struct bmc_call *call)
{
	char text[1000];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 100; i++) {
		if (say(call, text, sizeof(text)) < 0)
			return 1;
	}
	return 42;
}

static const struct {
	const char *name;
	int (*run)(struct bmc_call *call);
} commands[] = {
	{ "sum", sh_sum },     { "idle", sh_idle }, { "long", sh_long },
	{ "stuck", sh_stuck }, { "drip", sh_drip }, { "change", sh_change },
	{ "many", sh_many },
};

static int shell(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
		 struct bmc_error *err)
{
	(void)self;
	assert_int_equal(args->columns, 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(args->text, commands[i].name) == 0)
			return commands[i].run(call);
	}
	return bmc_fail(err, BMC_EIO, "%s: no such command", sh->target_id(call));
}

static int sh_create(struct bmc_host *host, const struct bmc_host_ops *ops,
		     const struct bmc_conf *conf, void **ret_self,
		     struct bmc_error *err)
{
	(void)host;
	(void)conf;
	(void)err;
	sh = ops;
	*ret_self = &seen;
	return BMC_OK;
}

static void sh_destroy(void *self)
{
	(void)self;
}

static const struct bmc_stream_type streams[] = {
	{ .what = BMC_STREAM_SHELL, .deadline = BEAT_MS, .run = shell },
	{ .run = NULL },
};
static const struct bmc_plugin sh_plugin = {
	BMC_PLUGIN_HEAD("sh", "1.0"),
	.create = sh_create,
	.destroy = sh_destroy,
	.streams = streams,
};

/* ---- the verb ---- */

static ssize_t give(void *arg, void *buf, size_t len)
{
	size_t left = seen.in_size - seen.given, ahead;

	(void)arg;
	if (seen.again > 0) {
		seen.again--;
		return BMC_EAGAIN;
	}
	if (left == 0)
		return seen.in_fails;
	ahead = seen.given - seen.taken;
	if (ahead > seen.ahead_max)
		seen.ahead_max = ahead;
	len = MIN(len, left);
	for (size_t i = 0; i < len; i++)
		((unsigned char *)buf)[i] = (unsigned char)((seen.given + i) % 251);
	seen.given += len;
	return (ssize_t)len;
}

static int run_command(void *arg, struct bmc_call *call, const struct bmc_args *args,
		       struct bmc_error *err)
{
	const struct bmc_host_ops *ops = ((struct fixture_self *)arg)->ops;
	struct bmc_command c = { .text = seen.text,
				 .ms = seen.ms,
				 .in = seen.in_size || seen.in_fails ? give : NULL,
				 .out = seen.out_size ? seen.out : NULL,
				 .out_size = seen.out_size };
	int code = ops->command(call, &c, err);

	(void)args;
	seen.out_len = c.out_len;
	return code > 0 ? bmc_fail(err, BMC_EIO, "exit code %d", code) : code;
}

static const struct bmc_verb verbs[] = {
	{ .name = "recovery",
	  .flags = BMC_VERB_LONG,
	  .deadline = BEAT_MS,
	  .run = run_command },
	BMC_VERB("locator", 0, 2000, run_command),
	{ 0 },
};
static struct bmc_plugin plugin;

static int set_up(void **state)
{
	const struct bmc_instance_conf conf = { .name = "sh", .poll_ms = 3600000 };

	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.ms = 60000;
	fixture_platform = platform_text;
	fixture_last = "sub1-01";
	fixture_new();
	plugin = fixture_plugin;
	plugin.verbs = verbs;
	plugin.probe = NULL;
	fixture_used = &plugin;
	fixture->mute = true;
	fixture_start(false);
	if (bmc_instance_start(&sh_plugin, &conf, &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
	return 0;
}

static bool is_out(void *arg)
{
	(void)arg;
	return !seen.inside;
}

static int tear_down(void **state)
{
	seen.release = true;
	assert_true(fixture_until(is_out, NULL));
	return fixture_tear_down(state);
}

struct outcome {
	uint64_t run;
	bool done;
	int code;
	char what[160];
};

static void note(void *arg, int code, const struct bmc_error *err)
{
	struct outcome *o = arg;

	o->done = true;
	o->code = code;
	(void)bmc_copy(o->what, sizeof(o->what), err->what);
}

static bool is_done(void *arg)
{
	return ((struct outcome *)arg)->done;
}

static bool is_inside(void *arg)
{
	(void)arg;
	return seen.inside;
}

static void start(struct outcome *o, const char *id, const char *verb, const char *text)
{
	struct bmc_verb_request request = {
		.kind = BMC_BOARD, .verb = verb, .done = note, .ctx = o
	};

	memset(o, 0, sizeof(*o));
	seen.text = text;
	(void)bmc_copy(request.id, sizeof(request.id), id);
	assert_int_equal(bmc_verb_run(&request, &o->run, &fixture_error), 0);
}

/* The verb's end, on sub1-01. */
static int run(struct outcome *o, const char *text)
{
	start(o, "sub1-01", "recovery", text);
	assert_true(fixture_until(is_done, o));
	return o->code;
}

/* ---- tests ---- */

static void output_is_kept_as_far_as_it_fits_and_the_exit_code_told(void **state)
{
	struct outcome o;

	(void)state;
	seen.out_size = 11;
	memset(seen.out, '#', sizeof(seen.out));
	assert_int_equal(run(&o, "many"), BMC_EIO);
	assert_string_equal(o.what, "exit code 42");
	assert_int_equal(seen.out_len, 10);
	assert_memory_equal(seen.out, "xxxxxxxxxx\0#", 12);
	seen.out_size = 1;
	assert_int_equal(run(&o, "many"), BMC_EIO);
	assert_string_equal(seen.out, "");
	seen.out_size = 0;
	assert_int_equal(run(&o, "many"), BMC_EIO);
	assert_int_equal(seen.out_len, 0);
	/* it ends with a zero also when nothing came */
	seen.out_size = 11;
	memset(seen.out, '#', sizeof(seen.out));
	assert_int_equal(run(&o, "change"), BMC_OK);
	assert_string_equal(seen.out, "");
}

static void input_comes_whole_and_at_the_boards_pace(void **state)
{
	uint32_t digest = 0;
	struct outcome o;

	(void)state;
	seen.in_size = BIG;
	seen.out_size = sizeof(seen.out);
	seen.again = 3;
	assert_int_equal(run(&o, "sum"), BMC_OK);
	for (size_t i = 0; i < BIG; i++)
		digest = sum(digest, &(unsigned char){ (unsigned char)(i % 251) }, 1);
	assert_int_equal(seen.taken, BIG);
	assert_int_equal(seen.digest, digest);
	assert_int_equal(seen.ahead_max, 0); /* nothing is asked for before its time */
	assert_string_equal(seen.out, "summed");
}

static void no_input_is_its_end(void **state)
{
	struct outcome o;

	(void)state;
	seen.out_size = sizeof(seen.out);
	assert_int_equal(run(&o, "sum"), BMC_OK);
	assert_string_equal(seen.out, "summed");
}

static void input_that_fails_ends_the_command_with_its_code(void **state)
{
	struct outcome o;

	(void)state;
	seen.in_size = 5000;
	seen.in_fails = BMC_ECORRUPT;
	assert_int_equal(run(&o, "sum"), BMC_ECORRUPT);
	assert_int_equal(seen.taken, 5000);
}

static void command_without_a_byte_is_ended_after_its_time(void **state)
{
	struct outcome o;

	(void)state;
	seen.ms = 3 * BEAT_MS; /* more than the verb may be without a beat */
	assert_int_equal(run(&o, "idle"), BMC_ETIMEDOUT);
	assert_non_null(strstr(o.what, "1 s without a byte, 12 s as a whole"));
	assert_int_equal(bmc_abandoned(), 0);
}

static void command_that_never_ends_is_ended_however_much_it_says(void **state)
{
	struct outcome o;

	(void)state;
	seen.ms = 60;
	assert_int_equal(run(&o, "drip"), BMC_ETIMEDOUT);
}

static void silent_command_beats(void **state)
{
	struct outcome o;

	(void)state;
	seen.ms = 3 * BEAT_MS; /* less than it takes as a whole */
	seen.out_size = sizeof(seen.out);
	assert_int_equal(run(&o, "long"), BMC_OK);
	assert_string_equal(seen.out, "....");
}

static void cancelled_command_ends(void **state)
{
	struct outcome o;

	(void)state;
	start(&o, "sub1-01", "recovery", "idle");
	assert_true(fixture_until(is_inside, NULL));
	bmc_verb_cancel(o.run);
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_ECANCELED);
	assert_int_equal(bmc_abandoned(), 0);
}

static void shell_that_never_returns_is_given_up_with_its_board(void **state)
{
	struct outcome o;

	(void)state;
	assert_int_equal(run(&o, "stuck"), BMC_ETIMEDOUT);
	assert_int_equal(bmc_abandoned(), 1);
	start(&o, "sub1-03", "recovery", "change"); /* other boards are not affected */
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_OK);
	seen.release = true;
	assert_true(fixture_until(is_out, NULL));
	while (bmc_abandoned())
		fixture_pass(10);
	assert_int_equal(run(&o, "change"), BMC_OK);
}

static void note_end(void *arg)
{
	*(bool *)arg = true;
}

static bool flag(void *arg)
{
	return *(bool *)arg;
}

static void command_ends_with_the_shells_instance(void **state)
{
	bool ended = false;
	struct outcome o;

	(void)state;
	start(&o, "sub1-01", "recovery", "idle");
	assert_true(fixture_until(is_inside, NULL));
	assert_int_equal(bmc_instance_stop("sh", note_end, &ended), 0);
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_EAGAIN);
	assert_true(fixture_until(flag, &ended));
	assert_int_equal(run(&o, "change"), BMC_ENOTSUP);
}

static void shell_may_change_nothing(void **state)
{
	struct outcome o;

	(void)state;
	assert_int_equal(run(&o, "change"), BMC_OK);
}

static void what_is_out_of_bounds_is_refused(void **state)
{
	static char text[2049];
	struct outcome o;

	(void)state;
	memset(text, 'a', 2047);
	assert_int_equal(run(&o, text), BMC_EIO); /* the shell knows it not */
	assert_non_null(strstr(o.what, "no such command"));
	text[2047] = 'a';
	assert_int_equal(run(&o, text), BMC_ERANGE);
	assert_int_equal(run(&o, ""), BMC_ERANGE);
	assert_int_equal(run(&o, NULL), BMC_ERANGE);
	assert_int_equal(run(&o, "\xff"), BMC_EINVAL);
	seen.ms = 0;
	assert_int_equal(run(&o, "change"), BMC_ERANGE);
	seen.ms = 86400001;
	assert_int_equal(run(&o, "change"), BMC_ERANGE);
	seen.ms = 86400000;
	assert_int_equal(run(&o, "change"), BMC_OK);
	seen.ms = 1000;
	start(&o, "sub1-01", "locator", "change"); /* no long verb */
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_EINVAL);
	start(&o, "sub1-02", "recovery", "change"); /* no shell */
	assert_true(fixture_until(is_done, &o));
	assert_int_equal(o.code, BMC_ENOTSUP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(output_is_kept_as_far_as_it_fits_and_the_exit_code_told),
		TEST(input_comes_whole_and_at_the_boards_pace),
		TEST(no_input_is_its_end),
		TEST(input_that_fails_ends_the_command_with_its_code),
		TEST(command_without_a_byte_is_ended_after_its_time),
		TEST(command_that_never_ends_is_ended_however_much_it_says),
		TEST(silent_command_beats),
		TEST(cancelled_command_ends),
		TEST(shell_that_never_returns_is_given_up_with_its_board),
		TEST(command_ends_with_the_shells_instance),
		TEST(shell_may_change_nothing),
		TEST(what_is_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
