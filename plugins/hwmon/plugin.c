// SPDX-License-Identifier: Apache-2.0
/* The plugin `hwmon`: glue to the core. Its poll looks which chips there are, has each
 * bus read on its lane, and puts what has come back; hwmon.h says which file does what.
 */
#include <stdlib.h>
#include <syslog.h>

#include "hwmon.h"

#define LANES_MAX    16
#define ORPHANS_MAX  16 /* lanes that hang and were left behind */
#define WAIT_MS      300 /* for what is read at once; the rest comes with the next poll */
#define RETRY_POLLS  10 /* until what was not found is looked for again */
#define SETTLE_POLLS 2  /* a driver may add files after its chip */

struct hwmon {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	int64_t late_ms;
	struct hwmon_chips *chips;
	struct hwmon_row *rows;
	size_t n_rows, cap_rows, n_lanes;
	struct hwmon_lane *lanes[LANES_MAX];
	unsigned orphans;
	unsigned again; /* polls until rows are placed once more; 0: they stay */
	bool resolve, missing;
};

/* clang-format off */
static const struct bmc_conf_item settings[] = {
	{ .key = "late", .type = BMC_CONF_INT, .min = 1000, .max = 600000, .def = "10s", .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "A bus that has not been read within this: what is on it is unknown until it is." },
	{ .key = NULL },
};

static const enum bmc_kind kinds[] = { BMC_FAN, BMC_PSU, BMC_SENSOR, BMC_BOARD };
/* clang-format on */

/* ---- the platform file ---- */

struct collecting {
	struct hwmon *h;
	enum bmc_kind kind;
};

static int add_row(void *arg, const char *id, const uint32_t index[2],
		   const struct bmc_conf *conf)
{
	const struct collecting *c = arg;
	const struct bmc_conf *own = bmc_conf_find(conf, "hwmon");
	struct hwmon *h = c->h;
	struct hwmon_row *row;

	(void)index;
	if (!own)
		return 0;
	if (h->n_rows == h->cap_rows) {
		size_t cap = h->cap_rows ? 2 * h->cap_rows : 64;
		struct hwmon_row *more = realloc(h->rows, cap * sizeof(*more));

		if (!more)
			return BMC_ENOMEM;
		h->rows = more;
		h->cap_rows = cap;
	}
	row = &h->rows[h->n_rows++];
	*row = (struct hwmon_row){ .kind = c->kind, .conf = own };
	row->typed = bmc_conf_text(conf, "type", NULL) != NULL;
	(void)snprintf(row->id, sizeof(row->id), "%s", id);
	return 0;
}

static int collect_rows(struct hwmon *h)
{
	int code = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && code == 0; i++) {
		struct collecting c = { .h = h, .kind = kinds[i] };
		code = h->ops->platform(h->host, kinds[i], add_row, &c);
	}
	return code;
}

/* ---- lanes ---- */

/* What hangs together when it hangs. */
static void bus_of(const struct hwmon_chip *c, char ret[32])
{
	const char *at = c->device;
	size_t len;

	(void)snprintf(ret, 32, "%s", c->w1 ? "w1" : "platform");
	if (c->w1)
		return;
	while (at && strncmp(at, "i2c-", 4) != 0) {
		at = strchr(at, '/');
		at += at != NULL;
	}
	len = at ? strcspn(at, "/") : 0;
	if (len && len < 32)
		(void)snprintf(ret, 32, "%.*s", (int)len, at);
}

static struct hwmon_lane *lane_for(struct hwmon *h, const struct hwmon_chip *c)
{
	char name[32];

	bus_of(c, name);
	for (size_t i = 0; i < h->n_lanes; i++) {
		if (strcmp(hwmon_lane_name(h->lanes[i]), name) == 0)
			return h->lanes[i];
	}
	if (h->n_lanes == LANES_MAX)
		return h->lanes[0];
	h->lanes[h->n_lanes] = hwmon_lane_new(name);
	return h->lanes[h->n_lanes] ? h->lanes[h->n_lanes++] : NULL;
}

static bool is_late(const struct hwmon *h, const struct hwmon_lane *l)
{
	return h->ops->now() >= hwmon_lane_since(l) + h->late_ms;
}

/* Its rows are unknown until another lane has read them. */
static void leave_behind(struct hwmon *h, struct hwmon_lane *l)
{
	for (size_t i = 0; i < h->n_rows; i++) {
		if (h->rows[i].lane != l)
			continue;
		h->rows[i].stuck = true;
		h->rows[i].lane = NULL; /* they may wait for a while to be placed */
	}
	h->orphans++;
	hwmon_lane_free(l);
}

/* True: all lanes are at rest. One that hangs is left behind, up to a number. */
static bool lanes_rest(struct hwmon *h)
{
	for (size_t i = 0; i < h->n_lanes; i++) {
		if (hwmon_lane_wait(h->lanes[i], 0))
			continue;
		if (!is_late(h, h->lanes[i]) || h->orphans == ORPHANS_MAX)
			return false;
		leave_behind(h, h->lanes[i]);
		h->lanes[i--] = h->lanes[--h->n_lanes];
	}
	return true;
}

/* ---- which row is where ---- */

/* Tells once why a row can't be read, and once that it can again. */
static void tell(struct hwmon *h, struct hwmon_row *row, const char *why)
{
	if (why && !row->told)
		h->ops->log(h->host, LOG_WARNING, "%s: %s", row->id, why);
	else if (!why && row->told)
		h->ops->log(h->host, LOG_NOTICE, "%s: it is there now", row->id);
	row->told = why != NULL;
}

struct list {
	struct hwmon_reading *readings;
	size_t n;
};

static bool append(struct list *l, const struct hwmon_reading *r, size_t n)
{
	struct hwmon_reading *more =
		realloc(l->readings, (l->n + n) * sizeof(*l->readings));

	if (!more)
		return false;
	memcpy(more + l->n, r, n * sizeof(*r));
	l->readings = more;
	l->n += n;
	return true;
}

static size_t lane_number(const struct hwmon *h, const struct hwmon_lane *l)
{
	size_t i = 0;

	while (h->lanes[i] != l)
		i++;
	return i;
}

static void place_row(struct hwmon *h, struct hwmon_row *row, struct list *lists)
{
	struct hwmon_reading found[HWMON_READINGS_MAX];
	const struct hwmon_chip *chip;
	char why[100];

	chip = hwmon_row_chip(row, h->chips, why);
	row->n = chip ? hwmon_row_readings(row, chip, found) : 0;
	row->lane = row->n ? lane_for(h, chip) : NULL;
	row->here = chip != NULL;
	row->seen |= row->here;
	if (chip && !row->n)
		(void)snprintf(why, sizeof(why), "%s has no such channel", chip->entry);
	tell(h, row, row->n ? NULL : why);
	if (row->lane) {
		struct list *l = &lists[lane_number(h, row->lane)];

		row->first = l->n;
		if (!append(l, found, row->n))
			row->lane = NULL;
	}
	h->missing |= !row->lane;
}

static void resolve(struct hwmon *h)
{
	struct list lists[LANES_MAX] = { 0 };

	if (!lanes_rest(h))
		return;
	h->resolve = h->missing = false;
	for (size_t i = 0; i < h->n_rows; i++)
		place_row(h, &h->rows[i], lists);
	for (size_t i = 0; i < h->n_lanes; i++)
		hwmon_lane_assign(h->lanes[i], lists[i].readings, lists[i].n);
}

/* ---- a poll ---- */

static void read_lanes(struct hwmon *h)
{
	int64_t until = h->ops->now() + WAIT_MS;

	for (size_t i = 0; i < h->n_lanes; i++)
		hwmon_lane_begin(h->lanes[i], h->ops->now());
	for (size_t i = 0; i < h->n_lanes; i++) {
		int64_t left = until - h->ops->now();

		(void)hwmon_lane_wait(h->lanes[i], left > 0 ? left : 0);
	}
}

/* A lane that is under way leaves what its rows had, until it is late. */
static void put_row(struct hwmon *h, struct hwmon_row *row)
{
	struct bmc_value values[HWMON_READINGS_MAX + 16];
	const struct hwmon_reading *r = NULL;
	size_t n;

	if (row->lane && hwmon_lane_wait(row->lane, 0))
		r = hwmon_lane_readings(row->lane) + row->first;
	else if (row->lane && !row->stuck && !is_late(h, row->lane))
		return;
	row->stuck &= !r;
	n = hwmon_row_values(row, r, r ? row->n : 0, values);
	(void)h->ops->put(h->host, row->kind, row->id, values, n);
}

static int poll_chips(void *self, struct bmc_error *err)
{
	struct hwmon *h = self;

	(void)err;
	if (hwmon_chips_scan(h->chips)) {
		h->resolve = true;
		h->again = SETTLE_POLLS;
	} else if (h->again && --h->again == 0) {
		h->resolve = true;
	}
	if (h->resolve)
		resolve(h);
	if (h->missing && !h->again)
		h->again = RETRY_POLLS;
	read_lanes(h);
	for (size_t i = 0; i < h->n_rows; i++)
		put_row(h, &h->rows[i]);
	return BMC_OK;
}

/* ---- life ---- */

static void destroy(void *self)
{
	struct hwmon *h = self;

	for (size_t i = 0; i < h->n_lanes; i++)
		hwmon_lane_free(h->lanes[i]);
	free(h->chips);
	free(h->rows);
	free(h);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct hwmon *h = calloc(1, sizeof(*h));

	if (!h)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin hwmon");
	h->host = host;
	h->ops = ops;
	h->late_ms = bmc_conf_num(conf, "late", 0);
	h->resolve = true;
	h->chips = calloc(1, sizeof(*h->chips));
	if (!h->chips || collect_rows(h) < 0) {
		destroy(h);
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin hwmon");
	}
	*ret_self = h;
	return BMC_OK;
}

BMC_PLUGIN(hwmon) = {
	BMC_PLUGIN_HEAD("hwmon", "1.0"),
	.conf = settings,
	.board_conf = hwmon_row_conf,
	.create = create,
	.poll = poll_chips,
	.destroy = destroy,
};
