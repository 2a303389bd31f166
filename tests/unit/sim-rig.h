// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "plugin-rig.h"

/* A simulated chassis for tests: main, two blades of two boards, `bare` without pins,
 * and one or two of everything else. */

#define BOOTED_MS 9000

/** A chassis that has just been switched on. */
struct rig *sim_rig_new(const char *settings);
/** cmocka's setup and teardown: a chassis that is up, with a control socket. */
int sim_rig_setup(void **state);
int sim_rig_teardown(void **state);

int sim_rig_connect(const struct rig *r);
/** Reads one line; its length, 0 at the end of the stream. */
size_t sim_rig_line(int fd, char *buf, size_t size);
/** The answer to one request; the caller's. */
json_t *sim_rig_ask(const struct rig *r, const char *line);
/** Asks, expects success and polls. */
void sim_rig_report(struct rig *r, const char *line);
/** Expects a refusal with `words` in its reason. */
void sim_rig_refuses(const struct rig *r, const char *line, const char *words);
