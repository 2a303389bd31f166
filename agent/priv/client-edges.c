// SPDX-License-Identifier: Apache-2.0
// The queue of edges and its thread, see client-edges.h. A call of the watcher may take
// long or call the helper: it holds up neither the reader nor the helper.
#include "priv/client-edges.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "priv/client-calls.h"

#define READ_MS 5000

static struct {
	pthread_mutex_t mutex;
	pthread_mutex_t calling; /* held while the watcher is called; taken first */
	pthread_cond_t changed;
	pthread_t thread;
	uint32_t *inputs; /* their ordinals, owned */
	size_t n_inputs;
	bool running, stop, resync;
	bmc_edge_fn *edge;
	void *arg;
	struct bmc_edge queue[PRIV_EDGES_QUEUE];
	size_t first, n;
	unsigned lost; /* since the last resync, for the log */
} edges = { .mutex = PTHREAD_MUTEX_INITIALIZER,
	    .calling = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER };

static void deliver(const struct bmc_edge *e)
{
	(void)pthread_mutex_lock(&edges.calling);
	if (edges.edge)
		edges.edge(edges.arg, e);
	(void)pthread_mutex_unlock(&edges.calling);
}

static void read_all(void)
{
	for (size_t i = 0; i < edges.n_inputs; i++) {
		struct bmc_error err = { 0 };
		uint32_t line = edges.inputs[i];
		int r = priv_hardware_ops.line_read(line, bmc_now() + READ_MS, &err);
		if (r < 0) {
			log_limited(LOG_WARNING, "input line %u: %s", line, err.what);
			/* no helper: its next hello asks for all lines again */
			if (r == BMC_EIO || r == BMC_ETIMEDOUT || r == BMC_ECANCELED)
				return;
			continue;
		}
		deliver(&(struct bmc_edge){ .line = line,
					    .active = r == 1,
					    .at = bmc_now() * 1000,
					    .resync = true });
	}
}

/* With the mutex. */
static void take_resync(void)
{
	unsigned lost = edges.lost;

	edges.resync = false;
	edges.n = edges.lost = 0;
	(void)pthread_mutex_unlock(&edges.mutex);
	if (lost > 0)
		log_warning("edges of input lines came faster than they were taken: "
			    "the lines are read instead");
	read_all();
	(void)pthread_mutex_lock(&edges.mutex);
}

static void *run(void *arg)
{
	(void)arg;
	(void)pthread_mutex_lock(&edges.mutex);
	while (!edges.stop) {
		if (edges.resync) {
			take_resync();
		} else if (edges.n > 0) {
			struct bmc_edge e = edges.queue[edges.first];
			edges.first = (edges.first + 1) % PRIV_EDGES_QUEUE;
			edges.n--;
			(void)pthread_mutex_unlock(&edges.mutex);
			deliver(&e);
			(void)pthread_mutex_lock(&edges.mutex);
		} else {
			(void)pthread_cond_wait(&edges.changed, &edges.mutex);
		}
	}
	(void)pthread_mutex_unlock(&edges.mutex);
	return NULL;
}

/* A copy: a reload replaces the platform. */
static int take_inputs(const struct bmc_platform *p, struct bmc_error *err)
{
	edges.n_inputs = 0;
	edges.inputs = calloc(p ? p->n_lines + 1 : 1, sizeof(*edges.inputs));
	if (!edges.inputs)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	for (uint32_t i = 0; p && i < p->n_lines; i++) {
		if (p->lines[i].input)
			edges.inputs[edges.n_inputs++] = i;
	}
	return 0;
}

static void free_inputs(void)
{
	free(edges.inputs);
	edges.inputs = NULL;
	edges.n_inputs = 0;
}

int priv_edges_start(const struct bmc_platform *platform, struct bmc_error *err)
{
	int r = take_inputs(platform, err);

	if (r < 0 || edges.n_inputs == 0) {
		free_inputs();
		return r;
	}
	edges.stop = edges.resync = false;
	edges.n = edges.lost = 0;
	r = bmc_thread_new(&edges.thread, run, NULL);
	edges.running = r == 0;
	if (r < 0)
		free_inputs();
	return r < 0 ? bmc_fail(err, r, "edges: no thread") : 0;
}

void priv_edges_stop(void)
{
	if (!edges.running)
		return;
	(void)pthread_mutex_lock(&edges.mutex);
	edges.stop = true;
	(void)pthread_cond_signal(&edges.changed);
	(void)pthread_mutex_unlock(&edges.mutex);
	(void)pthread_join(edges.thread, NULL);
	edges.running = false;
	edges.edge = NULL;
	free_inputs();
}

static bool is_input(uint32_t line)
{
	for (size_t i = 0; i < edges.n_inputs; i++) {
		if (edges.inputs[i] == line)
			return true;
	}
	return false;
}

static void ask_resync(bool lost)
{
	edges.resync = true;
	edges.lost += lost;
	(void)pthread_cond_signal(&edges.changed);
}

void priv_edges_resync(void)
{
	(void)pthread_mutex_lock(&edges.mutex);
	ask_resync(false);
	(void)pthread_mutex_unlock(&edges.mutex);
}

void priv_edges_push(const struct priv_notice *notice)
{
	const struct priv_edge *e = &notice->edge;

	(void)pthread_mutex_lock(&edges.mutex);
	if (!edges.running) {
		; /* nothing watches */
	} else if (notice->kind == PRIV_EDGES_LOST || edges.n == PRIV_EDGES_QUEUE) {
		ask_resync(true);
	} else if (notice->kind == PRIV_EDGE && is_input(e->line)) {
		edges.queue[(edges.first + edges.n++) % PRIV_EDGES_QUEUE] =
			(struct bmc_edge){ .line = e->line,
					   .active = e->active != 0,
					   .at = e->at };
		(void)pthread_cond_signal(&edges.changed);
	}
	(void)pthread_mutex_unlock(&edges.mutex);
}

void priv_edges_watch(bmc_edge_fn *edge, void *arg)
{
	(void)pthread_mutex_lock(&edges.calling);
	edges.edge = edge;
	edges.arg = arg;
	(void)pthread_mutex_unlock(&edges.calling);
	if (edge)
		priv_edges_resync();
}
