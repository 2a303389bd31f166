// SPDX-License-Identifier: Apache-2.0
/* The fields of a subscription: who is told of events, and of which. */
#include "core/model/fields.h"
#include "core/model/service.h"

/* clang-format off */
#define WORDS(member, ...) FIELD(bmc_subscription, member, BMC_TEXT, __VA_ARGS__)

static const struct bmc_field fields[] = {
	ROW_FIELDS,
	FIELD(bmc_subscription, type, BMC_ENUM, .names = bmc_subscriber_names,
	      .doc = "How the events get there."),
	FIELD(bmc_subscription, protocol, BMC_ENUM, .names = bmc_event_protocol_names,
	      .doc = "The protocol that is spoken."),
	FIELD(bmc_subscription, policy, BMC_ENUM, .flags = BMC_SETTING,
	      .names = bmc_retry_policy_names, .max = BMC_RETRY_BACKOFF,
	      .doc = "What happens when the receiver takes no events."),
	FIELD(bmc_subscription, format, BMC_ENUM, .names = bmc_event_format_names,
	      .doc = "What it gets: events, or metric reports."),
	FIELD(bmc_subscription, suspended, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether it gets no events for now."),
	FIELD(bmc_subscription, verify, BMC_BOOL, .flags = BMC_SETTING, .max = 1,
	      .doc = "Whether the receiver's certificate is checked."),
	FIELD(bmc_subscription, heartbeat, BMC_BOOL,
	      .doc = "Whether it gets a sign of life in between."),
	FIELD(bmc_subscription, heartbeat_minutes, BMC_INT, .doc = "Minutes between two of them."),
	FIELD(bmc_subscription, subordinate, BMC_BOOL,
	      .doc = "Whether the origins stand for what is below them too."),
	FIELD(bmc_subscription, configured, BMC_BOOL, .flags = BMC_INTERNAL,
	      .doc = "Whether it is the configuration's."),
	FIELD(bmc_subscription, snmp_auth, BMC_ENUM, .names = bmc_snmp_auth_names,
	      .doc = "How an SNMP notification is authenticated."),
	FIELD(bmc_subscription, snmp_priv, BMC_ENUM, .names = bmc_snmp_priv_names,
	      .doc = "How an SNMP notification is encrypted."),
	FIELD(bmc_subscription, user, BMC_TEXT, .flags = BMC_INTERNAL, .doc = "Who made it."),
	FIELD(bmc_subscription, session, BMC_TEXT, .flags = BMC_INTERNAL,
	      .doc = "The session that a stream belongs to."),
	FIELD(bmc_subscription, destination, BMC_TEXT, .doc = "URI of the receiver."),
	FIELD(bmc_subscription, context, BMC_TEXT, .flags = BMC_SETTING,
	      .max = sizeof(((struct bmc_subscription *)0)->context) - 1,
	      .doc = "A word of the client's that comes with each event."),
	WORDS(registries, .doc = "The registries whose events it gets; none: all."),
	WORDS(no_registries, .doc = "The registries whose events it does not get."),
	WORDS(messages, .doc = "The messages that it gets; none: all."),
	WORDS(no_messages, .doc = "The messages that it does not get."),
	WORDS(origins, .doc = "The resources whose events it gets; none: all."),
	WORDS(resources, .doc = "The types of resources whose events it gets; none: all."),
	WORDS(severities, .doc = "The severities that it gets; none: all."),
	WORDS(reports, .doc = "The definitions whose metric reports it gets; none: all."),
	FIELD(bmc_subscription, filter, BMC_TEXT, .flags = BMC_INTERNAL,
	      .doc = "The filter of a stream."),
};
/* clang-format on */

KIND(BMC_SUBSCRIPTION, subscription, .flags = 0);
