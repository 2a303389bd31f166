// SPDX-License-Identifier: Apache-2.0
// A board's processor and memory: soldered, one of each, in boards that say what they
// have.
#include "redfish/list.h"

static bool has_processor(struct rf_view *v, const struct bmc_row *row)
{
	const struct bmc_board *b = (const struct bmc_board *)row;

	(void)v;
	return row->status != BMC_ABSENT && (b->cpu_model[0] || b->cpu_cores > 0);
}

static bool has_memory(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return row->status != BMC_ABSENT &&
	       ((const struct bmc_board *)row)->memory_bytes > 0;
}

static json_t *mib(struct rf_render *r)
{
	return json_integer(((const struct bmc_board *)rf_row(r))->memory_bytes >> 20);
}

/* clang-format off */
static const struct rf_prop processor_props[] = {
	RF_TEXT("ProcessorType", "CPU"),
	RF_STATUS(bmc_board),
	RF_FIELD("Model", bmc_board, cpu_model),
	RF_FIELD("TotalCores", bmc_board, cpu_cores),
	RF_FIELD("MaxSpeedMHz", bmc_board, cpu_mhz),
	RF_SAME("Links/Chassis", &rf_card),
	RF_SAME("Links/Memory[]", &rf_memory),
	{ .path = NULL },
};

static const struct rf_prop memory_props[] = {
	RF_TEXT("MemoryType", "DRAM"),
	RF_STATUS(bmc_board),
	RF_FN("CapacityMiB", mib),
	RF_SAME("Links/Chassis", &rf_card),
	RF_SAME("Links/Processors[]", &rf_processor),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_processors = {
	.uri = "/redfish/v1/Systems/{board}/Processors",
	.type = "ProcessorCollection.ProcessorCollection",
	.name = "Processors",
	.members = RF_TO(&rf_processor),
};

const struct rf_resource rf_processor = {
	.uri = "/redfish/v1/Systems/{board}/Processors/cpu",
	.type = "Processor.v1_22_0.Processor",
	.name = "Processor",
	.props = processor_props,
	.exists = has_processor,
};

const struct rf_resource rf_memories = {
	.uri = "/redfish/v1/Systems/{board}/Memory",
	.type = "MemoryCollection.MemoryCollection",
	.name = "Memory",
	.members = RF_TO(&rf_memory),
};

const struct rf_resource rf_memory = {
	.uri = "/redfish/v1/Systems/{board}/Memory/dram",
	.type = "Memory.v1_23_0.Memory",
	.name = "Memory of the board",
	.props = memory_props,
	.exists = has_memory,
};
