// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/service.h"
#include "core/ports/subscriptions.h"
#include "redfish/request.h"

/* A subscription being made; what is wrong with it is in q->messages. */
struct rf_draft {
	struct rf_request *q;
	struct bmc_subscription row;
	char secrets[BMC_SECRETS_MAX];
};

/** Adds a message about this property. */
void rf_draft_refuse(struct rf_request *q, enum rf_message_id id, const char *value,
		     const char *property);
void rf_draft_refuse_value(struct rf_request *q, enum rf_message_id id,
			   const json_t *value, const char *property);
/** Copies a text (NULL: none was given); false: it is too long, a message says so. */
bool rf_draft_text(struct rf_draft *d, char *to, size_t size, const json_t *value,
		   const char *property);
/** The value of an enumeration's word; 0: there is none, a message says so. */
int64_t rf_draft_word(struct rf_draft *d, const struct bmc_name *names,
		      const json_t *value, const char *property);
/** Whether it is printable, without a blank. */
bool rf_draft_is_word(const char *s);
/** A list of words, or of links, as one text. */
void rf_draft_list(struct rf_draft *d, char *to, size_t size, const json_t *list,
		   const char *property);
/** Refuses a list with elements, or a true, that does not go with the EventFormatType;
 * NULL: none was given. */
void rf_draft_conflict(struct rf_draft *d, const json_t *value, const char *property);
/** Takes MetricReportDefinitions: links (NULL: none were given), each to a definition
 * that there is. */
void rf_draft_reports(struct rf_draft *d, const json_t *list);
/** Whether each element of `list` (NULL: none) is one of `words`, which begin with, end
 * with and are separated by a blank. */
bool rf_draft_all_among(const json_t *list, const char *words);
/** Adds a line to what is secret; false: no room. */
bool rf_draft_secret(struct rf_draft *d, const char *name, const char *value);
/** Takes HttpHeaders. The messages never show a value. */
void rf_draft_headers(struct rf_draft *d, const json_t *list);
