// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* The helper's memory of pulses: which step numbers were pulsed, kept in a file so that
 * it outlives both processes. A pulse is written before its line moves and again at its
 * end, so that a helper that was killed in between finds what it has to bring to rest.
 */

struct priv_jobs;

/** `path` in the state folder. A file of another boot of this machine, or of another
 * platform file (whose ordinals name other lines), is recreated. */
int priv_jobs_open(const char *path, uint64_t digest, struct priv_jobs **ret,
		   struct bmc_error *err);
struct priv_jobs *priv_jobs_close(struct priv_jobs *j);

/** Job numbers count from here on in `epoch`: forgets all when it is another one than
 * before. */
int priv_jobs_epoch(struct priv_jobs *j, uint64_t epoch, struct bmc_error *err);

/** Changes whenever pulses were forgotten. */
uint64_t priv_jobs_instance(const struct priv_jobs *j);

bool priv_jobs_seen(const struct priv_jobs *j, uint64_t job);
/** Notes a pulse that begins; the oldest of PRIV_JOBS is forgotten. */
int priv_jobs_begin(struct priv_jobs *j, uint64_t job, uint32_t line,
		    struct bmc_error *err);
void priv_jobs_end(struct priv_jobs *j, uint64_t job);
/** The pulse that began did not happen: it may be asked for again. */
void priv_jobs_drop(struct priv_jobs *j, uint64_t job);

/** Calls `each` for pulses whose end was never noted, and notes it. */
void priv_jobs_unfinished(struct priv_jobs *j, void (*each)(void *arg, uint32_t line),
			  void *arg);
