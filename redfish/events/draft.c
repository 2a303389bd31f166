// SPDX-License-Identifier: Apache-2.0
// Parts of a subscription out of JSON, see draft.h. Called by create.c.
#include "redfish/events/draft.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/events/filter.h"
#include "redfish/list.h"
#include "redfish/uri.h"

#define HEADERS_MAX 16

/* ---- messages ---- */

void rf_draft_refuse(struct rf_request *q, enum rf_message_id id, const char *value,
		     const char *property)
{
	struct rf_message *m = rf_message_add(&q->messages, id, value, property, NULL);

	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), property);
}

void rf_draft_refuse_value(struct rf_request *q, enum rf_message_id id,
			   const json_t *value, const char *property)
{
	char word[RF_ARG_MAX];

	rf_format_value(value, word);
	rf_draft_refuse(q, id, word, property);
}

bool rf_draft_text(struct rf_draft *d, char *to, size_t size, const json_t *value,
		   const char *property)
{
	const char *text = json_string_value(value);
	char limit[16];

	if (!value || bmc_copy(to, size, text))
		return true;
	(void)snprintf(limit, sizeof(limit), "%zu", size - 1);
	struct rf_message *m =
		rf_message_add(&d->q->messages, RF_STRING_TOO_LONG, text, limit, NULL);
	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), property);
	return false;
}

/* ---- words ---- */

int64_t rf_draft_word(struct rf_draft *d, const struct bmc_name *names,
		      const json_t *value, const char *property)
{
	int n = bmc_name_value(names, json_string_value(value));

	if (n > 0)
		return n;
	rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST, value, property);
	return 0;
}

static bool add_text(char *to, size_t size, const char *word, const char *separator)
{
	size_t used = strlen(to), n = strlen(word) + strlen(separator);

	if (used + n >= size)
		return false;
	(void)snprintf(to + used, size - used, "%s%s", used ? separator : "", word);
	return true;
}

/* "Words" are what registries, messages, types and URIs consist of: printable, without
 * a blank. */
bool rf_draft_is_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s <= ' ' || *s > '~')
			return false;
	}
	return true;
}

static const char *word_of(const json_t *item, bool link)
{
	return json_string_value(link ? json_object_get(item, "@odata.id") : item);
}

/* A list of words, as one text. */
void rf_draft_list(struct rf_draft *d, char *to, size_t size, const json_t *list,
		   const char *property)
{
	bool links = strcmp(property, "OriginResources") == 0;
	size_t i;
	json_t *item;

	json_array_foreach ((json_t *)(uintptr_t)list, i, item) {
		const char *word = word_of(item, links);
		if (!word) {
			rf_draft_refuse_value(d->q, RF_PROPERTY_TYPE, item, property);
			return;
		}
		if (!rf_draft_is_word(word)) {
			rf_draft_refuse_value(d->q, RF_PROPERTY_FORMAT, item, property);
			return;
		}
		if (!add_text(to, size, word, " ")) {
			rf_draft_refuse_value(d->q, RF_PROPERTY_OUT_OF_RANGE, list,
					      property);
			return;
		}
	}
}

/* Every word of `list` is one of `words` (separated by blanks). */
bool rf_draft_all_among(const json_t *list, const char *words)
{
	size_t i;
	json_t *item;
	char padded[64];

	json_array_foreach ((json_t *)(uintptr_t)list, i, item) {
		const char *word = json_string_value(item);
		if (!word || strchr(word, ' ') || strlen(word) > 60)
			return false;
		(void)snprintf(padded, sizeof(padded), " %s ", word);
		if (!strstr(words, padded))
			return false;
	}
	return true;
}

/* ---- metric reports ---- */

void rf_draft_conflict(struct rf_draft *d, const json_t *value, const char *property)
{
	if (!json_array_size(value) && !json_is_true(value))
		return;
	struct rf_message *m = rf_message_add(&d->q->messages, RF_PROPERTY_CONFLICT,
					      property, "EventFormatType", NULL);
	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), property);
}

/* The id of the definition at a link's URI, NULL: it is none. */
static const char *definition_of(const struct rf_draft *d, const char *link)
{
	const struct bmc_row *row;
	char uri[RF_URI_MAX];
	size_t len = strlen(link);

	if (!bmc_copy(uri, sizeof(uri), link))
		return NULL;
	if (len && uri[len - 1] == '/')
		uri[len - 1] = '\0';
	return rf_route(d->q->snap, uri, &row) == &rf_report_definition ? row->id
									: NULL;
}

/* There are no more definitions than the row has room for; one that stands there twice
 * is taken once. */
void rf_draft_reports(struct rf_draft *d, const json_t *list)
{
	static const char property[] = "MetricReportDefinitions";
	char *to = d->row.reports;
	size_t i;
	json_t *item;

	json_array_foreach ((json_t *)(uintptr_t)list, i, item) {
		const char *link = word_of(item, true), *id;
		if (!link || json_object_size(item) != 1) {
			rf_draft_refuse_value(d->q, RF_PROPERTY_TYPE, item, property);
			return;
		}
		id = definition_of(d, link);
		if (!id || (!rf_list_has(to, id) &&
			    !add_text(to, sizeof(d->row.reports), id, " "))) {
			rf_draft_refuse(d->q, RF_PROPERTY_NOT_IN_LIST, link, property);
			return;
		}
	}
}

/* ---- what is secret ---- */

bool rf_draft_secret(struct rf_draft *d, const char *name, const char *value)
{
	char line[BMC_SECRETS_MAX];
	int n = snprintf(line, sizeof(line), "%s %s", name, value);
	bool ok = n > 0 && (size_t)n < sizeof(line) &&
		  add_text(d->secrets, sizeof(d->secrets), line, "\n");

	bmc_wipe(line, sizeof(line));
	return ok;
}

/* RFC 9110, section 5: a token. What the transport itself writes can't be set. */
static bool header_name_ok(const char *s)
{
	static const char *const own[] = { "Host", "Content-Length", "Content-Type",
					   "Transfer-Encoding", "Connection" };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (strcasecmp(s, own[i]) == 0)
			return false;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("!#$%&'*+-.^_`|~", *s))
			return false;
	}
	return true;
}

static bool header_value_ok(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	}
	return true;
}

static bool add_header(struct rf_draft *d, const char *name, const json_t *value)
{
	const char *text = json_string_value(value);
	char line[1024];
	int n = text ? snprintf(line, sizeof(line), "%s: %s", name, text) : -1;
	bool ok = n > 0 && (size_t)n < sizeof(line) && header_name_ok(name) &&
		  header_value_ok(text) && rf_draft_secret(d, BMC_SECRET_HEADER, line);

	bmc_wipe(line, sizeof(line));
	return ok;
}

/* An array of objects whose members are headers. The message never shows a value. */
void rf_draft_headers(struct rf_draft *d, const json_t *list)
{
	size_t i, n = 0;
	json_t *item, *value;
	const char *name;

	json_array_foreach ((json_t *)(uintptr_t)list, i, item) {
		if (!json_is_object(item)) {
			rf_draft_refuse(d->q, RF_PROPERTY_TYPE, "***", "HttpHeaders");
			return;
		}
		json_object_foreach (item, name, value) {
			if (n++ < HEADERS_MAX && add_header(d, name, value))
				continue;
			rf_draft_refuse(d->q, RF_PROPERTY_FORMAT, "***", "HttpHeaders");
			return;
		}
	}
}
