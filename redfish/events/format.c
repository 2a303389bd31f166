// SPDX-License-Identifier: Apache-2.0
// Event messages, see format.h. Called by the deliverer.
#include "redfish/events/format.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/util.h"
#include "redfish/list.h"
#include "redfish/render.h"
#include "redfish/uri.h"

#define EVENT_TYPE "#Event.v1_13_0.Event"

static void move(json_t *to, const char *name, json_t *from, const char *of)
{
	json_t *v = json_object_get(from, of);

	if (v)
		(void)json_object_set(to, name, v);
}

static json_t *record_of(json_t *entry, uint32_t number, const char *uri)
{
	json_t *r = json_pack("{ss ss# ss}", "EventType", "Alert", "MemberId", "0", 1,
			      "EventId", "");

	(void)json_object_set_new(r, "EventId", json_sprintf("%" PRIu32, number));
	move(r, "EventTimestamp", entry, "Created");
	move(r, "MessageId", entry, "MessageId");
	move(r, "Message", entry, "Message");
	move(r, "MessageArgs", entry, "MessageArgs");
	move(r, "MessageSeverity", entry, "Severity");
	move(r, "Severity", entry, "Severity");
	move(r, "OriginOfCondition", json_object_get(entry, "Links"),
	     "OriginOfCondition");
	(void)json_object_set_new(r, "LogEntry", rf_link(uri));
	return r;
}

static const char *text(const json_t *object, const char *name)
{
	const char *word = json_string_value(json_object_get(object, name));

	return word ? word : "";
}

/* "ComputerSystem" of the resource at a URI. */
static const char *type_of(const struct bmc_snapshot *s, const char *uri,
			   char ret[static 64])
{
	const struct bmc_row *row;
	const struct rf_resource *res = uri[0] ? rf_route(s, uri, &row) : NULL;
	const char *type = res ? res->type : "";

	(void)bmc_copy(ret, MIN((size_t)64, strcspn(type, ".") + 1), type);
	return ret;
}

bool rf_event_make(struct rf_event *e, const struct bmc_snapshot *s,
		   const struct bmc_row *event)
{
	struct rf_view view;
	char uri[RF_URI_MAX], type[64];

	*e = (struct rf_event){ .number = event->index[0] };
	rf_view_init(&view, s);
	if (!rf_uri(&rf_entry, &view, event, uri))
		return false;
	json_t *entry = rf_render_once(s, &rf_entry, event, uri);
	if (!entry)
		return false;
	e->record = record_of(entry, e->number, uri);
	json_decref(entry);
	if (!e->record)
		return false;
	e->facts.message_id = text(e->record, "MessageId");
	e->facts.severity = text(e->record, "MessageSeverity");
	e->facts.origin =
		text(json_object_get(e->record, "OriginOfCondition"), "@odata.id");
	/* kept beside the record, to live as long */
	(void)json_object_set_new(e->record, "#type",
				  json_string(type_of(s, e->facts.origin, type)));
	e->facts.resource = text(e->record, "#type");
	return true;
}

void rf_event_drop(struct rf_event *e)
{
	json_decref(e->record);
	*e = (struct rf_event){ 0 };
}

static char *message_text(json_t *id, const char *name, const char *context,
			  json_t *record)
{
	json_t *m = json_object();
	char *dumped;

	(void)json_object_set_new(m, "@odata.type", json_string(EVENT_TYPE));
	(void)json_object_set_new(m, "Id", id);
	(void)json_object_set_new(m, "Name", json_string(name));
	if (context[0])
		(void)json_object_set_new(m, "Context", json_string(context));
	(void)json_object_set_new(m, "Events", json_pack("[o]", record));
	(void)json_object_set_new(m, "Events@odata.count", json_integer(1));
	dumped = json_dumps(m, RF_JSON_FLAGS);
	json_decref(m);
	return dumped;
}

char *rf_event_text(const struct rf_event *e, const char *context)
{
	json_t *record = json_copy(e->record);

	(void)json_object_del(record, "#type");
	return message_text(json_sprintf("%" PRIu32, e->number), "Event", context,
			    record);
}

char *rf_heartbeat_text(uint64_t number, const char *context)
{
	char now[32], id[32];

	rf_time(bmc_now(), now);
	(void)snprintf(id, sizeof(id), "heartbeat-%" PRIu64, number);
	return message_text(
		json_string(id), "Heartbeat", context,
		json_pack("{ss ss ss ss ss ss s[] ss ss}", "EventType", "Alert",
			  "MemberId", "0", "EventId", id, "EventTimestamp", now,
			  "MessageId", "HeartbeatEvent.1.1.RedfishServiceFunctional",
			  "Message", "Redfish service is functional.", "MessageArgs",
			  "MessageSeverity", "OK", "Severity", "OK"));
}
