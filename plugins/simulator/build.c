// SPDX-License-Identifier: Apache-2.0
/* Makes a simulated chassis out of the platform file's rows; called once by create. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "sim.h"

#define GIB (1024 * 1024 * 1024LL)

static const struct sim_soc socs[] = {
	/* clang-format off */
	{ "RK3399", "Rockchip RK3399 (2x A72, 4x A53)", "aarch64", 6, 1800, 4 * GIB, 32 * GIB, 2.5, 7.0 },
	{ "RK3328", "Rockchip RK3328 (4x A53)", "aarch64", 4, 1400, 2 * GIB, 16 * GIB, 1.5, 3.5 },
	{ "RK1808", "Rockchip RK1808 (2x A35)", "aarch64", 2, 1600, 1 * GIB,  8 * GIB, 1.0, 3.0 },
	{ "RK1126", "Rockchip RK1126 (4x A7)", "armv7l", 4, 1500, 2 * GIB,  8 * GIB, 1.0, 2.5 },
	/* clang-format on */
};
#define N_SOCS (sizeof(socs) / sizeof(socs[0]))

static const struct sim_soc *find_soc(const char *name)
{
	for (size_t i = 0; i < N_SOCS; i++) {
		if (strcasecmp(socs[i].name, name) == 0)
			return &socs[i];
	}
	return &socs[0];
}

struct sim_row *sim_find(const struct sim *s, enum bmc_kind kind, const char *id)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		if (s->rows[i]->kind == kind && strcmp(s->rows[i]->id, id) == 0)
			return s->rows[i];
	}
	return NULL;
}

static struct sim_row *append(struct sim *s, struct sim_row *r)
{
	size_t room = s->room ? s->room * 2 : 64;
	struct sim_row **rows;

	if (r && s->n_rows == s->room) {
		rows = realloc(s->rows, room * sizeof(struct sim_row *));
		if (!rows)
			return sim_row_free(r);
		s->rows = rows;
		s->room = room;
	}
	if (r)
		s->rows[s->n_rows++] = r;
	return r;
}

struct sim_row *sim_add(struct sim *s, enum bmc_kind kind, const char *id,
			const struct bmc_conf *conf)
{
	struct sim_row *r = sim_find(s, kind, id);

	return r ? r : append(s, sim_row_new(&s->reporter, kind, id, conf));
}

struct sim_board *sim_find_board(const struct sim *s, const char *id)
{
	for (size_t i = 0; i < s->n_boards; i++) {
		if (strcmp(s->boards[i].row->id, id) == 0)
			return &s->boards[i];
	}
	return NULL;
}

/* ---- the platform file's rows ---- */

struct walk {
	struct sim *sim;
	enum bmc_kind kind;
};

static int each_row(void *arg, const char *id, const uint32_t index[2],
		    const struct bmc_conf *conf)
{
	struct walk *w = arg;
	bool is_main = bmc_conf_num(conf, "is_main", 0) != 0;

	(void)index;
	if (w->kind == BMC_BOARD && is_main && !w->sim->simulate_main)
		return 0; /* the machine itself: plugin `host` */
	return append(w->sim, sim_row_new(&w->sim->reporter, w->kind, id, conf)) ? 0
										 : -1;
}

/* The rows of one kind follow each other in s->rows. */
static int add_rows(struct sim *s, enum bmc_kind kind)
{
	struct walk w = { s, kind };

	s->first[kind] = s->n_rows;
	if (s->reporter.ops->platform(s->reporter.host, kind, each_row, &w) != 0)
		return BMC_ENOMEM;
	s->count[kind] = s->n_rows - s->first[kind];
	return BMC_OK;
}

static void *make(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

/* A row of what is on the board, found at run time as in a real chassis. */
static struct sim_row *add_part(struct sim *s, const struct sim_board *b,
				enum bmc_kind kind, const char *suffix)
{
	char id[BMC_ID_MAX + 8];
	struct sim_row *r;

	(void)snprintf(id, sizeof(id), "%s-%s", b->row->id, suffix);
	r = append(s, sim_row_new(&s->reporter, kind, id, NULL));
	if (r)
		sim_row_parent(r, BMC_BOARD, b->row->id);
	return r;
}

/* The platform file's sensors of a board; its first thermometer is the board's NTC. */
static void build_sensors(struct sim *s)
{
	for (size_t i = 0; i < s->count[BMC_SENSOR]; i++) {
		struct sim_row *r = s->rows[s->first[BMC_SENSOR] + i];
		const char *parent = bmc_conf_text(r->conf, "parent", "");
		struct sim_board *b = *parent ? sim_find_board(s, parent) : NULL;
		int64_t type = bmc_conf_num(r->conf, "type", BMC_SENSOR_UNKNOWN);

		r->board = b;
		if (b && !b->ntc && type == BMC_SENSOR_TEMPERATURE)
			b->ntc = r;
	}
}

static enum bmc_os os_of(const struct sim_board *b)
{
	const struct bmc_conf *own = bmc_conf_find(b->row->conf, "simulator");
	const char *word = bmc_conf_text(own, "os", b->is_main ? "linux" : "android");

	return strcmp(word, "linux") == 0 ? BMC_OS_LINUX : BMC_OS_ANDROID;
}

static void build_board(struct sim *s, struct sim_board *b, struct sim_row *row)
{
	const struct bmc_host_ops *ops = s->reporter.ops;

	b->row = row;
	b->is_main = bmc_conf_num(row->conf, "is_main", 0) != 0;
	b->soc = find_soc(bmc_conf_text(row->conf, "soc", "RK3399"));
	b->blade = sim_find(s, BMC_BLADE, bmc_conf_text(row->conf, "parent", ""));
	b->has_power = ops->pin_place(s->reporter.host, row->id, BMC_PIN_POWER,
				      &b->power) == 0;
	b->has_reset = ops->pin_place(s->reporter.host, row->id, BMC_PIN_RESET,
				      &b->reset) == 0;
	sim_board_init(&b->model, os_of(b), true);
	b->model.boot_ms = s->boot_ms * sim_random_in(&s->random, 900, 1100) / 1000;
	b->model.stop_ms = b->model.boot_ms / 5;
}

static int build_boards(struct sim *s)
{
	size_t first = s->first[BMC_BOARD];

	s->n_boards = s->count[BMC_BOARD];
	s->boards = make(s->n_boards, sizeof(*s->boards));
	if (!s->boards)
		return BMC_ENOMEM;
	for (size_t i = 0; i < s->n_boards; i++)
		build_board(s, &s->boards[i], s->rows[first + i]);
	build_sensors(s);
	for (size_t i = 0; i < s->n_boards; i++) {
		struct sim_board *b = &s->boards[i];

		if (!b->ntc)
			b->ntc = add_part(s, b, BMC_SENSOR, "ntc");
		b->nic = add_part(s, b, BMC_NIC, "eth0");
		b->os = add_part(s, b, BMC_FIRMWARE, "os");
		sim_board_identity(s, b, i);
	}
	return BMC_OK;
}

static int build_fans(struct sim *s)
{
	s->n_fans = s->count[BMC_FAN];
	s->fans = make(s->n_fans, sizeof(*s->fans));
	if (!s->fans)
		return BMC_ENOMEM;
	for (size_t i = 0; i < s->n_fans; i++) {
		s->fans[i].row = s->rows[s->first[BMC_FAN] + i];
		s->fans[i].mode = BMC_FAN_AUTOMATIC;
		s->fans[i].duty = 50000;
		s->fans[i].full_rpm = sim_random_in(&s->random, 11700, 12300);
		s->fans[i].rpm = (double)s->fans[i].full_rpm / 2;
	}
	return BMC_OK;
}

static int build_psus(struct sim *s)
{
	s->n_psus = s->count[BMC_PSU];
	s->psus = make(s->n_psus, sizeof(*s->psus));
	if (!s->psus)
		return BMC_ENOMEM;
	for (size_t i = 0; i < s->n_psus; i++)
		s->psus[i].row = s->rows[s->first[BMC_PSU] + i];
	return BMC_OK;
}

int sim_build(struct sim *s, struct bmc_error *reterr)
{
	static const enum bmc_kind kinds[] = { BMC_CHASSIS, BMC_BLADE, BMC_BOARD,
					       BMC_FAN,     BMC_PSU,   BMC_DISK,
					       BMC_SENSOR,  BMC_NIC };
	int r = BMC_OK;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && r == BMC_OK; i++)
		r = add_rows(s, kinds[i]);
	if (r < 0 || build_boards(s) < 0 || build_fans(s) < 0 || build_psus(s) < 0)
		return bmc_fail(reterr, BMC_ENOMEM,
				"no memory for the simulated chassis");
	sim_chassis_identity(s);
	return BMC_OK;
}

void sim_unbuild(struct sim *s)
{
	for (size_t i = 0; i < s->n_rows; i++)
		s->rows[i] = sim_row_free(s->rows[i]);
	free(s->rows);
	free(s->boards);
	free(s->fans);
	free(s->psus);
}
