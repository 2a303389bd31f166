// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"
#include "priv/proto.h"

/* All GPIO lines of the platform, held open by the helper, the pulses under way and the
 * edges of inputs. Lines are named by their ordinal in the platform file. The helper's
 * only thread. Times are nanoseconds of CLOCK_MONOTONIC. */

struct priv_lines;

struct priv_lines_conf {
	const struct bmc_platform *platform;
	const char *state_dir;
	uid_t uid;
	/** A pulse that was started by `request` (never 0) has ended. */
	void (*ended)(void *arg, uint64_t request, const struct bmc_error *err);
	/** An input has changed, after its debounce time. */
	void (*edge)(void *arg, const struct priv_edge *edge);
	void *arg;
};

/** Takes the lines as they are and brings pulses to rest that a killed helper left
 * behind. A chip that can't be opened is logged and tried again when it is used. */
int priv_lines_new(const struct priv_lines_conf *conf, struct priv_lines **ret,
		   struct bmc_error *err);
/** Brings all pulses to rest at once. Accepts and returns NULL. */
struct priv_lines *priv_lines_free(struct priv_lines *p);

/** See priv_jobs_epoch, priv_jobs_instance. */
int priv_lines_epoch(struct priv_lines *p, uint64_t epoch, struct bmc_error *err);
uint64_t priv_lines_instance(const struct priv_lines *p);

/** BMC_ENOTSUP for an input. */
int priv_lines_set(struct priv_lines *p, const struct priv_line *line,
		   struct bmc_error *err);
/** 0: nothing to do (done before); 1: begun, `ended` is called with `request` later. */
int priv_lines_pulse(struct priv_lines *p, const struct priv_line *line,
		     uint64_t request, struct bmc_error *err);
/** 1 active, 0 not. Of an input, the level now: its debounce time is not waited for. */
int priv_lines_read(struct priv_lines *p, const struct priv_line *line,
		    struct bmc_error *err);
bool priv_lines_was_pulsed(const struct priv_lines *p, uint64_t job);

int64_t priv_now(void);
/** When priv_lines_step() has something to do at the latest, INT64_MAX for never. */
int64_t priv_lines_next(const struct priv_lines *p);
/** Whether a pulse is under way. */
bool priv_lines_pulsing(const struct priv_lines *p);
/** The descriptor to wait at for edges (POLLIN), or -1: none, or not now. */
int priv_lines_fd(const struct priv_lines *p);
/** The peer that asked for the pulses is gone: `ended` is called with 0. */
void priv_lines_disown(struct priv_lines *p);
/** Ends the pulses that are due, takes edges, reports inputs that have settled. */
void priv_lines_step(struct priv_lines *p);
