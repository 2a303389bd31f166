// SPDX-License-Identifier: Apache-2.0
// A subscription from the body of a POST, and changes to it. Everything is checked
// here; then it goes to the action API. Called through the tables in resources/.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/ports/subscriptions.h"
#include "redfish/events/draft.h"
#include "redfish/events/subscriptions.h"
#include "redfish/list.h"

#define HEARTBEAT_MINUTES 10

/* The order of rf_subscription_params. */
enum param {
	DESTINATION,
	PROTOCOL,
	CONTEXT,
	SUBSCRIPTION_TYPE,
	EVENT_FORMAT,
	EVENT_TYPES,
	REGISTRIES,
	NO_REGISTRIES,
	MESSAGES,
	NO_MESSAGES,
	ORIGINS,
	RESOURCES,
	SEVERITIES,
	REPORTS,
	SUBORDINATE,
	HEADERS,
	POLICY,
	VERIFY,
	HEARTBEAT,
	HEARTBEAT_INTERVAL,
	INCLUDE_ORIGIN,
	SNMP,
};

/* clang-format off */
const struct rf_param rf_subscription_params[] = {
	[DESTINATION]        = { "Destination", JSON_STRING, true },
	[PROTOCOL]           = { "Protocol", JSON_STRING, true },
	[CONTEXT]            = { "Context", JSON_STRING, false },
	[SUBSCRIPTION_TYPE]  = { "SubscriptionType", JSON_STRING, false },
	[EVENT_FORMAT]       = { "EventFormatType", JSON_STRING, false },
	[EVENT_TYPES]        = { "EventTypes", JSON_ARRAY, false },
	[REGISTRIES]         = { "RegistryPrefixes", JSON_ARRAY, false },
	[NO_REGISTRIES]      = { "ExcludeRegistryPrefixes", JSON_ARRAY, false },
	[MESSAGES]           = { "MessageIds", JSON_ARRAY, false },
	[NO_MESSAGES]        = { "ExcludeMessageIds", JSON_ARRAY, false },
	[ORIGINS]            = { "OriginResources", JSON_ARRAY, false },
	[RESOURCES]          = { "ResourceTypes", JSON_ARRAY, false },
	[SEVERITIES]         = { "Severities", JSON_ARRAY, false },
	[REPORTS]            = { "MetricReportDefinitions", JSON_ARRAY, false },
	[SUBORDINATE]        = { "SubordinateResources", JSON_TRUE, false },
	[HEADERS]            = { "HttpHeaders", JSON_ARRAY, false },
	[POLICY]             = { "DeliveryRetryPolicy", JSON_STRING, false },
	[VERIFY]             = { "VerifyCertificate", JSON_TRUE, false },
	[HEARTBEAT]          = { "SendHeartbeat", JSON_TRUE, false },
	[HEARTBEAT_INTERVAL] = { "HeartbeatIntervalMinutes", JSON_INTEGER, false },
	[INCLUDE_ORIGIN]     = { "IncludeOriginOfCondition", JSON_TRUE, false },
	[SNMP]               = { "SNMP", JSON_OBJECT, false },
	{ .name = NULL },
};
/* clang-format on */

/* ---- the destination ---- */

static bool has_scheme(const char *uri, const char *scheme)
{
	size_t n = strlen(scheme);

	return strncasecmp(uri, scheme, n) == 0 && uri[n] && uri[n] != '/';
}

/* No user in it: a GET shows the destination; HttpHeaders are for that. */
static bool web_uri_ok(const char *uri)
{
	const char *host = strstr(uri, "://");

	if (!rf_draft_is_word(uri) ||
	    (!has_scheme(uri, "http://") && !has_scheme(uri, "https://")))
		return false;
	return !memchr(host + 3, '@', strcspn(host + 3, "/?#"));
}

static void take_push(struct rf_draft *d, const json_t *const *args)
{
	struct bmc_subscription *s = &d->row;

	s->type = BMC_SUBSCRIBER_PUSH;
	if (!web_uri_ok(s->destination))
		rf_draft_refuse_value(d->q, RF_PROPERTY_FORMAT, args[DESTINATION],
				      "Destination");
	if (args[SNMP])
		rf_draft_refuse(d->q, RF_PROPERTY_UNKNOWN, "SNMP", "SNMP");
	if (args[SUBSCRIPTION_TYPE] &&
	    strcmp(json_string_value(args[SUBSCRIPTION_TYPE]), "RedfishEvent") != 0)
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST,
				      args[SUBSCRIPTION_TYPE], "SubscriptionType");
	if (args[HEADERS])
		rf_draft_headers(d, args[HEADERS]);
}

/* ---- SNMP ---- */

/* "Passphrase:..." or the passphrase itself; a key in hexadecimal digits would be that
 * of another engine. */
static void take_key(struct rf_draft *d, const char *name, const json_t *value,
		     const char *property)
{
	static const char word[] = "Passphrase:";
	const char *text = json_string_value(value);

	if (!text)
		return;
	if (strncmp(text, word, strlen(word)) == 0)
		text += strlen(word);
	if (strncmp(text, "Hex:", 4) == 0 || strlen(text) < 8 || strlen(text) > 128 ||
	    !bmc_text_ok(text, strlen(text)) || !rf_draft_secret(d, name, text))
		rf_draft_refuse(d->q, RF_PROPERTY_FORMAT, "***", property);
}

static void take_v2c(struct rf_draft *d, const json_t *snmp)
{
	const json_t *value = json_object_get(snmp, "TrapCommunity");
	const char *community = json_string_value(value);

	d->row.snmp_auth = BMC_SNMP_AUTH_COMMUNITY;
	d->row.snmp_priv = BMC_SNMP_PRIV_NONE;
	if (!value)
		(void)rf_message_add(&d->q->messages, RF_CREATE_MISSING,
				     "SNMP/TrapCommunity", NULL, NULL);
	else if (!community || !*community || strlen(community) > 64 ||
		 !bmc_text_ok(community, strlen(community)) ||
		 !rf_draft_secret(d, BMC_SECRET_COMMUNITY, community))
		rf_draft_refuse(d->q, RF_PROPERTY_FORMAT, "***", "SNMP/TrapCommunity");
}

/* Without keys it sends as a user of the configuration. */
static void take_v3(struct rf_draft *d, const json_t *snmp)
{
	struct bmc_subscription *s = &d->row;
	const json_t *auth = json_object_get(snmp, "AuthenticationProtocol"),
		     *priv = json_object_get(snmp, "EncryptionProtocol"),
		     *auth_key = json_object_get(snmp, "AuthenticationKey"),
		     *priv_key = json_object_get(snmp, "EncryptionKey");

	s->snmp_auth = BMC_SNMP_AUTH_NONE;
	s->snmp_priv = BMC_SNMP_PRIV_NONE;
	if (auth)
		s->snmp_auth = rf_draft_word(d, bmc_snmp_auth_names, auth,
					     "SNMP/AuthenticationProtocol");
	if (priv)
		s->snmp_priv = rf_draft_word(d, bmc_snmp_priv_names, priv,
					     "SNMP/EncryptionProtocol");
	if (s->snmp_auth == BMC_SNMP_AUTH_COMMUNITY)
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST, auth,
				      "SNMP/AuthenticationProtocol");
	take_key(d, BMC_SECRET_AUTH_KEY, auth_key, "SNMP/AuthenticationKey");
	take_key(d, BMC_SECRET_PRIV_KEY, priv_key, "SNMP/EncryptionKey");
	if ((s->snmp_auth >= BMC_SNMP_AUTH_SHA1) != (auth_key != NULL))
		rf_draft_refuse(d->q, RF_PROPERTY_FORMAT, "***",
				"SNMP/AuthenticationKey");
	if ((s->snmp_priv >= BMC_SNMP_PRIV_AES128) != (priv_key != NULL) ||
	    (priv_key && !auth_key))
		rf_draft_refuse(d->q, RF_PROPERTY_FORMAT, "***", "SNMP/EncryptionKey");
}

static void check_members(struct rf_draft *d, const json_t *snmp)
{
	static const char known[] =
		" TrapCommunity AuthenticationProtocol "
		"AuthenticationKey EncryptionProtocol EncryptionKey ";
	const char *name;
	json_t *value, *list = json_array();

	json_object_foreach ((json_t *)(uintptr_t)snmp, name, value)
		(void)json_array_append_new(list, json_string(name));
	if (!rf_draft_all_among(list, known))
		rf_draft_refuse(d->q, RF_PROPERTY_UNKNOWN, "SNMP", "SNMP");
	json_decref(list);
}

/* All events go to a receiver of notifications: what chooses among them is refused. */
static void refuse_filters(struct rf_draft *d, const json_t *const *args)
{
	for (size_t i = EVENT_TYPES; i <= INCLUDE_ORIGIN; i++) {
		if (args[i])
			rf_draft_refuse(d->q, RF_PROPERTY_UNKNOWN,
					rf_subscription_params[i].name,
					rf_subscription_params[i].name);
	}
}

static void take_snmp(struct rf_draft *d, const json_t *const *args)
{
	struct bmc_subscription *s = &d->row;
	bool v3 = s->protocol == BMC_EVENTS_SNMP_V3;
	struct bmc_snmp_uri uri;

	s->type = BMC_SUBSCRIBER_SNMP_TRAP;
	s->verify = s->heartbeat_minutes = BMC_UNKNOWN;
	s->policy = BMC_RETRY_UNKNOWN;
	if (s->format == BMC_FORMAT_METRIC_REPORT)
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST, args[EVENT_FORMAT],
				      "EventFormatType");
	if (args[SUBSCRIPTION_TYPE])
		s->type = rf_draft_word(d, bmc_subscriber_names,
					args[SUBSCRIPTION_TYPE], "SubscriptionType");
	if (s->type && s->type < BMC_SUBSCRIBER_SNMP_TRAP)
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST,
				      args[SUBSCRIPTION_TYPE], "SubscriptionType");
	if (!bmc_snmp_uri_parse(s->destination, &uri) || (uri.user[0] != '\0') != v3)
		rf_draft_refuse_value(d->q, RF_PROPERTY_FORMAT, args[DESTINATION],
				      "Destination");
	refuse_filters(d, args);
	if (args[SNMP])
		check_members(d, args[SNMP]);
	if (v3)
		take_v3(d, args[SNMP]);
	else
		take_v2c(d, args[SNMP]);
}

/* ---- all of it ---- */

static int64_t flag(const json_t *value, bool otherwise)
{
	return value ? json_is_true(value) : otherwise;
}

static void take_lists(struct rf_draft *d, const json_t *const *args)
{
	struct bmc_subscription *s = &d->row;
	const struct {
		enum param param;
		char *to;
		size_t size;
	} lists[] = {
		{ REGISTRIES, s->registries, sizeof(s->registries) },
		{ NO_REGISTRIES, s->no_registries, sizeof(s->no_registries) },
		{ MESSAGES, s->messages, sizeof(s->messages) },
		{ NO_MESSAGES, s->no_messages, sizeof(s->no_messages) },
		{ ORIGINS, s->origins, sizeof(s->origins) },
		{ RESOURCES, s->resources, sizeof(s->resources) },
		{ SEVERITIES, s->severities, sizeof(s->severities) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		rf_draft_list(d, lists[i].to, lists[i].size, args[lists[i].param],
			      rf_subscription_params[lists[i].param].name);
	if (!rf_draft_all_among(args[SEVERITIES], " OK Warning Critical "))
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST, args[SEVERITIES],
				      "Severities");
	/* deprecated; ours are alerts */
	if (!rf_draft_all_among(args[EVENT_TYPES],
				s->format == BMC_FORMAT_METRIC_REPORT
					? " MetricReport "
					: " Alert StatusChange ResourceAdded "
					  "ResourceRemoved ResourceUpdated Other "))
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST, args[EVENT_TYPES],
				      "EventTypes");
}

static void take_flags(struct rf_draft *d, const json_t *const *args)
{
	struct bmc_subscription *s = &d->row;
	int64_t minutes = args[HEARTBEAT_INTERVAL]
				  ? json_integer_value(args[HEARTBEAT_INTERVAL])
				  : HEARTBEAT_MINUTES;

	s->suspended = 0;
	s->configured = 0;
	s->subordinate = flag(args[SUBORDINATE], false);
	s->verify = flag(args[VERIFY], true);
	s->heartbeat = flag(args[HEARTBEAT], false);
	s->heartbeat_minutes = minutes;
	if (minutes < 1 || minutes > 65535)
		rf_draft_refuse_value(d->q, RF_PROPERTY_OUT_OF_RANGE,
				      args[HEARTBEAT_INTERVAL],
				      "HeartbeatIntervalMinutes");
	if (flag(args[INCLUDE_ORIGIN], false))
		rf_draft_refuse(d->q, RF_PROPERTY_NOT_IN_LIST, "true",
				"IncludeOriginOfCondition");
	s->policy = args[POLICY] ? rf_draft_word(d, bmc_retry_policy_names,
						 args[POLICY], "DeliveryRetryPolicy")
				 : BMC_RETRY_TERMINATE;
}

/* What it gets. What chooses among the others is refused. */
static void take_format(struct rf_draft *d, const json_t *const *args)
{
	struct bmc_subscription *s = &d->row;

	s->format = args[EVENT_FORMAT]
			    ? rf_draft_word(d, bmc_event_format_names,
					    args[EVENT_FORMAT], "EventFormatType")
			    : BMC_FORMAT_EVENT;
	if (s->format != BMC_FORMAT_METRIC_REPORT) {
		rf_draft_conflict(d, args[REPORTS], "MetricReportDefinitions");
		return;
	}
	rf_draft_reports(d, args[REPORTS]);
	for (size_t i = REGISTRIES; i < REPORTS; i++)
		rf_draft_conflict(d, args[i], rf_subscription_params[i].name);
	rf_draft_conflict(d, args[HEARTBEAT], "SendHeartbeat");
}

static void take(struct rf_draft *d, const json_t *const *args)
{
	struct bmc_subscription *s = &d->row;

	s->row.kind = BMC_SUBSCRIPTION;
	s->snmp_auth = s->snmp_priv = 0;
	s->protocol =
		rf_draft_word(d, bmc_event_protocol_names, args[PROTOCOL], "Protocol");
	if (s->protocol == BMC_EVENTS_SNMP_V1)
		rf_draft_refuse_value(d->q, RF_PROPERTY_NOT_IN_LIST, args[PROTOCOL],
				      "Protocol");
	(void)rf_draft_text(d, s->context, sizeof(s->context), args[CONTEXT],
			    "Context");
	if (!rf_draft_text(d, s->destination, sizeof(s->destination), args[DESTINATION],
			   "Destination"))
		return;
	take_format(d, args);
	take_lists(d, args);
	take_flags(d, args);
	if (s->protocol == BMC_EVENTS_REDFISH)
		take_push(d, args);
	else if (s->protocol)
		take_snmp(d, args);
}

static int created(struct rf_request *q)
{
	const char *id = q->data;

	/* a full disk comes without words */
	if (q->result.code == BMC_ENOSPC && q->result.err.what[0])
		return rf_answer_message(q, RF_SUBSCRIPTION_LIMIT, NULL);
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_SUBSCRIPTION, id);
	if (!row)
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	return rf_answer_created(q, &rf_subscription, row);
}

static int submit(struct rf_draft *d)
{
	struct bmc_action act = { .op = BMC_ACT_ADD, .kind = BMC_SUBSCRIPTION };
	struct bmc_params *p = bmc_params_new();
	struct rf_request *q = d->q;
	struct bmc_error err = { 0 };
	struct bmc_transaction *t = NULL;
	int r = p ? BMC_OK : BMC_ENOMEM;

	bmc_subscriptions->new_id(act.id, &d->row.row.index[0]);
	if (r == BMC_OK)
		r = bmc_params_set_row(p, &d->row.row, &err);
	if (r == BMC_OK && d->secrets[0])
		r = bmc_params_set_text(p, BMC_PARAM_SECRETS, d->secrets, &err);
	q->data = strdup(act.id);
	if (!q->data)
		r = BMC_ENOMEM;
	act.params = p;
	if (r == BMC_OK)
		r = bmc_action_reserve(&q->login.actor, &act, 1, &t, NULL, &err);
	(void)bmc_params_unref(p);
	if (r == BMC_ENOSPC)
		return rf_answer_message(q, RF_SUBSCRIPTION_LIMIT, NULL);
	return r < 0 ? rf_answer_error(q, r, &err) : rf_commit(q, t, created);
}

int rf_subscription_create(struct rf_request *q, const json_t *const *args)
{
	struct rf_draft *d = calloc(1, sizeof(*d));
	int r;

	if (!d || !bmc_subscriptions) {
		free(d);
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	}
	d->q = q;
	if (q->login.actor.privileges &
	    bmc_action_privilege(BMC_ACT_ADD, BMC_SUBSCRIPTION))
		take(d, args);
	r = q->messages.n ? rf_answer_messages(q, 0) : submit(d);
	bmc_wipe(d, sizeof(*d));
	free(d);
	return r;
}

/* ---- changes ---- */

/* One list of parameters for all changes of a request. */
static struct bmc_params *params_of(struct rf_request *q)
{
	if (!q->params)
		q->params = bmc_params_new();
	return q->params;
}

static int set_field(struct rf_request *q, struct bmc_action *act)
{
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_SUBSCRIPTION,
				  offsetof(struct bmc_subscription, context));
	act->params = params_of(q);
	return act->params ? 0 : BMC_ENOMEM;
}

/* The row among the parameters, as it is to be. */
static int set_row(struct rf_request *q, const char *context)
{
	const struct bmc_row *has = bmc_params_row(q->params, BMC_SUBSCRIPTION);
	struct bmc_subscription *row = malloc(sizeof(*row));
	int r = BMC_ENOMEM;

	if (row) {
		*row = *(const struct bmc_subscription *)(has ? has : q->row);
		if (context)
			(void)bmc_copy(row->context, sizeof(row->context), context);
		r = bmc_params_set_row(q->params, &row->row, NULL);
	}
	free(row);
	return r;
}

int rf_subscription_set_context(struct rf_request *q, const json_t *value,
				struct bmc_action *act)
{
	const char *text = json_is_null(value) ? "" : json_string_value(value);

	if (!text)
		return BMC_EINVAL;
	if (strlen(text) >= sizeof(((struct bmc_subscription *)0)->context))
		return BMC_ERANGE;
	int r = set_field(q, act);
	return r < 0 ? r : set_row(q, text);
}

int rf_subscription_set_headers(struct rf_request *q, const json_t *value,
				struct bmc_action *act)
{
	struct rf_draft *d = calloc(1, sizeof(*d));
	size_t before = q->messages.added;
	int r = BMC_EINVAL;

	if (((const struct bmc_subscription *)q->row)->type != BMC_SUBSCRIBER_PUSH) {
		r = BMC_EREADONLY;
	} else if (d && json_is_array(value)) {
		d->q = q;
		rf_draft_headers(d, value);
		r = set_field(q, act);
		if (r == 0)
			r = set_row(q, NULL);
		if (r == 0)
			r = bmc_params_set_text(q->params, BMC_PARAM_SECRETS,
						d->secrets, NULL);
		if (q->messages.added > before) /* it is said already */
			r = 1;
	}
	if (d)
		bmc_wipe(d, sizeof(*d));
	free(d);
	return r;
}

static int set_suspended(struct rf_request *q, bool suspended)
{
	struct bmc_action act = { .op = BMC_ACT_SET, .kind = BMC_SUBSCRIPTION };

	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	act.field = bmc_field_at(BMC_SUBSCRIPTION,
				 offsetof(struct bmc_subscription, suspended));
	act.num = suspended;
	return rf_submit(q, &act, 1, rf_then_task);
}

int rf_subscription_suspend(struct rf_request *q, const json_t *const *args)
{
	(void)args;
	return set_suspended(q, true);
}

int rf_subscription_resume(struct rf_request *q, const json_t *const *args)
{
	(void)args;
	return set_suspended(q, false);
}
