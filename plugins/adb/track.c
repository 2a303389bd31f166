// SPDX-License-Identifier: Apache-2.0
/* Which boards the server has, and in which state: its stream of changes, on serve's
 * thread. A server that goes away, hangs or talks nonsense makes all states unknown
 * until it is back; it is asked again after a pause that doubles. */
#include <poll.h>
#include <stdlib.h>
#include <syslog.h>

#include "adb.h"

#define PAUSE_MS     500
#define PAUSE_MAX_MS 30000
#define REFRESH_MS   10000 /* between two questions whether all is as it was */

static void put_state(struct adb *a, const struct adb_board *b, enum bmc_adb_state is)
{
	const struct bmc_value v[] = { BMC_NUM(bmc_board, adb_state, is),
				       BMC_NUM(bmc_board, os, BMC_OS_UNKNOWN) };

	/* with another state what a probe has said of the system is over */
	(void)a->ops->put(a->host, BMC_BOARD, b->id, v, is == BMC_ADB_DEVICE ? 1 : 2);
}

struct seen {
	struct adb *a;
	struct {
		enum bmc_adb_state state;
		uint64_t transport;
		unsigned times;  /* lines that have its place */
		unsigned shared; /* other lines that have its transport */
	} * boards;
};

static void note(void *arg, const struct adb_device *d)
{
	struct seen *s = arg;

	for (size_t i = 0; i < s->a->n_boards; i++) {
		if (strcmp(s->a->boards[i].where, d->where) != 0)
			continue;
		s->boards[i].state = d->state;
		s->boards[i].transport = d->transport;
		s->boards[i].times++;
	}
}

/* A transport is one device's. A board whose serial number has a line feed in it makes
 * a line as it likes, but its own transport stands at the end of its real one; and a
 * server that says transports says them of all. */
static void compare(void *arg, const struct adb_device *d)
{
	struct seen *s = arg;

	for (size_t i = 0; i < s->a->n_boards; i++) {
		bool own = strcmp(s->a->boards[i].where, d->where) == 0;

		if (!own && d->transport &&
		    (!s->boards[i].transport || s->boards[i].transport == d->transport))
			s->boards[i].shared++;
	}
}

/* One board as the newest list has it. */
static void update(struct adb *a, struct adb_board *b, enum bmc_adb_state state,
		   uint64_t transport, bool doubtful)
{
	bool left, warn;

	(void)pthread_mutex_lock(&a->lock);
	left = b->state == BMC_ADB_DEVICE &&
	       (state != BMC_ADB_DEVICE || transport != b->transport);
	warn = doubtful && !b->doubtful;
	b->doubtful = doubtful;
	b->state = state;
	b->transport = transport;
	(void)pthread_mutex_unlock(&a->lock);
	if (warn)
		a->ops->log(a->host, LOG_WARNING,
			    "%s: the server's list of devices has %s twice, or has its "
			    "connection for another device, too: neither is believed",
			    b->id, b->where);
	if (left)
		adb_forget(a, b);
	put_state(a, b, state);
}

static int take_list(struct adb *a, const char *list, size_t len)
{
	struct seen s = { .a = a,
			  .boards = calloc(a->n_boards + 1, sizeof(*s.boards)) };

	if (!s.boards)
		return BMC_ENOMEM;
	adb_list_parse(list, len, note, &s);
	adb_list_parse(list, len, compare, &s);
	for (size_t i = 0; i < a->n_boards; i++) {
		if (s.boards[i].times > 1 || (s.boards[i].times && s.boards[i].shared))
			update(a, &a->boards[i], BMC_ADB_UNKNOWN, 0, true);
		else if (s.boards[i].times)
			update(a, &a->boards[i], s.boards[i].state,
			       s.boards[i].transport, false);
		else
			update(a, &a->boards[i], BMC_ADB_NONE, 0, false);
	}
	free(s.boards);
	return BMC_OK;
}

/* No server: nothing is known. */
static void lose_all(struct adb *a)
{
	for (size_t i = 0; i < a->n_boards; i++)
		update(a, &a->boards[i], BMC_ADB_UNKNOWN, 0, false);
}

/* Has it still the same? A server that hangs is found out by this alone. */
static int refresh(struct adb *a, char *buf, struct bmc_error *err)
{
	struct adb_link l = { .adb = a, .until = a->ops->now() + ADB_WAIT_MS };
	int code = adb_open(&l, err);
	ssize_t n;

	if (code < 0)
		return code;
	code = adb_request(&l, err, "host:devices-l");
	n = code < 0 ? code : adb_block(&l, buf, err);
	adb_close(&l);
	return n < 0 ? (int)n : take_list(a, buf, (size_t)n);
}

/* Follows the stream until it breaks. */
static int follow(struct adb *a, struct adb_link *l, char *buf, struct bmc_error *err)
{
	int64_t asked = a->ops->now();

	for (;;) {
		int64_t left = asked + REFRESH_MS - a->ops->now();
		int is = left > 0 ? a->ops->wait(a->host, l->fd, POLLIN, left) : 0;
		int code = BMC_OK;

		if (is < 0)
			return is;
		if (is > 0) {
			l->until = a->ops->now() + ADB_WAIT_MS;
			ssize_t n = adb_block(l, buf, err);
			code = n < 0 ? (int)n : take_list(a, buf, (size_t)n);
		} else if (a->ops->now() >= asked + REFRESH_MS) {
			asked = a->ops->now();
			code = refresh(a, buf, err);
		}
		if (code < 0)
			return code;
	}
}

static int track(struct adb *a, char *buf, bool *ret_came_up, struct bmc_error *err)
{
	struct adb_link l = { .adb = a, .until = a->ops->now() + ADB_WAIT_MS };
	int code = adb_open(&l, err);

	if (code < 0)
		return code;
	code = adb_request(&l, err, "host:track-devices-l");
	if (code == BMC_OK) {
		*ret_came_up = true;
		code = follow(a, &l, buf, err);
	}
	adb_close(&l);
	return code;
}

/* Pauses; BMC_ECANCELED when serve has to return. */
static int rest(struct adb *a, int64_t ms)
{
	int64_t until = a->ops->now() + ms, left;

	while ((left = until - a->ops->now()) > 0) {
		int is = a->ops->wait(a->host, -1, 0, left);

		if (is < 0)
			return is;
	}
	return BMC_OK;
}

int adb_serve(void *self, struct bmc_error *err)
{
	struct adb *a = self;
	int64_t pause = PAUSE_MS;
	char *buf = malloc(ADB_LIST_MAX + 1);
	int code;

	if (!buf)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the list of devices");
	for (;;) {
		bool came_up = false;

		code = track(a, buf, &came_up, err);
		if (code == BMC_ECANCELED)
			break;
		lose_all(a);
		pause = came_up ? PAUSE_MS : pause;
		a->ops->log(a->host, LOG_WARNING, "%s, again in %lld ms", err->what,
			    (long long)pause);
		if (a->start_server)
			adb_start_server(a);
		code = rest(a, pause);
		if (code < 0)
			break;
		pause = 2 * pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : 2 * pause;
	}
	free(buf);
	return code;
}
