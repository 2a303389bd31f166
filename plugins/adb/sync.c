// SPDX-License-Identifier: Apache-2.0
/* Files to and from a board: the service "sync:". A message is four letters and a
 * number of 32 bits, little-endian, mostly the length of what follows. */
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "adb.h"

#define CHUNK        65536 /* the most that one DATA may carry */
#define HEADER       8
#define PATH_MAX_ADB 1024
#define DEFAULT      0644
#define WAIT_MS      60000 /* for a board that takes or gives nothing */

struct sync {
	struct adb_link l;
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	struct bmc_error *err;
	unsigned char buf[HEADER + CHUNK];
};

static void put32(unsigned char *p, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(n >> 8 * i);
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Each message of the board has its own time. */
static void begin(struct sync *s)
{
	s->l.until = s->ops->now() + WAIT_MS;
}

static int message(struct sync *s, const char *id, uint32_t n, size_t len)
{
	memcpy(s->buf, id, 4);
	put32(s->buf + 4, n);
	begin(s);
	return adb_send(&s->l, s->buf, HEADER + len, s->err);
}

static int nonsense(struct sync *s)
{
	return bmc_fail(s->err, BMC_EIO, "%s: adb: it breaks the protocol of files",
			s->ops->target_id(s->call));
}

/* What the board says with FAIL. */
static int failed(struct sync *s, uint32_t len)
{
	char why[ADB_TEXT_MAX], clean[100];
	size_t n = len < sizeof(why) ? len : sizeof(why) - 1;
	int code = adb_read(&s->l, why, n, s->err);

	if (code < 0)
		return code;
	adb_clean(clean, sizeof(clean), why, n);
	return bmc_fail(s->err, BMC_EIO, "%s: %s", s->ops->target_id(s->call), clean);
}

static int header(struct sync *s, char id[5], uint32_t *ret)
{
	unsigned char head[HEADER];
	int code;

	begin(s);
	code = adb_read(&s->l, head, sizeof(head), s->err);
	if (code < 0)
		return code;
	memcpy(id, head, 4);
	id[4] = '\0';
	*ret = get32(head + 4);
	return BMC_OK;
}

/* ---- push ---- */

/* The board's verdict: it may come before all is sent. */
static int verdict(struct sync *s)
{
	char id[5];
	uint32_t n;
	int code = header(s, id, &n);

	if (code < 0)
		return code;
	if (strcmp(id, "FAIL") == 0)
		return failed(s, n);
	return strcmp(id, "OKAY") == 0 ? BMC_OK : nonsense(s);
}

/* Fills a chunk from the client; 0: it has sent all. A word of the board in between is
 * its refusal. */
static ssize_t fill(struct sync *s)
{
	size_t len = 0;

	while (len < CHUNK) {
		int is = s->ops->stream_wait(s->call, s->l.fd, POLLIN, BMC_STREAM_IN,
					     -1);
		ssize_t n;

		if (is < 0)
			return is;
		if (is & (POLLIN | POLLHUP | POLLERR)) {
			int code = verdict(s);
			return code < 0 ? code : nonsense(s);
		}
		n = s->ops->stream_read(s->call, s->buf + HEADER + len, CHUNK - len, 0);
		if (n == BMC_EAGAIN)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static int push_all(struct sync *s, const struct bmc_stream_args *args)
{
	unsigned mode = 0100000u | (args->mode ? args->mode : DEFAULT);
	int64_t sent = 0;
	ssize_t n = snprintf((char *)s->buf + HEADER, PATH_MAX_ADB + 16, "%s,%u",
			     args->text, mode);
	int code = message(s, "SEND", (uint32_t)n, (size_t)n);

	while (code == BMC_OK) {
		n = fill(s);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		code = message(s, "DATA", (uint32_t)n, (size_t)n);
		sent += n;
	}
	if (code < 0)
		return code;
	/* without DONE the board keeps nothing of it */
	if (args->size != BMC_UNKNOWN && sent != args->size)
		return bmc_fail(s->err, BMC_EINVAL,
				"%s: %lld bytes came of %lld: nothing was written",
				s->ops->target_id(s->call), (long long)sent,
				(long long)args->size);
	code = message(s, "DONE", (uint32_t)time(NULL), 0);
	return code < 0 ? code : verdict(s);
}

/* ---- pull ---- */

static int give(struct sync *s, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = s->ops->stream_write(s->call, s->buf + at, len - at, -1);

		if (n < 0)
			return (int)n;
		at += (size_t)n;
	}
	return BMC_OK;
}

static int pull_all(struct sync *s, const char *path)
{
	size_t len = strlen(path);
	char id[5];
	uint32_t n;

	memcpy(s->buf + HEADER, path, len);
	int code = message(s, "RECV", (uint32_t)len, len);
	while (code == BMC_OK) {
		code = header(s, id, &n);
		if (code < 0)
			break;
		if (strcmp(id, "DONE") == 0)
			return BMC_OK;
		if (strcmp(id, "FAIL") == 0)
			return failed(s, n);
		if (strcmp(id, "DATA") != 0 || n > CHUNK)
			return nonsense(s);
		code = adb_read(&s->l, s->buf, n, s->err);
		if (code == BMC_OK)
			code = give(s, n);
	}
	return code;
}

/* ---- both ---- */

static int run(struct adb *a, struct bmc_call *call, const struct bmc_stream_args *args,
	       struct bmc_error *err)
{
	struct adb_board *b = adb_find(a, a->ops->target_id(call));
	struct sync *s;
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP, "%s is not reached by adb",
				a->ops->target_id(call));
	if (strlen(args->text) > PATH_MAX_ADB)
		return bmc_fail(err, BMC_ERANGE, "%s: a path has %d bytes at most",
				b->id, PATH_MAX_ADB);
	s = calloc(1, sizeof(*s));
	if (!s)
		return bmc_fail(err, BMC_ENOMEM, "no memory for a file");
	s->l = (struct adb_link){ .adb = a, .call = call, .stream = true };
	s->ops = a->ops;
	s->call = call;
	s->err = err;
	begin(s);
	code = adb_service(&s->l, b, err, "sync:");
	if (code == BMC_OK) {
		code = args->what == BMC_STREAM_PUSH ? push_all(s, args)
						     : pull_all(s, args->text);
		adb_close(&s->l);
	}
	free(s);
	return code;
}

int adb_push(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	     struct bmc_error *err)
{
	return run(self, call, args, err);
}

int adb_pull(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	     struct bmc_error *err)
{
	return run(self, call, args, err);
}

const struct bmc_stream_type adb_streams[] = {
	{ .what = BMC_STREAM_SHELL, .deadline = 10000, .run = adb_shell },
	{ .what = BMC_STREAM_PUSH, .deadline = 10000, .run = adb_push },
	{ .what = BMC_STREAM_PULL, .deadline = 10000, .run = adb_pull },
	{ .run = NULL },
};
