// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "action-fixture.h"
#include "core/ports/action-handler.h"
#include "core/ports/auth.h"
#include "http/wait.h"
#include "redfish/request.h"

/* What the tests of the Redfish frontend share: a transport without sockets over the
 * fixture of the action tests, and people: admin/admin-pw, olga/olga-pw (Operator),
 * rita/rita-pw (ReadOnly), ulla/ulla-pw (may configure users, no more), mona/mona-pw
 * (the manager, no more), newbie/newbie-pw (has to change it first). The check of a
 * password answers from the loop, as PAM does, unless `rf_fixture.cached`. */

struct rf_fixture {
	atomic_bool cached;
	int check_code; /* what check() returns at once */
	atomic_uint checks;
	int64_t timeout;
	atomic_bool mute; /* PAM answers when all is over */
	atomic_uint abandoned;
	bool no_basic;
	unsigned account_runs; /* changes of accounts that were made; the last ones */
	char last_runs[64];
};
extern struct rf_fixture rf_fixture;

/* One request; headers as "Name: value", ends with NULL. `uri` may end with a query. */
struct rf_ask {
	const char *method, *uri, *user, *body, *query;
	const char *headers[4];
	bool no_type; /* no Content-Type */
};

/* What came back. `json` is a new reference, NULL without a body that is JSON. */
struct rf_reply {
	unsigned status;
	json_t *json;
	char *text;
	char etag[40], location[256], allow[64], token[64];
	unsigned retry_after;
	bool authenticate;
};

int rf_fixture_set_up(void **state);
int rf_fixture_tear_down(void **state);

struct rf_reply rf_ask(const struct rf_ask *ask);
void rf_reply_done(struct rf_reply *r);

/** The status of a request by admin; the body is checked to be an error's from 400 on.
 */
unsigned rf_status(const char *method, const char *uri, const char *body);
/** The resource as JSON (200 is asserted), a new reference. */
json_t *rf_get(const char *uri);
/** At "A/B/0/C" of JSON, borrowed, or NULL. */
json_t *rf_at(json_t *json, const char *path);
/** The key of message `i` of an error, without registry and version. */
const char *rf_message(const struct rf_reply *r, size_t i);

/** Asks as `user`; fails unless the status is this and, when given, the first message.
 * The reply is the caller's. */
struct rf_reply rf_expect_reply(const char *user, const char *method, const char *uri,
				const char *body, unsigned status, const char *message);
/** The same, without the reply. */
void rf_expect(const char *user, const char *method, const char *uri, const char *body,
	       unsigned status, const char *message);
