// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include "core/model/service.h"

#include "bmc/model.h"

/* Which events a subscriber gets: the lists of a subscription, and the $filter of a
 * stream (DSP0266, "Server-Sent Events"). Pure. */

/** What is asked of an event. */
struct rf_facts {
	const char *message_id; /* "ClusterBmc.1.0.BoardInserted"        */
	const char *origin;     /* URI of OriginOfCondition, "": none    */
	const char *resource;   /* its type, "ComputerSystem"; "": none  */
	const char *severity;   /* "OK", "Warning", "Critical"           */
	const char *definition; /* of a metric report: its URI; then the others are "".
				   NULL: it is an event */
};

/** Whether the lists of a subscription let the event through. */
bool rf_lists_match(const struct bmc_subscription *s, const struct rf_facts *f);

/** Whether a list, words with blanks between, has this one. */
bool rf_list_has(const char *words, const char *word);

/** Whether two MessageIds name the same message, with or without its version:
 * "TaskEvent.1.0.TaskStarted" and "TaskEvent.TaskStarted". */
bool rf_same_message(const char *a, const char *b);

/* A compiled $filter. */
struct rf_event_filter;
#define RF_EVENT_FILTER_MAX   255 /* bytes of its text */
#define RF_EVENT_FILTER_NODES 48
#define RF_EVENT_FILTER_DEPTH 12

/** Compiles it: comparisons (`PROPERTY eq VALUE`, `ne`) of RegistryPrefix,
 * ResourceType, EventFormatType, EventType, MessageId, MetricReportDefinition,
 * OriginResource, SubordinateResources and Severity, joined by `and`, `or`, `not` and
 * brackets. "": all events. NULL: it is malformed, or too long. Owned. */
struct rf_event_filter *rf_event_filter_new(const char *text);
/** Accepts and returns NULL. */
struct rf_event_filter *rf_event_filter_free(struct rf_event_filter *f);
bool rf_event_filter_match(const struct rf_event_filter *f,
			   const struct rf_facts *facts);
/** Whether any metric report, or any event, can get through. Reports do only where
 * EventFormatType or MetricReportDefinition is asked for: a filter of other properties
 * is one of events. */
bool rf_event_filter_takes(const struct rf_event_filter *f, bool reports);
