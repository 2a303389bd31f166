// SPDX-License-Identifier: Apache-2.0
// See journal.h. A line is found by the number that ends its URI.
#include "redfish/journal.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "redfish/list.h"
#include "redfish/render.h"

static bool line_numbered(const char *text, struct bmc_log_line *ret)
{
	if (text[0] < '1' || text[0] > '9' || strlen(text) > 18 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	return bmc_log_line(strtoull(text, NULL, 10), ret);
}

static bool line_at(const char *uri, struct bmc_log_line *ret)
{
	return line_numbered(strrchr(uri, '/') + 1, ret);
}

json_t *rf_journal_members(struct rf_render *r)
{
	struct bmc_log_line *lines = calloc(BMC_LOG_LINES, sizeof(*lines));
	size_t n = lines ? bmc_log_lines(lines) : 0;
	json_t *list = json_array();
	char uri[RF_URI_MAX];

	for (size_t i = 0; i < n; i++) {
		struct rf_render one = { .view = r->view,
					 .res = &rf_journal_entry,
					 .uri = uri };
		(void)snprintf(uri, sizeof(uri), "%s/%" PRIu64, r->uri,
			       lines[i].number);
		(void)json_array_append_new(list, rf_render(&one));
	}
	free(lines);
	return list;
}

json_t *rf_journal_created(struct rf_render *r)
{
	struct bmc_log_line l;
	char text[32];

	if (!line_at(r->uri, &l))
		return NULL;
	rf_time(l.time, text);
	return json_string(text);
}

json_t *rf_journal_severity(struct rf_render *r)
{
	struct bmc_log_line l;

	if (!line_at(r->uri, &l))
		return NULL;
	return json_string(l.priority <= LOG_ERR       ? "Critical"
			   : l.priority == LOG_WARNING ? "Warning"
						       : "OK");
}

json_t *rf_journal_message(struct rf_render *r)
{
	struct bmc_log_line l;

	return line_at(r->uri, &l) ? json_string(l.text) : NULL;
}

bool rf_journal_known(const char *id)
{
	struct bmc_log_line l;

	return line_numbered(id, &l);
}
