// SPDX-License-Identifier: Apache-2.0
/* cbmcManager: the agent itself. */
#include "core/base/util.h"
#include "core/events/event.h"
#include "snmp/set.h"

enum { TEST_NO_OP = 1, TEST_SEND };

static bool test_get(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	sn_value_number(ret, ASN_INTEGER, TEST_NO_OP);
	return true;
}

static int test_check(struct sn_set *set, const struct bmc_row *row, long value)
{
	(void)row;
	if (value != TEST_NO_OP && value != TEST_SEND)
		return SNMP_ERR_WRONGVALUE;
	if (!(sn_set_actor(set)->privileges & BMC_PRIV_CONFIGURE_MANAGER))
		return SNMP_ERR_AUTHORIZATIONERROR;
	return SNMP_ERR_NOERROR;
}

static void test_apply(struct sn_set *set, const struct bmc_row *row, long value)
{
	if (value == TEST_SEND)
		bmc_event_raise("TestEvent", row->handle, sn_set_actor(set)->name, NULL,
				NULL);
}

static const struct sn_special test = {
	.syntax = "INTEGER { noOp(1), send(2) }",
	.type = ASN_INTEGER,
	.get = test_get,
	.check = test_check,
	.apply = test_apply,
};

/* clang-format off */
static const struct sn_column columns[] = {
	SN_COLUMN(1, "cbmcManagerId", "id"),
	SN_COLUMN(2, "cbmcManagerName", "name"),
	SN_COLUMN(3, "cbmcManagerStatus", "status"),
	SN_COLUMN(4, "cbmcManagerHealth", "health"),
	SN_COLUMN(5, "cbmcManagerVersion", "version"),
	SN_COLUMN(6, "cbmcManagerUuid", "uuid"),
	SN_COLUMN(7, "cbmcManagerHostname", "hostname"),
	SN_COLUMN(8, "cbmcManagerModel", "model"),
	SN_COLUMN(9, "cbmcManagerStartTime", "start_time"),
	SN_COLUMN(10, "cbmcManagerStateDurable", "state_durable"),
	SN_COLUMN(11, "cbmcManagerLocator", "locator"),
	SN_COLUMN(12, "cbmcManagerTestEvent", NULL, .special = &test,
		  .doc = "Writing send(2) raises a TestEvent, which reaches all receivers as cbmcTestEvent. noOp(1) does nothing, and is what reading gives."),
};
/* clang-format on */

const struct sn_table sn_manager_table = {
	.name = "cbmcManager",
	.arc = 14,
	.kind = BMC_MANAGER,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.doc = "The agent itself.",
};
