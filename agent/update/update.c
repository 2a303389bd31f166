// SPDX-License-Identifier: Apache-2.0
/* The life of agent/update, the rows of stored images, and the action that removes one.
 */
#include "update/update.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/pool.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/ports/action-handler.h"
#include "update/images.h"
#include "update/policy.h"
#include "update/prepare.h"
#include "update/push.h"
#include "update/store.h"

#define SCAN_MS 5000
#define STOP_MS 2000

static struct {
	struct bmc_message message; /* rows have changed */
	struct bmc_pool *pool; /* for the scan of the firmware folder, and removals */
	struct bmc_timer *timer;
	struct bmc_work scan;
	_Atomic bool scanning;
	struct bmc_stored_image *rows; /* as the store has them, while they are shown */
	size_t n, room;
	uint32_t *shown; /* handles */
	size_t n_shown;
} update;

/* ---- rows ---- */

static void collect(void *arg, const struct bmc_stored_image *row)
{
	(void)arg;
	if (update.n < update.room)
		update.rows[update.n] = *row;
	update.n++;
}

/* All rows: twice when there are more than there was room for. */
static bool collect_all(void)
{
	update.n = 0;
	upd_store_each(collect, NULL);
	if (update.n <= update.room)
		return true;
	size_t room = update.n + 16;
	struct bmc_stored_image *rows = realloc(update.rows, room * sizeof(*rows));

	if (!rows)
		return false;
	update.rows = rows;
	update.room = room;
	update.n = 0;
	upd_store_each(collect, NULL);
	update.n = MIN(update.n, update.room);
	return true;
}

static uint32_t show_one(struct bmc_stored_image *row)
{
	row->row.status = BMC_ENABLED;
	row->row.health = row->state == BMC_IMAGE_REFUSED ? BMC_WARNING : BMC_OK_HEALTH;
	row->row.own_health = row->row.health;
	return bmc_inventory_upsert(&row->row);
}

static bool is_among(const uint32_t *handles, size_t n, uint32_t handle)
{
	for (size_t i = 0; i < n; i++)
		if (handles[i] == handle)
			return true;
	return false;
}

static void show(void *arg)
{
	(void)arg;
	uint32_t *now = collect_all() ? calloc(update.n + 1, sizeof(*now)) : NULL;

	if (!now) {
		log_limited(LOG_WARNING, "images: not shown, out of memory");
		return;
	}
	for (size_t i = 0; i < update.n; i++)
		now[i] = show_one(&update.rows[i]);
	for (size_t i = 0; i < update.n_shown; i++)
		if (!is_among(now, update.n, update.shown[i]))
			bmc_inventory_remove(update.shown[i]);
	free(update.shown);
	update.shown = now;
	update.n_shown = update.n;
	bmc_inventory_urgent();
}

static void changed(void)
{
	bmc_loop_send(&update.message, show, NULL);
}

/* ---- removing ---- */

static int check(const struct bmc_action *act, const struct bmc_actor *who,
		 struct bmc_error *err)
{
	(void)who;
	if (act->op != BMC_ACT_REMOVE)
		return bmc_fail(err, BMC_ENOTSUP, "images are sent, or fetched");
	return BMC_OK;
}

static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	struct bmc_error err = { 0 };
	int code = upd_store_remove(act->id, &err);

	if (code == BMC_OK)
		log_notice("image %s: removed by %s over %s from %s", act->id,
			   who->name, who->origin, who->client);
	show(NULL);
	bmc_inventory_publish();
	done(arg, code, code == BMC_OK ? NULL : &err);
}

static const struct bmc_action_handler handler = { .check = check, .run = run };

/* ---- the firmware folder ---- */

static void scan(struct bmc_work *work)
{
	(void)work;
	upd_store_scan();
	update.scanning = false;
}

/* On a thread: it may be on another machine. */
static void tick(void *arg)
{
	(void)arg;
	if (!atomic_exchange(&update.scanning, true)) {
		update.scan.run = scan;
		if (bmc_pool_run(update.pool, &update.scan) < 0)
			update.scanning = false;
	}
	update.timer = bmc_timer_new(bmc_now() + SCAN_MS, tick, NULL);
}

/* ---- life ---- */

static int open_store(const struct bmc_conf *c, const char *state_dir,
		      struct bmc_error *err)
{
	char dir[PATH_MAX];
	const struct upd_store_conf conf = {
		.dir = dir,
		.folder = bmc_conf_text(c, "folder", ""),
		.bytes = (uint64_t)bmc_conf_num(c, "max_bytes", 0),
		.images = (unsigned)bmc_conf_num(c, "max_images", 0),
		.keep_free = (uint64_t)bmc_conf_num(c, "keep_free", 0),
		.changed = changed,
	};

	(void)snprintf(dir, sizeof(dir), "%s/images", state_dir);
	return upd_store_init(&conf, err);
}

static int start(const struct bmc_conf *c, const char *state_dir, struct bmc_error *err)
{
	int r = upd_policy_init(c, err);

	if (r == BMC_OK)
		r = open_store(c, state_dir, err);
	if (r == BMC_OK)
		r = upd_prepare_init(err);
	if (r == BMC_OK)
		r = upd_push_init(err);
	if (r == BMC_OK && !(update.pool = bmc_pool_new("firmware")))
		r = bmc_fail(err, BMC_ENOMEM, "no memory for updates");
	return r;
}

void upd_init(const struct bmc_conf *c, const char *state_dir)
{
	struct bmc_error err = { 0 };

	if (start(c, state_dir, &err) != BMC_OK) {
		log_err("firmware updates are left out: %s", err.what);
		upd_done();
		return;
	}
	bmc_action_handler_register(BMC_STORED_IMAGE, &handler);
	bmc_images = &upd_images_ops;
	show(NULL);
	tick(NULL);
}

void upd_done(void)
{
	bmc_action_handler_register(BMC_STORED_IMAGE, NULL);
	update.timer = bmc_timer_cancel(update.timer);
	upd_push_done();
	upd_prepare_done(); /* its ends give images back */
	bmc_images = NULL;
	update.pool = bmc_pool_free(update.pool, STOP_MS);
	upd_store_done();
	upd_policy_done();
	free(update.rows);
	free(update.shown);
	update.rows = NULL;
	update.shown = NULL;
	update.n = update.room = update.n_shown = 0;
}
