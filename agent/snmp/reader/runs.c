// SPDX-License-Identifier: Apache-2.0
/* Encoded columns, see runs.h. Called by pdu.c for the repetitions of a GETBULK. */
#include "snmp/reader/runs.h"

#include <string.h>

#include "core/base/util.h"

#define SLOTS_LOG2 10
#define SLOTS      (1u << SLOTS_LOG2)
#define PROBES     4
#define ARENA      (256u * 1024)

#define CELLS_MAX  256u
#define NUMBER_MAX 0x8000u /* of a run within its column */

_Static_assert(SN_SPANS_MAX <= 512, "a key has 9 bits for a span");

enum state { RUN_NONE, RUN_ASKED, RUN_ENCODED, RUN_NEVER };

struct slot {
	uint64_t epoch; /* an older one: the slot is free */
	uint32_t key;
	enum state state;
	uint32_t at; /* RUN_ENCODED: in the arena */
};

static struct {
	uint64_t generation; /* of the snapshot */
	uint64_t epoch;      /* grows when all runs are dropped; from 1 on */
	size_t used;         /* of the arena */
	struct slot slots[SLOTS];
	_Alignas(struct sn_run) uint8_t arena[ARENA];
} runs;

void sn_runs_forget(void)
{
	runs.epoch++;
	runs.used = 0;
}

static struct slot *slot_of(uint32_t key)
{
	uint32_t hash = key * UINT32_C(2654435761) >> (32 - SLOTS_LOG2);

	for (uint32_t i = 0; i < PROBES; i++) {
		struct slot *s = &runs.slots[(hash + i) % SLOTS];
		if (s->epoch != runs.epoch)
			*s = (struct slot){ .epoch = runs.epoch, .key = key };
		if (s->key == key)
			return s;
	}
	return NULL;
}

/* ---- encoding ---- */

struct draft {
	struct sn_run *run;
	struct sn_list list;
	struct sn_name head; /* of each name: the table and the column */
};

/* Adds a row; false: it does not fit, or its value is not to be kept. */
static bool add_row(struct draft *d, const struct sn_walk *w)
{
	struct sn_run *run = d->run;
	size_t at = run->first + run->rows;
	const struct bmc_row *row = sn_cursor_row(&w->at, at);
	const struct sn_cell *cell = &sn_table_cells(w->at.table, row->kind)[w->cell];
	struct sn_name name;
	const uint32_t *index;
	struct sn_value v;
	bool odd = false;

	if (!sn_value_is_fixed(cell))
		return false;
	if (sn_value_get(cell, row, &v)) {
		size_t n = sn_cursor_index(&w->at, at, &index);
		memcpy(name.data, d->head.data, d->head.len);
		name.len = d->head.len;
		sn_encode_subids(&name, index, n);
		if (!sn_encode_value(&d->list, &name, &v, &odd))
			return false;
	}
	run->end[run->rows] = (uint16_t)(d->list.at - run->data);
	run->n[run->rows++] = (uint8_t)d->list.n;
	return true;
}

/* Encodes the run with that number into the arena; its length, 0: it has no row. */
static size_t encode(const struct sn_walk *w, const struct sn_span *span, size_t number)
{
	struct sn_run *run = (void *)(runs.arena + runs.used);
	struct draft d = {
		.run = run, .list = { .at = run->data, .end = run->data + SN_RUN_ROOM }
	};
	uint32_t column = w->at.table->columns[w->cell].column;

	memcpy(d.head.data, span->prefix, span->prefix_len);
	d.head.len = span->prefix_len;
	sn_encode_subids(&d.head, &column, 1);
	run->first = number * SN_RUN_ROWS;
	run->rows = 0;
	size_t most = MIN(w->at.n_rows - run->first, (size_t)SN_RUN_ROWS);
	while (run->rows < most && add_row(&d, w))
		;
	return run->rows ? (size_t)(d.list.at - (uint8_t *)run) : 0;
}

static void fill(struct slot *s, const struct sn_walk *w, const struct sn_span *span)
{
	size_t len = 0, align = _Alignof(struct sn_run);

	if (runs.used + sizeof(struct sn_run) + SN_RUN_ROOM <= ARENA)
		len = encode(w, span, w->row / SN_RUN_ROWS);
	s->state = len ? RUN_ENCODED : RUN_NEVER;
	s->at = (uint32_t)runs.used;
	runs.used += (len + align - 1) / align * align;
}

/* ---- reading ---- */

static void follow_snapshot(void)
{
	uint64_t generation = bmc_snapshot_generation(sn_pinned());

	if (runs.generation != generation)
		sn_runs_forget();
	runs.generation = generation;
}

const struct sn_run *sn_run_ask(const struct sn_walk *w, const struct sn_span *span)
{
	size_t number = w->row / SN_RUN_ROWS;

	if (w->cell >= CELLS_MAX || number >= NUMBER_MAX || w->at.table->rows)
		return NULL;
	follow_snapshot();
	struct slot *s = slot_of(
		(uint32_t)(sn_span_position(span) << 23 | w->cell << 15 | number));
	if (!s)
		return NULL;
	if (s->state == RUN_ASKED)
		fill(s, w, span);
	else if (s->state == RUN_NONE)
		s->state = RUN_ASKED;
	return s->state == RUN_ENCODED ? (void *)(runs.arena + s->at) : NULL;
}

/* Whether the rows from one position on and before another fit. */
static bool fits(const struct sn_run *run, size_t from, size_t to, size_t most,
		 size_t room)
{
	size_t n = run->n[to - 1], end = run->end[to - 1];

	return from ? n - run->n[from - 1] <= most && end - run->end[from - 1] <= room
		    : n <= most && end <= room;
}

size_t sn_run_copy(const struct sn_run *run, size_t *row, size_t most,
		   struct sn_list *to)
{
	size_t from = *row - run->first, high = run->rows, low = from;
	size_t room = (size_t)(to->end - to->at);

	if (from < high && fits(run, from, high, most, room))
		low = high;
	while (low < high) {
		size_t middle = high - (high - low) / 2;
		if (fits(run, from, middle, most, room))
			low = middle;
		else
			high = middle - 1;
	}
	if (low == from)
		return 0;
	size_t begin = from ? run->end[from - 1] : 0;
	size_t len = run->end[low - 1] - begin;
	size_t n = (size_t)run->n[low - 1] - (from ? run->n[from - 1] : 0);
	memcpy(to->at, run->data + begin, len);
	to->at += len;
	to->n += n;
	*row = run->first + low;
	return n;
}
