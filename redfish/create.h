// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

#define RF_CREATE_MAX 32 /* members of one request, with those below them */

/** POST to a collection with a `draft`. "URI.Deep" (DSP0266, "Deep operations") makes
 * what is below the new member too, of collections that have a `draft` in turn: a body
 * with the "Members" of these in it, or with several "Members" itself. All are checked
 * before the first is made; when one can't be made those before it are removed again.
 */
int rf_create(struct rf_request *q);
