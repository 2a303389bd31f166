// SPDX-License-Identifier: Apache-2.0
// Sessions: logging in, who is logged in, logging out.
#include <string.h>

#include "core/inventory.h"
#include "core/loop.h"
#include "core/people.h"
#include "core/util.h"
#include "redfish/auth.h"
#include "redfish/resources/list.h"

static json_t *timeout(struct rf_render *r)
{
	(void)r;
	return json_integer(bmc_people->session_timeout());
}

static int set_timeout(struct rf_request *q, const json_t *value,
		       struct bmc_action *act)
{
	(void)act;
	if (!(q->actor.privileges & BMC_PRIV_CONFIGURE_MANAGER))
		return BMC_EPERM;
	if (!json_is_integer(value))
		return BMC_EINVAL;
	int r = bmc_people->set_session_timeout(json_integer_value(value));
	return r < 0 ? r : 1;
}

static int show(struct rf_request *q)
{
	const char *id = strrchr(q->location, '/') + 1;

	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_SESSION, id);
	if (!row)
		return rf_answer_error(q, BMC_EAGAIN, NULL);
	if (q->actor.must_change)
		rf_say_must_change(q);
	return rf_answer_created(q, &rf_session, row);
}

static void go_on(struct rf_wait *w)
{
	struct rf_request *q = rf_wait_end(w);

	if (q)
		rf_wait_resume(q);
}

/* Main thread: what session_open() posted before has been done. */
static void published(void *arg)
{
	bmc_inventory_publish();
	go_on(arg);
}

/* The password is right. The answer waits until the session's Location can be read. */
static int opened(struct rf_request *q)
{
	struct bmc_error err = { 0 };
	char id[BMC_ID_MAX];

	if (!q->known)
		return rf_answer_error(q, q->auth_code, NULL);
	int r = bmc_people->session_open(&q->actor, id, q->token, &err);
	if (r < 0)
		return rf_answer_error(q, r, &err);
	(void)snprintf(q->location, sizeof(q->location), "%s/%s", rf_sessions.uri, id);
	struct rf_wait *w = rf_wait_begin(q, show);
	if (!w)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	if (bmc_loop_post(published, w) != 0)
		go_on(w);
	return RF_WAIT;
}

static int create(struct rf_request *q, const json_t *const *args)
{
	q->known = false; /* whoever else this request said it was */
	if (rf_check_password(q, json_string_value(args[0]), json_string_value(args[1]),
			      opened) != 0)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	return RF_WAIT;
}

/* clang-format off */
static const struct rf_param params[] = {
	{ "UserName", JSON_STRING, true }, { "Password", JSON_STRING, true }, { .name = NULL },
};
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_FN("SessionTimeout", timeout, .flags = RF_PATCH, .set = set_timeout),
	RF_LINK("Sessions", "./Sessions"),
	{ .path = NULL },
};
static const struct rf_prop props[] = {
	RF_FIELD("UserName", bmc_session, user),
	RF_FIELD("ClientOriginIPAddress", bmc_session, client),
	RF_FIELD("CreatedTime", bmc_session, created),
	RF_FIELD("Roles[]", bmc_session, role, .flags = RF_OMIT),
	RF_NULL("Password"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_session_service = {
	.uri = "/redfish/v1/SessionService",
	.type = "SessionService.v1_2_0.SessionService",
	.name = "Sessions",
	.props = service_props,
	.flags = RF_VOLATILE,
};
const struct rf_resource rf_sessions = {
	.uri = "/redfish/v1/SessionService/Sessions",
	.type = "SessionCollection.SessionCollection",
	.name = "Sessions",
	.members = RF_TO(&rf_session),
	.create_params = params,
	.create = create,
	.flags = RF_CREATE_OPEN,
};
const struct rf_resource rf_session = {
	.uri = "/redfish/v1/SessionService/Sessions/{session}",
	.type = "Session.v1_8_0.Session",
	.name = "Session",
	.props = props,
	.flags = RF_DELETE | RF_OWN,
};
