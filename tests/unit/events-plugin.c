// SPDX-License-Identifier: Apache-2.0
/* A second sample plugin, a module as sample-plugin.c: an event-driven source that
 * serves what comes through a FIFO, one line each:
 *
 *   ROW 0|1   the board is out or in      !fail  serve ends with an error
 *   !hang     the next poll never ends    !go    until this
 *   !hold     streams never end           !go    until this
 *
 * and that says which boards are not its own. Its streams: a shell that echoes (a line
 * "exit N" ends it; the commands are in `commands`), a push that counts, and a pull of
 * as many bytes as its path says. Loaded by test-plugin-serve and test-plugin-stream.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bmc/plugin.h"

struct events {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	int fd;
	atomic_bool hang, hold;
	atomic_int probes;
};

static const struct bmc_conf_item settings[] = {
	{ .key = "fifo",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 200,
	  .def = "!",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "Where the events come from." },
	{ .key = NULL },
};

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	const char *fifo = bmc_conf_text(conf, "fifo", "");
	struct events *e;

	if (ops->size < sizeof(*ops))
		return bmc_fail(err, BMC_ENOTSUP, "the daemon is older than this");
	e = calloc(1, sizeof(*e));
	if (!e)
		return bmc_fail(err, BMC_ENOMEM, "no memory for events");
	e->host = host;
	e->ops = ops;
	/* for writing too, so that it never reads as ended */
	e->fd = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (e->fd < 0) {
		free(e);
		return bmc_fail(err, BMC_EIO, "%.80s: can't be opened", fifo);
	}
	*ret_self = e;
	return BMC_OK;
}

static int handle(struct events *e, char *line, struct bmc_error *err)
{
	char *value = strchr(line, ' ');

	if (strcmp(line, "!fail") == 0)
		return bmc_fail(err, BMC_EIO, "told to fail");
	if (strcmp(line, "!hold") == 0 || strcmp(line, "!go") == 0) {
		e->hold = line[1] == 'h';
		(void)e->ops->put(e->host, BMC_FIRMWARE, "hold",
				  &BMC_TXT(bmc_firmware, version, line + 1), 1);
	}
	if (strcmp(line, "!hang") == 0 || strcmp(line, "!go") == 0)
		e->hang = line[1] == 'h';
	if (!value)
		return BMC_OK;
	*value = '\0';
	(void)e->ops->put(e->host, BMC_BOARD, line,
			  &BMC_NUM(bmc_board, present, value[1] == '1'), 1);
	return BMC_OK;
}

/* Each write of the test is one line. */
static int serve(void *self, struct bmc_error *err)
{
	struct events *e = self;
	char line[80];
	int code = BMC_OK;

	while (code == BMC_OK) {
		int ready = e->ops->wait(e->host, e->fd, POLLIN, 60000);
		ssize_t n = 0;

		if (ready < 0)
			return ready;
		if (ready & POLLIN)
			n = read(e->fd, line, sizeof(line) - 1);
		if (n <= 0)
			continue;
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		code = handle(e, line, err);
	}
	return code;
}

static int poll_counters(void *self, struct bmc_error *err)
{
	struct events *e = self;
	const struct timespec t = { 0, 5000000 };

	(void)err;
	while (e->hang)
		(void)nanosleep(&t, NULL);
	return e->ops->put(e->host, BMC_FAN, "fan1",
			   &BMC_NUM(bmc_fan, rpm, 1000 + e->probes), 1);
}

static int probe(void *self, struct bmc_call *call, const char *board,
		 struct bmc_error *err)
{
	struct events *e = self;

	(void)call;
	(void)err;
	e->probes++;
	return strcmp(board, "sub1-01") == 0 ? BMC_OK : BMC_ENOTSUP;
}

/* ---- streams ---- */

#define CHUNK 16384

static int write_all(struct events *e, struct bmc_call *call, const void *buf,
		     size_t len)
{
	const unsigned char *from = buf;

	while (len) {
		ssize_t n = e->ops->stream_write(call, from, len, -1);

		if (n < 0)
			return (int)n;
		from += n;
		len -= (size_t)n;
	}
	return BMC_OK;
}

static void held(struct events *e)
{
	const struct timespec t = { 0, 5000000 };

	while (e->hold)
		(void)nanosleep(&t, NULL);
}

static int say_size(struct events *e, struct bmc_call *call)
{
	uint16_t columns, rows;
	char text[32];
	int n;

	if (!e->ops->stream_size(call, &columns, &rows))
		return BMC_OK;
	n = snprintf(text, sizeof(text), "%ux%u\n", columns, rows);
	return write_all(e, call, text, (size_t)n);
}

static int echo(struct events *e, struct bmc_call *call)
{
	char buf[CHUNK + 1];
	int code = BMC_OK;

	while (code == BMC_OK) {
		ssize_t n;
		int is = e->ops->stream_wait(call, -1, 0,
					     BMC_STREAM_IN | BMC_STREAM_RESIZED, -1);

		held(e);
		if (is < 0)
			return is;
		if (is & BMC_STREAM_RESIZED)
			code = say_size(e, call);
		if (code < 0 || !(is & BMC_STREAM_IN))
			continue;
		n = e->ops->stream_read(call, buf, CHUNK, 0);
		if (n <= 0)
			return (int)n;
		buf[n] = '\0';
		if (strncmp(buf, "exit ", 5) == 0)
			return atoi(buf + 5);
		code = write_all(e, call, buf, (size_t)n);
	}
	return code;
}

static int command_idle(struct events *e, struct bmc_call *call)
{
	while (!e->ops->cancelled(call))
		(void)e->ops->sleep(call, 100);
	return BMC_ECANCELED;
}

/* What a stream may not do; 0: it could not. */
static int command_change(struct events *e, struct bmc_call *call)
{
	struct bmc_error err;

	if (e->ops->verb(call, "power", NULL, &err) != BMC_EPERM ||
	    e->ops->pin_set(call, BMC_PIN_POWER, true, &err) != BMC_EPERM ||
	    e->ops->pin_pulse(call, BMC_PIN_RESET, &err) != BMC_EPERM)
		return 1;
	return 0;
}

/* Its descriptor is ready, or the time passes. */
static int command_wait(struct events *e, struct bmc_call *call)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), is, none;

	is = e->ops->stream_wait(call, fd, POLLIN, BMC_STREAM_IN, -1);
	none = e->ops->stream_wait(call, -1, 0, BMC_STREAM_IN, 10);
	(void)close(fd);
	return is == POLLIN && none == 0 &&
			       e->ops->stream_read(call, &fd, 1, 10) == BMC_EAGAIN &&
			       e->ops->stream_read(call, &fd, 0, 10) == BMC_EINVAL
		       ? 0
		       : 1;
}

static const struct {
	const char *name;
	int (*run)(struct events *e, struct bmc_call *call);
} commands[] = {
	{ "idle", command_idle },
	{ "change", command_change },
	{ "wait", command_wait },
};

static int shell(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
		 struct bmc_error *err)
{
	struct events *e = self;

	if (!args->text)
		return echo(e, call);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(args->text, commands[i].name) == 0)
			return commands[i].run(e, call);
	}
	return bmc_fail(err, BMC_ENOTFOUND, "%s: no such command",
			e->ops->target_id(call));
}

static uint32_t sum(uint32_t digest, const unsigned char *buf, ssize_t len)
{
	for (ssize_t i = 0; i < len; i++)
		digest = (digest ^ buf[i]) * 16777619u;
	return digest;
}

static int push(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
		struct bmc_error *err)
{
	struct events *e = self;
	unsigned char buf[CHUNK];
	uint32_t digest = 2166136261u; /* FNV-1a, for this test */
	int64_t count = 0;
	char text[64];
	ssize_t n;

	held(e);
	while ((n = e->ops->stream_read(call, buf, sizeof(buf), -1)) > 0) {
		digest = sum(digest, buf, n);
		count += n;
	}
	if (n < 0)
		return (int)n;
	if (args->size != BMC_UNKNOWN && args->size != count)
		return bmc_fail(err, BMC_EIO, "%s: %lld bytes came",
				e->ops->target_id(call), (long long)count);
	n = snprintf(text, sizeof(text), "%lld %08x", (long long)count, digest);
	return write_all(e, call, text, (size_t)n);
}

static int pull(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
		struct bmc_error *err)
{
	struct events *e = self;
	int64_t size = strtoll(args->text, NULL, 10), done = 0;
	unsigned char buf[CHUNK];

	while (done < size) {
		size_t len = size - done < CHUNK ? (size_t)(size - done) : CHUNK;
		ssize_t n;

		for (size_t i = 0; i < len; i++)
			buf[i] = (unsigned char)((done + (int64_t)i) % 251);
		n = e->ops->stream_write(call, buf, len, -1);
		if (n < 0)
			return bmc_fail(err, (int)n, "%lld bytes were taken",
					(long long)done);
		done += n;
	}
	return BMC_OK;
}

static const struct bmc_stream_type streams[] = {
	{ .what = BMC_STREAM_SHELL, .deadline = 300, .run = shell },
	{ .what = BMC_STREAM_PUSH, .deadline = 300, .run = push },
	{ .what = BMC_STREAM_PULL, .deadline = 300, .run = pull },
	{ .run = NULL },
};

static void destroy(void *self)
{
	struct events *e = self;

	(void)close(e->fd);
	free(e);
}

BMC_PLUGIN(events) = {
	BMC_PLUGIN_HEAD("events", "1.0"),
	.conf = settings,
	.create = create,
	.poll = poll_counters,
	.probe = probe,
	.destroy = destroy,
	.serve = serve,
	.streams = streams,
};
