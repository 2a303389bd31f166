// SPDX-License-Identifier: Apache-2.0
/* Which difference between two snapshots is which event: one table. Pure; called by the
 * publication, and to ask what a change would be reported as. */
#include <inttypes.h>
#include <string.h>

#include "core/base/util.h"
#include "core/events/build.h"
#include "core/model/alarms.h"
#include "core/model/field.h"

/* A set of values that a field may have had, or has now. */
#define VALUE(n) (UINT64_C(1) << (n))
#define LASTS    VALUE(61) /* in `to`: a condition as long as it is one of the others */
#define MISSING  VALUE(62) /* there was no such row  */
#define NOT_READ VALUE(63) /* a number that was not read */
#define KNOWN    (~(VALUE(0) | LASTS | MISSING | NOT_READ)) /* of an enumeration */
#define NO       VALUE(0)
#define YES      VALUE(1)
#define GOOD     VALUE(BMC_OK_HEALTH)
#define BAD      (VALUE(BMC_WARNING) | VALUE(BMC_CRITICAL))
#define UNSURE   (VALUE(BMC_HEALTH_UNKNOWN) | MISSING)
#define UNREAD   VALUE(BMC_HEALTH_UNKNOWN)
#define ANYTHING (KNOWN | VALUE(0) | MISSING)
#define LOST     VALUE(BMC_REDUNDANCY_LOST)
#define NOT_SURE (VALUE(BMC_REDUNDANCY_UNKNOWN) | VALUE(BMC_NOT_REDUNDANT))
#define BEGUN    (VALUE(BMC_TASK_NEW) | VALUE(BMC_TASK_RUNNING))

_Static_assert(BMC_BOARD_MASKROM < 61 && BMC_POWERING_OFF < 61 &&
		       BMC_TASK_INTERRUPTED < 61,
	       "a set of values has 61 bits for an enumeration");

struct change {
	const struct bmc_row *old, *new; /* old: NULL when the row is new */
	const struct bmc_field *field;
	const struct bmc_event_type *type;
	char args[3][64];
	int64_t reading, limit; /* of a sensor, or BMC_UNKNOWN */
};

typedef void args_fn(struct change *c);

static void put_arg(struct change *c, size_t i, const char *text)
{
	(void)bmc_copy(c->args[i], sizeof(c->args[i]), text);
}

static void put_number(struct change *c, size_t i, int64_t n)
{
	(void)snprintf(c->args[i], sizeof(c->args[i]), "%" PRId64, n);
}

static const char *word(const struct bmc_row *row, const struct bmc_field *f)
{
	return bmc_name_word(f->names, row ? bmc_field_num(row, f) : 0);
}

static void args_id(struct change *c)
{
	put_arg(c, 0, c->new->id);
}

static void args_new(struct change *c)
{
	args_id(c);
	put_arg(c, 1, word(c->new, c->field));
}

static void args_change(struct change *c)
{
	args_id(c);
	put_arg(c, 1, word(c->old, c->field));
	put_arg(c, 2, word(c->new, c->field));
}

static void args_fan(struct change *c)
{
	args_id(c);
	put_number(c, 1, ((const struct bmc_fan *)c->new)->rpm);
}

static const char *target_of(const struct bmc_task *t)
{
	return t->target_id[0] ? t->target_id : "a set of boards";
}

static void args_task(struct change *c)
{
	const struct bmc_task *t = (const struct bmc_task *)c->new;

	args_id(c);
	put_arg(c, 1, bmc_name_word(bmc_action_names, t->op));
	put_arg(c, 2, target_of(t));
}

static void args_task_error(struct change *c)
{
	const struct bmc_task *t = (const struct bmc_task *)c->new;
	char text[sizeof(t->code) + sizeof(t->error) + 2];

	args_id(c);
	put_arg(c, 1, target_of(t));
	put_arg(c, 2, t->error[0] ? t->error : word(c->new, c->field));
	if (t->op != BMC_ACT_UPDATE || !t->code[0])
		return;
	/* its codes are what users look up */
	(void)snprintf(text, sizeof(text), "%s: %s", t->code, t->error);
	put_arg(c, 2, text);
}

/* A milli-number with one decimal and its unit. */
static void put_milli(struct change *c, size_t i, int64_t value, const char *unit)
{
	int64_t tenths = value < 0 ? -(value / 100) : value / 100;

	(void)snprintf(c->args[i], sizeof(c->args[i]), "%s%" PRId64 ".%" PRId64 "%s",
		       value < 0 && tenths ? "-" : "", tenths / 10, tenths % 10, unit);
}

static void put_reading(struct change *c, size_t i, int64_t value)
{
	static const char *const units[] = {
		[BMC_SENSOR_TEMPERATURE] = " C", [BMC_SENSOR_VOLTAGE] = " V",
		[BMC_SENSOR_CURRENT] = " A",     [BMC_SENSOR_POWER] = " W",
		[BMC_SENSOR_FAN_SPEED] = " rpm", [BMC_SENSOR_PERCENT] = " %",
		[BMC_SENSOR_HUMIDITY] = " %",
	};
	uint64_t type = (uint64_t)((const struct bmc_sensor *)c->new)->type;
	const char *unit = type < ARRAY_SIZE(units) ? units[type] : NULL;

	put_milli(c, i, value, unit ? unit : "");
}

static int64_t distance(int64_t value, int64_t limit)
{
	if (limit == BMC_UNKNOWN)
		return INT64_MAX;
	return value < limit ? limit - value : value - limit;
}

/* Which limit it was: the nearer one of those that make this health. */
static void args_sensor(struct change *c)
{
	const struct bmc_sensor *s = (const struct bmc_sensor *)c->new;
	bool critical = c->new->health == BMC_CRITICAL;
	int64_t low = critical ? s->low_critical : s->low_warning;
	int64_t high = critical ? s->high_critical : s->high_warning;
	bool below = distance(s->value, low) < distance(s->value, high);

	if (below)
		c->type = bmc_event_type_find("SensorBelowLimit");
	args_id(c);
	c->reading = s->value;
	c->limit = below ? low : high;
	put_reading(c, 1, c->reading);
	put_reading(c, 2, c->limit);
}

static void args_sensor_cleared(struct change *c)
{
	args_id(c);
	c->reading = ((const struct bmc_sensor *)c->new)->value;
	put_reading(c, 1, c->reading);
}

static void args_alarm(struct change *c)
{
	const struct bmc_alarm *a = bmc_alarm_at(c->field->offset);
	const struct bmc_board *b = (const struct bmc_board *)c->new;

	args_id(c);
	c->reading = a->reading(b);
	c->limit = bmc_board_value(b, a->red);
	if (c->reading == BMC_UNKNOWN)
		put_arg(c, 1, "nothing");
	else
		put_milli(c, 1, c->reading, a->unit);
	if (c->limit != BMC_UNKNOWN)
		put_milli(c, 2, c->limit, a->unit);
}

static void args_none(struct change *c)
{
	(void)c;
}

struct rule {
	enum bmc_kind kind;
	size_t offset;
	uint64_t from, to;
	const char *type;
	args_fn *args;
};

#define AT(kind, member) offsetof(struct bmc_##kind, member)
#define HEALTH           offsetof(struct bmc_row, health)

/* clang-format off */
static const struct rule rules[] = {
	{ BMC_BLADE, AT(blade, present), NO, YES, "BladeInserted", args_id },
	{ BMC_BLADE, AT(blade, present), YES, NO, "BladeRemoved", args_id },
	{ BMC_BOARD, AT(board, present), NO, YES, "BoardInserted", args_id },
	{ BMC_BOARD, AT(board, present), YES, NO, "BoardRemoved", args_id },
	{ BMC_FAN, AT(fan, present), NO, YES, "FanInserted", args_id },
	{ BMC_FAN, AT(fan, present), YES, NO, "FanRemoved", args_id },
	{ BMC_PSU, AT(psu, present), NO, YES, "PsuInserted", args_id },
	{ BMC_PSU, AT(psu, present), YES, NO, "PsuRemoved", args_id },
	{ BMC_DISK, AT(disk, present), NO, YES, "DiskInserted", args_id },
	{ BMC_DISK, AT(disk, present), YES, NO, "DiskRemoved", args_id },

	/* a shutdown that failed, a start that failed: nothing has changed */
	{ BMC_BOARD, AT(board, power_state), VALUE(BMC_POWER_OFF) | VALUE(BMC_POWERING_ON),
	  VALUE(BMC_POWER_ON), "BoardPowerChanged", args_new },
	{ BMC_BOARD, AT(board, power_state), VALUE(BMC_POWER_ON) | VALUE(BMC_POWERING_OFF),
	  VALUE(BMC_POWER_OFF), "BoardPowerChanged", args_new },
	{ BMC_BOARD, AT(board, lasting_state), KNOWN, KNOWN, "BoardStateChanged", args_change },
	{ BMC_BOARD, HEALTH, GOOD | BAD | UNSURE, BAD | LASTS, "BoardHealthChanged", args_change },
	{ BMC_BOARD, HEALTH, BAD, GOOD, "BoardHealthChanged", args_change },
	{ BMC_BOARD, HEALTH, BAD, UNREAD, "HealthUnknown", args_change },
	{ BMC_BOARD, AT(board, cpu_alarm), NO | NOT_READ | MISSING, YES | LASTS, "BoardCpuHigh", args_alarm },
	{ BMC_BOARD, AT(board, cpu_alarm), YES, NO | NOT_READ, "BoardCpuCleared", args_alarm },
	{ BMC_BOARD, AT(board, memory_alarm), NO | NOT_READ | MISSING, YES | LASTS, "BoardMemoryHigh", args_alarm },
	{ BMC_BOARD, AT(board, memory_alarm), YES, NO | NOT_READ, "BoardMemoryCleared", args_alarm },
	{ BMC_BOARD, AT(board, storage_alarm), NO | NOT_READ | MISSING, YES | LASTS, "BoardStorageHigh", args_alarm },
	{ BMC_BOARD, AT(board, storage_alarm), YES, NO | NOT_READ, "BoardStorageCleared", args_alarm },
	{ BMC_BOARD, AT(board, temperature_alarm), NO | NOT_READ | MISSING, YES | LASTS, "BoardTemperatureHigh", args_alarm },
	{ BMC_BOARD, AT(board, temperature_alarm), YES, NO | NOT_READ, "BoardTemperatureCleared", args_alarm },
	{ BMC_CHASSIS, HEALTH, GOOD | BAD | UNSURE, BAD, "ChassisHealthChanged", args_change },
	{ BMC_CHASSIS, HEALTH, BAD, GOOD, "ChassisHealthChanged", args_change },
	{ BMC_CHASSIS, HEALTH, BAD, UNREAD, "HealthUnknown", args_change },
	{ BMC_CHASSIS, AT(chassis, redundancy), ANYTHING, LOST | LASTS, "PsuRedundancyLost", args_id },
	{ BMC_CHASSIS, AT(chassis, redundancy), LOST, VALUE(BMC_REDUNDANT), "PsuRedundancyRestored", args_id },
	{ BMC_CHASSIS, AT(chassis, redundancy), LOST, NOT_SURE, "HealthUnknown", args_change },
	{ BMC_CHASSIS, AT(chassis, fan_redundancy), ANYTHING, LOST | LASTS, "FanRedundancyLost", args_id },
	{ BMC_CHASSIS, AT(chassis, fan_redundancy), LOST, VALUE(BMC_REDUNDANT), "FanRedundancyRestored", args_id },
	{ BMC_CHASSIS, AT(chassis, fan_redundancy), LOST, NOT_SURE, "HealthUnknown", args_change },
	{ BMC_CHASSIS, AT(chassis, network_redundancy), ANYTHING, LOST | LASTS, "NetworkRedundancyLost", args_id },
	{ BMC_CHASSIS, AT(chassis, network_redundancy), LOST, VALUE(BMC_REDUNDANT), "NetworkRedundancyRestored", args_id },
	{ BMC_CHASSIS, AT(chassis, network_redundancy), LOST, NOT_SURE, "HealthUnknown", args_change },

	{ BMC_FAN, HEALTH, GOOD | UNSURE, BAD | LASTS, "FanFailed", args_fan },
	{ BMC_FAN, HEALTH, BAD, GOOD, "FanRecovered", args_fan },
	{ BMC_FAN, HEALTH, BAD, UNREAD, "HealthUnknown", args_change },
	{ BMC_PSU, HEALTH, GOOD | UNSURE, BAD | LASTS, "PsuFailed", args_id },
	{ BMC_PSU, HEALTH, BAD, GOOD, "PsuRecovered", args_id },
	{ BMC_PSU, HEALTH, BAD, UNREAD, "HealthUnknown", args_change },
	{ BMC_DISK, HEALTH, GOOD | BAD | UNSURE, BAD | LASTS, "DiskHealthChanged", args_change },
	{ BMC_DISK, HEALTH, BAD, GOOD, "DiskHealthChanged", args_change },
	{ BMC_DISK, HEALTH, BAD, UNREAD, "HealthUnknown", args_change },
	{ BMC_SENSOR, HEALTH, GOOD | BAD | UNSURE, BAD | LASTS, "SensorAboveLimit", args_sensor },
	{ BMC_SENSOR, HEALTH, BAD, GOOD, "SensorLimitCleared", args_sensor_cleared },
	{ BMC_SENSOR, HEALTH, BAD, UNREAD, "HealthUnknown", args_change },
	{ BMC_NIC, AT(nic, link), VALUE(BMC_LINK_DOWN), VALUE(BMC_LINK_UP), "NicLinkUp", args_id },
	{ BMC_NIC, AT(nic, link), VALUE(BMC_LINK_UP), VALUE(BMC_LINK_DOWN), "NicLinkDown", args_id },

	{ BMC_TASK, AT(task, state), MISSING | VALUE(BMC_TASK_NEW),
	  VALUE(BMC_TASK_RUNNING) | VALUE(BMC_TASK_COMPLETED), "TaskStarted", args_task },
	{ BMC_TASK, AT(task, state), BEGUN | MISSING, VALUE(BMC_TASK_COMPLETED),
	  "TaskCompleted", args_task },
	{ BMC_TASK, AT(task, state), BEGUN | MISSING,
	  VALUE(BMC_TASK_EXCEPTION) | VALUE(BMC_TASK_INTERRUPTED), "TaskFailed", args_task_error },
	{ BMC_TASK, AT(task, state), BEGUN | MISSING, VALUE(BMC_TASK_CANCELLED),
	  "TaskCancelled", args_task },
	{ BMC_MANAGER, AT(manager, state_durable), YES | NOT_READ | MISSING, NO | LASTS,
	  "StateNotDurable", args_none },
	{ BMC_MANAGER, AT(manager, state_durable), NO, YES, "StateDurable", args_none },
};
/* clang-format on */

static uint64_t value_of(const struct bmc_row *row, const struct bmc_field *f)
{
	int64_t n = row ? bmc_field_num(row, f) : 0;

	if (!row)
		return MISSING;
	return n < 0 || n >= 61 ? NOT_READ : VALUE(n);
}

/* A board that starts takes its links down and up: that is part of its start. */
static bool parent_runs(const struct bmc_row *row, const struct bmc_snapshot *s)
{
	const struct bmc_row *up = bmc_snapshot_row(s, row->parent);

	return !up || up->kind != BMC_BOARD || up->status == BMC_ENABLED;
}

/* A task that ended before this process began comes from the database, and was reported
 * then. The parts of a task are reported only when they fail. */
static bool task_worth(const struct change *c, const struct bmc_snapshot *s)
{
	const struct bmc_task *t = (const struct bmc_task *)c->new;
	const struct bmc_row *const *rows;
	int64_t started = INT64_MIN;

	if (c->new->parent && strcmp(c->type->name, "TaskFailed") != 0)
		return false;
	if (bmc_snapshot_rows(s, BMC_MANAGER, &rows) > 0)
		started = ((const struct bmc_manager *)rows[0])->start_time;
	if (c->old)
		return true;
	return (strcmp(c->type->name, "TaskStarted") == 0 ? t->created : t->ended) >=
	       started;
}

struct diff {
	const struct bmc_snapshot *before, *snapshot; /* the new one */
	void (*each)(void *arg, const struct bmc_event *);
	void *arg;
};

static bool worth_reporting(const struct change *c, const struct diff *d)
{
	if (c->new->kind == BMC_NIC)
		return parent_runs(c->new, d->before) &&
		       parent_runs(c->new, d->snapshot);
	return c->new->kind != BMC_TASK || task_worth(c, d->snapshot);
}

/* In words: what can be plugged in and out is a yes or no among enumerations. */
static const char *state_word(const struct change *c, const struct bmc_row *row)
{
	if (c->field->type == BMC_BOOL &&
	    bmc_kind(c->new->kind)->flags & BMC_KIND_PLUGGABLE)
		return bmc_field_num(row, c->field) == 1 ? "Present" : "Absent";
	return c->field->names && row ? word(row, c->field) : "";
}

/* What the message says in words, for clients that go by values. */
static void put_values(const struct change *c, struct bmc_event *ev)
{
	(void)bmc_copy(ev->before, sizeof(ev->before), state_word(c, c->old));
	(void)bmc_copy(ev->after, sizeof(ev->after), state_word(c, c->new));
	ev->reading = c->reading;
	ev->limit = c->limit;
	if (c->new->kind != BMC_TASK)
		return;
	const struct bmc_task *t = (const struct bmc_task *)c->new;
	(void)bmc_copy(ev->operation, sizeof(ev->operation),
		       bmc_name_word(bmc_action_names, (int)t->op));
	(void)bmc_copy(ev->target, sizeof(ev->target), t->target_id);
}

static void report(struct change *c, args_fn *args,
		   void (*each)(void *arg, const struct bmc_event *), void *arg)
{
	struct bmc_event ev = { .origin_kind = c->new->kind };

	args(c);
	const char *const texts[3] = { c->args[0], c->args[1], c->args[2] };
	bmc_event_fill(&ev, c->type, texts);
	if (ev.severity == BMC_SEVERITY_UNKNOWN)
		ev.severity = c->new->health; /* the two have the same order */
	ev.row.kind = BMC_EVENT;
	ev.row.parent = c->new->handle;
	(void)bmc_copy(ev.origin_id, sizeof(ev.origin_id), c->new->id);
	put_values(c, &ev);
	each(arg, &ev);
}

static void compare(void *arg, const struct bmc_row *old, const struct bmc_row *new)
{
	const struct diff *d = arg;

	for (const struct rule *r = rules; r < rules + ARRAY_SIZE(rules); r++) {
		if (r->kind != new->kind)
			continue;
		struct change c = { .old = old,
				    .new = new,
				    .reading = BMC_UNKNOWN,
				    .limit = BMC_UNKNOWN };
		c.field = bmc_field_at(r->kind, r->offset);
		uint64_t was = value_of(old, c.field), is = value_of(new, c.field);
		if (was == is || !(was & r->from) || !(is & r->to))
			continue;
		c.type = bmc_event_type_find(r->type);
		if (worth_reporting(&c, d))
			report(&c, r->args, d->each, d->arg);
	}
}

void bmc_events_each_change(const struct bmc_snapshot *old,
			    const struct bmc_snapshot *new, enum bmc_kind kind,
			    void (*each)(void *arg, const struct bmc_row *old,
					 const struct bmc_row *new),
			    void *arg)
{
	const struct bmc_row *const *was, *const *is;
	size_t n_was = bmc_snapshot_rows(old, kind, &was);
	size_t n = bmc_snapshot_rows(new, kind, &is);

	if (bmc_snapshot_changed(old, kind) == bmc_snapshot_changed(new, kind))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct bmc_row *before = i < n_was ? was[i] : NULL;
		if (before == is[i])
			continue;
		if (!before || before->handle != is[i]->handle)
			before = bmc_snapshot_row(old, is[i]->handle);
		if (before != is[i])
			each(arg, before, is[i]);
	}
}

void bmc_events_diff(const struct bmc_snapshot *old, const struct bmc_snapshot *new,
		     void (*each)(void *arg, const struct bmc_event *), void *arg)
{
	struct diff d = { .before = old, .snapshot = new, .each = each, .arg = arg };

	for (size_t k = 0; k < BMC_N_KINDS; k++)
		bmc_events_each_change(old, new, (enum bmc_kind)k, compare, &d);
}

/* ---- states that last ---- */

/* The state of the row itself: what it holds has conditions of its own. */
static uint64_t own_value(const struct bmc_row *row, const struct rule *r)
{
	if (row && r->offset == HEALTH)
		return VALUE(row->own_health);
	return value_of(row, bmc_field_at(r->kind, r->offset));
}

static void fill_condition(struct bmc_condition *c, const struct rule *r,
			   const struct bmc_row *old, const struct bmc_row *row)
{
	struct change change = { .old = old,
				 .new = row,
				 .field = bmc_field_at(r->kind, r->offset),
				 .type = bmc_event_type_find(r->type) };
	struct bmc_event ev = { .time = 0 };

	r->args(&change);
	const char *const texts[3] = { change.args[0], change.args[1], change.args[2] };
	bmc_event_fill(&ev, change.type, texts);
	*c = (struct bmc_condition){ .severity = ev.severity,
				     .origin_kind = row->kind };
	if (c->severity == BMC_SEVERITY_UNKNOWN)
		c->severity = row->own_health; /* the two have the same order */
	memcpy(c->reason, ev.type, sizeof(c->reason));
	memcpy(c->message, ev.message, sizeof(c->message));
	memcpy(c->args, ev.args, sizeof(c->args));
	(void)bmc_copy(c->origin_id, sizeof(c->origin_id), row->id);
}

size_t bmc_rules_count(void)
{
	return ARRAY_SIZE(rules);
}

int bmc_rule_condition(size_t i, const struct bmc_row *old, const struct bmc_row *row,
		       struct bmc_condition *ret)
{
	const struct rule *r = &rules[i];
	bool was, is;

	if (!(r->to & LASTS) || r->kind != row->kind)
		return -1;
	was = own_value(old, r) & r->to;
	is = own_value(row, r) & r->to;
	if (is)
		fill_condition(ret, r, old, row);
	return is || was ? is : -1;
}
