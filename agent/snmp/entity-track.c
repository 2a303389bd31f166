// SPDX-License-Identifier: Apache-2.0
/* What is known of the rows that are physical entities, see entity-track.h. Called by
 * entity.c. */
#include "snmp/entity-track.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/entity-index.h"

/* clang-format off */
/* Kinds in the order of what holds what; a slot before what is in it. */
const struct sn_part_of sn_entity_parts[] = {
	{ BMC_CHASSIS, SN_ENTITY_ITSELF,  SN_ENTITY_CHASSIS,   "self",  "Chassis" },
	{ BMC_CHASSIS, SN_ENTITY_READING, SN_ENTITY_SENSOR,    "power", "input power" },
	{ BMC_BLADE,   SN_ENTITY_SLOT,    SN_ENTITY_CONTAINER, "slot",  "Blade slot" },
	{ BMC_BLADE,   SN_ENTITY_ITSELF,  SN_ENTITY_MODULE,    "self",  "Blade" },
	{ BMC_BLADE,   SN_ENTITY_READING, SN_ENTITY_SENSOR,    "power", "power" },
	{ BMC_BOARD,   SN_ENTITY_SLOT,    SN_ENTITY_CONTAINER, "slot",  "Board slot" },
	{ BMC_BOARD,   SN_ENTITY_ITSELF,  SN_ENTITY_MODULE,    "self",  "Board" },
	{ BMC_BOARD,   SN_ENTITY_PROCESSOR, SN_ENTITY_CPU,     "cpu",   "Processor" },
	{ BMC_BOARD,   SN_ENTITY_READING, SN_ENTITY_SENSOR, "soc_temperature", "SoC temperature" },
	{ BMC_BOARD,   SN_ENTITY_READING, SN_ENTITY_SENSOR, "gpu_temperature", "GPU temperature" },
	{ BMC_BOARD,   SN_ENTITY_READING, SN_ENTITY_SENSOR,    "power", "power" },
	{ BMC_BOARD,   SN_ENTITY_READING, SN_ENTITY_SENSOR,    "cpu_load", "CPU load" },
	{ BMC_FAN,     SN_ENTITY_ITSELF,  SN_ENTITY_FAN,       "self",  "Fan" },
	{ BMC_FAN,     SN_ENTITY_READING, SN_ENTITY_SENSOR,    "rpm",   "speed" },
	{ BMC_FAN,     SN_ENTITY_READING, SN_ENTITY_SENSOR,    "duty",  "duty cycle" },
	{ BMC_PSU,     SN_ENTITY_ITSELF,  SN_ENTITY_POWER_SUPPLY, "self", "Power supply" },
	{ BMC_PSU,     SN_ENTITY_READING, SN_ENTITY_SENSOR, "input_voltage", "input voltage" },
	{ BMC_PSU,     SN_ENTITY_READING, SN_ENTITY_SENSOR, "output_voltage", "output voltage" },
	{ BMC_PSU,     SN_ENTITY_READING, SN_ENTITY_SENSOR, "output_current", "output current" },
	{ BMC_PSU,     SN_ENTITY_READING, SN_ENTITY_SENSOR, "input_power", "input power" },
	{ BMC_PSU,     SN_ENTITY_READING, SN_ENTITY_SENSOR, "output_power", "output power" },
	{ BMC_PSU,     SN_ENTITY_READING, SN_ENTITY_SENSOR, "temperature", "temperature" },
	{ BMC_DISK,    SN_ENTITY_ITSELF,  SN_ENTITY_STORAGE_DRIVE, "self", "Disk" },
	{ BMC_DISK,    SN_ENTITY_READING, SN_ENTITY_SENSOR, "temperature", "temperature" },
	{ BMC_SENSOR,  SN_ENTITY_ITSELF,  SN_ENTITY_SENSOR,    "self",  "Sensor" },
	{ BMC_NIC,     SN_ENTITY_ITSELF,  SN_ENTITY_PORT,      "self",  "Network port" },
};
static const char *const texts[SN_ENTITY_TEXTS] = {
	[SN_ENTITY_NAME] = "name",           [SN_ENTITY_ASSET_TAG] = "asset_tag",
	[SN_ENTITY_MODEL] = "model",         [SN_ENTITY_MANUFACTURER] = "manufacturer",
	[SN_ENTITY_SERIAL] = "serial",       [SN_ENTITY_HW_VERSION] = "hw_version",
	[SN_ENTITY_FIRMWARE] = "firmware",   [SN_ENTITY_OS_VERSION] = "os_version",
	[SN_ENTITY_CPU_MODEL] = "cpu_model", [SN_ENTITY_SOC] = "soc",
};
/* clang-format on */
const size_t sn_entity_n_parts = ARRAY_SIZE(sn_entity_parts);

static struct sn_tracked_kind kinds[BMC_N_KINDS];

static uint32_t hash_texts(const struct sn_tracked_kind *k, const struct bmc_row *row)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < SN_ENTITY_TEXTS; i++) {
		if (!k->texts[i])
			continue;
		for (const char *p = bmc_field_text(row, k->texts[i]); *p; p++)
			h = (h ^ (unsigned char)*p) * 16777619u;
		h = (h ^ 0xff) * 16777619u;
	}
	return h;
}

static uint8_t readings_of(const struct sn_tracked_kind *k, const struct bmc_row *row)
{
	unsigned known = 0;

	for (size_t i = 0; i < k->n_readings; i++)
		known |= (unsigned)bmc_field_known(row, k->readings[i]) << i;
	return (uint8_t)known;
}

/* While its source is silent, a thing stays where it was. */
static bool is_absent(const struct sn_tracked_kind *k, const struct bmc_row *row,
		      bool was)
{
	int64_t present = k->present ? bmc_field_num(row, k->present) : BMC_UNKNOWN;

	if (present != BMC_UNKNOWN)
		return present == 0;
	return row->status == BMC_ABSENT ? was : false;
}

static uint16_t state_of(const struct bmc_row *row)
{
	int64_t more = row->kind == BMC_BOARD
			       ? ((const struct bmc_board *)row)->power_state
		       : row->kind == BMC_NIC ? ((const struct bmc_nic *)row)->link
					      : 0;

	return (uint16_t)(row->status | row->health << 4 | (more & 0xff) << 8);
}

/* Follows one row; true: the tree is another one. */
static bool follow_row(const struct sn_tracked_kind *k, struct sn_tracked *t,
		       const struct bmc_row *row, int64_t *changed)
{
	const struct sn_tracked was = *t;

	t->texts = hash_texts(k, row);
	t->state = state_of(row);
	t->absent = is_absent(k, row, was.absent);
	t->read |= readings_of(k, row);
	if (t->texts != was.texts)
		*changed = bmc_snapshot_time(sn_pinned());
	if (t->state != was.state)
		t->since = bmc_snapshot_time(sn_pinned());
	return t->absent != was.absent || t->read != was.read;
}

static int order(const struct sn_tracked *t, const struct bmc_row *row)
{
	for (size_t i = 0; i < 2; i++) {
		if (t->index[i] != row->index[i])
			return t->index[i] < row->index[i] ? -1 : 1;
	}
	return 0;
}

/* Which readings have numbers from an earlier time. */
static uint8_t readings_assigned(const struct sn_tracked_kind *k,
				 const struct bmc_row *row)
{
	unsigned known = 0;

	for (size_t i = 0; i < k->n_readings; i++) {
		if (sn_entity_index_find(row->kind, row->id, k->readings[i]->name))
			known |= 1u << i;
	}
	return (uint8_t)known;
}

/* Rows have come or gone: what was known of the others goes on to be known. */
static bool track_rows(struct sn_tracked_kind *k, const struct bmc_row *const *rows,
		       size_t n)
{
	struct sn_tracked *now = calloc(MAX(n, 1), sizeof(*now));
	size_t at = 0;

	if (!now)
		return false;
	for (size_t i = 0; i < n; i++) {
		while (at < k->n && order(&k->rows[at], rows[i]) < 0)
			at++;
		if (at < k->n && order(&k->rows[at], rows[i]) == 0)
			now[i] = k->rows[at];
		else
			now[i] = (struct sn_tracked){
				.index = { rows[i]->index[0], rows[i]->index[1] },
				.absent = true,
				.read = readings_assigned(k, rows[i]),
			};
	}
	free(k->rows);
	k->rows = now;
	k->n = n;
	return true;
}

/* Follows the rows of a kind; true: the tree is another one. */
static bool follow_kind(enum bmc_kind kind, int64_t *ret_changed)
{
	struct sn_tracked_kind *k = &kinds[kind];
	uint64_t changed = bmc_snapshot_changed(sn_pinned(), kind);
	uint64_t membership = bmc_snapshot_membership(sn_pinned(), kind);
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(sn_pinned(), kind, &rows);
	bool rebuild = membership != k->membership || n != k->n;

	if (changed == k->changed && !rebuild)
		return false;
	if (rebuild && !track_rows(k, rows, n))
		return false; /* tried again with the next snapshot */
	for (size_t i = 0; i < n; i++) {
		if (rebuild || rows[i]->changed > k->changed)
			rebuild |= follow_row(k, &k->rows[i], rows[i], ret_changed);
	}
	if (rebuild && k->changed)
		k->moved = bmc_snapshot_time(sn_pinned());
	k->changed = changed;
	k->membership = membership;
	return rebuild;
}

struct sn_tracked *sn_tracked(const struct bmc_row *row)
{
	const struct sn_tracked_kind *k = &kinds[row->kind];
	size_t at = bmc_snapshot_lower(sn_pinned(), row->kind, row->index[0],
				       row->index[1]);

	return at < k->n ? &k->rows[at] : NULL;
}

const struct bmc_field *sn_entity_field(const struct bmc_row *row,
					enum sn_entity_text text)
{
	return kinds[row->kind].texts[text];
}

const char *sn_entity_text(const struct bmc_row *row, enum sn_entity_text text)
{
	const struct bmc_field *f = sn_entity_field(row, text);

	return f ? bmc_field_text(row, f) : "";
}

static void find_fields(enum bmc_kind kind)
{
	struct sn_tracked_kind *k = &kinds[kind];

	k->present = bmc_field_find(kind, "present");
	for (size_t i = 0; i < SN_ENTITY_TEXTS; i++)
		k->texts[i] = bmc_field_find(kind, texts[i]);
	for (size_t i = 0; i < sn_entity_n_parts; i++) {
		if (sn_entity_parts[i].kind == kind &&
		    sn_entity_parts[i].form == SN_ENTITY_READING)
			k->readings[k->n_readings++] =
				bmc_field_find(kind, sn_entity_parts[i].key);
	}
}

const struct sn_tracked_kind *sn_tracked_kind(enum bmc_kind kind)
{
	return &kinds[kind];
}

int64_t sn_rows_moved(enum bmc_kind kind)
{
	return kinds[kind].moved;
}

int64_t sn_row_since(const struct bmc_row *row)
{
	const struct sn_tracked *t = sn_tracked(row);

	return t ? t->since : 0;
}

bool sn_tracked_follow(int64_t *changed)
{
	bool rebuild = false;

	for (size_t i = 0; i < sn_entity_n_parts; i++) {
		if (i == 0 || sn_entity_parts[i - 1].kind != sn_entity_parts[i].kind)
			rebuild |= follow_kind(sn_entity_parts[i].kind, changed);
	}
	return rebuild;
}

void sn_tracked_init(void)
{
	for (enum bmc_kind kind = 0; kind < BMC_N_KINDS; kind++)
		find_fields(kind);
}

void sn_tracked_done(void)
{
	for (size_t i = 0; i < BMC_N_KINDS; i++)
		free(kinds[i].rows);
	memset(kinds, 0, sizeof(kinds));
}
