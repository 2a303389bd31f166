// SPDX-License-Identifier: Apache-2.0
// Fuzz target: packets to the root helper, and sectors that disks answer with. The
// first byte chooses. Lines and pwms are the simulator's, in a folder that is removed
// at the end; there is no accounts' folder and no storage, and the operations that wait
// or look at real hardware are left out.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "fuzz.h"
#include "priv/helper.h"
#include "priv/smart.h"

static const char text[] =
	"platform: fuzz\n"
	"chips: [{id: c, driver: simulator, lines: 8}]\n"
	"chassis: [{id: enclosure}]\n"
	"boards: [{id: b, pins: [{name: power, chip: c, line: 0},"
	" {name: reset, chip: c, line: 1, active: low, pulse: 1ms}]}]\n"
	"lines: [{id: i, chip: c, line: 2, direction: input},"
	" {id: o, chip: c, line: 3, direction: output, pulse: 1ms}]\n"
	"pwms: [{id: p, driver: simulator}]\n"
	"storage: [{id: s, device: /dev/no-such-disk}]\n";

static struct priv_settings settings = { .file_dir = "/nonexistent" };
static struct priv_helper helper = { .settings = &settings };
static char dir[] = "/tmp/fuzz-priv.XXXXXX";

static void pulse_ended(void *arg, uint64_t request, const struct bmc_error *err)
{
	(void)arg;
	(void)request;
	(void)err;
}

static void on_edge(void *arg, const struct priv_edge *edge)
{
	(void)arg;
	(void)edge;
	abort(); /* nothing drives the input */
}

static void remove_dir(void)
{
	char command[64];

	helper.lines = priv_lines_free(helper.lines);
	helper.pwms = priv_pwms_free(helper.pwms);
	priv_settings_done(&settings);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command) != 0)
		perror(dir);
}

static void make_helper(void)
{
	struct bmc_error err = { 0 };

	bmc_log_init(LOG_CRIT);
	if (!mkdtemp(dir) ||
	    bmc_conf_parse("fuzz", text, strlen(text), bmc_platform_schema(),
			   &settings.platform_conf, &err) < 0 ||
	    bmc_platform_new(bmc_conf_root(settings.platform_conf), &settings.platform,
			     &err) < 0)
		abort();
	const struct priv_lines_conf lines = { .platform = settings.platform,
					       .state_dir = dir,
					       .uid = geteuid(),
					       .ended = pulse_ended,
					       .edge = on_edge };
	const struct priv_pwms_conf pwms = { .platform = settings.platform,
					     .state_dir = dir,
					     .uid = geteuid() };
	if (priv_lines_new(&lines, &helper.lines, &err) < 0 ||
	    priv_pwms_new(&pwms, &helper.pwms, &err) < 0)
		abort();
	(void)atexit(remove_dir);
}

static void run_packet(const uint8_t *data, size_t size)
{
	struct priv_helper h;
	struct priv_request rq = { 0 };
	struct priv_reply *rp = calloc(1, sizeof(*rp));
	const struct priv_op *op;

	if (!helper.lines)
		make_helper();
	h = helper;
	h.handshaken = h.same_platform = true;
	memcpy(&rq, data, size < sizeof(rq) ? size : sizeof(rq));
	op = rp ? priv_admit(&h, &rq, size, &rp->err) : NULL;
	if (op && (op->class != PRIV_DISK || rq.op == PRIV_STORAGE_OPEN) &&
	    op->class != PRIV_LOGIN && rq.op != PRIV_PASSWORD_CHANGE)
		(void)op->run(&h, &rq, rp);
	priv_lines_step(h.lines);
	priv_pwms_step(h.pwms);
	free(rp);
}

static void run_sectors(const uint8_t *data, size_t size)
{
	uint8_t sector[SMART_NVME_IDENTIFY] = { 0 };
	struct bmc_smart s;

	memcpy(sector, data, size < sizeof(sector) ? size : sizeof(sector));
	smart_init(&s);
	(void)smart_identify(sector, &s, NULL);
	(void)smart_attributes(sector, &s, NULL);
	(void)smart_status(data, size, &s, NULL);
	smart_nvme_identify(sector, &s);
	smart_nvme_health(sector, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] & 1)
		run_sectors(data + 1, size - 1);
	else
		run_packet(data + 1, size - 1);
	return 0;
}
