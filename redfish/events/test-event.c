// SPDX-License-Identifier: Apache-2.0
// SubmitTestEvent: an event like any other, which says what its client wants. Called
// through the table in resources/.
#include <string.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "redfish/action.h"
#include "redfish/events/subscriptions.h"

enum param {
	MESSAGE_ID,
	MESSAGE,
	MESSAGE_ARGS,
	EVENT_ID,
	EVENT_TYPE,
	EVENT_TIMESTAMP,
	EVENT_GROUP,
	SEVERITY,
	MESSAGE_SEVERITY,
	ORIGIN,
};

/* clang-format off */
const struct rf_param rf_test_event_params[] = {
	[MESSAGE_ID]       = { "MessageId", JSON_STRING, false },
	[MESSAGE]          = { "Message", JSON_STRING, false },
	[MESSAGE_ARGS]     = { "MessageArgs", JSON_ARRAY, false },
	[EVENT_ID]         = { "EventId", JSON_STRING, false },
	[EVENT_TYPE]       = { "EventType", JSON_STRING, false },
	[EVENT_TIMESTAMP]  = { "EventTimestamp", JSON_STRING, false },
	[EVENT_GROUP]      = { "EventGroupId", JSON_INTEGER, false },
	[SEVERITY]         = { "Severity", JSON_STRING, false },
	[MESSAGE_SEVERITY] = { "MessageSeverity", JSON_STRING, false },
	[ORIGIN]           = { "OriginOfCondition", JSON_STRING, false },
	{ .name = NULL },
};
/* clang-format on */

/* What does not fit into an event is refused: nothing is cut. */
static bool fits(struct rf_request *q, const json_t *value, enum param param)
{
	const char *text = json_string_value(value);

	if (!text || (strlen(text) < 64 && bmc_text_ok(text, strlen(text))))
		return true;
	(void)rf_message_add(&q->messages, RF_PARAMETER_OUT_OF_RANGE, text,
			     rf_test_event_params[param].name, q->action->name);
	return false;
}

static bool severity_ok(struct rf_request *q, const char *word)
{
	if (strcmp(word, "OK") == 0 || strcmp(word, "Warning") == 0 ||
	    strcmp(word, "Critical") == 0)
		return true;
	(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, word,
			     "MessageSeverity", q->action->name);
	return false;
}

static const char *text_of(const json_t *value, const char *otherwise)
{
	return value ? json_string_value(value) : otherwise;
}

int rf_test_event_submit(struct rf_request *q, const json_t *const *args)
{
	const struct bmc_row *origin = rf_the_manager(q);
	const char *severity =
		text_of(args[MESSAGE_SEVERITY], text_of(args[SEVERITY], "OK"));

	if (!(q->login.actor.privileges & BMC_PRIV_CONFIGURE_MANAGER))
		return rf_answer_message(q, RF_INSUFFICIENT_PRIVILEGE, NULL);
	if (args[ORIGIN])
		(void)rf_target(q, args[ORIGIN], &origin);
	if (args[ORIGIN] && !origin)
		(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST,
				     json_string_value(args[ORIGIN]),
				     "OriginOfCondition", q->action->name);
	if (!fits(q, args[MESSAGE_ID], MESSAGE_ID) ||
	    !fits(q, args[MESSAGE], MESSAGE) || !severity_ok(q, severity) ||
	    q->messages.n)
		return rf_answer_messages(q, 0);
	bmc_event_raise("TestEvent", origin ? origin->handle : 0,
			text_of(args[MESSAGE], "asked for over Redfish"),
			text_of(args[MESSAGE_ID], ""), severity);
	q->status = 204;
	return RF_DONE;
}
