// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/queue.h>

#include "core/base/loop.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"

/* The inside of the inventory, shared by its files. Main thread only, but for
 * ingest.c's queue. */

#define BMC_SOURCES_MAX     250
#define BMC_RUN_TIME_ROWS   4096 /* a kind */
#define BMC_RUN_TIME_INDEX  1001u
#define BMC_SOURCE_SETTINGS 0 /* what users set: believed before all others        */
#define BMC_SOURCE_PLATFORM 1 /* what the platform file gives: believed if all fail */

/* What one source said of one field of one row, and when. */
struct bmc_observation {
	uint16_t field; /* position in the kind's table    */
	uint16_t rank;  /* the lower, the more it counts   */
	uint16_t source;
	int64_t at;
	union {
		int64_t num;
		char *text; /* owned; NULL: unknown */
	};
};

#define BMC_MODULES_MAX   8u  /* fan modules; 0: fans of none    */
#define BMC_NET_UNITS_MAX 31u /* network units, counted from 1   */

/* Parts of which one may fail. */
struct bmc_group {
	uint32_t n, good, known; /* known: that they are good, or that they are not */
};

/* What a row sums up of the rows it holds. No padding: it is compared as bytes. */
struct bmc_sum {
	int64_t psu_power;
	uint64_t allowed; /* 1 << enum bmc_action_op of any board, or-ed */
	uint32_t slots, present, on;
	uint32_t health; /* the worst of them */
	struct bmc_group psus, fans[BMC_MODULES_MAX];
	uint32_t psus_measured;
	uint32_t net_units, net_up, net_unsure; /* 1 << unit, or-ed: that has NICs, one
						 * with a link, one that may have one */
};

struct bmc_entry {
	const struct bmc_row *row; /* as merged last; a reference */
	struct bmc_row *base; /* a core row that settings overlay: as it was given */
	struct bmc_entry *up; /* what holds it: bmc_entry_set_up()                 */
	LIST_HEAD(, bmc_entry) children; /* whose `up` this is                     */
	LIST_ENTRY(bmc_entry) sibling;
	struct bmc_entry *next_dirty;
	struct bmc_observation *observations; /* ordered: the later counts more */
	uint16_t n_observations, observations_size;
	uint16_t base_health;         /* without what it holds                    */
	bool core, slot;              /* whose it is: the core's, a platform slot */
	bool dirty, reported, absent; /* reported: a source has spoken of it         */
	uint32_t handle, index[2], pos;
	int64_t next_eval; /* when it has to be merged again though nothing was put */
	struct bmc_sum sum, next_sum;
	char id[BMC_ID_MAX];
};

_Static_assert(BMC_SOURCES_MAX <= UINT16_MAX, "an observation's source has 16 bits");

enum bmc_set_change { BMC_SET_REREAD = 1, BMC_SET_VALUES = 2, BMC_SET_MEMBERSHIP = 4 };

/* All rows of a kind, in three orders. */
struct bmc_set {
	struct bmc_entry **by_index, **by_id, **by_handle;
	size_t n, size;
	uint32_t last_number;
	uint32_t change; /* enum bmc_set_change since the newest snapshot, or-ed */
};

struct bmc_source {
	char name[BMC_ID_MAX];
	int64_t stale_ms;
	unsigned order;
	bool live, muted;
};

struct bmc_inventory {
	const struct bmc_platform *platform;
	struct bmc_set sets[BMC_N_KINDS];
	struct bmc_source sources[BMC_SOURCES_MAX];
	struct bmc_entry *dirty;
	struct bmc_entry *chassis; /* the first: parent of what names none */
	struct bmc_timer *readings_timer, *eval_timer;
	int64_t eval_at, published_at;
	uint64_t generation;      /* of the newest snapshot */
	bmc_inventory_step *step; /* derives events and conditions */
	bool urgent, rollup_pending;
	bool held; /* by a test: nothing is published */
};
extern struct bmc_inventory bmc_inv;

/* ---- entries.c ---- */

/** Kinds whose rows hardware sources describe and the core derives. */
static inline bool bmc_is_hardware(enum bmc_kind kind)
{
	return bmc_kind_is(kind, BMC_KIND_HARDWARE);
}
static inline enum bmc_kind bmc_entry_kind(const struct bmc_entry *e)
{
	return BMC_HANDLE_KIND(e->handle);
}
/** Makes an entry without a row. NULL: no memory. */
struct bmc_entry *bmc_entry_new(enum bmc_kind kind, const char *id,
				const uint32_t index[2], struct bmc_entry *up);
struct bmc_entry *bmc_entry_find(enum bmc_kind kind, const char *id);
struct bmc_entry *bmc_entry_of(uint32_t handle);
/** Gives it another row to be held by; NULL: none. */
void bmc_entry_set_up(struct bmc_entry *e, struct bmc_entry *up);
/** Moves it to another index. */
void bmc_entry_move(struct bmc_entry *e, const uint32_t index[2]);
/** Takes it out of its set and frees it. */
void bmc_entry_remove(struct bmc_entry *e);
void bmc_set_done(struct bmc_set *set);

/* ---- merge.c ---- */

/** Puts it on the list of what has to be merged. */
void bmc_entry_touch(struct bmc_entry *e);
/** Notes what a source says. 0 or BMC_ENOMEM. */
int bmc_observation_put(struct bmc_entry *e, unsigned source, const struct bmc_field *f,
			const struct bmc_value *v, int64_t at);
/** Forgets what a source said of a field, of all with f NULL. */
void bmc_observation_drop(struct bmc_entry *e, unsigned source,
			  const struct bmc_field *f);
/** Makes all values of a source unknown; its rows stay. */
void bmc_observation_expire(struct bmc_entry *e, unsigned source);
/** Whether a source of readings still says something. */
bool bmc_observation_any(const struct bmc_entry *e);
void bmc_observations_free(struct bmc_entry *e);
/** Merges the entry's row again from what is known. */
void bmc_merge(struct bmc_entry *e);
void bmc_merge_dirty(void);
/** Takes over a row that the core itself gives. */
void bmc_merge_base(struct bmc_entry *e, const struct bmc_row *given);

/* ---- rollup.c ---- */

/** Adds up what rows hold, from the leaves to the chassis. */
void bmc_rollup(void);

/* ---- ingest.c ---- */

void bmc_ingest_init(void);
void bmc_ingest_done(void);
/** Applies up to `max` messages; returns whether there are more. */
bool bmc_ingest_drain(unsigned max);
/** From now on what the source's threads say is taken, or dropped. */
void bmc_source_enable(struct bmc_source *s, bool live);
void bmc_ingest_mute(struct bmc_source *s, bool mute);

/* ---- indexes.c: indexes of rows made at run time, the same after a restart ---- */

int bmc_indexes_load(void);
void bmc_indexes_done(void);
uint32_t bmc_index_for(enum bmc_kind kind, const char *id);

/* ---- slots.c: what the platform file begins with ---- */

int bmc_slots_make(void);

/* ---- settings.c: what users set, for rows that are there and rows to come ---- */

int bmc_settings_load(void);
void bmc_settings_done(void);
int bmc_setting_persist(const struct bmc_entry *e, const struct bmc_field *f,
			const struct bmc_value *v);
int bmc_setting_limit(const struct bmc_entry *e, const struct bmc_field *f,
		      const struct bmc_value *v, int64_t until);
/** Gives a new row the settings that were kept for it. */
void bmc_settings_apply(struct bmc_entry *e);

/* ---- publish.c ---- */

/** Publishes soon: with the readings. */
void bmc_publish_readings(void);
/** Reevaluates rows that change by themselves, at `when`. */
void bmc_eval_schedule(int64_t when);
