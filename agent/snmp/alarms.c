// SPDX-License-Identifier: Apache-2.0
/* Which alarms there are, see alarms.h. Followed by the engine, read by the tables of
 * ALARM-MIB. */
#include "snmp/alarms.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"

/* Alarms with their places in a table. */
struct list {
	struct sn_alarm *alarms; /* active: in the order of their numbers */
	struct sn_ordered *rows; /* in the order of the table */
	size_t n;
};

static struct {
	struct list active, cleared;
	uint64_t changed; /* of the conditions */
	bool followed;
	struct sn_alarm_totals totals;
} alarms;

static void make_alarm(struct sn_alarm *a, const struct bmc_condition *c)
{
	const struct bmc_row *about = bmc_snapshot_row(sn_pinned(), c->row.parent);
	const struct sn_table *t = about ? sn_table_of(about->kind) : NULL;

	*a = (struct sn_alarm){ .row.kind = BMC_CHASSIS, .severity = c->severity };
	a->row.index[0] = c->row.index[0];
	sn_date(bmc_wall(c->since), a->date);
	bmc_copy(a->reason, sizeof(a->reason), c->reason);
	bmc_copy(a->message, sizeof(a->message), c->message);
	a->resource = (struct sn_oid){ .len = 2 };
	if (t)
		sn_oid_of(t, t->columns[0].column, about, &a->resource);
}

/* alarmListName is empty: there is one list. */
static void index_rows(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct sn_alarm *a = &l->alarms[i];
		struct sn_subids *s = &l->rows[i].index;
		l->rows[i].row = &a->row;
		s->n = 0;
		s->id[s->n++] = 0;
		s->id[s->n++] = sizeof(a->date);
		for (size_t k = 0; k < sizeof(a->date); k++)
			s->id[s->n++] = a->date[k];
		s->id[s->n++] = a->row.index[0];
	}
	if (l->n)
		qsort(l->rows, l->n, sizeof(*l->rows), sn_ordered_compare);
}

static bool list_new(struct list *l, size_t n)
{
	*l = (struct list){ .alarms = calloc(MAX(n, 1), sizeof(*l->alarms)),
			    .rows = calloc(MAX(n, 1), sizeof(*l->rows)) };
	return l->alarms && l->rows;
}

static void list_free(struct list *l)
{
	free(l->alarms);
	free(l->rows);
	*l = (struct list){ 0 };
}

/* The oldest goes when there is no room. */
static void clear_alarm(const struct sn_alarm *a)
{
	struct list *l = &alarms.cleared;

	if (!l->rows && !list_new(l, SN_ALARMS_CLEARED)) {
		list_free(l);
		return;
	}
	if (l->n == SN_ALARMS_CLEARED)
		memmove(l->alarms, l->alarms + 1, --l->n * sizeof(*l->alarms));
	l->alarms[l->n] = *a;
	sn_date(bmc_wall(bmc_snapshot_time(sn_pinned())), l->alarms[l->n++].date);
}

/* The alarms of the pinned snapshot; those that were there keep their times. */
static void renew(struct list *now, const struct bmc_row *const *rows, size_t n)
{
	const struct list *was = &alarms.active;
	int64_t time = alarms.followed ? bmc_snapshot_time(sn_pinned()) : 0;
	size_t old = 0;

	for (size_t i = 0; i < n; i++) {
		struct sn_alarm *a = &now->alarms[now->n++];
		uint32_t number = rows[i]->index[0];
		make_alarm(a, (const struct bmc_condition *)rows[i]);
		for (; old < was->n && was->alarms[old].row.index[0] < number; old++) {
			clear_alarm(&was->alarms[old]);
			alarms.totals.cleared = time;
		}
		if (old < was->n && was->alarms[old].row.index[0] == number) {
			memcpy(a->date, was->alarms[old].date, sizeof(a->date));
			a->resource = was->alarms[old++].resource;
			continue;
		}
		alarms.totals.begun++;
		alarms.totals.raised = time;
	}
	for (; old < was->n; old++) {
		clear_alarm(&was->alarms[old]);
		alarms.totals.cleared = time;
	}
}

void sn_alarms_follow(void)
{
	uint64_t changed = bmc_snapshot_changed(sn_pinned(), BMC_CONDITION);
	const struct bmc_row *const *rows;
	struct list now;

	if (alarms.followed && changed == alarms.changed)
		return;
	size_t n = bmc_snapshot_rows(sn_pinned(), BMC_CONDITION, &rows);
	if (!list_new(&now, n)) {
		list_free(&now);
		log_limited(LOG_WARNING, "snmp: out of memory for alarmActiveTable");
		return;
	}
	renew(&now, rows, n);
	list_free(&alarms.active);
	alarms.active = now;
	index_rows(&alarms.active);
	index_rows(&alarms.cleared);
	alarms.changed = changed;
	alarms.followed = true;
}

void sn_alarms_done(void)
{
	list_free(&alarms.active);
	list_free(&alarms.cleared);
	memset(&alarms, 0, sizeof(alarms));
}

size_t sn_alarms_active(const struct sn_ordered **ret)
{
	*ret = alarms.active.rows;
	return alarms.active.n;
}

size_t sn_alarms_cleared(const struct sn_ordered **ret)
{
	*ret = alarms.cleared.rows;
	return alarms.cleared.n;
}

const struct sn_alarm_totals *sn_alarm_totals(void)
{
	return &alarms.totals;
}
