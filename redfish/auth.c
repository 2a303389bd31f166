// SPDX-License-Identifier: Apache-2.0
// Authentication and authorisation of a request: a session's token or Basic
// credentials, and what the account may do. Passwords are checked in another thread;
// agent/auth remembers an answer for a minute. Called before a body is read and before
// anything is done.
#include "redfish/auth.h"

#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"
#include "core/ports/auth.h"
#include "redfish/privileges.h"

#define CREDENTIALS_MAX 256 /* decoded "user:password" */

static void take(struct rf_request *q, int code, const struct bmc_actor *who)
{
	q->auth_code = code;
	q->known = q->http->authenticated = code == 0;
	if (!q->known)
		return;
	q->actor = *who;
	(void)bmc_copy(q->actor.origin, sizeof(q->actor.origin), "redfish");
	(void)bmc_copy(q->actor.client, sizeof(q->actor.client), q->http->client);
}

static void checked(void *arg, int code, const struct bmc_actor *who)
{
	struct rf_request *q = rf_wait_end(arg);

	if (!q)
		return;
	take(q, code, who);
	rf_wait_resume(q);
}

static bool cancel(struct http_wait *w)
{
	return bmc_auth->abandon(w);
}

int rf_check_password(struct rf_request *q, const char *user, const char *password,
		      int (*then)(struct rf_request *q))
{
	struct http_wait *w = rf_wait_begin(q, then, cancel);

	if (!w)
		return BMC_ENOMEM;
	int r = bmc_auth->check(user, password, q->http->client, checked, w);
	if (r != 0)
		checked(w, r, NULL); /* resumes at once */
	return 0;
}

/* Splits at the first colon, in place. */
static int basic(struct rf_request *q, char *credentials)
{
	char *password = strchr(credentials, ':');

	if (!password)
		return RF_DONE;
	*password++ = 0;
	struct bmc_actor who;
	if (bmc_auth->cached(credentials, password, q->http->client, &who)) {
		take(q, 0, &who);
		return RF_DONE;
	}
	if (rf_check_password(q, credentials, password, NULL) == 0)
		return RF_WAIT;
	q->auth_code = BMC_ENOMEM;
	return RF_DONE;
}

static int try_basic(struct rf_request *q, const char *encoded)
{
	char credentials[CREDENTIALS_MAX];
	gnutls_datum_t in = { .size = (unsigned)strlen(encoded) },
		       out = { .data = NULL };
	int r = RF_DONE;

	/* decode2 takes it as const in all but name */
	in.data = (unsigned char *)(uintptr_t)encoded;
	q->auth_code = BMC_EAUTH;
	if (in.size > CREDENTIALS_MAX * 2 || gnutls_base64_decode2(&in, &out) < 0)
		return RF_DONE;
	if (out.size < sizeof(credentials) && !memchr(out.data, 0, out.size)) {
		memcpy(credentials, out.data, out.size);
		credentials[out.size] = 0;
		r = basic(q, credentials);
		bmc_wipe(credentials, sizeof(credentials));
	}
	bmc_wipe(out.data, out.size);
	gnutls_free(out.data);
	return r;
}

/* The kernel vouches for who is at the other end of a Unix socket: root could read and
 * change everything anyway. */
static bool take_local_root(struct rf_request *q)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *role = bmc_snapshot_find(s, BMC_ROLE, "Administrator");
	struct bmc_actor who = { .name = "root",
				 .role = "Administrator",
				 .fresh = true };

	if (!role)
		return false;
	who.privileges = (uint32_t)((const struct bmc_role *)role)->privileges;
	take(q, 0, &who);
	(void)bmc_copy(q->actor.origin, sizeof(q->actor.origin), "local");
	return true;
}

int rf_auth(struct rf_request *q)
{
	const char *token = http_header(q->http, "X-Auth-Token");
	struct bmc_actor who;

	if (token && bmc_auth->session_find(token, q->http->client, &who, q->session))
		take(q, 0, &who);
	else if (token)
		q->auth_code = BMC_EAUTH;
	if (token)
		return RF_DONE;
	const char *basic_header = http_header(q->http, "Authorization");
	if (!basic_header && q->http->peer.known && q->http->peer.uid == 0 &&
	    take_local_root(q))
		return RF_DONE;
	if (!basic_header && q->http->certificate[0]) {
		bool there = rf_auth_certificate(q, &who);
		take(q, there ? 0 : BMC_EAUTH, &who);
		return RF_DONE;
	}
	if (!basic_header || strncasecmp(basic_header, "Basic ", 6) != 0)
		return RF_DONE;
	struct bmc_auth_limits l;
	bmc_auth->limits(&l);
	if (!l.basic)
		return RF_DONE;
	return try_basic(q, basic_header + 6 + strspn(basic_header + 6, " "));
}

bool rf_is_own(const struct rf_request *q)
{
	if (!q->row || !(q->res->flags & RF_SELF_ACCESS))
		return false;
	if (q->row->kind == BMC_ACCOUNT)
		return strcmp(q->row->id, q->actor.name) == 0;
	return q->row->kind == BMC_SESSION &&
	       strcmp(((const struct bmc_session *)q->row)->user, q->actor.name) == 0;
}

/* As the registry says, by method and resource; the action API judges each change once
 * more, with its values. One's own account may be changed in part: a PATCH or an action
 * that may set such a property is let through to it. */
static bool is_permitted(const struct rf_request *q)
{
	uint32_t any_of = rf_privileges(q->res, q->method);
	bool changes =
		q->method == RF_PATCH_METHOD || (q->method == RF_POST && q->action);

	if (q->actor.privileges & any_of & ~(uint32_t)BMC_PRIV_CONFIGURE_SELF)
		return true;
	if (changes)
		any_of |= rf_property_privileges(q->res, RF_PATCH_METHOD);
	return (q->actor.privileges & any_of & BMC_PRIV_CONFIGURE_SELF) && rf_is_own(q);
}

static int refuse(struct rf_request *q, enum rf_message_id id)
{
	(void)rf_message_add(&q->messages, id, NULL, NULL, NULL);
	return rf_answer_messages(q, 0);
}

void rf_add_must_change(struct rf_request *q)
{
	char own[RF_URI_MAX];

	(void)snprintf(own, sizeof(own), "/redfish/v1/AccountService/Accounts/%s",
		       q->actor.name);
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
	if (q->auth_code != 0 && q->auth_code != BMC_EAUTH)
		return rf_answer_error(q, q->auth_code, NULL);
	bool token = http_header(q->http, "X-Auth-Token");
	return refuse(q, token ? RF_NO_VALID_SESSION : RF_UNAUTHORIZED);
}

bool rf_authorize(struct rf_request *q)
{
	if (is_public(q))
		return true;
	if (!q->known)
		return refuse_unauthenticated(q) != RF_DONE;
	/* before the first password is changed: one's own account and session only */
	if (q->actor.must_change && !rf_is_own(q)) {
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
	     (q->known && (!q->actor.must_change || rf_is_own(q)) && is_permitted(q));
	q->res = own_res;
	q->row = own_row;
	return ok;
}
