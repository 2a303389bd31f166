// SPDX-License-Identifier: Apache-2.0
// Answers: what an error says, and members of objects. Called by the client and by
// commands.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/link.h"
#include "core/base/util.h"

static const struct {
	long status;
	int code;
	const char *words;
} statuses[] = {
	{ 401, CLI_AUTH, "not logged in" },
	{ 403, CLI_AUTH, "this account may not do that" },
	{ 404, CLI_NOT_SUPPORTED, "not found" },
	{ 405, CLI_NOT_SUPPORTED, "not supported" },
	{ 408, CLI_TIMEOUT, "timed out" },
	{ 409, CLI_BUSY, "not there, or in conflict with something else" },
	{ 412, CLI_BUSY, "it was changed meanwhile" },
	{ 429, CLI_BUSY, "too many requests" },
	{ 501, CLI_NOT_SUPPORTED, "not supported" },
	{ 503, CLI_BUSY, "busy" },
	{ 504, CLI_TIMEOUT, "timed out" },
};

/* Base registry's messages whose status says less than they do. */
static const struct {
	const char *id;
	int code;
} messages[] = {
	{ ".ActionNotSupported", CLI_NOT_SUPPORTED },
	{ ".ActionParameterNotSupported", CLI_NOT_SUPPORTED },
	{ ".OperationNotAllowed", CLI_NOT_SUPPORTED },
	{ ".ResourceInStandby", CLI_BUSY },
	{ ".OperationTimeout", CLI_TIMEOUT },
};

static int code_of(long status, const char *message_id)
{
	size_t len = strlen(message_id);

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		size_t n = strlen(messages[i].id);
		if (len > n && strcmp(message_id + len - n, messages[i].id) == 0)
			return messages[i].code;
	}
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].status == status)
			return statuses[i].code;
	}
	return CLI_FAILED;
}

static const char *words_of(long status)
{
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].status == status)
			return statuses[i].words;
	}
	return "the agent refused it";
}

/* Messages whose text names nothing but the URI of the request. */
static bool names_uri_only(const char *message_id)
{
	return strstr(message_id, ".ResourceMissingAtURI") ||
	       strstr(message_id, ".AccessUnauthorized") ||
	       strstr(message_id, ".NoValidSession");
}

/* What is at a path in the words of the command line, and what lists all of it. A
 * board's message begins with its name already. */
static const struct {
	const char *below, *word, *list;
} objects[] = {
	{ "/AccountService/Accounts/", "account", "bmc account list" },
	{ "/TaskService/Tasks/", "task", "bmc fw list" },
	{ "/UpdateService/LocalImageStore/", "image", "bmc fw images" },
	{ "/Chassis/", "chassis", "bmc state" },
	{ "/Systems/", NULL, "bmc state" },
};

#define OBJECT_MAX 100

/* "account rita"; false: `ret` is the path as it is. `ret_list` gets a command or NULL.
 */
static bool object_of(const char *path, char ret[OBJECT_MAX], const char **ret_list)
{
	*ret_list = NULL;
	(void)snprintf(ret, OBJECT_MAX, "%.90s", path);
	if (strncmp(path, CLI_ROOT, strlen(CLI_ROOT)) != 0)
		return false;
	path += strlen(CLI_ROOT);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		size_t n = strlen(objects[i].below), len;
		if (strncmp(path, objects[i].below, n) != 0)
			continue;
		len = strcspn(path + n, "/?");
		if (!len)
			continue;
		ret[0] = 0;
		if (objects[i].word)
			(void)snprintf(ret, OBJECT_MAX, "%s %.*s", objects[i].word,
				       (int)MIN(len, 70u), path + n);
		*ret_list = objects[i].list;
		return true;
	}
	return false;
}

/* What to do next, as the agent says it: not that a URI has to be corrected. */
static void add_next(struct cli_error *err, long status, const char *next, bool uri,
		     const char *list)
{
	size_t n = strlen(next);

	if (uri && status == 404 && list)
		cli_next(err, "%s lists all.", list);
	if (uri && (status == 404 || status == 401))
		return;
	if (uri) /* the agent's own hint comes before the registry's text */
		n = strstr(next, ". ") ? (size_t)(strstr(next, ". ") - next) + 1 : n;
	if (n && strcmp(next, "None.") != 0 && strcmp(next, "None") != 0)
		cli_next(err, "%.*s", (int)n, next);
}

#define HINT_MAX 200

/* "sub1-01 is off: switch it on instead.": the agent's own hint says more than the
 * registry's "the resource is in standby". The board's name is said already. */
static bool hint_of(const char *message_id, const char *next, const char *path,
		    char ret[HINT_MAX])
{
	size_t n = strcspn(next, " ");
	const char *system = strstr(path, "/Systems/"), *end = strstr(next, ". ");

	if (!strstr(message_id, ".ResourceInStandby") || !end ||
	    strncmp(next, "Ensure ", 7) == 0)
		return false;
	if (system && strncmp(system + 9, next, n) == 0 && system[9 + n] == '/')
		next += n + 1;
	(void)snprintf(ret, HINT_MAX, "%.*s", (int)MIN(end - next, HINT_MAX), next);
	return true;
}

int cli_refused(const struct cli_call *call, long status, const json_t *body,
		struct cli_error *err)
{
	const json_t *info = cli_at(body, "error/@Message.ExtendedInfo");
	const json_t *first = json_array_get(info, 0);
	const char *said = cli_text_at(first, "Message"), *list, *object = call->object;
	const char *id = cli_text_at(first, "MessageId");
	const char *next = cli_text_at(first, "Resolution");
	char hint[HINT_MAX];
	bool uri = !*said || names_uri_only(id);
	char buf[OBJECT_MAX];
	bool known = object_of(call->path, buf, &list);

	if (!object && (known ? buf[0] != 0 : status == 404))
		object = buf;
	if (hint_of(id, next, call->path, hint))
		return cli_fail_http(err, code_of(status, id), object, hint, status);
	cli_fail_http(err, code_of(status, id), object, uri ? words_of(status) : said,
		      status);
	add_next(err, status, next, uri, list);
	return err->code;
}

const json_t *cli_at(const json_t *object, const char *path)
{
	char part[128];

	while (object && *path) {
		size_t n = strcspn(path, "/");
		if (n >= sizeof(part))
			return NULL;
		memcpy(part, path, n);
		part[n] = 0;
		object = json_object_get(object, part);
		path += n + (path[n] == '/');
	}
	return object;
}

const char *cli_text_at(const json_t *object, const char *path)
{
	const char *text = json_string_value(cli_at(object, path));

	return text ? text : "";
}

void cli_reply_done(struct cli_reply *r)
{
	if (r->text)
		bmc_wipe(r->text, r->len);
	free(r->text);
	json_decref(r->json);
	bmc_wipe(r->token, sizeof(r->token));
	r->text = NULL;
	r->json = NULL;
}

json_t *cli_get(struct cli_link *l, struct cli_error *err, const char *fmt, ...)
{
	char path[CLI_PATH_MAX];
	struct cli_reply r;
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		(void)cli_fail(err, CLI_USAGE, "the path is too long");
		return NULL;
	}
	int code = cli_ask(l, &(struct cli_call){ .path = path }, &r, err);
	json_t *json = code ? NULL : json_incref(r.json);
	cli_reply_done(&r);
	if (!json && !code)
		(void)cli_fail(err, CLI_FAILED, "the answer is no JSON");
	return json;
}
