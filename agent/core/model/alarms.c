// SPDX-License-Identifier: Apache-2.0
/* The alarms of a board: one table, which the derivation and the rules of events read.
 */
#include "core/model/alarms.h"

#include "core/base/util.h"

#define FULL 100000 /* 1/1000 percent */

static int64_t share(int64_t used, int64_t of)
{
	int64_t product;

	if (used < 0 || of <= 0 || __builtin_mul_overflow(used, FULL, &product))
		return BMC_UNKNOWN;
	return product / of;
}

static int64_t cpu(const struct bmc_board *b)
{
	return b->cpu_load;
}

static int64_t memory(const struct bmc_board *b)
{
	return share(b->memory_used, b->memory_bytes);
}

static int64_t storage(const struct bmc_board *b)
{
	return share(b->storage_used, b->storage_bytes);
}

/* Of its hottest processor. */
static int64_t temperature(const struct bmc_board *b)
{
	return MAX(b->soc_temperature, b->gpu_temperature);
}

#define ALARM(name)                                         \
	.red = offsetof(struct bmc_board, name##_red),      \
	.raised = offsetof(struct bmc_board, name##_alarm), \
	.since = offsetof(struct bmc_board, name##_since), .reading = name

/* clang-format off */
const struct bmc_alarm bmc_alarms[BMC_N_ALARMS] = {
	{ ALARM(cpu), .unit = " %" },
	{ ALARM(memory), .unit = " %" },
	{ ALARM(storage), .unit = " %" },
	{ ALARM(temperature), .unit = " C" },
};
/* clang-format on */

const struct bmc_alarm *bmc_alarm_at(size_t offset)
{
	for (size_t i = 0; i < BMC_N_ALARMS; i++) {
		if (bmc_alarms[i].raised == offset)
			return &bmc_alarms[i];
	}
	return NULL;
}

int64_t *bmc_board_member(struct bmc_board *b, size_t offset)
{
	return (int64_t *)(void *)((char *)b + offset);
}

int64_t bmc_board_value(const struct bmc_board *b, size_t offset)
{
	return *(const int64_t *)(const void *)((const char *)b + offset);
}
