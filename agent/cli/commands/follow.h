// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

/** Reads a stream of server-sent events until `take` returns false, again and again
 * when the connection ends: it goes on behind the last event (`since`, NULL: from now
 * on). An agent that refuses it ends it. Returns an enum cli_exit, reported. `take`
 * gets the event's id and its data, borrowed. */
int cli_follow(struct cli *c, const char *path, const char *since,
	       bool (*take)(void *arg, const char *id, const json_t *data), void *arg);
