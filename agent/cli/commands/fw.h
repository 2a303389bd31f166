// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

/* bmc fw: what its files share. */

#define CLI_UPDATE CLI_ROOT "/UpdateService"
#define CLI_TASKS  CLI_ROOT "/TaskService/Tasks"

/** What an image is to be called with; NULL: it is neither a file nor stored, reported
 * in `err`. */
struct cli_image {
	const char *file;       /* a file of this machine; borrowed; NULL: none */
	char uri[CLI_PATH_MAX]; /* else where the agent finds it              */
	char label[256];        /* for messages                               */
};
int cli_image_find(struct cli *c, const char *word, struct cli_image *ret,
		   struct cli_error *err);

/** Asks the agent whether it would take an update of c->nodes with a file of this
 * machine from this account, without sending it: CLI_OK, or a code and `err`. What is
 * in the image is not known to it yet. `ret_size` is the file's, in bytes. */
int cli_update_check(struct cli *c, const struct cli_image *image, json_t *options,
		     int64_t *ret_size, struct cli_error *err);
/** Queues an update of c->nodes; `ret_task` is its number. Borrowed `options`: the
 * plan, as UpdateParameters' Oem has it, or NULL. A file is sent after
 * cli_update_check() only. */
int cli_update_queue(struct cli *c, const struct cli_image *image, json_t *options,
		     char ret_task[32], struct cli_error *err);

/** Whether it is a task's number. */
bool cli_is_task(const char *word);
/** The boards of a task, each with "node", "state", "percent", "code", "message" and
 * "history": a new array; NULL: `err`. `ret_task` (may be NULL) gets the task itself.
 */
json_t *cli_update_boards(struct cli_link *l, const char *task, json_t **ret_task,
			  struct cli_error *err);
/** Whether a state of a task is its last. */
bool cli_task_ended(const char *state);
/** CLI_OK, CLI_SOME_FAILED of several boards, CLI_FAILED of one. */
int cli_update_code(const json_t *boards);
/** A line, or a row, for each board. */
void cli_update_print(const struct cli *c, const json_t *task, const json_t *boards);
/** Shows how far it is until it has ended, then each board's result. Returns an enum
 * cli_exit, reported. In fw-watch.c. */
int cli_update_watch(struct cli *c, const char *task);
