// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* The last lines of the agent's own log, from memory. What the tables in
 * resources/more-logs.c call. */

json_t *rf_journal_members(struct rf_render *r);
json_t *rf_journal_created(struct rf_render *r);
json_t *rf_journal_severity(struct rf_render *r);
json_t *rf_journal_message(struct rf_render *r);
/** Whether the line of this number is remembered. */
bool rf_journal_known(const char *id);
