// SPDX-License-Identifier: Apache-2.0
/* Edges of input lines for instances that serve: one watcher of the hardware port, a
 * bounded queue for each instance that has asked. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/util.h"
#include "core/plugin/host.h"
#include "core/ports/hardware.h"

#define QUEUE 512

/* An instance's; locked by edges_lock. */
struct bmc_edges {
	struct bmc_edges *next;
	int wake; /* the instance's serve_wake */
	struct bmc_edge queue[QUEUE];
	size_t first, n;
	bool lost; /* some did not fit: all inputs have to be read again */
};

static pthread_mutex_t edges_lock = PTHREAD_MUTEX_INITIALIZER;
static struct bmc_edges *all_edges;

static void push(struct bmc_edges *e, const struct bmc_edge *edge)
{
	uint64_t one = 1;

	if (e->n == QUEUE)
		e->lost = true;
	else
		e->queue[(e->first + e->n++) % QUEUE] = *edge;
	if (write(e->wake, &one, sizeof(one)) < 0)
		log_err("an input's edge could not wake its instance");
}

/* On the port's own thread. */
static void take(void *arg, const struct bmc_edge *edge)
{
	(void)arg;
	(void)pthread_mutex_lock(&edges_lock);
	for (struct bmc_edges *e = all_edges; e; e = e->next)
		push(e, edge);
	(void)pthread_mutex_unlock(&edges_lock);
}

/* Has all inputs read and delivered. Not with the lock: the port waits for take(). */
static void watch_anew(void)
{
	if (bmc_hardware)
		bmc_hardware->watch(take, NULL);
}

static int subscribe(struct bmc_host *host)
{
	struct bmc_edges *e = calloc(1, sizeof(*e));

	if (!e)
		return BMC_ENOMEM;
	e->wake = host->serve_wake;
	(void)pthread_mutex_lock(&edges_lock);
	host->edges = e;
	e->next = all_edges;
	all_edges = e;
	(void)pthread_mutex_unlock(&edges_lock);
	watch_anew();
	return BMC_OK;
}

static void fill(struct bmc_line_edge *ret, const struct bmc_edge *edge)
{
	const struct bmc_platform *p = bmc_instances_platform();

	*ret = (struct bmc_line_edge){ .active = edge->active,
				       .resync = edge->resync,
				       .at = edge->at };
	if (edge->line < p->n_lines)
		(void)bmc_copy(ret->line, sizeof(ret->line), p->lines[edge->line].id);
}

static bool pop(struct bmc_edges *e, struct bmc_line_edge *ret, bool *ret_lost)
{
	bool some;

	(void)pthread_mutex_lock(&edges_lock);
	some = e->n > 0;
	*ret_lost = !some && e->lost;
	if (some) {
		fill(ret, &e->queue[e->first]);
		e->first = (e->first + 1) % QUEUE;
		e->n--;
	} else {
		e->lost = false;
	}
	(void)pthread_mutex_unlock(&edges_lock);
	return some;
}

static bool is_empty(const struct bmc_edges *e)
{
	(void)pthread_mutex_lock(&edges_lock);
	bool empty = e->n == 0 && !e->lost;
	(void)pthread_mutex_unlock(&edges_lock);
	return empty;
}

/* A line that chatters does not keep serve from hearing that it has to return. */
int bmc_edges_op_edge(struct bmc_host *host, struct bmc_line_edge *ret, int64_t ms)
{
	bool lost;
	int code = host->edges ? BMC_OK : subscribe(host);

	if (code == BMC_OK)
		code = bmc_serve_wait(host, -1, 0, is_empty(host->edges) ? ms : 0);
	if (code < 0)
		return code;
	if (pop(host->edges, ret, &lost))
		return 1;
	if (lost)
		watch_anew();
	return 0;
}

/* ---- presses ---- */

void (*bmc_press_hook)(const char *line, enum bmc_press what);

struct press {
	enum bmc_press what;
	char line[2 * BMC_ID_MAX];
};

static void run_press(void *arg)
{
	struct press *p = arg;

	if (bmc_press_hook)
		bmc_press_hook(p->line, p->what);
	free(p);
}

int bmc_edges_op_press(struct bmc_host *host, const char *line, enum bmc_press what)
{
	struct press *p;
	int code;

	(void)host;
	if (what >= BMC_N_PRESSES)
		return BMC_EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return BMC_ENOMEM;
	p->what = what;
	(void)bmc_copy(p->line, sizeof(p->line), line);
	code = bmc_loop_post(run_press, p);
	if (code < 0)
		free(p);
	return code;
}

void bmc_edges_free(struct bmc_host *host)
{
	(void)pthread_mutex_lock(&edges_lock);
	for (struct bmc_edges **p = &all_edges; *p; p = &(*p)->next) {
		if (*p == host->edges) {
			*p = host->edges->next;
			break;
		}
	}
	(void)pthread_mutex_unlock(&edges_lock);
	free(host->edges);
	host->edges = NULL;
}
