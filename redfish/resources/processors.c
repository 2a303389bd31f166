// SPDX-License-Identifier: Apache-2.0
// A board's processor and memory: soldered, one of each, in boards that say what they
// have.
#include <string.h>

#include "core/base/util.h"
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

/* uname(2)'s words in Redfish's. */
static const struct {
	const char *begins, *architecture, *instructions;
} architectures[] = {
	{ "aarch64", "ARM", "ARM-A64" }, { "arm", "ARM", "ARM-A32" },
	{ "x86_64", "x86", "x86-64" },   { "i", "x86", "x86" },
	{ "riscv64", "RISC-V", "RV64" }, { "riscv32", "RISC-V", "RV32" },
	{ "mips64", "MIPS", "MIPS64" },  { "mips", "MIPS", "MIPS32" },
	{ "ppc", "Power", "PowerISA" },
};

static json_t *of_architecture(struct rf_render *r, bool instructions)
{
	const char *is = ((const struct bmc_board *)rf_row(r))->architecture;

	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++) {
		if (strncmp(is, architectures[i].begins,
			    strlen(architectures[i].begins)) == 0)
			return json_string(instructions
						   ? architectures[i].instructions
						   : architectures[i].architecture);
	}
	return json_null();
}

static json_t *architecture(struct rf_render *r)
{
	return of_architecture(r, false);
}

static json_t *instruction_set(struct rf_render *r)
{
	return of_architecture(r, true);
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
	RF_FN("ProcessorArchitecture", architecture, RF_AT(bmc_board, architecture)),
	RF_FN("InstructionSet", instruction_set),
	RF_FIELD("TotalCores", bmc_board, cpu_cores),
	RF_FIELD("TotalThreads", bmc_board, cpu_threads),
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
