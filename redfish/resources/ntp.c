// SPDX-License-Identifier: Apache-2.0
// NetworkProtocol's NTP: the machine's systemd-timesyncd, set through the root helper.
// One PATCH of it is one action: all of it or nothing.
#include <string.h>

#include "core/actions/action.h"
#include "core/base/ntp.h"
#include "core/base/util.h"
#include "redfish/list.h"
#include "redfish/request.h"
#include "redfish/values.h"

#define ENABLED "NTP/ProtocolEnabled"
#define SERVERS "NTP/NTPServers"

static json_t *server_list(char *servers)
{
	json_t *list = json_array();
	char *rest = NULL;

	for (char *word = strtok_r(servers, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		(void)json_array_append_new(list, json_string(word));
	return list;
}

/* The list can't be null: one that is not known is left out. */
json_t *rf_ntp_value(struct rf_render *r)
{
	json_t *ntp = json_object();
	struct bmc_ntp is;

	(void)r;
	bmc_ntp_read(&is);
	(void)json_object_set_new(ntp, "ProtocolEnabled",
				  is.enabled < 0 ? json_null()
						 : json_boolean(is.enabled));
	if (is.servers_known)
		(void)json_object_set_new(ntp, "NTPServers", server_list(is.servers));
	return ntp;
}

/* ---- setting ---- */

static void refuse(struct rf_request *q, enum rf_message_id id, const char *path,
		   const char *a, const char *b)
{
	struct rf_message *m = rf_message_add(&q->messages, id, a, b, NULL);

	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), path);
}

static void refuse_value(struct rf_request *q, enum rf_message_id id, const char *path,
			 const json_t *v)
{
	char word[RF_ARG_MAX];

	rf_format_value(v, word);
	refuse(q, id, path, word, path);
}

static bool server_ok(struct rf_request *q, const json_t *v)
{
	const char *name = json_string_value(v);
	char word[RF_ARG_MAX];

	if (!name) {
		refuse_value(q, RF_PROPERTY_TYPE, SERVERS, v);
	} else if (strlen(name) > BMC_NTP_NAME_MAX) {
		rf_format_value(v, word);
		refuse(q, RF_STRING_TOO_LONG, SERVERS, word, "253");
	} else if (!bmc_ntp_server_ok(name)) {
		refuse_value(q, RF_PROPERTY_FORMAT, SERVERS, v);
	} else {
		return true;
	}
	return false;
}

/* A null leaves its place out (DSP0266, 7.6). */
static void take_servers(struct rf_request *q, const json_t *list, char *ret)
{
	size_t i, n = 0, used = 0;
	const json_t *v;

	json_array_foreach ((json_t *)(uintptr_t)list, i, v) {
		if (json_is_null(v))
			continue;
		if (n++ == BMC_NTP_SERVERS_MAX) {
			refuse(q, RF_ARRAY_TOO_LONG, SERVERS, SERVERS, "8");
			return;
		}
		if (!server_ok(q, v))
			return;
		used += (size_t)snprintf(ret + used, BMC_NTP_LIST_MAX - used, "%s%s",
					 used ? " " : "", json_string_value(v));
	}
}

static int set_servers(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	char servers[BMC_NTP_LIST_MAX] = "";
	size_t said = q->messages.added;

	if (!json_is_array(v))
		refuse_value(q, RF_PROPERTY_TYPE, SERVERS, v);
	else
		take_servers(q, v, servers);
	if (q->messages.added > said)
		return 0;
	if (!q->params)
		q->params = bmc_params_new();
	act->params = q->params;
	return q->params ? bmc_params_set_text(q->params, BMC_PARAM_NTP, servers, NULL)
			 : BMC_ENOMEM;
}

static void set_enabled(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	if (!json_is_boolean(v))
		refuse_value(q, RF_PROPERTY_TYPE, ENABLED, v);
	act->num = json_is_true(v);
}

int rf_ntp_set(struct rf_request *q, const json_t *value, struct bmc_action *act)
{
	char path[RF_ARG_MAX];
	const char *key;
	json_t *v;
	int r = 0;

	if (!json_is_object(value))
		return BMC_EINVAL;
	act->op = BMC_ACT_SET_NTP;
	act->num = -1;
	json_object_foreach ((json_t *)(uintptr_t)value, key, v) {
		(void)snprintf(path, sizeof(path), "NTP/%s", key);
		if (strchr(key, '@'))
			continue;
		if (strcmp(path, ENABLED) == 0)
			set_enabled(q, v, act);
		else if (strcmp(path, SERVERS) == 0)
			r = set_servers(q, v, act);
		else
			refuse(q, RF_PROPERTY_UNKNOWN, path, path, NULL);
	}
	if (act->num < 0 && !act->params && !q->messages.n)
		refuse(q, RF_NO_OPERATION, "", NULL, NULL);
	return r;
}
