// SPDX-License-Identifier: Apache-2.0
// Authorisation of a request: what the account that http_login found may do, and how a
// refusal looks. Called before anything is done.
#include "redfish/auth.h"

#include <string.h>

#include "core/base/util.h"
#include "redfish/privileges.h"

/* Whose the row is; NULL: nobody's. */
static const char *owner_of(const struct bmc_row *row)
{
	switch (row->kind) {
	case BMC_ACCOUNT:
		return row->id;
	case BMC_SESSION:
		return ((const struct bmc_session *)row)->user;
	case BMC_SUBSCRIPTION:
		return ((const struct bmc_subscription *)row)->user;
	default:
		return NULL;
	}
}

static bool owns(const struct rf_request *q)
{
	const char *owner = q->row ? owner_of(q->row) : NULL;

	return owner && *owner && strcmp(owner, q->login.actor.name) == 0;
}

bool rf_is_own(const struct rf_request *q)
{
	return q->res->flags & RF_SELF_ACCESS && owns(q);
}

/* As the registry says, by method and resource; the action API judges each change once
 * more, with its values. One's own account may be changed in part: a PATCH or an action
 * that may set such a property is let through to it. */
static bool is_permitted(const struct rf_request *q)
{
	uint32_t any_of = rf_privileges(q->res, q->method);
	bool changes =
		q->method == RF_PATCH_METHOD || (q->method == RF_POST && q->action);

	if (q->login.actor.privileges & any_of & ~(uint32_t)BMC_PRIV_CONFIGURE_SELF)
		return true;
	if (changes)
		any_of |= rf_property_privileges(q->res, RF_PATCH_METHOD);
	return (q->login.actor.privileges & any_of & BMC_PRIV_CONFIGURE_SELF) &&
	       owns(q);
}

static int refuse(struct rf_request *q, enum rf_message_id id)
{
	(void)rf_message_add(&q->messages, id, NULL, NULL, NULL);
	return rf_answer_messages(q, 0);
}

void rf_own_account(const struct rf_request *q, char ret[RF_ARG_MAX])
{
	(void)snprintf(ret, RF_ARG_MAX, "/redfish/v1/AccountService/Accounts/%s",
		       q->login.actor.name);
}

void rf_add_must_change(struct rf_request *q)
{
	char own[RF_ARG_MAX];

	rf_own_account(q, own);
	(void)rf_message_add(&q->messages, RF_PASSWORD_CHANGE_REQUIRED, own, NULL,
			     NULL);
}

/* Needs no login: reading a public resource, or logging in. */
static bool is_public(const struct rf_request *q)
{
	if (q->method == RF_GET || q->method == RF_HEAD)
		return q->res->flags & RF_UNAUTHENTICATED;
	return q->method == RF_POST && !q->action &&
	       (q->res->flags & RF_CREATE_UNAUTHENTICATED);
}

static int refuse_unauthenticated(struct rf_request *q)
{
	if (q->login.code != 0 && q->login.code != BMC_EAUTH)
		return rf_answer_error(q, q->login.code, NULL);
	bool token = http_header(q->http, "X-Auth-Token");
	return refuse(q, token ? RF_NO_VALID_SESSION : RF_UNAUTHORIZED);
}

bool rf_authorize(struct rf_request *q)
{
	if (is_public(q))
		return true;
	if (!q->login.known)
		return refuse_unauthenticated(q) != RF_DONE;
	/* before the first password is changed: one's own account and session only */
	if (q->login.actor.must_change && !rf_is_own(q)) {
		rf_add_must_change(q);
		return rf_answer_messages(q, 0) != RF_DONE;
	}
	if (!is_permitted(q))
		return refuse(q, RF_INSUFFICIENT_PRIVILEGE) != RF_DONE;
	return true;
}

bool rf_may_read(struct rf_request *q, const struct rf_resource *res,
		 const struct bmc_row *row)
{
	const struct rf_resource *own_res = q->res;
	const struct bmc_row *own_row = q->row;
	bool ok;

	q->res = res;
	q->row = row;
	ok = is_public(q) ||
	     (q->login.known && (!q->login.actor.must_change || rf_is_own(q)) &&
	      is_permitted(q));
	q->res = own_res;
	q->row = own_row;
	return ok;
}
