// SPDX-License-Identifier: Apache-2.0
/* The requests of the control socket: one JSON object in, one out. A table of
 * operations; README.md documents each with an example. Called by the socket's thread.
 */
#include <jansson.h>

#include "sim.h"

#define FOR_EVER_S 86400

/* What an operation works on and answers with; the lock is held. */
struct call {
	struct sim *sim;
	const json_t *req;
	json_t *reply;
	struct bmc_error *err;
};

static const char *text_of(const struct call *c, const char *key)
{
	return json_string_value(json_object_get(c->req, key));
}

static int need_id(const struct call *c, const char **ret)
{
	*ret = text_of(c, "id");
	if (*ret && strlen(*ret) < BMC_ID_MAX)
		return BMC_OK;
	return bmc_fail(c->err, BMC_EINVAL,
			"\"id\" is missing: give the row's id, \"sub1-03\"");
}

/* ---- set ---- */

static const struct bmc_kind_desc *kind_of(const struct sim *s, enum bmc_kind kind)
{
	return s->reporter.ops->kind(kind);
}

static int find_kind(const struct call *c, enum bmc_kind *ret)
{
	const char *word = text_of(c, "kind");

	for (int k = 0; word && k < BMC_N_KINDS; k++) {
		const struct bmc_kind_desc *d = kind_of(c->sim, (enum bmc_kind)k);

		if (!d || !(d->flags & BMC_KIND_HARDWARE) || strcmp(d->name, word) != 0)
			continue;
		*ret = (enum bmc_kind)k;
		return BMC_OK;
	}
	return bmc_fail(c->err, BMC_EINVAL,
			"\"kind\" is one of chassis, blade, board, fan, psu, disk, "
			"sensor, nic, "
			"firmware; the core owns the others");
}

static bool is_id(const char *id)
{
	return *id && id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int same_id(void *arg, const char *id, const uint32_t index[2],
		   const struct bmc_conf *conf)
{
	(void)index;
	(void)conf;
	return strcmp(arg, id) == 0;
}

static bool in_platform(const struct sim *s, enum bmc_kind kind, const char *id)
{
	char copy[BMC_ID_MAX];

	memcpy(copy, id, strlen(id) + 1);
	return s->reporter.ops->platform(s->reporter.host, kind, same_id, copy) == 1;
}

/* Rows of such a kind may appear at run time; the others are slots of the platform. */
static bool can_appear(const struct sim *s, enum bmc_kind kind)
{
	return kind_of(s, kind)->flags & BMC_KIND_RUN_TIME;
}

static int find_row(const struct call *c, enum bmc_kind kind, struct sim_row **ret)
{
	const char *id;
	int r = need_id(c, &id);

	if (r < 0)
		return r;
	*ret = sim_find(c->sim, kind, id);
	if (*ret) {
		if ((*ret)->by_tester)
			(*ret)->gone = false; /* it was cleared before */
		return BMC_OK;
	}
	if (!is_id(id) || !(can_appear(c->sim, kind) || in_platform(c->sim, kind, id)))
		return bmc_fail(c->err, BMC_ENOTFOUND,
				"no %s \"%s\": see the platform file",
				text_of(c, "kind"), id);
	*ret = sim_add(c->sim, kind, id, NULL);
	if (!*ret)
		return bmc_fail(c->err, BMC_ENOMEM, "out of memory");
	(*ret)->by_tester = true;
	return BMC_OK;
}

static int bad_value(const struct call *c, const struct bmc_field *f, const char *form)
{
	return bmc_fail(c->err, BMC_EINVAL, "\"%s\" takes %s, or null for unknown",
			f->name, form);
}

static int word_value(const struct call *c, const struct bmc_field *f, const json_t *v,
		      int64_t *ret)
{
	char known[96];
	size_t used = 0;

	for (const struct bmc_name *n = f->names; n->word; n++) {
		int len;

		if (json_is_string(v) && strcmp(n->word, json_string_value(v)) == 0) {
			*ret = n->value;
			return BMC_OK;
		}
		len = snprintf(known + used, sizeof(known) - used, " %s", n->word);
		if (len > 0 && used + (size_t)len < sizeof(known))
			used += (size_t)len;
	}
	return bmc_fail(c->err, BMC_EINVAL, "\"%s\" is one of%.*s", f->name, (int)used,
			known);
}

static int number_value(const struct call *c, const struct bmc_field *f,
			const json_t *v, int64_t *ret)
{
	if (!json_is_integer(v))
		return bad_value(c, f, "a whole number in milli-units");
	*ret = json_integer_value(v);
	return BMC_OK;
}

static int bool_value(const struct call *c, const struct bmc_field *f, const json_t *v,
		      int64_t *ret)
{
	if (!json_is_boolean(v))
		return bad_value(c, f, "true or false");
	*ret = json_is_true(v);
	return BMC_OK;
}

/* The value of a field that is no text. */
static int parse_value(const struct call *c, const struct bmc_field *f, const json_t *v,
		       int64_t *ret)
{
	static int (*const parsers[])(const struct call *, const struct bmc_field *,
				      const json_t *, int64_t *) = {
		[BMC_INT] = number_value,  [BMC_COUNTER] = number_value,
		[BMC_TIME] = number_value, [BMC_BOOL] = bool_value,
		[BMC_ENUM] = word_value,
	};

	if (json_is_null(v)) {
		*ret = f->type == BMC_ENUM ? 0 : BMC_UNKNOWN;
		return BMC_OK;
	}
	return parsers[f->type](c, f, v, ret);
}

static int pin_value(const struct call *c, struct sim_row *row,
		     const struct bmc_field *f)
{
	const json_t *v = json_object_get(c->req, "value");
	const char *text = json_string_value(v);
	int64_t num = 0;
	int r = BMC_OK;

	if (!v)
		return bmc_fail(c->err, BMC_EINVAL, "\"value\" is missing");
	if (f->type != BMC_TEXT)
		r = parse_value(c, f, v, &num);
	else if ((!text && !json_is_null(v)) || (text && strlen(text) >= f->size))
		return bmc_fail(c->err, BMC_EINVAL,
				"\"%s\" takes a text of up to %zu bytes", f->name,
				f->size - 1);
	if (r < 0)
		return r;
	r = sim_row_pin(row, f, num, text);
	return r < 0 ? bmc_fail(c->err, r, "out of memory") : r;
}

static int check_field(const struct call *c, const struct sim_row *row,
		       const char *name, const struct bmc_field **ret)
{
	const struct bmc_field *f = name ? sim_row_field(row, name) : NULL;

	if (!f)
		return bmc_fail(c->err, BMC_ENOTFOUND, "a %s has no field \"%.32s\"",
				row->desc->name, name ? name : "");
	if ((f->flags & BMC_DERIVED) || f->type == BMC_REF)
		return bmc_fail(
			c->err, BMC_EREADONLY,
			"\"%s\" is derived: set what it comes from%s", f->name,
			row->kind == BMC_BOARD
				? " (present, power_pin, usb_mode, adb_state, os)"
				: "");
	*ret = f;
	return BMC_OK;
}

/* A part of a kind without `present` comes and goes with its row. */
static int set_gone(const struct call *c, struct sim_row *row)
{
	const json_t *v = json_object_get(c->req, "value");

	if (!json_is_boolean(v))
		return bmc_fail(c->err, BMC_EINVAL, "\"present\" takes true or false");
	row->taken = json_is_false(v);
	return BMC_OK;
}

static int op_set(struct call *c)
{
	const struct bmc_field *f = NULL;
	const char *name = text_of(c, "field");
	enum bmc_kind kind = BMC_CHASSIS;
	struct sim_row *row = NULL;
	int r = find_kind(c, &kind);

	if (r == BMC_OK)
		r = find_row(c, kind, &row);
	if (r < 0)
		return r;
	if (name && strcmp(name, "present") == 0 && !sim_row_field(row, name)) {
		r = set_gone(c, row);
	} else {
		r = check_field(c, row, name, &f);
		if (r == BMC_OK)
			r = pin_value(c, row, f);
	}
	if (r < 0)
		return r;
	if (c->sim->loading)
		return BMC_OK;
	sim_tick(c->sim, c->sim->reporter.ops->now());
	r = sim_row_report(row, &c->sim->reporter, SIM_REPORT_QUICK);
	return r < 0 ? bmc_fail(c->err, r, "%s: the core did not take it: %s", row->id,
				bmc_strerror(r))
		     : r;
}

/* ---- fault and clear ---- */

const char *const sim_fault_words[SIM_N_FAULTS] = {
	[SIM_ADB_HANG] = "adb_hang",         [SIM_ADB_WEDGE] = "adb_wedge",
	[SIM_ADB_FAIL] = "adb_fail",         [SIM_PIN_STUCK] = "pin_stuck",
	[SIM_SLOW_BOOT] = "slow_boot",       [SIM_NO_BOOT] = "no_boot",
	[SIM_USB_FLAP] = "usb_flap",         [SIM_FLASH_REFUSE] = "flash_refuse",
	[SIM_FLASH_LOST] = "flash_lost",     [SIM_FLASH_FAIL] = "flash_fail",
	[SIM_FLASH_HANG] = "flash_hang",     [SIM_FLASH_BAD] = "flash_bad",
	[SIM_FLASH_SILENT] = "flash_silent",
};

static int find_fault(const struct call *c, enum sim_fault *ret)
{
	const char *word = text_of(c, "fault");

	for (int f = 0; word && f < SIM_N_FAULTS; f++) {
		if (strcmp(sim_fault_words[f], word) != 0)
			continue;
		*ret = (enum sim_fault)f;
		return BMC_OK;
	}
	return bmc_fail(c->err, BMC_EINVAL,
			"\"fault\" is one of adb_hang, adb_wedge, adb_fail, pin_stuck, "
			"slow_boot, no_boot, usb_flap, flash_refuse, flash_lost, "
			"flash_fail, flash_hang, flash_bad, flash_silent");
}

/* From when to when: a fault that was kept says so itself. */
static int fault_times(const struct call *c, int64_t *ret_from, int64_t *ret_until)
{
	const json_t *seconds = json_object_get(c->req, "seconds");
	double s = seconds ? json_number_value(seconds) : FOR_EVER_S;

	if (c->sim->loading) {
		*ret_from = json_integer_value(json_object_get(c->req, "from"));
		*ret_until = json_integer_value(json_object_get(c->req, "until"));
		return BMC_OK;
	}
	if ((seconds && !json_is_number(seconds)) || !(s >= 0 && s <= FOR_EVER_S))
		return bmc_fail(c->err, BMC_EINVAL, "\"seconds\" takes 0 to %d",
				FOR_EVER_S);
	*ret_from = c->sim->reporter.ops->now();
	*ret_until = *ret_from + (int64_t)(s * 1000);
	return BMC_OK;
}

static int op_fault(struct call *c)
{
	struct sim_board *b;
	enum sim_fault f = SIM_ADB_HANG;
	int64_t from = 0, until = 0;
	const char *id = NULL;
	int r = need_id(c, &id);

	if (r == BMC_OK)
		r = find_fault(c, &f);
	if (r == BMC_OK)
		r = fault_times(c, &from, &until);
	if (r < 0)
		return r;
	b = sim_find_board(c->sim, id);
	if (!b)
		return bmc_fail(c->err, BMC_ENOTFOUND, "no simulated board \"%s\"", id);
	sim_board_fault(&b->model, f, from, until);
	if (!c->sim->loading)
		sim_tick(c->sim, from);
	return BMC_OK;
}

static void clear_row(struct sim *s, struct sim_row *row)
{
	sim_row_unpin(row);
	row->taken = false;
	if (row->by_tester)
		row->gone = true;
	(void)sim_row_report(row, &s->reporter, SIM_REPORT_QUICK);
}

static int op_clear(struct call *c)
{
	const char *id = text_of(c, "id");
	struct sim *s = c->sim;
	bool found = !id;

	for (size_t i = 0; i < s->n_rows; i++) {
		if (id && strcmp(s->rows[i]->id, id) != 0)
			continue;
		found = true;
		clear_row(s, s->rows[i]);
	}
	for (size_t i = 0; i < s->n_boards; i++) {
		struct sim_board *b = &s->boards[i];

		if (!id || strcmp(b->row->id, id) == 0)
			sim_board_heal(&b->model);
	}
	sim_tick(s, s->reporter.ops->now());
	return found ? BMC_OK
		     : bmc_fail(c->err, BMC_ENOTFOUND,
				"no simulated row has the id \"%.32s\"", id);
}

/* ---- trace and seed ---- */

static json_t *entry_json(const struct sim_trace *e)
{
	json_int_t seq = (json_int_t)e->seq, usec = e->usec;

	if (e->what == BMC_TRACE_ADB)
		return json_pack("{sI sI ss ss}", "seq", seq, "usec", usec, "board",
				 e->board, "request", e->text);
	return json_pack("{sI sI ss ss si}", "seq", seq, "usec", usec, "board",
			 e->board, "line", e->text, "level", (int)e->level);
}

static int op_trace(struct call *c)
{
	const json_t *since = json_object_get(c->req, "since");
	json_int_t from = since ? json_integer_value(since) : 0;
	uint64_t last = sim_pins_newest(&c->sim->pins);
	json_t *list = json_array();
	struct sim_trace e;

	if ((since && !json_is_integer(since)) || from < 0) {
		json_decref(list);
		return bmc_fail(c->err, BMC_EINVAL,
				"\"since\" takes a sequence number from 0");
	}
	uint64_t seq = (uint64_t)from;
	if (last > BMC_PINBANK_TRACE && seq < last - BMC_PINBANK_TRACE)
		seq = last - BMC_PINBANK_TRACE;
	while (++seq <= last) {
		if (sim_pins_entry(&c->sim->pins, seq, &e))
			(void)json_array_append_new(list, entry_json(&e));
	}
	(void)json_object_set_new(c->reply, "last", json_integer((json_int_t)last));
	(void)json_object_set_new(c->reply, "trace", list);
	return BMC_OK;
}

static int op_seed(struct call *c)
{
	const json_t *v = json_object_get(c->req, "value");

	if (!json_is_integer(v))
		return bmc_fail(c->err, BMC_EINVAL, "\"value\" takes a whole number");
	sim_seed(c->sim, (uint64_t)json_integer_value(v), c->sim->reporter.ops->now());
	return BMC_OK;
}

/* ---- what was flashed ---- */

/* As it was kept: `former` says that it is what the board goes back to. */
static void take_flashed(const struct call *c, struct sim_board *b)
{
	bool former = json_is_true(json_object_get(c->req, "former"));
	struct sim_flashed *to = former ? &b->former : &b->flashed;
	const char *version = text_of(c, "version");

	to->bytes = (uint64_t)json_integer_value(json_object_get(c->req, "bytes"));
	to->crc = (uint32_t)json_integer_value(json_object_get(c->req, "crc32"));
	(void)snprintf(to->version, sizeof(to->version), "%s", version ? version : "");
}

static int op_flashed(struct call *c)
{
	const char *id = NULL;
	int r = need_id(c, &id);
	struct sim_board *b = r == BMC_OK ? sim_find_board(c->sim, id) : NULL;

	if (r < 0)
		return r;
	if (!b)
		return bmc_fail(c->err, BMC_ENOTFOUND, "no simulated board \"%s\"", id);
	if (c->sim->loading)
		take_flashed(c, b);
	(void)json_object_set_new(c->reply, "bytes",
				  json_integer((json_int_t)b->flashed.bytes));
	(void)json_object_set_new(c->reply, "crc32", json_integer(b->flashed.crc));
	(void)json_object_set_new(c->reply, "version", json_string(b->flashed.version));
	return BMC_OK;
}

/* ---- the table ---- */

static const struct {
	const char *name;
	int (*run)(struct call *c);
	bool keep; /* what it does outlives the daemon */
} ops[] = {
	/* clang-format off */
	{ "set",   op_set,   true  },
	{ "fault", op_fault, true  },
	{ "clear", op_clear, true  },
	{ "trace", op_trace, false },
	{ "flashed", op_flashed, false },
	{ "seed",  op_seed,  false },
	/* clang-format on */
};

static int run(struct call *c)
{
	const char *op = text_of(c, "op");

	for (size_t i = 0; op && i < sizeof(ops) / sizeof(ops[0]); i++) {
		int r;

		if (strcmp(ops[i].name, op) != 0)
			continue;
		pthread_mutex_lock(&c->sim->lock);
		r = ops[i].run(c);
		if (r == BMC_OK && ops[i].keep)
			sim_keep(c->sim);
		pthread_mutex_unlock(&c->sim->lock);
		return r;
	}
	return bmc_fail(c->err, BMC_EINVAL,
			"\"op\" is one of set, fault, clear, trace, flashed, seed");
}

char *sim_op(struct sim *s, const char *line, size_t len)
{
	struct bmc_error err = { 0 };
	json_error_t where;
	json_t *req = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	struct call c = { s, req, json_object(), &err };
	char *text;
	int r;

	if (json_is_object(req))
		r = run(&c);
	else
		r = bmc_fail(&err, BMC_EINVAL, "one JSON object a line, please: %.100s",
			     req ? "this is none" : where.text);
	(void)json_object_set_new(c.reply, "ok", json_boolean(r == BMC_OK));
	if (r != BMC_OK)
		(void)json_object_set_new(c.reply, "error", json_string(err.what));
	text = json_dumps(c.reply, JSON_COMPACT);
	json_decref(c.reply);
	json_decref(req);
	return text;
}
