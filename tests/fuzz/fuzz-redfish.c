// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a whole request into the Redfish frontend, over a small chassis without
// plugins. Input: "METHOD URI?QUERY\n", header lines, an empty line, the body. A header
// "User: NAME" makes it a known person's.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "core/actions/actions.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/ports/auth.h"
#include "fuzz.h"
#include "http/wait.h"
#include "redfish/query.h"

#define HEADERS_MAX 16
#define INPUT_MAX   8192

static const char platform_text[] =
	"platform: small\n"
	"chassis: [{id: enclosure, form: RackMount}]\n"
	"blades: [{range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}]\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - {range: {b: 1-2, s: 1-2}, id: \"sub{b}-{s:02}\", index: \"{b}.{s}\", "
	"parent: \"blade{b}\"}\n"
	"fans: [{id: fan1}]\n"
	"psus: [{id: psu1}]\n"
	"sensors: [{id: temp1, type: Temperature, parent: sub1-01, high_warning: "
	"80C}]\n";

/* ---- authentication: who the header says, with every right ---- */

const struct bmc_auth_ops *bmc_auth;

static bool cached(const char *user, const char *password, const char *client,
		   struct bmc_actor *ret)
{
	(void)client;
	*ret = (struct bmc_actor){ .privileges = 31, .fresh = true };
	(void)bmc_copy(ret->name, sizeof(ret->name), user);
	return strcmp(password, "pw") == 0;
}

static int check(const char *user, const char *password, const char *client,
		 bmc_auth_done *done, void *arg)
{
	struct bmc_actor who;
	bool right = cached(user, password, client, &who);

	done(arg, right ? 0 : BMC_EAUTH, right ? &who : NULL);
	return 0;
}

static int session_open(const struct bmc_actor *who, char ret_id[BMC_ID_MAX],
			char ret_token[BMC_TOKEN_MAX], struct bmc_error *err)
{
	(void)who;
	(void)err;
	(void)bmc_copy(ret_id, BMC_ID_MAX, "s1");
	(void)bmc_copy(ret_token, BMC_TOKEN_MAX, "t");
	return 0;
}

static bool session_find(const char *token, const char *client, struct bmc_actor *ret,
			 char ret_id[BMC_ID_MAX])
{
	(void)bmc_copy(ret_id, BMC_ID_MAX, "s1");
	return cached(token, "pw", client, ret) && token[0] == 'u';
}

static int64_t timeout(void)
{
	return 1800;
}

static void limits(struct bmc_auth_limits *ret)
{
	*ret = (struct bmc_auth_limits){ 5, 300, 8, 128, true, 64, 16 };
}

static int set_timeout(int64_t seconds)
{
	return seconds > 86400 ? BMC_ERANGE : 0;
}

static bool abandon(const void *arg)
{
	(void)arg;
	return false;
}

static const struct bmc_auth_ops auth = { .cached = cached,
					  .check = check,
					  .abandon = abandon,
					  .session_open = session_open,
					  .session_find = session_find,
					  .session_timeout = timeout,
					  .set_session_timeout = set_timeout,
					  .limits = limits };

/* ---- transport ---- */

struct wire {
	const char *headers[HEADERS_MAX];
	size_t n;
	bool suspended;
};

static const char *header(const struct http_request *q, const char *name)
{
	const struct wire *w = q->handle;
	size_t len = strlen(name);

	for (size_t i = 0; i < w->n; i++) {
		if (strncmp(w->headers[i], name, len) == 0 && w->headers[i][len] == ':')
			return w->headers[i] + len + 1 +
			       (w->headers[i][len + 1] == ' ');
	}
	return NULL;
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

/* ---- one input ---- */

static void start(void)
{
	static struct bmc_conf_file *file; /* the platform borrows from it */
	static struct bmc_platform *platform;

	bmc_log_init(LOG_EMERG);
	if (bmc_loop_init() != 0 ||
	    bmc_conf_parse("fuzz", platform_text, strlen(platform_text),
			   bmc_platform_schema(), &file, NULL) < 0 ||
	    bmc_platform_new(bmc_conf_root(file), &platform, NULL) < 0 ||
	    bmc_inventory_init(platform, NULL) < 0 || bmc_events_init(NULL) < 0 ||
	    bmc_actions_init(20, false, NULL) < 0)
		abort();
	struct bmc_account a = {
		.row = { .kind = BMC_ACCOUNT, .id = "admin", .index = { 1, 0 } }
	};
	struct bmc_manager m = {
		.row = { .kind = BMC_MANAGER, .id = "bmc", .index = { 1, 0 } }
	};
	(void)bmc_inventory_upsert(&a.row);
	(void)bmc_inventory_upsert(&m.row);
	bmc_inventory_publish();
	bmc_auth = &auth;
	http_wait_open();
}

/* The line at *at, terminated, without its end; *at moves behind it. NULL: no more. */
static char *line(char **at)
{
	char *begin = *at, *end = begin ? strchr(begin, '\n') : NULL;

	if (!end)
		return NULL;
	*end = 0;
	*at = end + 1;
	return begin;
}

static void drive(struct rf_request *q, struct wire *w)
{
	int more = http_login(q->http, &q->login);

	for (int i = 0; i < 1000 && (more == RF_WAIT || w->suspended); i++) {
		if (w->suspended) {
			bmc_loop_step(10);
			bmc_inventory_publish();
		} else {
			more = RF_DONE;
		}
	}
	while (!w->suspended && rf_handle(q) == RF_WAIT) {
		for (int i = 0; i < 1000 && w->suspended; i++) {
			bmc_loop_step(10);
			bmc_inventory_publish();
		}
	}
	if (w->suspended || q->status < 100 || q->status > 599)
		abort(); /* every request has an answer */
}

static void add_query(struct rf_request *q, char *query)
{
	char *save, *value;

	for (char *one = strtok_r(query, "&", &save); one;
	     one = strtok_r(NULL, "&", &save)) {
		value = strchr(one, '=');
		if (value)
			*value++ = 0;
		if (q->n_query < RF_QUERIES_MAX && rf_query_counts(one))
			q->query[q->n_query++] = (struct rf_query){ one, value };
	}
}

static void ask(char *text, size_t len)
{
	char *at = text, *method = line(&at),
	     *uri = method ? strchr(method, ' ') : NULL, *query, *h;
	struct wire w = { .n = 0 };

	if (!uri)
		return;
	*uri++ = 0;
	while ((h = line(&at)) && *h && w.n < HEADERS_MAX)
		w.headers[w.n++] = h;
	query = strchr(uri, '?');
	if (query)
		*query++ = 0;
	struct http_request http = {
		.transport = &transport, .handle = &w, .method = method, .path = uri
	};
	struct rf_request *q = rf_request_new(&http);
	if (!q)
		abort();
	if (query)
		add_query(q, query);
	size_t used = (size_t)(at - text);
	http.body = len > used ? malloc(len - used) : NULL;
	http.body_len = http.body ? len - used : 0;
	if (http.body)
		memcpy(http.body, at, http.body_len);
	drive(q, &w);
	(void)rf_request_free(q);
	http_request_done(&http);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	char *text = malloc(size + 1);

	if (!started)
		start();
	started = true;
	if (!text || size > INPUT_MAX) {
		free(text);
		return 0;
	}
	memcpy(text, data, size);
	text[size] = 0;
	ask(text, size);
	free(text);
	return 0;
}
