// SPDX-License-Identifier: Apache-2.0
/* Hardware does not know that its agent was started anew: what testers have set, the
 * faults under way and the time when the chassis was switched on are kept in a file
 * beside the pins, as the very lines that the control socket takes. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "sim.h"

#define LINE_BYTES 4096
#define LINES_MAX  65536

static bool kept_path(const struct sim *s, char ret[PATH_MAX], const char *suffix)
{
	return s->pins_path[0] &&
	       snprintf(ret, PATH_MAX, "%s.set%s", s->pins_path, suffix) < PATH_MAX;
}

/* ---- writing ---- */

static json_t *value_json(const struct sim_pin_value *p)
{
	const struct bmc_field *f = p->field;

	if (f->type == BMC_TEXT)
		return json_string(p->text);
	if (p->num == BMC_UNKNOWN)
		return json_null();
	if (f->type == BMC_BOOL)
		return json_boolean(p->num);
	for (const struct bmc_name *n = f->type == BMC_ENUM ? f->names : NULL;
	     n && n->word; n++) {
		if (n->value == p->num)
			return json_string(n->word);
	}
	return json_integer(p->num);
}

static void write_line(FILE *f, json_t *line)
{
	if (line && json_dumpf(line, f, JSON_COMPACT) == 0)
		(void)fputc('\n', f);
	json_decref(line);
}

static void write_set(FILE *f, const struct sim_row *r, const char *field,
		      json_t *value)
{
	write_line(f, json_pack("{ss ss ss ss so}", "op", "set", "kind", r->desc->name,
				"id", r->id, "field", field, "value", value));
}

static void write_row(FILE *f, const struct sim_row *r)
{
	for (const struct sim_pin_value *p = r->pinned; p; p = p->next)
		write_set(f, r, p->field->name, value_json(p));
	if (r->taken)
		write_set(f, r, "present", json_false());
}

static void write_faults(FILE *f, const struct sim_board *b, int64_t now)
{
	for (int i = 0; i < SIM_N_FAULTS; i++) {
		if (sim_board_faulty(&b->model, (enum sim_fault)i, now))
			write_line(f,
				   json_pack("{ss ss ss sI sI}", "op", "fault", "id",
					     b->row->id, "fault", sim_fault_words[i],
					     "from", (json_int_t)b->model.fault_from[i],
					     "until",
					     (json_int_t)b->model.fault_until[i]));
	}
}

static void write_flashed(FILE *f, const struct sim_board *b,
			  const struct sim_flashed *what, bool former)
{
	if (what->bytes)
		write_line(f, json_pack("{ss ss sI sI ss sb}", "op", "flashed", "id",
					b->row->id, "bytes", (json_int_t)what->bytes,
					"crc32", (json_int_t)what->crc, "version",
					what->version, "former", (int)former));
}

static bool write_all(const struct sim *s, FILE *f)
{
	int64_t now = s->reporter.ops->now();

	write_line(f, json_pack("{ss sI}", "op", "on", "at", (json_int_t)s->on_at));
	for (size_t i = 0; i < s->n_rows; i++)
		write_row(f, s->rows[i]);
	for (size_t i = 0; i < s->n_boards; i++) {
		write_faults(f, &s->boards[i], now);
		write_flashed(f, &s->boards[i], &s->boards[i].flashed, false);
		write_flashed(f, &s->boards[i], &s->boards[i].former, true);
	}
	return !ferror(f);
}

void sim_keep(struct sim *s)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	FILE *f;
	bool ok;

	if (s->loading || !kept_path(s, path, "") || !kept_path(s, fresh, ".new"))
		return;
	f = fopen(fresh, "we");
	ok = f && fchmod(fileno(f), 0600) == 0 && write_all(s, f);
	if (f && fclose(f) != 0)
		ok = false;
	if (!ok || rename(fresh, path) < 0)
		s->reporter.ops->log(
			s->reporter.host, LOG_WARNING,
			"%s can't be written: what is set is lost at a restart", path);
}

/* ---- reading ---- */

static void load_line(struct sim *s, const char *line)
{
	json_t *req = json_loads(line, 0, NULL);
	const char *op = json_string_value(json_object_get(req, "op"));

	if (op && strcmp(op, "on") == 0)
		s->on_at = json_integer_value(json_object_get(req, "at"));
	else
		free(sim_op(s, line, strlen(line)));
	json_decref(req);
}

void sim_keep_load(struct sim *s)
{
	char path[PATH_MAX], line[LINE_BYTES];
	FILE *f = kept_path(s, path, "") ? fopen(path, "re") : NULL;

	if (!f)
		return;
	s->loading = true;
	for (int n = 0; n < LINES_MAX && fgets(line, sizeof(line), f); n++)
		load_line(s, line);
	s->loading = false;
	fclose(f);
}
