// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "bmc/pinbank.h"
#include "priv/settings.h"

/* A real helper in a child process, over a folder of its own and a small platform:
 * boards b1 (POWER line 0, RESET line 10, active low, 80 ms), b2 (lines 1 and 11), b3
 * (POWER only), so lines 0 to 4; then 5 button (input, active low), 6 lamp (output,
 * active low), 7 present (input, debounced by 100 ms); pwm 0; storage 0, which is no
 * block device, and 1, which is not there. */

struct priv_fixture {
	char dir[64];
	struct priv_settings settings;
	pid_t pid;
	bool accounts;     /* set before the start: the account backend is made ready */
	bool confined;     /* as the program is */
	bool small_socket; /* few packets fit into it on their way from the helper */
	int fd;            /* this end of the socket; -1 when somebody took it */
};

/** Makes folder and settings (backend `file`); no process yet. Aborts when it can't. */
void priv_fixture_init(struct priv_fixture *fixture);
/** Starts the helper; `fixture->fd` is its peer. */
void priv_fixture_start(struct priv_fixture *fixture);
/** Closes the peer's end and waits for the helper to end. */
void priv_fixture_stop(struct priv_fixture *fixture);
/** Removes the folder. */
void priv_fixture_done(struct priv_fixture *fixture);
/** The simulated pins, mapped. */
struct bmc_pinbank *priv_fixture_bank(const struct priv_fixture *fixture);
