// SPDX-License-Identifier: Apache-2.0
/* A shell of a board as a stream. With "shell,v2" bytes come in packets (a number, a
 * length of 32 bits, little-endian, the bytes), which also carry the exit code and the
 * size of the window; an old daemon has only "shell:", which has neither. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "adb.h"

#define BUF    16384
#define HEADER 5
enum { PACKET_IN, PACKET_OUT, PACKET_ERR, PACKET_EXIT, PACKET_CLOSE_IN, PACKET_SIZE };

struct shell {
	struct adb_link l;
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	struct bmc_error *err;
	bool v2, pty, in_ended, size_due;
	/* to the board */
	char out[HEADER + BUF];
	size_t out_at, out_len;
	/* from the board */
	char in[BUF];
	size_t in_at, in_len;
	unsigned char head[HEADER];
	size_t head_len;
	uint32_t left; /* bytes of the present packet */
	int code;      /* of the exit packet, -1: none yet */
};

static uint32_t le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* ---- to the board ---- */

static void packet(struct shell *s, unsigned char id, size_t len)
{
	const unsigned char head[HEADER] = { id, (unsigned char)len,
					     (unsigned char)(len >> 8),
					     (unsigned char)(len >> 16),
					     (unsigned char)(len >> 24) };

	s->out_at = s->v2 ? 0 : HEADER;
	s->out_len = HEADER + len;
	memcpy(s->out, head, sizeof(head));
}

/* What the client has typed, or that it has nothing more to say. */
static int take_input(struct shell *s)
{
	ssize_t n = s->ops->stream_read(s->call, s->out + HEADER, BUF, 0);

	if (n == BMC_EAGAIN)
		return BMC_OK;
	if (n < 0)
		return (int)n;
	s->in_ended = n == 0;
	if (n > 0)
		packet(s, PACKET_IN, (size_t)n);
	else if (s->v2)
		packet(s, PACKET_CLOSE_IN, 0);
	return BMC_OK;
}

static void take_size(struct shell *s)
{
	uint16_t columns, rows;

	(void)s->ops->stream_size(s->call, &columns, &rows);
	s->size_due = false;
	if (!s->v2 || !s->pty || !columns || !rows)
		return;
	int n = snprintf(s->out + HEADER, BUF, "%ux%u,0x0", rows, columns);
	packet(s, PACKET_SIZE, (size_t)n + 1);
}

static int send_some(struct shell *s)
{
	ssize_t n = send(s->l.fd, s->out + s->out_at, s->out_len - s->out_at,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		s->out_at += (size_t)n;
	if (s->out_at == s->out_len)
		s->out_at = s->out_len = 0;
	/* a board that is gone is noticed by reading */
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->out_at = s->out_len = 0;
	return BMC_OK;
}

/* ---- from the board ---- */

/* Passes on what there is of the packets' bytes; stops when the client takes no more.
 */
static int give(struct shell *s)
{
	while (s->in_at < s->in_len) {
		size_t n = s->in_len - s->in_at;

		if (s->v2 && s->head_len < HEADER) {
			s->head[s->head_len++] = (unsigned char)s->in[s->in_at++];
			s->left = s->head_len == HEADER ? le32(s->head + 1) : 0;
			if (s->left == 0 && s->head_len == HEADER)
				s->head_len = 0;
			continue;
		}
		n = s->v2 && s->left < n ? s->left : n;
		if (s->v2 && s->head[0] == PACKET_EXIT) {
			s->code = (unsigned char)s->in[s->in_at];
			return BMC_OK;
		}
		if (!s->v2 || s->head[0] == PACKET_OUT || s->head[0] == PACKET_ERR) {
			ssize_t m =
				s->ops->stream_write(s->call, s->in + s->in_at, n, 0);

			if (m == BMC_EAGAIN)
				return BMC_OK;
			if (m < 0)
				return (int)m;
			n = (size_t)m;
		}
		s->in_at += n;
		s->left -= s->v2 ? (uint32_t)n : 0;
		if (s->left == 0)
			s->head_len = 0;
	}
	return BMC_OK;
}

/* 1: the board's side has ended. */
static int receive(struct shell *s)
{
	ssize_t n = recv(s->l.fd, s->in, sizeof(s->in), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return BMC_OK;
	if (n <= 0)
		return 1;
	s->in_at = 0;
	s->in_len = (size_t)n;
	return BMC_OK;
}

/* ---- both ---- */

static int wait_both(struct shell *s)
{
	bool full = s->in_at < s->in_len, sends = s->out_at < s->out_len;
	int events = (full ? 0 : POLLIN) | (sends ? POLLOUT : 0);
	uint32_t want = (full ? BMC_STREAM_OUT : 0) |
			(sends || s->in_ended ? 0 : BMC_STREAM_IN) |
			(s->pty && s->v2 && !s->size_due ? BMC_STREAM_RESIZED : 0);

	return s->ops->stream_wait(s->call, events ? s->l.fd : -1, (short)events, want,
				   -1);
}

static int ended(struct shell *s)
{
	if (!s->v2)
		return 0;
	return bmc_fail(s->err, BMC_EIO,
			"%s: adb: the board's shell ended without an exit code; the "
			"board may have restarted",
			s->ops->target_id(s->call));
}

static int pump(struct shell *s)
{
	int is, code = BMC_OK;

	while (s->code < 0) {
		is = wait_both(s);
		if (is < 0)
			return is;
		s->size_due = s->size_due || is & BMC_STREAM_RESIZED;
		if (s->out_at < s->out_len && is & (POLLOUT | POLLERR | POLLHUP))
			code = send_some(s);
		if (s->in_at == s->in_len && is & (POLLIN | POLLERR | POLLHUP))
			code = receive(s);
		if (code > 0)
			return ended(s);
		code = give(s);
		if (code == BMC_OK && s->out_at == s->out_len && s->size_due)
			take_size(s);
		else if (code == BMC_OK && s->out_at == s->out_len &&
			 is & BMC_STREAM_IN)
			code = take_input(s);
		if (code < 0)
			return code;
	}
	return s->code;
}

/* Whether the board's daemon has shell,v2. An old server knows no such question. */
static int ask_features(struct adb *a, struct bmc_call *call, const struct adb_board *b,
			bool *ret_v2, struct bmc_error *err)
{
	struct adb_link l = { .adb = a,
			      .call = call,
			      .stream = true,
			      .until = a->ops->now() + ADB_WAIT_MS };
	char *list = malloc(ADB_LIST_MAX + 1);
	uint64_t transport;
	int code = list ? adb_open(&l, err) : BMC_ENOMEM;

	*ret_v2 = false;
	if (code < 0) {
		free(list);
		return code;
	}
	(void)adb_state(a, b, &transport);
	code = transport ? adb_request(&l, err, "host-transport-id:%llu:features",
				       (unsigned long long)transport)
			 : adb_request(&l, err, "host-serial:%s:features", b->where);
	if (code == BMC_OK && adb_block(&l, list, err) >= 0)
		*ret_v2 = strstr(list, "shell_v2") != NULL;
	adb_close(&l);
	free(list);
	return code == BMC_EIO ? BMC_OK : code;
}

static int open_shell(struct shell *s, const struct adb_board *b,
		      const struct bmc_stream_args *args)
{
	const char *command = args->text ? args->text : "";
	char service[2200];

	if (s->v2)
		(void)snprintf(service, sizeof(service), "shell,v2,%s:%s",
			       s->pty ? "TERM=xterm-256color,pty" : "raw", command);
	else
		(void)snprintf(service, sizeof(service), "shell:%s", command);
	return adb_service(&s->l, b, s->err, service);
}

int adb_shell(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	      struct bmc_error *err)
{
	struct adb *a = self;
	struct adb_board *b = adb_find(a, a->ops->target_id(call));
	struct shell *s;
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP, "%s is not reached by adb",
				a->ops->target_id(call));
	s = calloc(1, sizeof(*s));
	if (!s)
		return bmc_fail(err, BMC_ENOMEM, "no memory for a shell");
	s->l = (struct adb_link){ .adb = a,
				  .call = call,
				  .stream = true,
				  .until = a->ops->now() + 2 * ADB_WAIT_MS };
	s->ops = a->ops;
	s->call = call;
	s->err = err;
	s->code = -1;
	s->pty = args->columns && args->rows;
	code = ask_features(a, call, b, &s->v2, err);
	if (code == BMC_OK)
		code = open_shell(s, b, args);
	if (code == BMC_OK) {
		s->size_due = true;
		code = pump(s);
		adb_close(&s->l);
	}
	free(s);
	return code;
}
