// SPDX-License-Identifier: Apache-2.0
// Fuzz target: packets to the root helper, and sectors that disks answer with. The
// first byte chooses. Nothing is opened or run: there are no pins, no accounts' folder,
// and the operations that wait or look at real hardware are left out.
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "priv/helper.h"
#include "priv/smart.h"

static void run_packet(const uint8_t *data, size_t size)
{
	static struct bmc_platform platform;
	static const struct priv_settings settings = { .platform = &platform,
						       .file_dir = "/nonexistent" };
	struct priv_helper h = { .settings = &settings,
				 .handshaken = true,
				 .same_platform = true };
	struct priv_request rq = { 0 };
	struct priv_reply *rp = calloc(1, sizeof(*rp));
	const struct priv_op *op;

	memcpy(&rq, data, size < sizeof(rq) ? size : sizeof(rq));
	op = rp ? priv_admit(&h, &rq, size, &rp->err) : NULL;
	if (op && op->class != PRIV_DISK && op->class != PRIV_LOGIN &&
	    rq.op != PRIV_PASSWORD_CHANGE)
		(void)op->run(&h, &rq, rp);
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
