// SPDX-License-Identifier: Apache-2.0
// The bytes of a shell. Neither side waits for the other: what the board does not take
// yet stops the reading of the WebSocket, what the client does not take yet stays in
// the stream's buffer, and so stops the board. Called from the main thread and the
// WebSockets', with the shell's lock.
#include <jansson.h>
#include <string.h>

#include "core/base/util.h"
#include "shell/own.h"

bool shell_take(struct shell *s, const void *bytes, size_t len)
{
	if (s->in_at) {
		memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
		s->in_len -= s->in_at;
		s->in_at = 0;
	}
	if (len > sizeof(s->in) - s->in_len)
		return false;
	memcpy(s->in + s->in_len, bytes, len);
	s->in_len += len;
	s->typed = true;
	return true;
}

void shell_pump_in(struct shell *s)
{
	ssize_t n = 0;

	while (s->stream && s->in_at < s->in_len) {
		n = bmc_stream_send(s->stream, s->in + s->in_at, s->in_len - s->in_at);
		if (n == BMC_EAGAIN)
			break;
		s->in_at = n < 0 ? s->in_len : s->in_at + (size_t)n;
	}
	bool waits = s->in_at < s->in_len;
	if (!waits && s->in_ended && s->stream)
		bmc_stream_finish(s->stream);
	if (s->ws)
		http_websocket_pause(s->ws, waits);
}

/* The last message; false: the client has to read first. */
static bool tell(struct shell *s, json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	s->told = text && http_websocket_send(s->ws, true, text, strlen(text)) == 0;
	free(text);
	return s->told;
}

static void tell_end(struct shell *s)
{
	if (s->told)
		return;
	(void)tell(s, s->code < 0 ? json_pack("{ss}", "error", s->why)
				  : json_pack("{si}", "exit", s->code));
}

void shell_pump_out(struct shell *s)
{
	ssize_t n = 1;

	while (s->ws && s->stream && n > 0) {
		size_t room = s->window ? s->window - s->unacked : sizeof(s->out);
		if (s->out_len == 0) {
			if (room == 0)
				return;
			n = bmc_stream_receive(s->stream, s->out,
					       MIN(room, sizeof(s->out)));
			s->out_len = n > 0 ? (size_t)n : 0;
		}
		if (n <= 0)
			break;
		if (http_websocket_send(s->ws, false, s->out, s->out_len) != 0)
			return; /* it tells when there is room */
		bmc_wipe(s->out, s->out_len);
		s->unacked += s->window ? (uint32_t)s->out_len : 0;
		s->out_len = 0;
	}
	if (s->ws && s->ended && (n == 0 || !s->stream))
		tell_end(s);
}

void shell_refuse(struct shell *s, const char *why)
{
	if (!s->ws)
		return;
	if (!s->told)
		(void)tell(s, json_pack("{ss}", "error", why));
	http_websocket_close(s->ws, SHELL_REFUSED);
}
