// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "action-fixture.h"
#include "core/plugin/stream.h"

/* Debian's adb server and a board behind it (tests/rigs/adbd.py), or a server that is
 * none of that (tests/rigs/adb_server.py), each with a folder below `adb_dir`; and the
 * plugin adb under the real core. Without the programs the test is skipped. */

extern char adb_dir[];
extern unsigned adb_port, adb_board_port;

/** For cmocka's group: starts the server and a board "sub1-01". */
int adb_rig_start(void **state);
int adb_rig_stop(void **state);
/** For each test: the core, with the plugin on that server. */
int adb_set_up(void **state);
int adb_tear_down(void **state);

/** Writes a file of the board. */
void adb_file(const char *name, const char *text);
/** Until the server has the board, with its system known. */
void adb_wait_for_board(void);

/* A client of a stream. */
struct adb_client {
	struct bmc_stream *s;
	bool ended;
	int code;
	char what[160], got[4096];
	size_t len;
};

void adb_open_stream(struct adb_client *c, const struct bmc_stream_args *args);
void adb_say(struct adb_client *c, const char *text);
/** Until `text` is in what came so far. */
bool adb_hears(struct adb_client *c, const char *text);
/** Takes all until the end; its code. */
int adb_end(struct adb_client *c);
