// SPDX-License-Identifier: Apache-2.0
// What is bad with a row and lasts: the elements of its Status.Conditions, which are
// rows of the core below it.
#include "core/events/event.h"
#include "redfish/list.h"
#include "redfish/log.h"

static json_t *message_id(struct rf_render *r)
{
	const struct bmc_condition *c = (const struct bmc_condition *)rf_row(r);

	return rf_log_message_id(c->reason, c->severity);
}

static json_t *message_args(struct rf_render *r)
{
	const struct bmc_condition *c = (const struct bmc_condition *)rf_row(r);
	const struct bmc_event_type *t = bmc_event_type_find(c->reason);
	json_t *list = json_array();

	for (unsigned i = 0; t && i < t->n_args && i < 3; i++)
		(void)json_array_append_new(list, json_string(c->args[i]));
	return list;
}

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FIELD("Timestamp", bmc_condition, since),
	RF_FIELD("Severity", bmc_condition, severity),
	RF_FIELD("Message", bmc_condition, message),
	RF_FN("MessageId", message_id, RF_AT(bmc_condition, reason)),
	RF_FN("MessageArgs", message_args),
	RF_UP("OriginOfCondition", &rf_system, &rf_enclosure, &rf_blade, &rf_fan, &rf_psu,
	      &rf_drive, &rf_sensor, &rf_system_nic, &rf_port, &rf_manager),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_each rf_conditions = {
	.kind = BMC_CONDITION,
	.props = props,
	.children = true,
};
