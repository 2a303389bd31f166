// SPDX-License-Identifier: Apache-2.0
/* The fields of a disk. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_disk, name, .doc = "Label that users give to the disk; empty until they do."),
	FIELD(bmc_disk, model, BMC_TEXT, .flags = BMC_STATIC, .doc = "Model of the disk."),
	FIELD(bmc_disk, serial, BMC_TEXT, .doc = "Serial number of the disk."),
	FIELD(bmc_disk, firmware, BMC_TEXT, .doc = "Version of the disk's firmware."),
	FIELD(bmc_disk, device, BMC_TEXT, .doc = "Name that the kernel gives to the disk."),
	FIELD(bmc_disk, present, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether a disk is in the bay."),
	FIELD(bmc_disk, media, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_media_names,
	      .doc = "What the disk stores its data on."),
	FIELD(bmc_disk, bytes, BMC_INT, .unit = BMC_UNIT_BYTE, .flags = BMC_STATIC,
	      .doc = "Size of the disk."),
	FIELD(bmc_disk, used_bytes, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_BYTE,
	      .doc = "Space in use in the disk's mounted file systems."),
	FIELD(bmc_disk, temperature, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLICELSIUS,
	      .doc = "Temperature of the disk."),
	FIELD(bmc_disk, hours, BMC_COUNTER, .unit = BMC_UNIT_HOUR,
	      .doc = "Hours that the disk has been powered so far."),
	FIELD(bmc_disk, rotation_rpm, BMC_INT, .unit = BMC_UNIT_RPM,
	      .doc = "Speed that the disk turns at; 0: it has no moving parts."),
	FIELD(bmc_disk, failure_predicted, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the disk itself expects to fail soon (SMART)."),
	FIELD(bmc_disk, protocol, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_protocol_names,
	      .doc = "How the disk is attached."),
	FIELD(bmc_disk, locator, BMC_BOOL, .flags = BMC_SETTING | BMC_STATE, .max = 1,
	      .verb = "locator", .doc = "Whether the light is lit that shows where the disk is."),
};
/* clang-format on */

KIND(BMC_DISK, disk,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_PLUGGABLE |
	      BMC_KIND_RUN_TIME | BMC_KIND_ROLLS_UP,
     .level = 3);
