// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/platform/platform.h"
#include "core/ports/hardware.h"
#include "priv/proto.h"

/* Edges of input lines on their way from the client's reader to the watcher: a bounded
 * queue and a thread that empties it. When edges were lost, here or on the way, the
 * thread reads all inputs instead. Between client.c and client-calls.c only. */

#define PRIV_EDGES_QUEUE 256u

/** Starts the thread when the platform has inputs; NULL: it has none. Main thread. */
int priv_edges_start(const struct bmc_platform *platform, struct bmc_error *err);
/** Ends it; calls under way must fail by themselves. Main thread. */
void priv_edges_stop(void);

/** Queues an edge, or notes that some are lost. Never waits. Any thread. */
void priv_edges_push(const struct priv_notice *notice);
/** All inputs have to be read: the helper is new. Any thread. */
void priv_edges_resync(void);

/** See bmc_hardware_ops.watch. */
void priv_edges_watch(bmc_edge_fn *edge, void *arg);
