// SPDX-License-Identifier: Apache-2.0
/* The fields of a disk. */
#include "core/model/fields.h"

/* clang-format off */
static const struct bmc_field fields[] = {
	ROW_FIELDS,
	LABEL(bmc_disk, name, .doc = "Label that users give it."),
	FIELD(bmc_disk, model, BMC_TEXT, .flags = BMC_STATIC, .doc = "Model of the disk."),
	FIELD(bmc_disk, serial, BMC_TEXT, .doc = "Serial number of the disk."),
	FIELD(bmc_disk, firmware, BMC_TEXT, .doc = "Version of the disk's firmware."),
	FIELD(bmc_disk, device, BMC_TEXT, .doc = "The kernel's name for it."),
	FIELD(bmc_disk, present, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether a disk is in the bay."),
	FIELD(bmc_disk, media, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_media_names,
	      .doc = "What it stores on."),
	FIELD(bmc_disk, bytes, BMC_INT, .unit = BMC_UNIT_BYTE, .flags = BMC_STATIC,
	      .doc = "Size of the disk."),
	FIELD(bmc_disk, used_bytes, BMC_INT, .unit = BMC_UNIT_BYTE,
	      .doc = "Bytes in use in its mounted file systems."),
	FIELD(bmc_disk, temperature, BMC_INT, .flags = BMC_HISTORY, .unit = BMC_UNIT_MILLICELSIUS,
	      .doc = "Temperature of the disk."),
	FIELD(bmc_disk, hours, BMC_COUNTER, .unit = BMC_UNIT_HOUR, .doc = "Hours it has been powered."),
	FIELD(bmc_disk, rotation_rpm, BMC_INT, .unit = BMC_UNIT_RPM,
	      .doc = "Speed it turns at; 0 for one without moving parts."),
	FIELD(bmc_disk, failure_predicted, BMC_BOOL, .flags = BMC_STATE,
	      .doc = "Whether the disk itself expects to fail soon (SMART)."),
	FIELD(bmc_disk, protocol, BMC_ENUM, .flags = BMC_STATIC, .names = bmc_protocol_names,
	      .doc = "How it is attached."),
};
/* clang-format on */

KIND(BMC_DISK, disk,
     .flags = BMC_KIND_HARDWARE | BMC_KIND_PUT | BMC_KIND_SLOT | BMC_KIND_PLUGGABLE |
	      BMC_KIND_RUN_TIME | BMC_KIND_ROLLS_UP,
     .level = 3);
