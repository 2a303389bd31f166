// SPDX-License-Identifier: Apache-2.0
// The same for several boards, so many at a time, each thread with a connection of its
// own; how far they are; and the question before something dangerous. Called by
// commands.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/thread.h"
#include "core/base/util.h"

#define BAR 24

struct cli_each {
	struct cli *c;
	int (*one)(struct cli_job *job);
	struct cli_job *jobs;
	unsigned *percent; /* of each job */
	size_t n, next, ended;
	bool bar, quiet;
	pthread_mutex_t lock; /* of all above that changes, and of stderr's bar */
};

/* ---- progress ---- */

static void draw(struct cli_each *e)
{
	unsigned long sum = 0;
	char bar[BAR + 1];

	for (size_t i = 0; i < e->n; i++)
		sum += e->percent[i];
	unsigned long percent = sum / e->n, full = percent * BAR / 100;
	for (size_t i = 0; i < BAR; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR] = 0;
	fprintf(stderr, "\r\033[K[%s] %3lu%%  %zu of %zu", bar, percent, e->ended,
		e->n);
}

static void erase(const struct cli_each *e)
{
	if (e->bar)
		fputs("\r\033[K", stderr);
}

void cli_progress(struct cli_job *job, int percent, const char *words)
{
	struct cli_each *e = job->each;
	unsigned *mine = &e->percent[job - e->jobs];
	unsigned is = (unsigned)MIN(MAX(percent, 0), 100);

	if (e->quiet)
		return;
	(void)pthread_mutex_lock(&e->lock);
	bool step = is / 10 != *mine / 10 || is < *mine || words;
	*mine = is;
	if (e->bar) {
		draw(e);
	} else if (step) {
		cli_put(stderr, job->node);
		fprintf(stderr, ": %u%% ", is);
		cli_put(stderr, words);
		fputc('\n', stderr);
	}
	(void)pthread_mutex_unlock(&e->lock);
}

/* ---- threads ---- */

static struct cli_job *take(struct cli_each *e)
{
	(void)pthread_mutex_lock(&e->lock);
	struct cli_job *job = e->next < e->n ? &e->jobs[e->next++] : NULL;
	(void)pthread_mutex_unlock(&e->lock);
	return job;
}

static void end(struct cli_each *e, struct cli_job *job, int code)
{
	(void)pthread_mutex_lock(&e->lock);
	job->err.code = code;
	e->percent[job - e->jobs] = 100;
	e->ended++;
	erase(e);
	if (code)
		(void)cli_report(job->node, &job->err);
	if (e->bar && e->ended < e->n)
		draw(e);
	(void)pthread_mutex_unlock(&e->lock);
}

static void work(struct cli_each *e, struct cli_link *l)
{
	struct cli_job *job;

	while ((job = take(e))) {
		job->link = l;
		end(e, job, e->one(job));
	}
}

static void *thread(void *arg)
{
	struct cli_each *e = arg;
	struct cli_link *l = cli_link_new(&e->c->target);

	if (l)
		work(e, l);
	cli_link_free(l);
	return NULL;
}

/* The main thread works, too: without any other it does all. */
static void work_in_threads(struct cli_each *e)
{
	size_t n = MIN(e->n, e->c->parallel), started = 0;
	pthread_t *threads = calloc(n + 1, sizeof(*threads));

	while (threads && started + 1 < n &&
	       bmc_thread_new(&threads[started], thread, e) == 0)
		started++;
	work(e, cli_link(e->c));
	while (started-- > 0)
		(void)pthread_join(threads[started], NULL);
	free(threads);
}

/* ---- all ---- */

static bool set_up(struct cli_each *e, void *arg)
{
	const json_t *b;
	size_t i;

	e->n = json_array_size(e->c->nodes);
	e->jobs = calloc(e->n + 1, sizeof(*e->jobs));
	e->percent = calloc(e->n + 1, sizeof(*e->percent));
	if (!e->jobs || !e->percent)
		return false;
	e->quiet = cli_option(e->c, "quiet");
	e->bar = !e->quiet && isatty(STDERR_FILENO) && cli_option(e->c, "wait");
	json_array_foreach (e->c->nodes, i, b) {
		e->jobs[i] = (struct cli_job){ .board = b,
					       .node = cli_text_at(b, "node"),
					       .uri = cli_text_at(b, "uri"),
					       .arg = arg,
					       .each = e };
	}
	return true;
}

static int gather(struct cli_each *e, json_t **ret_results)
{
	size_t failed = 0;
	int code = CLI_OK;

	if (ret_results)
		*ret_results = json_array();
	for (size_t i = 0; i < e->n; i++) {
		struct cli_job *job = &e->jobs[i];
		failed += job->err.code != CLI_OK;
		code = job->err.code ? job->err.code : code;
		if (ret_results && job->result)
			(void)json_array_append(*ret_results, job->result);
		json_decref(job->result);
	}
	return failed && e->n > 1 ? CLI_SOME_FAILED : code;
}

int cli_each(struct cli *c, int (*one)(struct cli_job *job), void *arg,
	     json_t **ret_results)
{
	struct cli_each e = { .c = c, .one = one };
	int code = CLI_FAILED;

	(void)pthread_mutex_init(&e.lock, NULL);
	if (set_up(&e, arg)) {
		work_in_threads(&e);
		code = gather(&e, ret_results);
	}
	(void)pthread_mutex_destroy(&e.lock);
	free(e.jobs);
	free(e.percent);
	return code;
}

/* ---- the question ---- */

static void put_some(const json_t *nodes)
{
	const json_t *b;
	size_t i, n = json_array_size(nodes);

	json_array_foreach (nodes, i, b) {
		if (i == 8 && n > 9) {
			fprintf(stderr, " ... %s",
				cli_text_at(json_array_get(nodes, n - 1), "node"));
			return;
		}
		fprintf(stderr, " %s", cli_text_at(b, "node"));
	}
}

int cli_confirm(struct cli *c, const char *what)
{
	char answer[16];
	size_t n = json_array_size(c->nodes);

	if (n < 2 || cli_option(c, "yes"))
		return CLI_OK;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return cli_usage(c, "%s of %zu boards needs --yes", what, n);
	fprintf(stderr, "%s of %zu boards:", what, n);
	put_some(c->nodes);
	fputs("? [y/N] ", stderr);
	if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
		return CLI_OK;
	cli_note("nothing was done");
	return CLI_FAILED;
}
