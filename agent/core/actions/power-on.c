// SPDX-License-Identifier: Apache-2.0
/* The boards at the start of main: powered on in the platform file's order, as a task
 * with a plan. Which boot of main it was done for is kept in the database, so that a
 * restart of the daemon does not do it again; the task itself goes on by its journal.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/actions/chassis.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"

#define LOOK_MS 250
#define WAIT_MS 15000 /* for the readings of what is on already */
#define META_ID "power-on"

static struct {
	char boot[40]; /* of main, now */
	struct bmc_timer *timer;
	int64_t until;
} state;

/* ---- all boards ---- */

int bmc_chassis_boards(const struct bmc_actor *who, enum bmc_action_op op,
		       struct bmc_params *params,
		       void (*done)(void *arg, const struct bmc_result *),
		       struct bmc_error *err)
{
	const struct bmc_platform *p = bmc_instances_platform();
	size_t first = p->first[BMC_BOARD], n = 0;
	size_t most = p->first[BMC_BOARD + 1] - first;
	auto_free struct bmc_action *acts = calloc(most + 1, sizeof(*acts));

	if (!acts)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	for (size_t i = first; i < first + most; i++) {
		struct bmc_action *a = &acts[n];

		if (p->slots[i].is_main)
			continue;
		a->op = op;
		a->kind = BMC_BOARD;
		(void)bmc_copy(a->id, sizeof(a->id), p->slots[i].id);
		a->params = params;
		a->in_set = true;
		n++;
	}
	return n ? bmc_action_submit(who, acts, n, done, NULL, NULL, err)
		 : bmc_fail(err, BMC_ENOTFOUND, "there are no boards");
}

struct bmc_params *bmc_power_on_plan(void)
{
	const struct bmc_platform *p = bmc_instances_platform();
	struct bmc_params *params = bmc_params_new();

	if (params &&
	    bmc_params_set_num(params, BMC_PARAM_BATCH, p->power_on_batch, NULL) ==
		    BMC_OK &&
	    bmc_params_set_num(params, BMC_PARAM_DELAY_MS, p->power_on_delay_ms,
			       NULL) == BMC_OK)
		return params;
	return bmc_params_unref(params);
}

/* ---- once after each boot ---- */

static bool read_boot(char *dst, size_t size)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, dst, size - 1);

	if (fd >= 0)
		(void)close(fd);
	dst[n > 0 ? n : 0] = '\0';
	dst[strcspn(dst, "\n")] = '\0';
	return dst[0] != '\0';
}

static int same_boot(void *arg, const struct bmc_record *r)
{
	(void)arg;
	return strcmp(r->id, META_ID) == 0 && strcmp(r->text, state.boot) == 0;
}

static void keep_boot(void)
{
	struct bmc_record r = { .type = BMC_REC_META,
				.kind = BMC_CHASSIS,
				.id = META_ID,
				.field = "boot" };

	(void)bmc_copy(r.text, sizeof(r.text), state.boot);
	if (!bmc_store || bmc_store->write(&r, 1, NULL, NULL) < 0)
		log_warning(
			"that the boards were powered on can't be stored: a restart "
			"of the service does it again");
}

/* The task is in the journal: from here on that goes on with it. */
static void accepted(void *arg, const struct bmc_result *r)
{
	(void)arg;
	if (r->code == BMC_OK)
		keep_boot();
	else
		log_warning("the boards are not powered on: %s", r->err.what);
}

static void submit(void)
{
	const struct bmc_actor who = { .name = "chassis",
				       .role = "Administrator",
				       .privileges = BMC_PRIV_ALL,
				       .origin = "start" };
	struct bmc_params *plan = bmc_power_on_plan();
	struct bmc_error err = { 0 };
	int code = plan ? bmc_chassis_boards(&who, BMC_ACT_ON, plan, accepted, &err)
			: BMC_ENOMEM;

	(void)bmc_params_unref(plan);
	if (code < 0)
		log_warning("the boards are not powered on: %s", err.what);
}

/* A board that is on already is left out: it has to be known which are. */
static bool all_known(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_BOARD, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_board *b = (const struct bmc_board *)rows[i];

		if (b->can_power == 1 && b->power_pin == BMC_UNKNOWN)
			return false;
	}
	return bmc_instances_polled();
}

static void look(void *arg)
{
	(void)arg;
	state.timer = NULL;
	if (all_known() || bmc_now() >= state.until)
		submit();
	else
		state.timer = bmc_timer_new(bmc_now() + LOOK_MS, look, NULL);
}

void bmc_power_on_start(void)
{
	if (!bmc_instances_platform()->power_on ||
	    !read_boot(state.boot, sizeof(state.boot)))
		return;
	if (bmc_store &&
	    bmc_store->load(BMC_REC_META, BMC_CHASSIS, same_boot, NULL) == 1)
		return;
	state.until = bmc_now() + WAIT_MS;
	state.timer = bmc_timer_new(bmc_now() + LOOK_MS, look, NULL);
}

void bmc_power_on_done(void)
{
	state.timer = bmc_timer_cancel(state.timer);
}
