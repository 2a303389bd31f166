// SPDX-License-Identifier: Apache-2.0
/* Events as rows: their numbers, their words, and what is raised by hand. The
 * publication adds those that follow from a change; any thread may raise others. */
#include "core/events/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/build.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/ports/store.h"

static struct {
	bool running;
	uint32_t last; /* number given */
} events;

/* ---- words ---- */

static void append(char *to, size_t size, const char *text, size_t len)
{
	size_t used = strlen(to);
	char piece[sizeof(((struct bmc_event *)0)->message)];

	(void)snprintf(piece, sizeof(piece), "%.*s", (int)len, text);
	(void)bmc_copy(to + used, size - used, piece);
}

static void write_message(struct bmc_event *ev, const char *format)
{
	while (*format) {
		size_t plain = strcspn(format, "%");
		append(ev->message, sizeof(ev->message), format, plain);
		format += plain;
		if (format[0] == '%' && format[1] >= '1' && format[1] <= '3') {
			const char *arg = ev->args[format[1] - '1'];
			append(ev->message, sizeof(ev->message), arg, strlen(arg));
			format += 2;
		}
	}
}

void bmc_event_fill(struct bmc_event *ev, const struct bmc_event_type *type,
		    const char *const args[3])
{
	ev->severity = type->severity;
	ev->reading = ev->limit = BMC_UNKNOWN;
	(void)bmc_copy(ev->type, sizeof(ev->type), type->name);
	for (size_t i = 0; i < ARRAY_SIZE(ev->args); i++)
		(void)bmc_copy(ev->args[i], sizeof(ev->args[i]), args[i]);
	write_message(ev, type->message);
}

/* ---- rows ---- */

static void persist(const struct bmc_event *ev)
{
	struct bmc_record r = { .type = BMC_REC_ROW,
				.kind = BMC_EVENT,
				.row = &ev->row };

	(void)bmc_copy(r.id, sizeof(r.id), ev->row.id);
	if (bmc_store && bmc_store->write(&r, 1, NULL, NULL) < 0)
		log_limited(LOG_WARNING, "event %s: not stored", ev->row.id);
}

static void drop_oldest(void)
{
	uint32_t oldest;
	size_t n;

	while ((oldest = bmc_inventory_first(BMC_EVENT, &n)) && n > BMC_EVENTS_KEPT)
		bmc_inventory_remove(oldest);
}

static void number(struct bmc_event *e)
{
	e->row.kind = BMC_EVENT;
	e->row.status = BMC_ENABLED;
	e->row.index[0] = ++events.last;
	e->row.index[1] = 0;
	(void)snprintf(e->row.id, sizeof(e->row.id), "%" PRIu32, events.last);
	if (e->time == BMC_UNKNOWN || e->time == 0)
		e->time = bmc_now();
}

static void show(const struct bmc_event *e)
{
	if (bmc_inventory_upsert(&e->row) == 0)
		log_limited(LOG_WARNING, "event %s: lost, out of memory", e->type);
	drop_oldest();
	log_info("event %s: %s: %s", e->row.id, e->type, e->message);
}

static void event_add(const struct bmc_event *ev)
{
	struct bmc_event e = *ev;

	number(&e);
	persist(&e);
	show(&e);
}

/* ---- clearing ---- */

struct clearing {
	struct bmc_event event; /* LogCleared */
	bmc_store_done *done;
	void *arg;
};

/* Readers go on from the newest number they have seen, so an event that comes late gets
 * a new one. */
static void renumber(struct bmc_event *e)
{
	struct bmc_record gone = { .type = BMC_REC_ROW_GONE, .kind = BMC_EVENT };

	(void)bmc_copy(gone.id, sizeof(gone.id), e->row.id);
	if (bmc_store)
		(void)bmc_store->write(&gone, 1, NULL, NULL);
	number(e);
	persist(e);
}

static void drop_below(uint32_t limit)
{
	uint32_t oldest;
	size_t n;

	while ((oldest = bmc_inventory_first(BMC_EVENT, &n)) &&
	       bmc_inventory_row(oldest)->index[0] < limit)
		bmc_inventory_remove(oldest);
}

static void clear_stored(void *arg, int code)
{
	auto_free struct clearing *c = arg;
	uint32_t limit = c->event.row.index[0];

	if (code == BMC_OK && events.running) {
		drop_below(limit);
		if (events.last > limit)
			renumber(&c->event);
		show(&c->event);
	}
	c->done(c->arg, code);
}

int bmc_events_clear(const char *user, const char *client, bmc_store_done *done,
		     void *arg)
{
	const char *const args[3] = { user, client, NULL };
	auto_free struct clearing *c = calloc(1, sizeof(*c));
	struct bmc_record recs[2] = {
		{ .type = BMC_REC_ROWS_GONE, .kind = BMC_EVENT },
		{ .type = BMC_REC_ROW, .kind = BMC_EVENT },
	};
	int code = BMC_ENOMEM;

	if (!c)
		return code;
	*c = (struct clearing){ .done = done, .arg = arg };
	bmc_event_fill(&c->event, bmc_event_type_find("LogCleared"), args);
	number(&c->event);
	recs[1].row = &c->event.row;
	if (bmc_store)
		code = bmc_store->write_or_drop(recs, 2, clear_stored, c);
	if (code == BMC_OK)
		c = NULL; /* stolen */
	return code;
}

/* ---- start and end ---- */

static int load_one(void *arg, const struct bmc_record *r)
{
	struct bmc_event e = *(const struct bmc_event *)r->row;

	(void)arg;
	events.last = MAX(events.last, e.row.index[0]);
	/* Handles are new in each process. */
	e.row.parent = 0;
	if (e.origin_id[0] && e.origin_kind >= 0 && e.origin_kind < BMC_N_KINDS)
		e.row.parent =
			bmc_inventory_find((enum bmc_kind)e.origin_kind, e.origin_id);
	if (bmc_inventory_upsert(&e.row) == 0)
		return BMC_ENOMEM;
	drop_oldest();
	return 0;
}

static void add_derived(void *arg, const struct bmc_event *ev)
{
	(void)arg;
	event_add(ev);
}

static void step(const struct bmc_snapshot *old, const struct bmc_snapshot *new)
{
	bmc_events_diff(old, new, add_derived, NULL);
	bmc_conditions_step(old, new);
}

int bmc_events_init(struct bmc_error *err)
{
	int code = BMC_OK;

	if (bmc_store)
		code = bmc_store->load(BMC_REC_ROW, BMC_EVENT, load_one, NULL);
	if (code < 0)
		return bmc_fail(err, code, "events: %s", bmc_strerror(code));
	events.running = true;
	bmc_inventory_follow(step);
	bmc_inventory_publish();
	return BMC_OK;
}

void bmc_events_done(void)
{
	bmc_inventory_follow(NULL);
	bmc_conditions_done();
	memset(&events, 0, sizeof(events));
}

/* ---- raised by hand ---- */

struct raised {
	const struct bmc_event_type *type;
	uint32_t origin;
	int64_t time;
	char args[3][64];
};

/* A test event is as bad as its client says: the third argument. */
static void take_severity(struct bmc_event *ev)
{
	int severity = bmc_name_value(bmc_severity_names, ev->args[2]);

	if (severity > BMC_SEVERITY_UNKNOWN && strcmp(ev->type, "TestEvent") == 0)
		ev->severity = severity;
}

/* Which argument is a client's address. */
static void take_client(struct bmc_event *ev)
{
	static const struct {
		const char *type;
		size_t arg;
	} types[] = { { "SnmpAuthenticationFailed", 0 },
		      { "LoginFailed", 1 },
		      { "LoginLocked", 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].type, ev->type) == 0)
			(void)bmc_copy(ev->client, sizeof(ev->client),
				       ev->args[types[i].arg]);
	}
}

static void add_raised(void *arg)
{
	auto_free struct raised *r = arg;
	struct bmc_event ev = { .time = r->time };
	const struct bmc_row *origin = bmc_inventory_row(r->origin);
	const char *const args[3] = { r->args[0], r->args[1], r->args[2] };

	if (!events.running)
		return;
	bmc_event_fill(&ev, r->type, args);
	take_severity(&ev);
	take_client(&ev);
	if (origin) {
		ev.row.parent = origin->handle;
		ev.origin_kind = origin->kind;
		(void)bmc_copy(ev.origin_id, sizeof(ev.origin_id), origin->id);
	}
	event_add(&ev);
}

void bmc_event_raise(const char *type, uint32_t origin, const char *arg1,
		     const char *arg2, const char *arg3)
{
	const struct bmc_event_type *t = bmc_event_type_find(type);
	const char *const args[3] = { arg1, arg2, arg3 };
	struct raised *r = t ? malloc(sizeof(*r)) : NULL;

	if (!t)
		log_err("event type %s: does not exist, it is missing in "
			"events/types.c",
			type);
	if (!r)
		return;
	*r = (struct raised){ .type = t, .origin = origin, .time = bmc_now() };
	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		(void)bmc_copy(r->args[i], sizeof(r->args[i]), args[i]);
		bmc_text_sanitize(r->args[i]);
	}
	if (bmc_loop_post(add_raised, r) < 0) {
		log_limited(LOG_WARNING, "event %s: lost, too many at once", type);
		free(r);
	}
}
