// SPDX-License-Identifier: Apache-2.0
/* cbmcSystem: the chassis as a whole, and what the answer was built from. */
#include "core/base/util.h"
#include "snmp/set.h"

static bool age_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	int64_t age = bmc_now() - bmc_snapshot_time(sn_pinned());
	sn_value_number(ret, ASN_UNSIGNED, (long)MAX(0, MIN(age, (int64_t)UINT32_MAX)));
	return true;
}

static bool generation_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_big(ret, bmc_snapshot_generation(sn_pinned()));
	return true;
}

/* RFC 2579, TestAndIncr: it is set to the value it has, and then has the next one. It
 * begins anywhere, so that a view from before a restart is an old one. */
static long lock_value = -1;

static long lock_now(void)
{
	if (lock_value < 0) {
		bmc_random(&lock_value, sizeof(lock_value));
		lock_value &= INT32_MAX;
	}
	return lock_value;
}

static bool lock_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_INTEGER, lock_now());
	return true;
}

/* Of two requests with the same value one succeeds, also when both are under way. */
static const struct sn_set *lock_holder;

static int lock_check(struct sn_set *set, const struct bmc_row *row, long value)
{
	(void)row;
	if (lock_holder || value != lock_now())
		return SNMP_ERR_INCONSISTENTVALUE;
	lock_holder = set;
	return SNMP_ERR_NOERROR;
}

static void lock_apply(struct sn_set *set, const struct bmc_row *row, long value)
{
	(void)set;
	(void)row;
	lock_value = value == INT32_MAX ? 0 : value + 1;
}

static void lock_release(const struct sn_set *set)
{
	if (lock_holder == set)
		lock_holder = NULL;
}

static const struct sn_special age = {
	.syntax = "Gauge32",
	.type = ASN_UNSIGNED,
	.get = age_get,
};
static const struct sn_special generation = {
	.syntax = "Counter64",
	.type = ASN_COUNTER64,
	.get = generation_get,
};
static const struct sn_special lock = {
	.syntax = "TestAndIncr",
	.type = ASN_INTEGER,
	.get = lock_get,
	.check = lock_check,
	.apply = lock_apply,
	.release = lock_release,
};

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(1, "cbmcId", "id"),
	SN_COLUMN(2, "cbmcName", "name"),
	SN_COLUMN(3, "cbmcStatus", "status"),
	SN_COLUMN(4, "cbmcHealth", "health"),
	SN_COLUMN(5, "cbmcModel", "model"),
	SN_COLUMN(6, "cbmcManufacturer", "manufacturer"),
	SN_COLUMN(7, "cbmcSerialNumber", "serial"),
	SN_COLUMN(8, "cbmcPartNumber", "part_number"),
	SN_COLUMN(9, "cbmcAssetTag", "asset_tag"),
	SN_COLUMN(10, "cbmcForm", "form"),
	SN_COLUMN(11, "cbmcLocator", "locator"),
	SN_COLUMN(12, "cbmcPower", "power"),
	SN_COLUMN(13, "cbmcPowerRedundancy", "redundancy"),
	SN_COLUMN(14, "cbmcBoardsPresent", "boards_present"),
	SN_COLUMN(15, "cbmcBoardsOn", "boards_on"),
	SN_COLUMN(16, "cbmcDataAge", NULL, .special = &age),
	SN_COLUMN(17, "cbmcSnapshotGeneration", NULL, .special = &generation),
	SN_COLUMN(18, "cbmcActionLock", NULL, .special = &lock),
};
/* clang-format on */

const struct sn_table sn_system_table = {
	.name = "cbmcSystem",
	.arc = 1,
	.kind = BMC_CHASSIS,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
};
