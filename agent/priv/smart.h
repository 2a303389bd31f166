// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* What disks answer, decoded. Pure functions: no I/O, any bytes are safe. ACS-4 and the
 * NVMe base specification 1.4 name the words and offsets. */

#define SMART_SECTOR        512u
#define SMART_NVME_IDENTIFY 4096u

/** All fields not known. */
void smart_init(struct bmc_smart *s);

/** IDENTIFY DEVICE: model, serial, firmware, rotation. BMC_ENOTSUP: no SMART,
 * BMC_ECORRUPT. */
int smart_identify(const uint8_t data[SMART_SECTOR], struct bmc_smart *s,
		   struct bmc_error *err);
/** SMART READ DATA: temperature and hours from the attributes. BMC_ECORRUPT: checksum.
 */
int smart_attributes(const uint8_t data[SMART_SECTOR], struct bmc_smart *s,
		     struct bmc_error *err);
/** SMART RETURN STATUS: the LBA registers of the ATA return descriptor in the sense
 * data. */
int smart_status(const uint8_t *sense, size_t len, struct bmc_smart *s,
		 struct bmc_error *err);

/** Identify Controller: model, serial, firmware. */
void smart_nvme_identify(const uint8_t data[SMART_NVME_IDENTIFY], struct bmc_smart *s);
/** Log page 02h: temperature, hours, warnings. */
void smart_nvme_health(const uint8_t data[SMART_SECTOR], struct bmc_smart *s);
