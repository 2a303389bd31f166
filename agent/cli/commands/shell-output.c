// SPDX-License-Identifier: Apache-2.0
// The output of a command in a board's shell, over the agent's WebSocket
// (doc/shell.md). Called by commands that show what only the board knows.
#include "cli/commands/shell-output.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/websocket.h"
#include "core/base/util.h"

#define OUTPUT_MAX 65536
#define STEP_MS    200

struct capture {
	char *text;
	size_t len;
	bool ended, ok;
};

static void on_message(void *arg, bool text, const void *bytes, size_t len)
{
	struct capture *c = arg;

	if (text) {
		json_t *end = json_loadb(bytes, len, 0, NULL);
		const json_t *code = json_object_get(end, "exit");
		c->ended = true;
		c->ok = json_is_integer(code) && json_integer_value(code) == 0;
		json_decref(end);
		return;
	}
	len = MIN(len, OUTPUT_MAX - c->len);
	memcpy(c->text + c->len, bytes, len);
	c->len += len;
}

static void run(struct cli_websocket *w, const struct capture *c, const char *command,
		int64_t until)
{
	json_t *begin = json_pack("{s:s}", "command", command);
	char *text = begin ? json_dumps(begin, JSON_COMPACT) : NULL;
	bool sent = text && cli_websocket_send(w, true, text, strlen(text));

	while (sent && !c->ended && bmc_now() < until) {
		struct pollfd p = { .fd = -1 };
		p.fd = cli_websocket_fd(w, &p.events);
		(void)poll(&p, 1, STEP_MS);
		if (!cli_websocket_step(w))
			break;
	}
	free(text);
	json_decref(begin);
}

/* A terminal's ends of lines, which some shells write. */
static void drop_returns(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (text[0] != '\r' || text[1] != '\n')
			*out++ = *text;
	}
	*out = 0;
}

char *cli_shell_output(struct cli_link *l, const char *node, const char *command,
		       int64_t ms)
{
	struct capture c = { .text = malloc(OUTPUT_MAX + 1) };
	const struct cli_websocket_handler handler = { on_message, &c };
	struct cli_websocket *w = NULL;
	char path[CLI_PATH_MAX];
	struct cli_error err;

	(void)snprintf(path, sizeof(path), "/shell/%s", node);
	if (c.text && cli_websocket_open(l, path, &handler, &w, &err) == CLI_OK)
		run(w, &c, command, bmc_now() + ms);
	cli_websocket_free(w);
	if (!c.ok) {
		free(c.text);
		return NULL;
	}
	c.text[c.len] = 0;
	drop_returns(c.text);
	cli_clean(c.text, 1);
	return c.text;
}
