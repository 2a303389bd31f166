// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "bmc/model.h"

/* Reading and writing a row's member through its description. No allocation, no locks:
 * any thread that holds the row (through a snapshot) may read. */

#define BMC_ROW_MAX 4096 /* bytes of the largest kind's struct */

/** Whether the kind has all of these flags (enum bmc_kind_flag). */
static inline bool bmc_kind_is(enum bmc_kind kind, uint32_t flags)
{
	const struct bmc_kind_desc *k = bmc_kind(kind);

	return k && (k->flags & flags) == flags;
}

/** The field of a kind by name, or NULL. Borrowed, static. */
const struct bmc_field *bmc_field_find(enum bmc_kind kind, const char *name);

/** The field at `offset` of a kind's struct, or NULL. O(1). */
const struct bmc_field *bmc_field_at(enum bmc_kind kind, size_t offset);

/** The number of a field that is no text; BMC_UNKNOWN when it was not read (an
 *  enumeration's unknown is 0). */
int64_t bmc_field_num(const struct bmc_row *row, const struct bmc_field *f);

/** The text of a BMC_TEXT; "" when unknown. Borrowed from the row. */
const char *bmc_field_text(const struct bmc_row *row, const struct bmc_field *f);

/** Whether the value is known. */
bool bmc_field_known(const struct bmc_row *row, const struct bmc_field *f);

/** Sets a member. The row must not be published yet. Returns whether it differs now. */
bool bmc_field_set(struct bmc_row *row, const struct bmc_field *f, int64_t num,
		   const char *text);

/** Whether two rows of one kind have the same value there. */
bool bmc_field_equal(const struct bmc_row *a, const struct bmc_row *b,
		     const struct bmc_field *f);

/** The unit of this row's value: a sensor's BMC_UNIT_BY_ROW is resolved by its type. */
enum bmc_unit bmc_field_unit(const struct bmc_row *row, const struct bmc_field *f);

/** Checks a value for a setting: type, range, UTF-8. `text` for BMC_TEXT, else `num`.
 */
int bmc_field_check(const struct bmc_field *f, int64_t num, const char *text,
		    struct bmc_error *err);

/** The word of an enumeration's value ("unknown" for 0 and for what is not in the
 * table). */
const char *bmc_name_word(const struct bmc_name *names, int64_t value);
/** What a value of an enumeration means, one sentence; NULL: that is said nowhere. Any
 * thread; static. */
const char *bmc_name_doc(const struct bmc_name *names, int64_t value);
/** The value of a word, or -1. */
int bmc_name_value(const struct bmc_name *names, const char *word);

/** A kind by its name ("board"), or BMC_N_KINDS. */
enum bmc_kind bmc_kind_find(const char *name);

/* Names of values that more than one place needs. All end with a NULL word. */
extern const struct bmc_name bmc_health_names[], bmc_status_names[],
	bmc_board_state_names[], bmc_power_names[], bmc_task_state_names[],
	bmc_wait_names[], bmc_action_names[], bmc_severity_names[],
	bmc_boot_target_names[], bmc_boot_enabled_names[], bmc_watchdog_names[],
	bmc_subscriber_names[], bmc_event_protocol_names[], bmc_event_format_names[],
	bmc_retry_policy_names[], bmc_snmp_auth_names[], bmc_snmp_priv_names[],
	bmc_image_state_names[], bmc_image_trust_names[];
