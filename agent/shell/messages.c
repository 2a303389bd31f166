// SPDX-License-Identifier: Apache-2.0
// What a client says: bytes for the board are binary messages; a JSON object in a text
// message says the beginning, another size of the terminal, or the end of the input.
// On the WebSockets' thread, with the shell's lock.
#include <jansson.h>
#include <string.h>

#include "core/base/util.h"
#include "shell/own.h"

#define SIDE_MAX    1000 /* columns, rows */
#define COMMAND_MAX 2047
#define WINDOW_MIN  16384
#define WINDOW_MAX  1048576

static bool take_side(const json_t *message, const char *key, uint16_t *ret)
{
	const json_t *value = json_object_get(message, key);
	json_int_t n = json_integer_value(value);

	if (!value)
		return true;
	if (!json_is_integer(value) || n < 0 || n > SIDE_MAX)
		return false;
	*ret = (uint16_t)n;
	return true;
}

static bool take_size(struct shell *s, const json_t *message)
{
	uint16_t columns = s->columns, rows = s->rows;

	if (!take_side(message, "columns", &columns) ||
	    !take_side(message, "rows", &rows))
		return false;
	s->columns = columns;
	s->rows = rows;
	if (s->stream)
		bmc_stream_resize(s->stream, columns, rows);
	return true;
}

static bool take_command(struct shell *s, const json_t *message)
{
	const json_t *value = json_object_get(message, "command");
	size_t len = json_string_length(value);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value) || len == 0 || len > COMMAND_MAX)
		return false;
	s->command = strdup(json_string_value(value));
	return s->command != NULL;
}

/* A client that can't stop its socket says how much it takes ahead, and then what it
 * has dealt with. */
static bool take_window(struct shell *s, const json_t *message)
{
	const json_t *window = json_object_get(message, "window"),
		     *ack = json_object_get(message, "ack");
	json_int_t n = json_integer_value(window ? window : ack);

	if (!window && !ack)
		return true;
	if (window && (s->asked || n < WINDOW_MIN || n > WINDOW_MAX))
		return false;
	if (ack && (window || n < 1 || n > s->unacked))
		return false;
	if (window)
		s->window = (uint32_t)n;
	else
		s->unacked -= (uint32_t)n;
	shell_pump_out(s);
	return true;
}

/* The first one opens the stream; the others change it. */
static bool take_control(struct shell *s, const json_t *message)
{
	const json_t *eof = json_object_get(message, "eof");

	if (!json_is_object(message) || !take_size(s, message) ||
	    !take_window(s, message))
		return false;
	if (!s->asked) {
		if (!take_command(s, message))
			return false;
		s->asked = true;
		shell_open(s);
	} else if (json_object_get(message, "command")) {
		return false;
	}
	if (eof && !json_is_true(eof))
		return false;
	s->in_ended |= eof != NULL;
	shell_pump_in(s);
	return true;
}

static bool take_text(struct shell *s, const void *bytes, size_t len)
{
	json_t *message = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	bool ok = take_control(s, message);

	json_decref(message);
	return ok;
}

void shell_message(struct shell *s, bool text, const void *bytes, size_t len)
{
	bool ok;

	if (text)
		ok = take_text(s, bytes, len);
	else
		ok = s->asked && !s->in_ended && shell_take(s, bytes, len);
	if (!ok)
		shell_refuse(s, "this message is not understood");
	else if (!text)
		shell_pump_in(s);
}
