// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/field.h"
#include "core/model/service.h"

/* For the fields-KIND.c files only: how an entry of a field table is written. Name,
 * offset and size come from the member itself, so they can't differ from the struct. */

/* A field's place in its kind, counted from 1, has to fit into a byte (field.c). */
#define BMC_FIELDS_MAX 255

/* clang-format off */
#define FIELD(st, member, kind_of, ...)                                   \
	{                                                                 \
		.name = #member, .type = (kind_of),                       \
		.offset = offsetof(struct st, member),                    \
		.size = sizeof(((struct st *)0)->member), __VA_ARGS__     \
	}

/* A setting that is a text: a label that users give. */
#define LABEL(st, member, ...)                                            \
	FIELD(st, member, BMC_TEXT, .flags = BMC_SETTING | BMC_STATIC,    \
	      .max = sizeof(((struct st *)0)->member) - 1, __VA_ARGS__)

/* What every row of every kind has. */
#define ROW_FIELDS                                                        \
	FIELD(bmc_row, id, BMC_TEXT, .flags = BMC_DERIVED,                \
	      .doc = "Identifier of the row, the same in every interface and "   \
		     "after a restart."),                                 \
	FIELD(bmc_row, status, BMC_ENUM, .flags = BMC_DERIVED | BMC_STATE, \
	      .names = bmc_status_names,                                  \
	      .doc = "Whether the part is present and in use."),          \
	FIELD(bmc_row, health, BMC_ENUM, .flags = BMC_DERIVED | BMC_STATE, \
	      .names = bmc_health_names,                                  \
	      .doc = "How well the part works, with all that it holds.")

#define KIND(kind_of, word, ...)                                          \
	_Static_assert(sizeof(struct bmc_##word) <= BMC_ROW_MAX,          \
		       "BMC_ROW_MAX is too small");                       \
	_Static_assert(sizeof(fields) / sizeof(fields[0]) <= BMC_FIELDS_MAX, \
		       "a kind has too many fields");                     \
	const struct bmc_kind_desc bmc_kind_##word = {                    \
		.kind = (kind_of), .name = #word,                         \
		.size = sizeof(struct bmc_##word), .fields = fields,      \
		.n_fields = sizeof(fields) / sizeof(fields[0]),           \
		__VA_ARGS__                                               \
	}
/* clang-format on */

extern const struct bmc_kind_desc bmc_kind_chassis, bmc_kind_blade, bmc_kind_board,
	bmc_kind_fan, bmc_kind_psu, bmc_kind_disk, bmc_kind_sensor, bmc_kind_nic,
	bmc_kind_firmware, bmc_kind_manager, bmc_kind_task, bmc_kind_event,
	bmc_kind_account, bmc_kind_role, bmc_kind_session, bmc_kind_condition;
extern const struct bmc_kind_desc bmc_kind_aggregate;
extern const struct bmc_kind_desc bmc_kind_subscription;
extern const struct bmc_kind_desc bmc_kind_metric_report, bmc_kind_trigger;
extern const struct bmc_kind_desc bmc_kind_audit;
extern const struct bmc_kind_desc bmc_kind_stored_image;
extern const struct bmc_kind_desc bmc_kind_certificate;

/* Names of values that only the field tables need. */
extern const struct bmc_name bmc_usb_mode_names[], bmc_adb_state_names[],
	bmc_os_names[], bmc_sensor_type_names[], bmc_fan_mode_names[], bmc_link_names[],
	bmc_media_names[], bmc_protocol_names[], bmc_context_names[],
	bmc_address_state_names[], bmc_chassis_form_names[], bmc_redundancy_names[],
	bmc_kind_names[];
