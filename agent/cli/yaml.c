// SPDX-License-Identifier: Apache-2.0
// JSON values as YAML 1.2 in block style. Strings are quoted as JSON is, which YAML
// reads alike. Called by output.c.
#include "cli/output.h"

#include <stdlib.h>

#include "core/base/util.h"

#define DEPTH_MAX 32

static void put(FILE *out, const json_t *v, int depth);

/* Whether it starts on a line of its own. */
static bool is_block(const json_t *v)
{
	return (json_is_object(v) && json_object_size(v)) ||
	       (json_is_array(v) && json_array_size(v));
}

static void put_scalar(FILE *out, const json_t *v)
{
	(void)json_dumpf(v, out, JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_COMPACT);
	fputc('\n', out);
}

static void put_string(FILE *out, const char *text)
{
	json_t *v = json_string(text);

	(void)json_dumpf(v, out, JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
	json_decref(v);
}

static void put_object(FILE *out, const json_t *v, int depth)
{
	const char *key;
	json_t *value;
	bool first = true;

	/* the iterator takes no const; it changes nothing */
	json_object_foreach ((json_t *)(uintptr_t)v, key, value) {
		fprintf(out, "%*s", first ? 0 : depth * 2, "");
		first = false;
		put_string(out, key);
		fputc(':', out);
		if (is_block(value))
			fprintf(out, "\n%*s", depth * 2 + 2, "");
		else
			fputc(' ', out);
		put(out, value, depth + 1);
	}
}

static void put_array(FILE *out, const json_t *v, int depth)
{
	const json_t *value;
	size_t i;

	json_array_foreach (v, i, value) {
		fprintf(out, "%*s- ", i ? depth * 2 : 0, "");
		put(out, value, depth + 1);
	}
}

/* The cursor is where the value begins; ends with a line feed. */
static void put(FILE *out, const json_t *v, int depth)
{
	if (!is_block(v) || depth > DEPTH_MAX)
		put_scalar(out, v);
	else if (json_is_object(v))
		put_object(out, v, depth);
	else
		put_array(out, v, depth);
}

void cli_print_yaml(FILE *out, const json_t *value)
{
	put(out, value, 0);
}
