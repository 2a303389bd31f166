// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/request.h"

/* Suspended requests, for server.c; handlers use request.h. */

/** Waits may begin, until http_wait_expire(true). */
void http_wait_open(void);
/** Ends waits that are too old (`all`: each of them). Any thread. */
void http_wait_expire(bool all);
/** Lets requests that have waited be answered before the server ends, for at most 1 s.
 */
void http_wait_drain(void);
