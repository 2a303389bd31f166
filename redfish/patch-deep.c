// SPDX-License-Identifier: Apache-2.0
// PATCH of a tree: the body is cut into one body for each resource, all of them are
// checked, and one transaction carries them out. Called by rf_patch.
#include <string.h>

#include "core/base/util.h"
#include "redfish/auth.h"
#include "redfish/patch.h"

struct deep {
	struct rf_request *q;
	char top[RF_URI_MAX];
	json_t *bodies; /* URI -> its own properties; owned */
	struct bmc_action *acts;
	size_t n;
};

static void refuse(struct deep *d, enum rf_message_id id, const char *arg)
{
	(void)rf_message_add(&d->q->messages, id, arg, NULL, NULL);
}

/* ---- taking the body apart ---- */

static const char *uri_of(const json_t *value)
{
	return json_string_value(json_object_get(value, "@odata.id"));
}

static bool is_below(const struct deep *d, const char *uri)
{
	size_t len = strlen(d->top);

	return strncmp(uri, d->top, len) == 0 && uri[len] == '/' && uri[len + 1];
}

static bool is_empty(const json_t *value)
{
	return (json_is_object(value) && json_object_size(value) == 0) ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

static void take_resource(struct deep *d, const char *uri, json_t *body, int level);

/* Takes the resources out of what is one resource's own. Depth: input.c's. */
static void take_out(struct deep *d, json_t *own, int level)
{
	const char *key;
	json_t *v;
	void *tmp;

	for (size_t i = 0; i < json_array_size(own);) {
		v = json_array_get(own, i);
		const char *uri = uri_of(v);
		if (uri)
			take_resource(d, uri, v, level + 1);
		else
			take_out(d, v, level);
		if (uri || is_empty(v))
			(void)json_array_remove(own, i);
		else
			i++;
	}
	json_object_foreach_safe(own, tmp, key, v)
	{
		bool empty = is_empty(v);
		const char *uri = uri_of(v);
		if (uri)
			take_resource(d, uri, v, level + 1);
		else
			take_out(d, v, level);
		if (uri || (!empty && is_empty(v)))
			(void)json_object_del(own, key);
	}
}

static void take_resource(struct deep *d, const char *uri, json_t *body, int level)
{
	char key[RF_URI_MAX];

	if (!bmc_copy(key, sizeof(key), uri) || (level > 0 && !is_below(d, key)))
		refuse(d, RF_INVALID_URI, uri);
	else if (level > RF_DEEP_LEVELS_MAX ||
		 json_object_size(d->bodies) == RF_DEEP_TARGETS_MAX)
		refuse(d, RF_PAYLOAD_TOO_LARGE, NULL);
	else if (json_object_get(d->bodies, key))
		refuse(d, RF_PROPERTY_DUPLICATE, key);
	else
		(void)json_object_set(d->bodies, key, body);
	if (!d->q->messages.n)
		take_out(d, body, level);
}

/* ---- checking ---- */

static bool has_settings(const json_t *body)
{
	const char *key;
	json_t *v;

	/* const in all but jansson's iterator */
	json_object_foreach ((json_t *)(uintptr_t)body, key, v) {
		if (!strchr(key, '@'))
			return true;
	}
	return false;
}

static void check(struct deep *d, const char *uri, const json_t *body)
{
	struct rf_request *q = d->q;
	char allow[64];

	(void)bmc_copy(q->uri, sizeof(q->uri), uri);
	q->res = rf_route(q->snap, uri, &q->row);
	if (!q->res) {
		refuse(d, RF_INVALID_URI, uri);
		return;
	}
	if (!rf_may_read(q, q->res, q->row)) { /* judges the method: PATCH */
		refuse(d, RF_INSUFFICIENT_PRIVILEGE, NULL);
		return;
	}
	rf_allow(q->res, false, allow);
	if (!strstr(allow, "PATCH"))
		refuse(d, RF_METHOD_NOT_ALLOWED, NULL);
	else
		d->n += rf_patch_actions(q, body, d->acts + d->n,
					 RF_DEEP_ACTIONS_MAX - d->n);
}

static void check_all(struct deep *d)
{
	const char *uri;
	json_t *body;

	json_object_foreach (d->bodies, uri, body) {
		if (has_settings(body))
			check(d, uri, body);
	}
	if (!d->n && !d->q->messages.n)
		refuse(d, RF_NO_OPERATION, NULL);
	(void)bmc_copy(d->q->uri, sizeof(d->q->uri), d->top);
	d->q->res = rf_route(d->q->snap, d->top, &d->q->row);
}

/* ---- carrying out ---- */

static int changed(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	if (q->result.task)
		return rf_answer_task(q, q->result.task);
	return rf_answer_resource(q);
}

int rf_patch_deep(struct rf_request *q)
{
	struct deep d = { .q = q };
	int r;

	if (!rf_parse(q))
		return RF_DONE;
	(void)bmc_copy(d.top, sizeof(d.top), q->uri);
	d.bodies = json_object();
	d.acts = calloc(RF_DEEP_ACTIONS_MAX, sizeof(d.acts[0]));
	if (!d.bodies || !d.acts) {
		r = rf_answer_error(q, BMC_ENOMEM, NULL);
	} else {
		take_resource(&d, d.top, q->parsed, 0);
		if (!q->messages.n)
			check_all(&d);
		r = q->messages.n ? rf_answer_messages(q, 0)
				  : rf_submit(q, d.acts, d.n, changed);
	}
	json_decref(d.bodies);
	free(d.acts);
	return r;
}
