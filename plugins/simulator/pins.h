// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "bmc/error.h"
#include "bmc/pinbank.h"

/* The simulator's end of the pin bank: levels and the ring of what happened, in a file
 * that it shares with clusterbmc-priv. One thread at a time, but sim_pins_request. */

struct sim_pins {
	struct bmc_pinbank *bank;
	uint64_t seen;      /* newest entry that was followed                        */
	int64_t hole_since; /* a writer began entry seen + 1 and did not end it; or 0 */
};

/** An entry as it was when it was whole. */
struct sim_trace {
	uint64_t seq;
	int64_t usec;
	unsigned what, chip, line, level;
	char board[32], text[16];
};

/** Maps the bank at `path`, making it if needed; "" or NULL: an own one, in memory.
 *  `ret_new`: nothing has ever happened in it. */
int sim_pins_open(struct sim_pins *p, const char *path, bool *ret_new,
		  struct bmc_error *reterr);
void sim_pins_close(struct sim_pins *p);

/** Calls `each` for every entry since the last call, oldest first. False: some were
 *  lost (the ring turned faster, or a writer died): the caller reads all levels anew.
 */
bool sim_pins_follow(struct sim_pins *p, int64_t now,
		     void (*each)(void *arg, const struct sim_trace *e), void *arg);

/** Entry `seq` as a copy; false: it is overwritten or not whole. Any thread. */
bool sim_pins_entry(const struct sim_pins *p, uint64_t seq, struct sim_trace *ret);

/** Number of the newest entry. Any thread. */
uint64_t sim_pins_newest(const struct sim_pins *p);

/** Level of a line, false where there is none such. Any thread. */
bool sim_pins_level(const struct sim_pins *p, unsigned chip, unsigned line);
/** What a line is before anybody has touched it. */
void sim_pins_preset(struct sim_pins *p, unsigned chip, unsigned line, bool level);

/** Records an adb request to `board`; `done`: it carries it out. Any thread. */
void sim_pins_request(struct sim_pins *p, const char *board, const char *request,
		      unsigned arg, bool done);
