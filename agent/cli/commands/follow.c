// SPDX-License-Identifier: Apache-2.0
// Server-sent events (WHATWG HTML, "Server-sent events"), as far as Redfish uses them:
// the fields id and data. Called by commands/events.c.
#include "cli/commands/follow.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/loop.h"
#include "core/base/util.h"

#define EVENT_MAX  (1u << 20) /* bytes of an event; a longer one is dropped */
#define SILENCE_MS 120000     /* the agent sends a comment more often */
#define RETRY_MS   1000       /* doubled up to RETRY_MAX */
#define RETRY_MAX  30000

struct follow {
	bool (*take)(void *arg, const char *id, const json_t *data);
	void *arg;
	char *line; /* owned, not terminated */
	size_t len, size;
	char *data; /* owned */
	size_t data_len;
	char id[32];      /* of the event that comes */
	char last_id[32]; /* of the last that was taken */
	int64_t received_at;
	bool too_long, alive, ended, silent;
};

static bool append(char **to, size_t *len, const char *bytes, size_t n)
{
	char *more = *len + n < EVENT_MAX ? realloc(*to, *len + n + 1) : NULL;

	if (!more)
		return false;
	memcpy(more + *len, bytes, n);
	*to = more;
	*len += n;
	more[*len] = 0;
	return true;
}

static void dispatch(struct follow *f)
{
	json_t *data = NULL;

	if (f->data_len && !f->too_long)
		data = json_loadb(f->data, f->data_len, 0, NULL);
	if (f->id[0])
		(void)bmc_copy(f->last_id, sizeof(f->last_id), f->id);
	if (data && !f->take(f->arg, f->last_id, data))
		f->ended = true;
	json_decref(data);
	f->data_len = 0;
	f->too_long = false;
	f->id[0] = 0;
}

/* A line without its end. */
static void take_line(struct follow *f)
{
	const char *line = f->line ? f->line : "";

	if (f->len && line[f->len - 1] == '\r')
		f->line[--f->len] = 0;
	if (!f->len)
		dispatch(f);
	else if (strncmp(line, "data:", 5) == 0)
		f->too_long |=
			!append(&f->data, &f->data_len, line + 5 + (line[5] == ' '),
				f->len - 5 - (line[5] == ' '));
	else if (strncmp(line, "id:", 3) == 0 &&
		 !bmc_copy(f->id, sizeof(f->id), line + 3 + (line[3] == ' ')))
		f->id[0] = 0;
	f->len = 0;
}

static bool take_bytes(void *arg, const char *bytes, size_t n)
{
	struct follow *f = arg;

	f->received_at = bmc_now();
	f->alive = true;
	while (n && !f->ended) {
		const char *end = memchr(bytes, '\n', n);
		size_t part = end ? (size_t)(end - bytes) : n;

		f->too_long |= !append(&f->line, &f->len, bytes, part);
		bytes += part + (end != NULL);
		n -= part + (end != NULL);
		if (end)
			take_line(f);
	}
	return !f->ended;
}

static bool is_silent(void *arg)
{
	struct follow *f = arg;

	f->silent = bmc_now() - f->received_at > SILENCE_MS;
	return f->silent;
}

/* One connection. CLI_OK: it has ended, and may be made again. */
static int follow_once(struct cli *c, struct follow *f, const char *path,
		       struct cli_error *err)
{
	char header[64];
	struct cli_call call = { .path = path,
				 .accept = "text/event-stream",
				 .ms = -1,
				 .take = take_bytes,
				 .stop = is_silent,
				 .arg = f };
	struct cli_reply reply = { 0 };

	(void)snprintf(header, sizeof(header), "Last-Event-ID: %s", f->last_id);
	if (f->last_id[0])
		call.header = header;
	f->received_at = bmc_now();
	f->len = f->data_len = 0;
	f->id[0] = 0;
	f->alive = f->too_long = false;
	int code = cli_ask(cli_link(c), &call, &reply, err);
	cli_reply_done(&reply);
	return code;
}

/* Of what may be over in a moment. */
static bool is_passing(int code)
{
	return code == CLI_OK || code == CLI_UNREACHABLE || code == CLI_TIMEOUT;
}

static int follow(struct cli *c, struct follow *f, const char *path)
{
	struct cli_error err = { 0 };
	int64_t wait = RETRY_MS;
	bool was_there = false;

	for (;;) {
		int code = follow_once(c, f, path, &err);

		if (f->ended)
			return CLI_OK;
		if (!is_passing(code) || (code && !was_there && !f->alive))
			return cli_report(NULL, &err);
		if (f->alive)
			wait = RETRY_MS;
		was_there |= f->alive;
		cli_note("the stream of events has ended: connecting again");
		(void)poll(NULL, 0, (int)wait);
		wait = MIN(wait * 2, RETRY_MAX);
	}
}

int cli_follow(struct cli *c, const char *path, const char *since,
	       bool (*take)(void *arg, const char *id, const json_t *data), void *arg)
{
	struct follow f = { .take = take, .arg = arg };

	if (since && (!bmc_copy(f.last_id, sizeof(f.last_id), since) ||
		      strspn(since, "0123456789") != strlen(since)))
		return cli_usage(c, "--since %s: the number of an event", since);
	int code = follow(c, &f, path);
	free(f.line);
	free(f.data);
	return code;
}
