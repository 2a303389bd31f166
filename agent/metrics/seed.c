// SPDX-License-Identifier: Apache-2.0
// The metrics of Firefly's node_exporter, with its names and labels, so that rules and
// dashboards made for it go on; and the progress of updates, also under a clean name.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "core/model/service.h"
#include "core/model/update-codes.h"
#include "metrics/render.h"

/* clang-format off */
#define ROW(word, k, st, member, ...) \
	{ .name = (word), .type = MX_GAUGE, .kind = (k), .offset = offsetof(struct st, member), __VA_ARGS__ }

const struct mx_metric mx_seed[] = {
	ROW("node_cluster_fan_speed", BMC_FAN, bmc_fan, rpm, .label = "fan"),
	ROW("node_cluster_disk_bytes_total", BMC_DISK, bmc_disk, bytes,
	    .label = "device", .label_at = offsetof(struct bmc_disk, device)),
	ROW("node_cluster_disk_bytes_used", BMC_DISK, bmc_disk, used_bytes,
	    .label = "device", .label_at = offsetof(struct bmc_disk, device)),
	{ .name = NULL },
};
/* clang-format on */

/* ---- boards ---- */

static void up(struct mx_text *t, const struct bmc_row *row)
{
	const struct bmc_board *b = (const struct bmc_board *)row;
	int64_t tenths = 5;

	if (b->state == BMC_BOARD_UNKNOWN)
		return;
	if (b->state == BMC_BOARD_ANDROID || b->state == BMC_BOARD_LINUX)
		tenths = 10;
	if (b->state == BMC_BOARD_OFFLINE)
		tenths = 0;
	mx_sample(t);
	mx_label(t, "state", bmc_name_word(bmc_board_state_names, b->state));
	mx_label(t, "subnode", row->id);
	mx_value(t, tenths, 1, 10);
}

static void address(struct mx_text *t, const struct bmc_row *row)
{
	const struct bmc_board *b = (const struct bmc_board *)row;

	if (b->present != 1 || b->is_main == 1)
		return;
	mx_sample(t);
	mx_label(t, "device", "eth0"); /* a board has one */
	mx_label(t, "ipaddr", b->ip);
	mx_label(t, "nodename", row->id);
	mx_value(t, 1, 1, 1);
}

static void disk_up(struct mx_text *t, const struct bmc_row *row)
{
	const struct bmc_disk *d = (const struct bmc_disk *)row;

	if (d->present != 1)
		return;
	mx_sample(t);
	mx_label(t, "device", *d->device ? d->device : row->id);
	mx_label(t, "model", d->model);
	mx_value(t, 1, 1, 1);
}

/* ---- sensors ---- */

static bool is_temperature(const struct bmc_row *row)
{
	const struct bmc_sensor *s = (const struct bmc_sensor *)row;

	return s->type == BMC_SENSOR_TEMPERATURE && s->value != BMC_UNKNOWN;
}

/* The thermistor on each board. */
static void board_temperature(struct mx_text *t, const struct bmc_row *row,
			      const struct bmc_row *board)
{
	const struct bmc_sensor *s = (const struct bmc_sensor *)row;

	mx_sample(t);
	mx_label(t, "chip", "platform_ntc");
	mx_label(t, "nodename", board->id);
	mx_label(t, "sensor", "temp1");
	mx_value(t, s->value, 1, 1000);
}

static void sensors(struct mx_text *t, const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows, *const *of;
	size_t n = bmc_snapshot_rows(s, BMC_SENSOR, &rows), boards;

	mx_family(t, "node_cluster_env_temp_celsius", MX_GAUGE,
		  "Temperature of the air that the chassis takes in.");
	for (size_t i = 0; i < n && !t->headed; i++) {
		const struct bmc_sensor *one = (const struct bmc_sensor *)rows[i];
		if (!is_temperature(rows[i]) || (one->context != BMC_CONTEXT_INTAKE &&
						 one->context != BMC_CONTEXT_ROOM))
			continue;
		mx_sample(t);
		mx_value(t, one->value, 1, 1000);
	}
	mx_family(t, "node_hwmon_temp_celsius", MX_GAUGE,
		  "Temperature of a board's mainboard.");
	boards = bmc_snapshot_rows(s, BMC_BOARD, &rows);
	for (size_t i = 0; i < boards; i++) {
		n = bmc_snapshot_children(s, rows[i]->handle, BMC_SENSOR, &of);
		size_t k = 0;
		while (k < n && !is_temperature(of[k]))
			k++;
		if (k < n)
			board_temperature(t, of[k], rows[i]);
	}
}

/* ---- updates ---- */

struct update {
	const struct bmc_task *task, *group; /* group: the task itself without one */
	const char *state, *firmware;
};

/* The newest update of a board that is no dry run; NULL: none. */
static const struct bmc_task *newest(const struct bmc_snapshot *s, const char *board)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_TASK, &rows);

	while (n-- > 0) {
		const struct bmc_task *t = (const struct bmc_task *)rows[n];
		const struct bmc_task *p =
			(const struct bmc_task *)bmc_snapshot_row(s, t->row.parent);
		if (t->op == BMC_ACT_UPDATE && strcmp(t->target_id, board) == 0 &&
		    t->dry_run != 1 && (!p || p->dry_run != 1))
			return t;
	}
	return NULL;
}

/* The seed's words: it flashes from the moment at which the image is written. */
static const char *state_of(const struct bmc_task *t)
{
	switch (t->state) {
	case BMC_TASK_NEW:
		return "preparing";
	case BMC_TASK_RUNNING:
		return bmc_stage_find(t->stage) < BMC_STAGE_WRITE ? "preparing"
								  : "flashing";
	case BMC_TASK_COMPLETED:
		return "done";
	default:
		return "error";
	}
}

/* Its stored image's name; of an address the last part. */
static const char *firmware_of(const struct bmc_snapshot *s, const char *image)
{
	const struct bmc_stored_image *i =
		(const struct bmc_stored_image *)bmc_snapshot_find(s, BMC_STORED_IMAGE,
								   image);
	const char *slash = strrchr(image, '/');

	if (i && *i->name)
		return i->name;
	return slash && slash[1] ? slash + 1 : image;
}

static bool find_update(const struct bmc_snapshot *s, const char *board,
			struct update *ret)
{
	ret->task = newest(s, board);
	if (!ret->task)
		return false;
	ret->group =
		(const struct bmc_task *)bmc_snapshot_row(s, ret->task->row.parent);
	if (!ret->group)
		ret->group = ret->task;
	ret->state = state_of(ret->task);
	ret->firmware = firmware_of(s, *ret->task->image ? ret->task->image
							 : ret->group->image);
	return true;
}

static void updates(struct mx_text *t, const struct bmc_snapshot *s, bool clean)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_BOARD, &rows);
	struct update u;

	for (size_t i = 0; i < n; i++) {
		if (!find_update(s, rows[i]->id, &u) || u.task->percent == BMC_UNKNOWN)
			continue;
		mx_sample(t);
		mx_label(t, "firmware", u.firmware);
		mx_label(t, clean ? "board" : "node", rows[i]->id);
		mx_label(t, "state", u.state);
		mx_value(t, u.task->percent, 1, clean ? 100000 : 1000);
	}
}

/* ---- all of it ---- */

/* clang-format off */
static const struct {
	const char *name, *help;
	enum bmc_kind kind;
	void (*row)(struct mx_text *t, const struct bmc_row *row);
} families[] = {
	{ "node_cluster_up", "Value is 1 if the cluster subnode is 'up', 0 otherwise.", BMC_BOARD, up },
	{ "node_network_ipaddr", "A board's address; the value is 1.", BMC_BOARD, address },
	{ "node_cluster_disk_up", "A disk that is there; the value is 1.", BMC_DISK, disk_up },
};
/* clang-format on */

void mx_render_seed(struct mx_text *t, const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		size_t n = bmc_snapshot_rows(s, families[f].kind, &rows);

		mx_family(t, families[f].name, MX_GAUGE, families[f].help);
		for (size_t i = 0; i < n; i++)
			families[f].row(t, rows[i]);
	}
	sensors(t, s);
	mx_family(t, "node_cluster_firmware_upgrade_stat", MX_GAUGE,
		  "Percent of a board's newest firmware update.");
	updates(t, s, false);
	mx_family(t, "clusterbmc_firmware_update_progress_ratio", MX_GAUGE,
		  "How much of a board's newest firmware update is done.");
	updates(t, s, true);
}
