// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

#include "plugin-fixture.h"

/* A simulated chassis for tests: main, two blades of two boards, `bare` without pins,
 * and one or two of everything else. */

#define BOOTED_MS 9000

/** A chassis that has just been switched on. */
struct fixture *sim_fixture_new(const char *settings);
/** cmocka's setup and teardown: a chassis that is up, with a control socket. */
int sim_fixture_setup(void **state);
int sim_fixture_teardown(void **state);

int sim_fixture_connect(const struct fixture *r);
/** Reads one line; its length, 0 at the end of the stream. */
size_t sim_fixture_line(int fd, char *buf, size_t size);
/** The answer to one request; the caller's. */
json_t *sim_fixture_ask(const struct fixture *r, const char *line);
/** Asks, expects success and polls. */
void sim_fixture_report(struct fixture *r, const char *line);
/** Expects a refusal with `words` in its reason. */
void sim_fixture_refuses(const struct fixture *r, const char *line, const char *words);
