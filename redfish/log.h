// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* The part of the event log that is in the database and not in the snapshot. The
 * collection begins with the events of the snapshot, oldest first, as it does when
 * there are no others; after them come the stored ones, newest first, so that a client
 * which reads only the first page has the newest events. */

/** The MessageId of an event or of a condition. A type that comes in several severities
 * has an id for each, as a message's severity is its registry's. New reference. */
json_t *rf_log_message_id(const char *type, int64_t severity);

/** GET of the entries; rf_resource's `stored`. */
int rf_log_page(struct rf_request *q, size_t skip, size_t top);
/** GET of a URI at which the snapshot has nothing: the entry of a stored event, else
 * ResourceMissingAtURI. */
int rf_log_entry(struct rf_request *q);
