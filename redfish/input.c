// SPDX-License-Identifier: Apache-2.0
// The body of a request: bounded, strict JSON, and the parameters of actions and
// creations picked out of it by table. Called by rf_patch and rf_post.
#include <string.h>

#include "core/base/util.h"
#include "redfish/request.h"

#define DEPTH_MAX 10

/* Whether brackets nest deeper than DEPTH_MAX, before the parser recurses. */
static bool too_deep(const char *s, size_t len)
{
	int depth = 0;
	bool string = false;

	for (size_t i = 0; i < len; i++) {
		if (string) {
			if (s[i] == '\\')
				i++;
			string = s[MIN(i, len - 1)] != '"';
		} else if (s[i] == '"') {
			string = true;
		} else if (s[i] == '{' || s[i] == '[') {
			if (++depth > DEPTH_MAX)
				return true;
		} else if (s[i] == '}' || s[i] == ']') {
			depth--;
		}
	}
	return false;
}

/* The name that jansson says is there twice ("duplicate object key near '"X"'"). */
static void duplicate(struct rf_request *q, const json_error_t *e)
{
	char name[RF_ARG_MAX];
	const char *open = strchr(e->text, '"');

	(void)bmc_copy(name, sizeof(name), open ? open + 1 : "");
	name[strcspn(name, "\"")] = 0;
	(void)rf_message_add(&q->messages, RF_PROPERTY_DUPLICATE, name, NULL, NULL);
}

static void refuse(struct rf_request *q, const json_error_t *e)
{
	if (json_error_code(e) == json_error_duplicate_key)
		duplicate(q, e);
	else
		(void)rf_message_add(&q->messages, RF_MALFORMED_JSON, NULL, NULL, NULL);
}

bool rf_parse(struct rf_request *q)
{
	json_error_t e = { .line = 0 };

	if (q->http->body_len && !too_deep(q->http->body, q->http->body_len))
		q->parsed = json_loadb(q->http->body, q->http->body_len,
				       JSON_REJECT_DUPLICATES, &e);
	else
		(void)rf_message_add(&q->messages,
				     q->http->body_len ? RF_MALFORMED_JSON
						       : RF_EMPTY_JSON,
				     NULL, NULL, NULL);
	if (!q->parsed && !q->messages.n)
		refuse(q, &e);
	if (q->parsed && !json_is_object(q->parsed))
		(void)rf_message_add(&q->messages, RF_UNRECOGNIZED_BODY, NULL, NULL,
				     NULL);
	if (q->messages.n)
		(void)rf_answer_messages(q, 0);
	return q->messages.n == 0;
}

void rf_format_value(const json_t *v, char ret[RF_ARG_MAX])
{
	char *text = json_is_string(v) ? NULL
				       : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

	(void)bmc_copy(ret, RF_ARG_MAX, text ? text : json_string_value(v));
	free(text);
}

static bool of_type(const json_t *v, json_type type)
{
	return type == JSON_TRUE ? json_is_boolean(v) : json_typeof(v) == type;
}

static void wrong_type(struct rf_request *q, const json_t *v, const char *name,
		       const char *action)
{
	char word[RF_ARG_MAX] = "***";

	if (!strstr(name, "Password"))
		rf_format_value(v, word);
	if (action)
		(void)rf_message_add(&q->messages, RF_PARAMETER_TYPE, word, name,
				     action);
	else
		rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_TYPE, word,
						name, NULL),
				 name, "");
}

static size_t param_index(const struct rf_param *params, const char *name)
{
	size_t i = 0;

	while (params[i].name && strcmp(params[i].name, name) != 0)
		i++;
	return i;
}

static void take(struct rf_request *q, const struct rf_param *params,
		 const char *action, json_t *body, const json_t *args[RF_PARAMS_MAX])
{
	const char *key;
	json_t *v;

	json_object_foreach (body, key, v) {
		size_t i = param_index(params, key);
		if (strchr(key, '@'))
			continue;
		if (params[i].name && of_type(v, params[i].type))
			args[i] = v;
		else if (params[i].name)
			wrong_type(q, v, key, action);
		else if (action)
			(void)rf_message_add(&q->messages, RF_PARAMETER_UNKNOWN, action,
					     key, NULL);
		else
			rf_message_about(rf_message_add(&q->messages,
							RF_PROPERTY_UNKNOWN, key, NULL,
							NULL),
					 key, "");
	}
}

static void missing(struct rf_request *q, const char *name, const char *action)
{
	if (action)
		(void)rf_message_add(&q->messages, RF_PARAMETER_MISSING, action, name,
				     NULL);
	else
		rf_message_about(rf_message_add(&q->messages, RF_CREATE_MISSING, name,
						NULL, NULL),
				 name, "");
}

bool rf_args_of(struct rf_request *q, const struct rf_param *params, const char *action,
		json_t *body, const json_t *args[RF_PARAMS_MAX])
{
	size_t said = q->messages.n;

	take(q, params, action, body, args);
	for (size_t i = 0; params[i].name; i++) {
		if (params[i].required && !json_object_get(body, params[i].name))
			missing(q, params[i].name, action);
	}
	return q->messages.n == said;
}

bool rf_args(struct rf_request *q, const struct rf_param *params, const char *action,
	     const json_t *args[RF_PARAMS_MAX])
{
	if (rf_args_of(q, params, action, q->parsed, args))
		return true;
	(void)rf_answer_messages(q, 0);
	return false;
}
