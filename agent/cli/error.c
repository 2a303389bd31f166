// SPDX-License-Identifier: Apache-2.0
// Messages to the user, and the cleaning of all text that others wrote: a board's name
// must not move the cursor. Called by all of agent/cli.
#include "cli/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

int cli_fail(struct cli_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	err->next[0] = 0;
	va_start(ap, fmt);
	(void)vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return code;
}

int cli_fail_http(struct cli_error *err, int code, const char *object, const char *what,
		  long status)
{
	size_t n = strlen(what);

	n -= n && what[n - 1] == '.';
	return cli_fail(err, code, "%.100s%s%.*s (HTTP %ld)", object ? object : "",
			object ? ": " : "", (int)MIN(n, 260u), what, status);
}

int cli_next(struct cli_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err->next, sizeof(err->next), fmt, ap);
	va_end(ap);
	return err->code;
}

/* U+061C, U+200B to U+200F, U+2028 to U+202E, U+2066 to U+2069, U+FEFF: invisible, or
 * they reorder what is around them. C1 controls are bmc_text_sanitize()'s. */
static bool is_deceptive(const unsigned char *p)
{
	if (p[0] == 0xd8)
		return p[1] == 0x9c;
	if (p[0] == 0xef)
		return p[1] == 0xbb && p[2] == 0xbf;
	if (p[0] != 0xe2)
		return false;
	if (p[1] == 0x80)
		return (p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae);
	return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

static void clean_line(char *text)
{
	unsigned char *in = (unsigned char *)text, *out = in;

	bmc_text_sanitize(text);
	while (*in) {
		if (!is_deceptive(in)) {
			*out++ = *in++;
			continue;
		}
		in += *in == 0xd8 ? 2 : 3;
		*out++ = '?';
	}
	*out = 0;
}

void cli_clean(char *text, int lines)
{
	while (lines) {
		size_t n = strcspn(text, "\n\t");
		char end = text[n];
		text[n] = 0;
		clean_line(text);
		size_t shorter = strlen(text);
		if (end && shorter < n)
			(void)memmove(text + shorter + 1, text + n + 1,
				      strlen(text + n + 1) + 1);
		text[shorter] = end;
		if (!end)
			return;
		text += shorter + 1;
	}
	clean_line(text);
}

void cli_put(FILE *out, const char *text)
{
	auto_free char *copy = strdup(text ? text : "");

	if (!copy)
		return;
	clean_line(copy);
	fputs(copy, out);
}

int cli_report(const char *node, const struct cli_error *err)
{
	flockfile(stderr); /* threads report, too */
	cli_put(stderr, node ? node : "bmc");
	fputs(": ", stderr);
	cli_put(stderr, err->what);
	fputc('\n', stderr);
	if (err->next[0]) {
		fputs("  ", stderr);
		cli_put(stderr, err->next);
		fputc('\n', stderr);
	}
	funlockfile(stderr);
	return err->code;
}

void cli_note(const char *fmt, ...)
{
	struct cli_error err = { .code = CLI_OK };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err.what, sizeof(err.what), fmt, ap);
	va_end(ap);
	(void)cli_report(NULL, &err);
}
