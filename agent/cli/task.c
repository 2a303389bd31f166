// SPDX-License-Identifier: Apache-2.0
// Waiting for the task that an action was answered with. Called by commands with
// --wait.
#include <poll.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/util.h"

#define POLL_MS    300
#define DEFAULT_MS (10 * 60 * 1000)
#define MONITOR    "/TaskMonitors/"
#define CODE_MAX   CLI_PATH_MAX

/* A monitor's path is the task's with another word. */
static void task_path(const char *location, char ret[CODE_MAX])
{
	const char *at = strstr(location, MONITOR);

	if (!at)
		(void)bmc_copy(ret, CODE_MAX, location);
	else
		(void)snprintf(ret, CODE_MAX, "%.*s/Tasks/%s", (int)(at - location),
			       location, at + strlen(MONITOR));
}

static const char *last_message(const json_t *task)
{
	const json_t *all = json_object_get(task, "Messages");
	size_t n = json_array_size(all);

	return n ? cli_text_at(json_array_get(all, n - 1), "Message") : "";
}

/* True: it has ended, `ret_code` is how. */
static bool has_ended(const json_t *task, struct cli_error *err, int *ret_code)
{
	const char *state = cli_text_at(task, "TaskState"), *why = last_message(task);

	*ret_code = CLI_OK;
	if (strcmp(state, "Completed") == 0)
		return true;
	if (strcmp(state, "Exception") != 0 && strcmp(state, "Cancelled") != 0 &&
	    strcmp(state, "Killed") != 0 && strcmp(state, "Interrupted") != 0)
		return false;
	*ret_code = cli_fail(err, CLI_FAILED, "%s", *why ? why : "it failed");
	cli_next(err, "Task %s: %s.", cli_text_at(task, "Id"), state);
	return true;
}

int cli_wait_task(struct cli_job *job, const char *location, int64_t ms, json_t **ret)
{
	char path[CODE_MAX];
	int64_t until = bmc_now() + (ms > 0 ? ms : DEFAULT_MS);
	json_t *task = NULL;
	int code = CLI_OK;

	task_path(location, path);
	for (;;) {
		json_decref(task);
		task = cli_get(job->link, &job->err, "%s", path);
		if (!task || has_ended(task, &job->err, &code))
			break;
		cli_progress(job,
			     (int)json_integer_value(
				     json_object_get(task, "PercentComplete")),
			     NULL);
		if (bmc_now() >= until) {
			code = cli_fail(&job->err, CLI_TIMEOUT, "not done in time");
			cli_next(&job->err, "It goes on: task %s.", path);
			break;
		}
		(void)poll(NULL, 0, POLL_MS);
	}
	if (!task)
		code = job->err.code;
	if (ret && task)
		*ret = json_incref(task);
	json_decref(task);
	return code;
}
