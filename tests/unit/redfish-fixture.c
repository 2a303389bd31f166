// SPDX-License-Identifier: Apache-2.0
/* The fixture of the Redfish tests: see redfish-fixture.h. */
#include "redfish-fixture.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "redfish/query.h"

struct rf_fixture rf_fixture;
const struct bmc_auth_ops *bmc_auth;

/* ---- people ---- */

static const struct {
	const char *name, *password, *role;
	uint32_t privileges;
	bool must_change;
} persons[] = {
	{ "admin", "admin-pw", "Administrator", 31, false },
	{ "olga", "olga-pw", "Operator", 7, false },
	{ "rita", "rita-pw", "ReadOnly", 3, false },
	{ "newbie", "newbie-pw", "Administrator", 31, true },
	/* roles of the site's own */
	{ "ulla", "ulla-pw", "clerk", BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_USERS,
	  false },
	{ "mona", "mona-pw", "keeper", BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_MANAGER,
	  false },
};

static bool find(const char *user, const char *password, struct bmc_actor *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(persons); i++) {
		if (strcmp(persons[i].name, user) != 0 ||
		    strcmp(persons[i].password, password) != 0)
			continue;
		*ret = (struct bmc_actor){ .privileges = persons[i].privileges,
					   .must_change = persons[i].must_change,
					   .fresh = true };
		(void)bmc_copy(ret->name, sizeof(ret->name), user);
		(void)bmc_copy(ret->role, sizeof(ret->role), persons[i].role);
		return true;
	}
	return false;
}

static bool cached(const char *user, const char *password, const char *client,
		   struct bmc_actor *ret)
{
	(void)client;
	return rf_fixture.cached && find(user, password, ret);
}

struct check {
	bmc_auth_done *done;
	void *arg;
	int code;
	struct bmc_actor who;
};
static struct check *_Atomic muted;

static void answer(void *arg)
{
	struct check *c = arg;

	c->done(c->arg, c->code, c->code ? NULL : &c->who);
	free(c);
}

static int check(const char *user, const char *password, const char *client,
		 bmc_auth_done *done, void *arg)
{
	(void)client;
	rf_fixture.checks++;
	if (rf_fixture.check_code)
		return rf_fixture.check_code;
	struct check *c = calloc(1, sizeof(*c));
	c->done = done;
	c->arg = arg;
	c->code = find(user, password, &c->who) ? 0 : BMC_EAUTH;
	if (rf_fixture.mute) {
		assert_null(muted);
		muted = c;
		return 0;
	}
	return bmc_loop_post(answer, c);
}

static bool abandon(const void *arg)
{
	if (!muted || muted->arg != arg)
		return false;
	free(muted);
	muted = NULL;
	rf_fixture.abandoned++;
	return true;
}

static void session_show(void *arg)
{
	(void)bmc_inventory_upsert(arg);
	bmc_inventory_publish();
	free(arg);
}

static int session_open(const struct bmc_actor *who, char ret_id[BMC_ID_MAX],
			char ret_token[BMC_TOKEN_MAX], struct bmc_error *err)
{
	struct bmc_session *s = malloc(sizeof(*s));

	(void)err;
	*s = (struct bmc_session){
		.row = { .kind = BMC_SESSION, .id = "s1", .index = { 1, 0 } },
		.created = bmc_now()
	};
	(void)bmc_copy(s->user, sizeof(s->user), who->name);
	(void)bmc_copy(s->role, sizeof(s->role), who->role);
	(void)bmc_copy(s->client, sizeof(s->client), who->client);
	(void)bmc_loop_post(session_show, s);
	(void)bmc_copy(ret_id, BMC_ID_MAX, "s1");
	(void)snprintf(ret_token, BMC_TOKEN_MAX, "token-of-%s", who->name);
	return 0;
}

static bool session_find(const char *token, const char *client, struct bmc_actor *ret,
			 char ret_id[BMC_ID_MAX])
{
	char password[32];

	(void)client;
	if (strncmp(token, "token-of-", 9) != 0)
		return false;
	(void)snprintf(password, sizeof(password), "%s-pw", token + 9);
	(void)bmc_copy(ret_id, BMC_ID_MAX, "s1");
	return find(token + 9, password, ret);
}

static int64_t session_timeout(void)
{
	return rf_fixture.timeout;
}

static void limits(struct bmc_auth_limits *ret)
{
	*ret = (struct bmc_auth_limits){ 5, 300, 8, 128, !rf_fixture.no_basic, 64, 16 };
}

static int role_name(const char *name)
{
	return strcmp(name, "admin") == 0 ? BMC_EPERM : name[0] == '1' ? BMC_EINVAL : 0;
}

static int set_session_timeout(int64_t seconds)
{
	if (seconds < 30 || seconds > 86400)
		return BMC_ERANGE;
	rf_fixture.timeout = seconds;
	return 0;
}

static const struct bmc_auth_ops people = {
	.cached = cached,
	.check = check,
	.abandon = abandon,
	.session_open = session_open,
	.session_find = session_find,
	.session_timeout = session_timeout,
	.set_session_timeout = set_session_timeout,
	.role_name = role_name,
	.limits = limits,
};

static void add_people(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(persons); i++) {
		struct bmc_account a = { .row = { .kind = BMC_ACCOUNT,
						  .index = { (uint32_t)i + 1, 0 } },
					 .enabled = 1,
					 .locked = 0 };
		struct bmc_role r = { .row = { .kind = BMC_ROLE,
					       .index = { (uint32_t)i + 1, 0 } },
				      .predefined = 1 };
		(void)bmc_copy(a.row.id, sizeof(a.row.id), persons[i].name);
		(void)bmc_copy(a.role, sizeof(a.role), persons[i].role);
		a.must_change = persons[i].must_change;
		(void)bmc_copy(r.row.id, sizeof(r.row.id), persons[i].role);
		r.privileges = persons[i].privileges;
		assert_int_not_equal(bmc_inventory_upsert(&a.row), 0);
		if (!a.must_change)
			assert_int_not_equal(bmc_inventory_upsert(&r.row), 0);
	}
	struct bmc_manager m = {
		.row = { .kind = BMC_MANAGER, .id = "bmc", .index = { 1, 0 } },
		.name = "bmc",
		.version = "0.1",
		.uuid = "0a8e4b6c-9b1f-4f0e-9a57-1b6b3e9d1f00",
		.start_time = 0,
		.state_durable = 1,
		.locator = BMC_UNKNOWN
	};
	assert_int_not_equal(bmc_inventory_upsert(&m.row), 0);
}

/* A password begins a new list. */
static void note_run(const struct bmc_action *act)
{
	bool begins = act->op == BMC_ACT_PASSWORD;
	char *list = rf_fixture.last_runs;
	size_t n = begins ? 0 : strlen(list);

	rf_fixture.account_runs++;
	(void)snprintf(list + n, sizeof(rf_fixture.last_runs) - n, "%s ",
		       begins       ? "password"
		       : act->field ? act->field->name
				    : "other");
}

/* The action handler of accounts: takes all but the password "weak-weak". */
static void own_run(const struct bmc_action *act, const struct bmc_actor *who,
		    bmc_action_handler_done *done, void *arg)
{
	struct bmc_account a = { .row = { .kind = BMC_ACCOUNT, .index = { 100, 0 } },
				 .enabled = 1,
				 .locked = 0 };

	(void)who;
	note_run(act);
	if (strcmp(act->secret, "weak-weak") == 0) {
		done(arg, BMC_EPASSWORD, NULL);
		return;
	}
	if (act->op == BMC_ACT_ADD) {
		(void)bmc_copy(a.row.id, sizeof(a.row.id), act->id);
		(void)bmc_copy(a.role, sizeof(a.role), act->text);
		(void)bmc_inventory_upsert(&a.row);
		bmc_inventory_publish();
	}
	done(arg, 0, NULL);
}

static const struct bmc_action_handler owner = { .run = own_run };

/* ---- transport ---- */

struct wire {
	const struct rf_ask *ask;
	char authorization[128];
	char value[128];
	bool suspended;
};

static const char *header(const struct http_request *q, const char *name)
{
	struct wire *w = q->handle;
	size_t len = strlen(name);

	if (strcmp(name, "Authorization") == 0)
		return w->authorization[0] ? w->authorization : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(w->ask->headers) && w->ask->headers[i]; i++) {
		if (strncmp(w->ask->headers[i], name, len) == 0 &&
		    w->ask->headers[i][len] == ':')
			return w->ask->headers[i] + len + 2;
	}
	return strcmp(name, "Content-Type") == 0 && !w->ask->no_type
		       ? "application/json"
		       : NULL;
}

static void suspend(struct http_request *q)
{
	((struct wire *)q->handle)->suspended = true;
}

static void resume(struct http_request *q)
{
	((struct wire *)q->handle)->suspended = false;
}

static const struct http_transport transport = { .header = header,
						 .suspend = suspend,
						 .resume = resume };

static void credentials(struct wire *w, const char *user)
{
	char text[64];
	gnutls_datum_t in = { .data = (unsigned char *)text }, out;

	if (!user)
		return;
	if (strchr(user, ' ')) { /* a header as it is */
		(void)bmc_copy(w->authorization, sizeof(w->authorization), user);
		return;
	}
	in.size =
		(unsigned)(strchr(user, ':') ? snprintf(text, sizeof(text), "%s", user)
					     : snprintf(text, sizeof(text), "%s:%s-pw",
							user, user));
	assert_int_equal(gnutls_base64_encode2(&in, &out), 0);
	(void)snprintf(w->authorization, sizeof(w->authorization), "Basic %.*s",
		       (int)out.size, (const char *)out.data);
	gnutls_free(out.data);
}

static bool resumed(void *arg)
{
	return !((struct wire *)arg)->suspended;
}

static struct rf_reply reply(struct rf_request *q)
{
	struct rf_reply r = { .status = q->status,
			      .retry_after = q->retry_after,
			      .authenticate = q->authenticate };
	const char *text = q->body ? q->body->text : q->text;

	r.text = strdup(text ? text : "");
	r.json = json_loads(r.text, 0, NULL);
	(void)bmc_copy(r.etag, sizeof(r.etag), q->body ? q->body->etag : "");
	(void)bmc_copy(r.location, sizeof(r.location), q->location);
	(void)bmc_copy(r.allow, sizeof(r.allow), q->allow);
	(void)bmc_copy(r.token, sizeof(r.token), q->token);
	return r;
}

/* "%20" and the like, in place. */
static void unescape(char *text)
{
	char *out = text, hex[3] = "";

	for (; *text; text++) {
		if (*text == '%' && text[1] && text[2]) {
			memcpy(hex, text + 1, 2);
			*out++ = (char)strtoul(hex, NULL, 16);
			text += 2;
		} else {
			*out++ = *text;
		}
	}
	*out = 0;
}

/* As the transport does it: "a=b&c" after the path, in place. */
static void add_query(struct rf_request *q, char *query)
{
	char *value;

	for (char *next; query; query = next) {
		next = strchr(query, '&');
		if (next)
			*next++ = 0;
		value = strchr(query, '=');
		if (value)
			*value++ = 0;
		unescape(query);
		unescape(value ? value : query);
		q->query_overflow |= q->n_query == RF_QUERIES_MAX;
		if (!q->query_overflow && rf_query_counts(query))
			q->query[q->n_query++] = (struct rf_query){ query, value };
	}
}

struct rf_reply rf_ask(const struct rf_ask *ask)
{
	struct wire w = { .ask = ask };
	char target[8192];
	bool fits = bmc_copy(target, sizeof(target), ask->uri);
	char *mark = strchr(target, '?');
	struct http_request http = { .transport = &transport,
				     .handle = &w,
				     .method = ask->method,
				     .path = target,
				     .client = "192.0.2.1" };
	if (mark)
		*mark++ = 0;
	struct rf_request *q = rf_request_new(&http);

	assert_true(fits);
	assert_non_null(q);
	credentials(&w, ask->user);
	if (mark)
		add_query(q, mark);
	if (ask->query && rf_query_counts(ask->query))
		q->query[q->n_query++] =
			(struct rf_query){ ask->query, strchr(ask->query, 0) + 1 };
	if (http_login(&http, &q->login) == HTTP_WAIT)
		assert_true(fixture_until(resumed, &w));
	if (ask->body) {
		http.body = strdup(ask->body);
		http.body_len = strlen(ask->body);
	}
	while (rf_handle(q) == RF_WAIT)
		assert_true(fixture_until(resumed, &w));
	struct rf_reply r = reply(q);
	assert_null(rf_request_free(q));
	http_request_done(&http);
	return r;
}

void rf_reply_done(struct rf_reply *r)
{
	json_decref(r->json);
	free(r->text);
}

/* ---- short words ---- */

unsigned rf_status(const char *method, const char *uri, const char *body)
{
	const struct rf_ask ask = {
		.method = method, .uri = uri, .user = "admin", .body = body
	};
	struct rf_reply r = rf_ask(&ask);

	if (r.status >= 400)
		assert_non_null(rf_message(&r, 0));
	rf_reply_done(&r);
	return r.status;
}

json_t *rf_get(const char *uri)
{
	const struct rf_ask ask = { .method = "GET", .uri = uri, .user = "admin" };
	struct rf_reply r = rf_ask(&ask);

	if (r.status != 200)
		fail_msg("%s: %u %s", uri, r.status, r.text);
	json_t *json = json_incref(r.json);
	rf_reply_done(&r);
	return json;
}

json_t *rf_at(json_t *json, const char *path)
{
	char key[64];

	while (json && *path) {
		size_t len = strcspn(path, "/");
		(void)bmc_copy(key, MIN(sizeof(key), len + 1), path);
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(key))
					   : json_object_get(json, key);
		path += len + (path[len] == '/');
	}
	return json;
}

const char *rf_message(const struct rf_reply *r, size_t i)
{
	json_t *list = rf_at(r->json, "error/@Message.ExtendedInfo");
	const char *id = json_string_value(
		json_object_get(json_array_get(list, i), "MessageId"));

	return id ? strrchr(id, '.') + 1 : NULL;
}

/* ---- life ---- */

int rf_fixture_set_up(void **state)
{
	memset(&rf_fixture, 0, sizeof(rf_fixture));
	rf_fixture.cached = true;
	rf_fixture.timeout = 1800;
	bmc_auth = &people;
	assert_int_equal(fixture_set_up(state), 0);
	add_people();
	bmc_action_handler_register(BMC_ACCOUNT, &owner);
	bmc_action_handler_register(BMC_SESSION, &owner);
	http_wait_open();
	fixture_pass(100);
	return 0;
}

int rf_fixture_tear_down(void **state)
{
	if (muted)
		answer(muted); /* nobody waits any more */
	muted = NULL;
	rf_cache_clear();
	bmc_action_handler_register(BMC_ACCOUNT, NULL);
	bmc_action_handler_register(BMC_SESSION, NULL);
	return fixture_tear_down(state);
}

struct rf_reply rf_expect_reply(const char *user, const char *method, const char *uri,
				const char *body, unsigned status, const char *message)
{
	const struct rf_ask ask = {
		.method = method, .uri = uri, .user = user, .body = body
	};
	struct rf_reply r = rf_ask(&ask);
	const char *got = rf_message(&r, 0);

	if (r.status != status || (message && (!got || strcmp(got, message) != 0)))
		fail_msg("%s %s %s: %u %s", method, uri, body ? body : "", r.status,
			 r.text);
	return r;
}

void rf_expect(const char *user, const char *method, const char *uri, const char *body,
	       unsigned status, const char *message)
{
	struct rf_reply r = rf_expect_reply(user, method, uri, body, status, message);

	rf_reply_done(&r);
}
