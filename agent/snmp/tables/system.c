// SPDX-License-Identifier: Apache-2.0
/* cbmcSystem: the chassis as a whole, and what the answer was built from. */
#include "core/actions/action.h"
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

static bool next_job_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_UNSIGNED, (long)bmc_action_next_task());
	return true;
}

static bool age_out_get(const struct bmc_row *row, struct sn_value *ret)
{
	int64_t s = bmc_actions_tasks_kept_for() / 1000;

	(void)row;
	sn_value_number(ret, ASN_UNSIGNED, (long)MIN(s, (int64_t)UINT32_MAX));
	return true;
}

static bool date_get(int64_t wall_ms, struct sn_value *ret)
{
	sn_date(wall_ms, ret->u.octets);
	ret->type = ASN_OCTET_STR;
	ret->data = ret->u.octets;
	ret->len = 11;
	return true;
}

static bool time_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return date_get(bmc_wall(bmc_now()), ret);
}

static bool snapshot_time_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	return date_get(bmc_wall(bmc_snapshot_time(sn_pinned())), ret);
}

static bool conditions_get(const struct bmc_row *row, struct sn_value *ret)
{
	const struct bmc_row *const *rows;

	(void)row;
	sn_value_number(ret, ASN_UNSIGNED,
			(long)bmc_snapshot_rows(sn_pinned(), BMC_CONDITION, &rows));
	return true;
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
static const struct sn_special next_job = {
	.syntax = "Unsigned32",
	.type = ASN_UNSIGNED,
	.get = next_job_get,
};
static const struct sn_special age_out = {
	.syntax = "Unsigned32",
	.type = ASN_UNSIGNED,
	.get = age_out_get,
};
static const struct sn_special now = {
	.syntax = "DateAndTime",
	.type = ASN_OCTET_STR,
	.get = time_get,
};
static const struct sn_special snapshot_time = {
	.syntax = "DateAndTime",
	.type = ASN_OCTET_STR,
	.get = snapshot_time_get,
};
static const struct sn_special conditions = {
	.syntax = "Gauge32",
	.type = ASN_UNSIGNED,
	.get = conditions_get,
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
	SN_COLUMN(16, "cbmcDataAge", NULL, .special = &age, .units = "milliseconds",
		  .doc = "Age of the snapshot from which this answer was built."),
	SN_COLUMN(17, "cbmcSnapshotGeneration", NULL, .special = &generation,
		  .doc = "Number of that snapshot. It grows by one with each snapshot and starts anew with the agent (cbmcManagerStartTime). Equal values in two answers mean that both were built from one consistent view."),
	SN_COLUMN(18, "cbmcActionLock", NULL, .special = &lock,
		  .doc = "An advisory lock: a manager that puts it into the PDU of an operation is refused (inconsistentValue) when another manager has used the lock since it was read."),
	SN_COLUMN(19, "cbmcJobNextIndex", NULL, .special = &next_job,
		  .doc = "The cbmcJobIndex with which the next job can be created, unless another manager is faster: then createAndGo is refused (cbmcJobRowStatus), and this has another value."),
	SN_COLUMN(20, "cbmcJobAgeOut", NULL, .special = &age_out, .units = "seconds",
		  .doc = "Time after its end at which a job is removed; 0: only when there are too many. No job is removed earlier than 5 minutes after its end, unless there are twice as many as the agent keeps."),
	SN_COLUMN(21, "cbmcTime", NULL, .special = &now, .doc = "The agent's clock, in UTC."),
	SN_COLUMN(22, "cbmcSnapshotTime", NULL, .special = &snapshot_time,
		  .doc = "When the snapshot was taken from which this answer was built, in UTC."),
	SN_COLUMN(23, "cbmcConditionCount", NULL, .special = &conditions,
		  .doc = "Number of rows of cbmcConditionTable: the bad states that last at present."),
	SN_COLUMN(24, "cbmcFanRedundancy", "fan_redundancy"),
	SN_COLUMN(25, "cbmcNetworkRedundancy", "network_redundancy"),
};
/* clang-format on */

const struct sn_table sn_system_table = {
	.name = "cbmcSystem",
	.arc = 1,
	.kind = BMC_CHASSIS,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The chassis as a whole, and the view that an answer was built from.",
};
