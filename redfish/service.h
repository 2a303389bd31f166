// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* For further handlers of the HTTP server that answer in Redfish's words. On the
 * request's serving thread. */

/** Answers the HTTP request with what the Redfish request says. */
void rf_send(struct rf_request *q);
/** Takes the query's arguments over. */
void rf_take_query(struct rf_request *q);
/** A handler's `refuse`. */
void rf_refuse(struct http_request *http, unsigned status, const char *header);
