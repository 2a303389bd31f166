// SPDX-License-Identifier: Apache-2.0
// HttpPushUriTargets and HttpPushUriOptions of the update service. Called through its
// table, and by the handler of HttpPushUri.
#include "redfish/update-options.h"

#include <pthread.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "redfish/apply-time.h"
#include "redfish/list.h"
#include "redfish/redfish.h"
#include "redfish/update-push.h"
#include "redfish/update.h"

#define TARGETS     "HttpPushUriTargets"
#define TARGETS_MAX 128

/* Each is valid on its own; whether they go together is for the push. */
static struct {
	pthread_mutex_t lock;
	json_t *targets; /* NULL: none */
	char who[BMC_ID_MAX];
	bool targets_busy, options_busy;
	const char *apply_time; /* NULL: at once */
	bool in_window;
	char start[40];
	int64_t duration; /* s; 0: not set */
} options = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool configured;

void rf_serve_http_push(bool on)
{
	configured = on;
}

bool rf_push_served(void)
{
	return configured && rf_update_enabled();
}

static void lock(void)
{
	(void)pthread_mutex_lock(&options.lock);
}

static void unlock(void)
{
	(void)pthread_mutex_unlock(&options.lock);
}

/* ---- reading ---- */

json_t *rf_push_uri(struct rf_render *r)
{
	(void)r;
	return json_string(RF_PUSH_URI);
}

json_t *rf_push_targets(struct rf_render *r)
{
	json_t *list;

	(void)r;
	lock();
	list = options.targets ? json_deep_copy(options.targets) : json_array();
	unlock();
	return list;
}

static json_t *flag(const bool *value)
{
	json_t *v;

	lock();
	v = json_boolean(*value);
	unlock();
	return v;
}

json_t *rf_push_targets_busy(struct rf_render *r)
{
	(void)r;
	return flag(&options.targets_busy);
}

json_t *rf_push_options_busy(struct rf_render *r)
{
	(void)r;
	return flag(&options.options_busy);
}

json_t *rf_push_apply_time(struct rf_render *r)
{
	json_t *v;

	(void)r;
	lock();
	v = json_string(options.apply_time ? options.apply_time : RF_IMMEDIATE);
	unlock();
	return v;
}

json_t *rf_push_window_start(struct rf_render *r)
{
	json_t *v = NULL;

	(void)r;
	lock();
	if (options.start[0])
		v = json_string(options.start);
	unlock();
	return v;
}

json_t *rf_push_window_duration(struct rf_render *r)
{
	json_t *v = NULL;

	(void)r;
	lock();
	if (options.duration)
		v = json_integer(options.duration);
	unlock();
	return v;
}

/* ---- writing ---- */

static int refuse(struct rf_request *q, enum rf_message_id id, const json_t *v)
{
	char word[RF_ARG_MAX];

	rf_format_value(v, word);
	rf_message_about(rf_message_add(&q->messages, id, word, TARGETS, NULL), TARGETS,
			 "");
	return BMC_EINVAL;
}

int rf_push_set_targets(struct rf_request *q, const json_t *v, struct bmc_action *act)
{
	const struct bmc_row *row;
	json_t *copy, *item;
	size_t i;

	if (!json_is_array(v))
		return BMC_EINVAL;
	if (json_array_size(v) > TARGETS_MAX)
		return BMC_ERANGE;
	json_array_foreach ((json_t *)(uintptr_t)v, i, item) {
		if (!json_is_string(item) || !rf_target(q, item, &row) || !row)
			return refuse(q, RF_PROPERTY_NOT_IN_LIST, item);
	}
	if (act)
		return 1;
	copy = json_deep_copy(v);
	if (!copy)
		return BMC_ENOMEM;
	lock();
	json_decref(options.targets);
	options.targets = copy;
	(void)bmc_copy(options.who, sizeof(options.who), q->login.actor.name);
	unlock();
	log_info("redfish: %s: " TARGETS " set to %zu targets", q->login.actor.name,
		 json_array_size(v));
	return 1;
}

static int set_flag(const json_t *v, const struct bmc_action *act, bool *to)
{
	if (!json_is_boolean(v))
		return BMC_EINVAL;
	if (act)
		return 1;
	lock();
	*to = json_is_true(v);
	unlock();
	return 1;
}

int rf_push_set_targets_busy(struct rf_request *q, const json_t *v,
			     struct bmc_action *act)
{
	(void)q;
	return set_flag(v, act, &options.targets_busy);
}

int rf_push_set_options_busy(struct rf_request *q, const json_t *v,
			     struct bmc_action *act)
{
	(void)q;
	return set_flag(v, act, &options.options_busy);
}

int rf_push_set_apply_time(struct rf_request *q, const json_t *v,
			   struct bmc_action *act)
{
	const char *word = json_string_value(v);
	bool window = false;

	(void)q;
	if (!word)
		return BMC_EINVAL;
	word = rf_apply_time_find(word, &window);
	if (!word)
		return BMC_ENOTFOUND;
	if (act)
		return 1;
	lock();
	options.apply_time = word;
	options.in_window = window;
	unlock();
	return 1;
}

int rf_push_set_window_start(struct rf_request *q, const json_t *v,
			     struct bmc_action *act)
{
	const char *text = json_string_value(v);
	int64_t at;

	(void)q;
	if (!text)
		return BMC_EINVAL;
	if (strlen(text) >= sizeof(options.start) || !rf_read_time(text, &at))
		return BMC_ERANGE;
	if (act)
		return 1;
	lock();
	(void)bmc_copy(options.start, sizeof(options.start), text);
	unlock();
	return 1;
}

int rf_push_set_window_duration(struct rf_request *q, const json_t *v,
				struct bmc_action *act)
{
	int64_t s = json_integer_value(v);

	(void)q;
	if (!json_is_integer(v))
		return BMC_EINVAL;
	if (s < 1 || s > RF_WINDOW_MAX)
		return BMC_ERANGE;
	if (act)
		return 1;
	lock();
	options.duration = s;
	unlock();
	return 1;
}

/* ---- what a push is for ---- */

static json_t *window(void)
{
	json_t *w = json_object();

	if (options.start[0])
		(void)json_object_set_new(w, RF_WINDOW_START,
					  json_string(options.start));
	if (options.duration)
		(void)json_object_set_new(w, RF_WINDOW_DURATION,
					  json_integer(options.duration));
	return w;
}

json_t *rf_push_parameters(const struct bmc_actor *who)
{
	json_t *o = json_object();

	lock();
	if (options.targets && strcmp(options.who, who->name) == 0)
		(void)json_object_set_new(o, "Targets",
					  json_deep_copy(options.targets));
	if (options.apply_time)
		(void)json_object_set_new(o, RF_APPLY_TIME,
					  json_string(options.apply_time));
	if (options.in_window)
		(void)json_object_set_new(o, RF_WINDOW, window());
	unlock();
	return o;
}
