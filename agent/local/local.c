// SPDX-License-Identifier: Apache-2.0
// The local API as a handler of the HTTP server: each request is one action on one
// board, through the action API.
#include "local/local.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/actions/action.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "http/http.h"
#include "http/request.h"
#include "local/origin.h"

#define ADDRESS  "127.0.0.1"
#define PREFIX   "/api/"
#define USER     "local-api"
#define BODY_MAX 1024U /* no request needs one; what is sent is not read */

static bool get_allowed; /* set before the serving threads start */

static const struct verb {
	const char *word;
	enum bmc_action_op op;
	const char *already;
} verbs[] = {
	{ "reset", BMC_ACT_FORCE_RESTART, "" },
	{ "reboot", BMC_ACT_GRACEFUL_RESTART, "" },
	{ "poweron", BMC_ACT_ON, ": it is on already" },
	{ "poweroff", BMC_ACT_FORCE_OFF, ": it is off already" },
};

/* What is known of a request once its action was committed; q->state. */
struct request {
	const struct verb *verb;
	char node[BMC_ID_MAX];
	bool committed;
	struct bmc_result result;
};

/* ---- answers ---- */

/* `body` is stolen. */
static int answer(struct http_request *q, unsigned status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;
	struct http_response *r = NULL;

	json_decref(body);
	if (line)
		memcpy(line + len, "\n", 2);
	else
		free(text);
	text = line;
	if (text)
		r = http_response_new(text, strlen(text), HTTP_STOLEN, q->secure);
	if (r) {
		http_response_add(r, "Content-Type", "application/json");
		http_response_add(r, "Cache-Control", "no-store");
		http_response_add(r, "Allow",
				  status != 405 ? NULL
				  : get_allowed ? "GET, POST"
						: "POST");
	}
	http_answer(q, status, r);
	return HTTP_DONE;
}

static int refuse(struct http_request *q, unsigned status, const char *code,
		  const char *message)
{
	return answer(q, status,
		      json_pack("{s:s, s:s}", "error", code, "message", message));
}

static int fail(struct http_request *q, int code, const struct bmc_error *err)
{
	/* clang-format off */
	static const struct {
		int code;
		unsigned status;
		const char *word;
	} words[] = {
		{ BMC_ENOTFOUND,    404, "unknown-node"  },
		{ BMC_EABSENT,      409, "empty-slot"    },
		{ BMC_EBUSY,        409, "busy"          },
		{ BMC_ESTATE,       409, "not-now"       },
		{ BMC_EQUARANTINED, 409, "quarantined"   },
		{ BMC_ENOTSUP,      501, "not-supported" },
		{ BMC_EAGAIN,       503, "try-again"     },
		{ BMC_ENOSPC,       503, "try-again"     },
		{ BMC_ENOMEM,       503, "try-again"     },
		{ BMC_ETIMEDOUT,    503, "timed-out"     },
		{ BMC_ECANCELED,    503, "shutting-down" },
	};
	/* clang-format on */
	const char *what = err && err->what[0] ? err->what : bmc_strerror(code);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].code == code)
			return refuse(q, words[i].status, words[i].word, what);
	}
	return refuse(q, 500, "failed", what);
}

static int answer_result(struct http_request *q)
{
	const struct request *r = q->state;
	uint32_t task = r->result.task;
	char message[96];

	if (r->result.code < 0)
		return fail(q, r->result.code, &r->result.err);
	if (task)
		(void)snprintf(message, sizeof(message), "%s of %s accepted as task %u",
			       r->verb->word, r->node, task);
	else
		(void)snprintf(message, sizeof(message), "nothing to do for %s%s",
			       r->node, r->verb->already);
	return answer(q, task ? 202 : 200,
		      json_pack("{s:s, s:s, s:o, s:s}", "node", r->node, "action",
				r->verb->word, "task",
				task ? json_integer(task) : json_null(), "message",
				message));
}

/* ---- requests ---- */

/* "/api/VERB/BOARD". */
static bool parse(const char *path, struct request *ret)
{
	const char *word = path + sizeof(PREFIX) - 1;

	if (strncmp(path, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		size_t len = strlen(verbs[i].word);

		if (strncmp(word, verbs[i].word, len) != 0 || word[len] != '/')
			continue;
		ret->verb = &verbs[i];
		return bmc_copy(ret->node, sizeof(ret->node), word + len + 1) &&
		       ret->node[0] && !strchr(ret->node, '/');
	}
	return false;
}

static bool is_foreign(const struct http_request *q)
{
	const char *host = http_header(q, "Host");

	return !local_host_ok(host) ||
	       !local_origin_ok(host, http_header(q, "Origin"),
				http_header(q, "Sec-Fetch-Site"));
}

/* True: it is one that may be carried out; else it is answered. */
static bool check(struct http_request *q, struct request *r)
{
	bool get = strcmp(q->method, "GET") == 0;

	if (is_foreign(q)) {
		log_limited(LOG_WARNING,
			    "local API: a request of another site's page is refused");
		(void)refuse(q, 403, "foreign-origin",
			     "only for programs on this machine: use the host "
			     "localhost, and no page of another site");
	} else if (!parse(q->path, r)) {
		(void)refuse(q, 404, "unknown-path",
			     "there is /api/VERB/NODE, with the verbs reset, reboot, "
			     "poweron and poweroff");
	} else if (get && !get_allowed) {
		(void)refuse(q, 405, "use-post",
			     "use POST, or set local_api.get in the configuration");
	} else if (!get && strcmp(q->method, "POST") != 0) {
		(void)refuse(q, 405, "use-post", "use POST");
	} else {
		return true;
	}
	return false;
}

static void committed(void *arg, const struct bmc_result *result)
{
	struct http_request *q = http_wait_end(arg);
	struct request *r = q ? q->state : NULL;

	if (!q)
		return;
	r->committed = true;
	r->result = *result;
	http_wait_resume(q);
}

static int submit(struct http_request *q, const struct request *r)
{
	struct bmc_actor who = { .name = USER,
				 .role = "Operator",
				 .origin = "local",
				 .fresh = true,
				 .privileges = BMC_PRIV_LOGIN |
					       BMC_PRIV_CONFIGURE_COMPONENTS };
	struct bmc_action act = { .op = r->verb->op, .kind = BMC_BOARD };
	struct bmc_transaction *t = NULL;
	struct bmc_error err = { 0 };

	(void)bmc_copy(who.client, sizeof(who.client), q->client);
	(void)bmc_copy(act.id, sizeof(act.id), r->node);
	int code = bmc_action_reserve(&who, &act, 1, &t, NULL, &err);
	if (code < 0)
		return fail(q, code, &err);
	struct http_wait *w = http_wait_begin(q, HTTP_WAIT_MS, NULL);
	if (!w) {
		bmc_transaction_release(t);
		return fail(q, BMC_ENOMEM, NULL);
	}
	bmc_transaction_commit(t, committed, w);
	return HTTP_WAIT;
}

static int begin(struct http_request *q)
{
	q->max_body = BODY_MAX;
	q->state = q->state ? q->state : calloc(1, sizeof(struct request));
	return q->state ? HTTP_DONE : fail(q, BMC_ENOMEM, NULL);
}

static int run(struct http_request *q)
{
	struct request *r = q->state;

	if (q->expired) {
		int code = q->expired;
		q->expired = 0;
		return fail(q, code, NULL);
	}
	if (r->committed)
		return answer_result(q);
	return check(q, r) ? submit(q, r) : HTTP_DONE;
}

static void on_refuse(struct http_request *q, unsigned status, const char *header)
{
	char message[64];

	(void)snprintf(message, sizeof(message), "the request is refused%s%.24s",
		       header ? ": " : "", header ? header : "");
	(void)refuse(q, status, "bad-request", message);
}

static void end(struct http_request *q)
{
	free(q->state);
	q->state = NULL;
}

static const struct http_handler handler = {
	.begin = begin, .run = run, .refuse = on_refuse, .end = end
};

/* ---- the configuration ---- */

int local_init(const struct bmc_conf *local_api, struct bmc_error *err)
{
	if (!bmc_conf_num(local_api, "enabled", 0))
		return BMC_OK;
	get_allowed = bmc_conf_num(local_api, "get", 0) != 0;
	return http_listen_apart(HTTP_LOCAL_API, ADDRESS,
				 (unsigned)bmc_conf_num(local_api, "port", 0), &handler,
				 err);
}

void local_done(void)
{
	(void)http_listen_apart(HTTP_LOCAL_API, NULL, 0, NULL, NULL);
}
