// SPDX-License-Identifier: Apache-2.0
/* Status and health of everything but boards, from their readings. Called by the merge.
 */
#include "core/inventory/derive.h"

#include "core/access/policy.h"
#include "core/base/util.h"

/* ---- presence ---- */

static bool board_alive(const struct bmc_row *row, const struct bmc_derive *d)
{
	const struct bmc_board *b = (const struct bmc_board *)row;

	(void)d;
	return b->is_main == 1 || b->usb_mode > BMC_USB_NONE ||
	       b->adb_state > BMC_ADB_NONE || b->os > BMC_OS_UNKNOWN;
}

static bool blade_alive(const struct bmc_row *row, const struct bmc_derive *d)
{
	(void)row;
	return d->sum->present > 0;
}

static bool fan_alive(const struct bmc_row *row, const struct bmc_derive *d)
{
	(void)d;
	return ((const struct bmc_fan *)row)->rpm > 0;
}

static bool psu_alive(const struct bmc_row *row, const struct bmc_derive *d)
{
	const struct bmc_psu *p = (const struct bmc_psu *)row;

	(void)d;
	return p->input_ok == 1 || p->output_ok == 1;
}

static bool disk_alive(const struct bmc_row *row, const struct bmc_derive *d)
{
	(void)d;
	return ((const struct bmc_disk *)row)->device[0] != '\0';
}

/* Kinds that can be pulled out, and what shows that they are there where no source
 * says. */
static const struct {
	size_t present;
	bool (*alive)(const struct bmc_row *row, const struct bmc_derive *d);
} pluggable[BMC_N_KINDS] = {
	[BMC_BLADE] = { offsetof(struct bmc_blade, present), blade_alive },
	[BMC_BOARD] = { offsetof(struct bmc_board, present), board_alive },
	[BMC_FAN] = { offsetof(struct bmc_fan, present), fan_alive },
	[BMC_PSU] = { offsetof(struct bmc_psu, present), psu_alive },
	[BMC_DISK] = { offsetof(struct bmc_disk, present), disk_alive },
};

static int64_t present_of(const struct bmc_row *row)
{
	size_t offset = pluggable[row->kind].present;

	if (!bmc_kind_is(row->kind, BMC_KIND_PLUGGABLE))
		return BMC_UNKNOWN;
	return *(const int64_t *)(const void *)((const char *)row + offset);
}

bool bmc_row_gone(const struct bmc_row *row)
{
	return present_of(row) == 0;
}

/* ---- readings ---- */

int64_t bmc_with_hysteresis(int64_t limit, int side, bool passed)
{
	int64_t slack = (limit < 0 ? -limit : limit) / 100;

	return passed ? limit - side * slack : limit;
}

bool bmc_beyond(int64_t value, int64_t limit, int side)
{
	return side > 0 ? value > limit : value < limit;
}

static void derive_sensor(struct bmc_row *row, struct bmc_derive *d)
{
	const struct bmc_sensor *s = (const struct bmc_sensor *)row;
	const struct {
		int64_t limit;
		int side;
		enum bmc_health health;
	} limits[] = {
		{ s->low_warning, -1, BMC_WARNING },
		{ s->high_warning, 1, BMC_WARNING },
		{ s->low_critical, -1, BMC_CRITICAL },
		{ s->high_critical, 1, BMC_CRITICAL },
	};

	if (s->value == BMC_UNKNOWN) {
		row->status = BMC_UNAVAILABLE_OFFLINE;
		row->health = BMC_HEALTH_UNKNOWN;
		return;
	}
	row->status = BMC_ENABLED;
	row->health = BMC_OK_HEALTH;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		bool passed = d->old_health >= limits[i].health;
		if (limits[i].limit == BMC_UNKNOWN)
			continue;
		if (bmc_beyond(s->value,
			       bmc_with_hysteresis(limits[i].limit, limits[i].side,
						   passed),
			       limits[i].side))
			row->health = (uint16_t)limits[i].health;
	}
}

static void derive_fan(struct bmc_row *row, struct bmc_derive *d)
{
	const struct bmc_fan *f = (const struct bmc_fan *)row;
	/* Without a limit, a fan that is driven has at least to turn. */
	int64_t low = f->low_rpm == BMC_UNKNOWN ? 1 : f->low_rpm;

	row->status = BMC_ENABLED;
	if (f->rpm == BMC_UNKNOWN)
		row->health = BMC_HEALTH_UNKNOWN;
	else if (f->duty == 0)
		row->health = BMC_OK_HEALTH; /* it is not driven */
	else if (f->rpm < bmc_with_hysteresis(low, -1, d->old_health == BMC_CRITICAL))
		row->health = BMC_CRITICAL;
	else
		row->health = BMC_OK_HEALTH;
}

static void derive_psu(struct bmc_row *row, struct bmc_derive *d)
{
	const struct bmc_psu *p = (const struct bmc_psu *)row;

	(void)d;
	row->status = BMC_ENABLED;
	if (p->input_ok == 0 || p->output_ok == 0) {
		row->status = BMC_UNAVAILABLE_OFFLINE;
		row->health = BMC_CRITICAL;
	} else if (p->input_ok == 1 || p->output_ok == 1) {
		row->health = BMC_OK_HEALTH;
	}
}

static void derive_disk(struct bmc_row *row, struct bmc_derive *d)
{
	static const uint16_t healths[] = { BMC_OK_HEALTH, BMC_CRITICAL };
	int64_t failing = ((const struct bmc_disk *)row)->failure_predicted;

	(void)d;
	row->status = BMC_ENABLED;
	row->health =
		failing == BMC_UNKNOWN ? BMC_HEALTH_UNKNOWN : healths[failing != 0];
}

static void derive_plain(struct bmc_row *row, struct bmc_derive *d)
{
	(void)d;
	row->status = BMC_ENABLED;
	row->health = BMC_OK_HEALTH;
}

/* A source that does not say leaves it to what the board is bound to. */
static void derive_firmware(struct bmc_row *row, struct bmc_derive *d)
{
	struct bmc_firmware *f = (struct bmc_firmware *)row;

	derive_plain(row, d);
	if (d->board && f->updateable == BMC_UNKNOWN)
		f->updateable = (bmc_board_caps(d->board) & BMC_CAN_FLASH) != 0;
}

/* ---- what holds others ---- */

static void derive_blade(struct bmc_row *row, struct bmc_derive *d)
{
	derive_plain(row, d);
}

static int64_t redundancy(const struct bmc_group *g)
{
	if (g->n == 0)
		return BMC_REDUNDANCY_UNKNOWN;
	if (g->n == 1)
		return BMC_NOT_REDUNDANT;
	if (g->good == g->n)
		return BMC_REDUNDANT;
	return g->known == g->n ? BMC_REDUNDANCY_LOST : BMC_REDUNDANCY_UNKNOWN;
}

/* One fan of each module may fail: the chassis is as well off as its worst module. */
static int64_t fan_redundancy(const struct bmc_sum *sum)
{
	static const int bad[] = { [BMC_REDUNDANT] = 0,
				   [BMC_NOT_REDUNDANT] = 1,
				   [BMC_REDUNDANCY_UNKNOWN] = 2,
				   [BMC_REDUNDANCY_LOST] = 3 };
	int64_t worst = BMC_REDUNDANT;
	bool any = false;

	for (size_t i = 0; i < BMC_MODULES_MAX; i++) {
		int64_t one = redundancy(&sum->fans[i]);

		any |= sum->fans[i].n > 0;
		if (sum->fans[i].n > 0 && bad[one] > bad[worst])
			worst = one;
	}
	return any ? worst : BMC_REDUNDANCY_UNKNOWN;
}

/* A unit is good as long as one of its interfaces has a link. */
static int64_t network_redundancy(const struct bmc_sum *sum)
{
	const struct bmc_group units = {
		.n = (uint32_t)__builtin_popcount(sum->net_units),
		.good = (uint32_t)__builtin_popcount(sum->net_up),
		.known = (uint32_t)__builtin_popcount(
			sum->net_up | (sum->net_units & ~sum->net_unsure)),
	};

	return redundancy(&units);
}

static void derive_chassis(struct bmc_row *row, struct bmc_derive *d)
{
	struct bmc_chassis *c = (struct bmc_chassis *)row;
	const struct bmc_sum *sum = d->sum;

	derive_plain(row, d);
	c->boards_present = sum->present;
	c->boards_on = sum->on;
	c->redundancy = redundancy(&sum->psus);
	c->fan_redundancy = fan_redundancy(sum);
	c->network_redundancy = network_redundancy(sum);
	if (c->redundancy == BMC_REDUNDANCY_LOST ||
	    c->fan_redundancy == BMC_REDUNDANCY_LOST ||
	    c->network_redundancy == BMC_REDUNDANCY_LOST)
		d->parts = BMC_WARNING;
	if (c->power == BMC_UNKNOWN && sum->psus.n > 0 &&
	    sum->psus_measured == sum->psus.n)
		c->power = sum->psu_power;
}

static void (*const derive[BMC_N_KINDS])(struct bmc_row *row, struct bmc_derive *d) = {
	[BMC_CHASSIS] = derive_chassis,   [BMC_BLADE] = derive_blade,
	[BMC_BOARD] = bmc_derive_board,   [BMC_FAN] = derive_fan,
	[BMC_PSU] = derive_psu,           [BMC_DISK] = derive_disk,
	[BMC_SENSOR] = derive_sensor,     [BMC_NIC] = derive_plain,
	[BMC_FIRMWARE] = derive_firmware,
};

static void count_boards(struct bmc_row *row, const struct bmc_sum *sum)
{
	struct bmc_blade *b = (struct bmc_blade *)row;

	b->slots = sum->slots;
	b->boards_present = sum->present;
	b->boards_on = sum->on;
}

static void derive_allowed(struct bmc_row *row, const struct bmc_sum *sum)
{
	if (row->kind == BMC_BOARD) {
		struct bmc_board *b = (struct bmc_board *)row;

		b->allowed = bmc_board_allowed(b);
		b->boot_allowed = bmc_board_boot_allowed(b);
	}
	if (row->kind == BMC_BLADE)
		((struct bmc_blade *)row)->allowed = (int64_t)sum->allowed;
	if (row->kind == BMC_CHASSIS)
		((struct bmc_chassis *)row)->allowed = (int64_t)sum->allowed;
}

void bmc_derive(struct bmc_row *row, struct bmc_derive *d)
{
	bool alive = d->reported || row->kind == BMC_CHASSIS;

	d->next_eval = INT64_MAX;
	d->parts = BMC_HEALTH_UNKNOWN;
	if (row->kind == BMC_BLADE)
		count_boards(row, d->sum);
	if (bmc_kind_is(row->kind, BMC_KIND_PLUGGABLE) &&
	    present_of(row) == BMC_UNKNOWN && pluggable[row->kind].alive(row, d)) {
		*(int64_t *)(void *)((char *)row + pluggable[row->kind].present) = 1;
		alive = true;
	}
	row->health = BMC_HEALTH_UNKNOWN;
	row->status = BMC_ABSENT;
	if (alive && !d->absent && !bmc_row_gone(row))
		derive[row->kind](row, d);
	derive_allowed(row, d->sum);
}
