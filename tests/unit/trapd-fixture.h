// SPDX-License-Identifier: Apache-2.0
#pragma once

/* The real snmptrapd as a receiver of notifications, one at a time, which writes one
 * line a notification into a file. */

/** Whether there is one; else says that the test is skipped. */
int trapd_fixture_found(void);
/** Starts it on a free port, in a folder of its own. `conf`: its lines. */
void trapd_fixture_start(const char *conf);
/** Ends it (SIGKILL) and keeps what it has logged; starts it again on the same port. */
void trapd_fixture_kill(void);
void trapd_fixture_restart(void);
/** As if another engine had its address: its id is `engine` from the next start on. */
void trapd_fixture_replace(const char *engine);
/** Ends it and removes the folder. */
void trapd_fixture_stop(void);
int trapd_fixture_port(void);
/** What it has received so far, since the first start; owned by the fixture until the
 * next call. */
const char *trapd_fixture_received(void);
/** How often `what` is in that. */
unsigned trapd_fixture_times(const char *what);
/** Waits until it has `what` `n` times, at most a minute; fails then. */
void trapd_fixture_expect(const char *what, unsigned n);
/** Called again and again while it waits. NULL: nothing to do. */
extern void (*trapd_fixture_meanwhile)(void);

#define TRAPD_TRAP_OID(id) ".1.3.6.1.6.3.1.1.4.1.0 = OID: " id
