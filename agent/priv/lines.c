// SPDX-License-Identifier: Apache-2.0
// Lines by ordinal, their pulses and edges, see lines.h. A pulse's width is measured
// from after the line became active, so that it is never shorter than the platform file
// says. Edges only say that an input may have changed: what is reported is its level
// when that has stayed for the debounce time, so bounces and edges lost in the kernel
// do no harm.
#include "priv/lines.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/jobs.h"
#include "priv/lines-driver.h"

#define MAX_PULSES 256u
#define MAX_READY  16 /* chips with edges that one step takes */

struct chip {
	const struct priv_line_driver *driver;
	void *self; /* NULL: not open */
	bool polled;
};

/* Where a line is; an own copy, as a name is looked up on the chip. */
struct place {
	bool taken;
	uint32_t offset;
};

struct pulse {
	uint64_t job, request;
	uint32_t line;
	int64_t end;
};

/* Of a line that is an input. */
struct input {
	bool known, active; /* what was reported last, or read at the start */
	int64_t at;         /* of the last edge, us of CLOCK_BOOTTIME */
	int64_t due;        /* when a new level counts; 0: none is waited for */
};

struct priv_lines {
	struct priv_lines_conf conf;
	struct priv_jobs *jobs;
	struct chip *chips;
	struct place *places; /* by ordinal */
	struct input *inputs; /* by ordinal */
	int epoll;
	bool polling;      /* some chip has no descriptors */
	int64_t next_look; /* edges are taken from then on */
	struct pulse pulses[MAX_PULSES];
	size_t n_pulses;
};

int priv_chip_lines(const struct bmc_platform *p, uint32_t chip,
		    int (*each)(void *arg, const struct bmc_line *line), void *arg)
{
	for (size_t i = 0; i < p->n_lines; i++) {
		if (p->lines[i].chip != chip)
			continue;
		int r = each(arg, &p->lines[i]);
		if (r != 0)
			return r;
	}
	return 0;
}

int64_t priv_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t priv_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static struct place *place_of(const struct priv_lines *p, const struct bmc_line *d)
{
	return &p->places[d - p->conf.platform->lines];
}

static int read_level(struct priv_lines *p, const struct bmc_line *d,
		      struct bmc_error *err)
{
	const struct chip *c = &p->chips[d->chip];
	const struct place *place = place_of(p, d);
	int level = c->driver->get(c->self, place->offset, err);

	return level < 0 ? level : (level != 0) != d->active_low;
}

/* Says which line it was. */
static int name_line(const struct bmc_line *d, int code, struct bmc_error *err)
{
	struct bmc_error why = { 0 };

	if (code >= 0 || !err)
		return code;
	why = *err;
	return bmc_fail(err, code, "%s: %s", d->id, why.what);
}

/* A line that could not be taken is tried again each time it is used. */
static int take_line(struct priv_lines *p, const struct bmc_line *d,
		     struct bmc_error *err)
{
	struct chip *c = &p->chips[d->chip];
	struct place *place = place_of(p, d);

	if (place->taken)
		return 0;
	int r = c->driver->take(c->self, d, &place->offset, err);
	if (r < 0)
		return r;
	place->taken = true;
	if (!d->input)
		return 0;
	c->polled = c->polled || c->driver->polled;
	p->polling = p->polling || c->polled;
	int active = read_level(p, d, NULL); /* what its edges have to differ from */
	p->inputs[d - p->conf.platform->lines] =
		(struct input){ .known = active >= 0, .active = active > 0 };
	return 0;
}

static int take_first(void *arg, const struct bmc_line *d)
{
	struct bmc_error err = { 0 };

	if (name_line(d, take_line(arg, d, &err), &err) < 0)
		log_err("%s", err.what);
	return 0;
}

static int open_chip(struct priv_lines *p, uint32_t chip, struct bmc_error *err)
{
	struct chip *c = &p->chips[chip];
	const struct priv_chip_conf conf = { .platform = p->conf.platform,
					     .chip = chip,
					     .state_dir = p->conf.state_dir,
					     .uid = p->conf.uid,
					     .epoll = p->epoll };

	if (c->self)
		return 0;
	int r = c->driver->open(&conf, &c->self, err);
	if (r < 0)
		return r;
	(void)priv_chip_lines(p->conf.platform, chip, take_first, p);
	return 0;
}

/* Whatever it takes to use a line. */
static int reach(struct priv_lines *p, const struct bmc_line *d, struct bmc_error *err)
{
	int r = open_chip(p, d->chip, err);

	if (r == 0)
		r = take_line(p, d, err);
	return name_line(d, r, err);
}

static int find_line(const struct priv_lines *p, uint32_t line,
		     const struct bmc_line **ret, struct bmc_error *err)
{
	if (line >= p->conf.platform->n_lines)
		return bmc_fail(err, BMC_ENOTFOUND, "line %u: not in the platform file",
				line);
	*ret = &p->conf.platform->lines[line];
	return 0;
}

static int find_output(const struct priv_lines *p, uint32_t line,
		       const struct bmc_line **ret, struct bmc_error *err)
{
	int r = find_line(p, line, ret, err);

	if (r == 0 && (*ret)->input)
		r = bmc_fail(err, BMC_ENOTSUP, "line %s is an input", (*ret)->id);
	return r;
}

static int drive(struct priv_lines *p, const struct bmc_line *d, bool active,
		 struct bmc_error *err)
{
	const struct chip *c = &p->chips[d->chip];
	int r = reach(p, d, err);

	if (r < 0)
		return r;
	r = c->driver->set(c->self, place_of(p, d)->offset, active != d->active_low,
			   err);
	return name_line(d, r, err);
}

static const struct pulse *under_way(const struct priv_lines *p, uint32_t line)
{
	for (size_t i = 0; i < p->n_pulses; i++) {
		if (p->pulses[i].line == line)
			return &p->pulses[i];
	}
	return NULL;
}

static void bring_to_rest(void *arg, uint32_t line)
{
	struct priv_lines *p = arg;
	const struct bmc_line *d = NULL;
	struct bmc_error err = { 0 };

	if (find_output(p, line, &d, &err) < 0 || drive(p, d, false, &err) < 0)
		log_err("line %u: its pulse was cut short and it can't be brought to "
			"rest: %s",
			line, err.what);
}

static void open_chips(struct priv_lines *p)
{
	for (uint32_t i = 0; i < p->conf.platform->n_chips; i++) {
		struct bmc_error err = { 0 };
		p->chips[i].driver = p->conf.platform->chips[i].simulated
					     ? &priv_lines_simulator
					     : &priv_lines_libgpiod;
		if (open_chip(p, i, &err) < 0)
			log_err("%s", err.what);
	}
}

int priv_lines_new(const struct priv_lines_conf *conf, struct priv_lines **ret,
		   struct bmc_error *err)
{
	char path[4200];
	struct priv_lines *p = calloc(1, sizeof(*p));

	if (!p)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	p->conf = *conf;
	p->chips = calloc(conf->platform->n_chips + 1, sizeof(*p->chips));
	p->inputs = calloc(conf->platform->n_lines + 1, sizeof(*p->inputs));
	p->places = calloc(conf->platform->n_lines + 1, sizeof(*p->places));
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	(void)snprintf(path, sizeof(path), "%s/helper.pulses", conf->state_dir);
	int r = p->chips && p->inputs && p->places && p->epoll >= 0
			? priv_jobs_open(path, conf->platform->digest, &p->jobs, err)
			: bmc_fail(err, BMC_ENOMEM, "out of memory");
	if (r < 0) {
		(void)priv_lines_free(p);
		return r;
	}
	open_chips(p);
	priv_jobs_unfinished(p->jobs, bring_to_rest, p);
	*ret = p;
	return 0;
}

static void end_pulse(struct priv_lines *p, size_t i)
{
	struct pulse was = p->pulses[i];
	const struct bmc_line *d = NULL;
	struct bmc_error err = { 0 };

	p->pulses[i] = p->pulses[--p->n_pulses];
	if (find_output(p, was.line, &d, &err) == 0 && drive(p, d, false, &err) == 0)
		priv_jobs_end(p->jobs, was.job);
	else
		log_err("line %u: the end of its pulse failed: %s", was.line, err.what);
	p->conf.ended(p->conf.arg, was.request, &err);
}

struct priv_lines *priv_lines_free(struct priv_lines *p)
{
	if (!p)
		return NULL;
	while (p->n_pulses > 0)
		end_pulse(p, 0);
	for (size_t i = 0; p->chips && i < p->conf.platform->n_chips; i++) {
		if (p->chips[i].self)
			p->chips[i].driver->close(p->chips[i].self);
	}
	(void)priv_jobs_close(p->jobs);
	if (p->epoll >= 0)
		(void)close(p->epoll);
	free(p->inputs);
	free(p->places);
	free(p->chips);
	free(p);
	return NULL;
}

int priv_lines_epoch(struct priv_lines *p, uint64_t epoch, struct bmc_error *err)
{
	return p->n_pulses > 0 ? 0 : priv_jobs_epoch(p->jobs, epoch, err);
}

uint64_t priv_lines_instance(const struct priv_lines *p)
{
	return priv_jobs_instance(p->jobs);
}

int priv_lines_set(struct priv_lines *p, const struct priv_line *line,
		   struct bmc_error *err)
{
	const struct bmc_line *d = NULL;
	int r = find_output(p, line->line, &d, err);

	if (r < 0)
		return r;
	if (line->active > 1)
		return bmc_fail(err, BMC_EINVAL, "a line is active (1) or not (0)");
	if (under_way(p, line->line))
		return bmc_fail(err, BMC_EBUSY, "a pulse on this line is under way");
	return drive(p, d, line->active, err);
}

int priv_lines_pulse(struct priv_lines *p, const struct priv_line *line,
		     uint64_t request, struct bmc_error *err)
{
	const struct bmc_line *d = NULL;
	int r = find_output(p, line->line, &d, err);

	if (r < 0)
		return r;
	if (priv_jobs_seen(p->jobs, line->job))
		return 0;
	if (line->job == 0)
		return bmc_fail(err, BMC_EINVAL, "a pulse needs a job number");
	if (under_way(p, line->line))
		return bmc_fail(err, BMC_EBUSY, "a pulse on this line is under way");
	if (p->n_pulses == MAX_PULSES)
		return bmc_fail(err, BMC_EAGAIN, "%u pulses are under way", MAX_PULSES);
	r = priv_jobs_begin(p->jobs, line->job, line->line, err);
	if (r == 0)
		r = drive(p, d, true, err);
	if (r < 0) {
		priv_jobs_drop(p->jobs, line->job);
		return r;
	}
	p->pulses[p->n_pulses++] = (struct pulse){
		.job = line->job,
		.request = request,
		.line = line->line,
		.end = priv_now() + d->pulse_ms * 1000000,
	};
	return 1;
}

int priv_lines_read(struct priv_lines *p, const struct priv_line *line,
		    struct bmc_error *err)
{
	const struct bmc_line *d = NULL;
	int r = find_line(p, line->line, &d, err);

	if (r == 0)
		r = reach(p, d, err);
	return r < 0 ? r : name_line(d, read_level(p, d, err), err);
}

bool priv_lines_was_pulsed(const struct priv_lines *p, uint64_t job)
{
	return priv_jobs_seen(p->jobs, job);
}

bool priv_lines_pulsing(const struct priv_lines *p)
{
	return p->n_pulses > 0;
}

int64_t priv_lines_next(const struct priv_lines *p)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < p->n_pulses; i++)
		next = MIN(next, p->pulses[i].end);
	for (size_t i = 0; i < p->conf.platform->n_lines; i++) {
		if (p->inputs[i].due)
			next = MIN(next, p->inputs[i].due);
	}
	/* a look that is put off, or one that nothing else asks for */
	if (p->polling || p->next_look > priv_now())
		next = MIN(next, p->next_look);
	return next;
}

int priv_lines_fd(const struct priv_lines *p)
{
	return p->next_look > priv_now() ? -1 : p->epoll;
}

void priv_lines_disown(struct priv_lines *p)
{
	for (size_t i = 0; i < p->n_pulses; i++)
		p->pulses[i].request = 0;
}

/* ---- edges ---- */

static void report(struct priv_lines *p, uint32_t line, bool active)
{
	struct input *in = &p->inputs[line];
	const struct priv_edge edge = { .line = line, .active = active, .at = in->at };

	in->due = 0;
	if (in->known && in->active == active)
		return;
	in->known = true;
	in->active = active;
	p->conf.edge(p->conf.arg, &edge);
}

struct edges {
	struct priv_lines *p;
	uint32_t chip;
};

static void take_edge(void *arg, uint32_t offset, int level, int64_t at)
{
	const struct edges *e = arg;
	const struct bmc_platform *pf = e->p->conf.platform;

	for (uint32_t i = 0; i < pf->n_lines; i++) {
		const struct bmc_line *d = &pf->lines[i];
		if (!d->input || d->chip != e->chip || !e->p->places[i].taken ||
		    e->p->places[i].offset != offset)
			continue;
		e->p->inputs[i].at = at;
		if (d->debounce_ms == 0)
			report(e->p, i, (level != 0) != d->active_low);
		else
			e->p->inputs[i].due = priv_now() + d->debounce_ms * 1000000;
	}
}

static void look_at(struct priv_lines *p, uint32_t chip)
{
	const struct chip *c = &p->chips[chip];

	c->driver->edges(c->self, take_edge, &(struct edges){ p, chip });
}

/* A line that chatters costs no more than a look every PRIV_LOOK_NS. */
static void take_edges(struct priv_lines *p, int64_t now)
{
	struct epoll_event ready[MAX_READY];

	if (now < p->next_look)
		return;
	int n = epoll_wait(p->epoll, ready, MAX_READY, 0);
	for (int i = 0; i < n; i++)
		look_at(p, (uint32_t)ready[i].data.u64);
	for (uint32_t i = 0; p->polling && i < p->conf.platform->n_chips; i++) {
		if (p->chips[i].polled)
			look_at(p, i);
	}
	if (n > 0 || p->polling)
		p->next_look = now + PRIV_LOOK_NS;
}

static void settle(struct priv_lines *p, int64_t now)
{
	for (uint32_t i = 0; i < p->conf.platform->n_lines; i++) {
		const struct bmc_line *d = &p->conf.platform->lines[i];
		if (p->inputs[i].due == 0 || p->inputs[i].due > now)
			continue;
		int active = read_level(p, d, NULL);
		p->inputs[i].due = 0;
		if (active >= 0)
			report(p, i, active);
	}
}

void priv_lines_step(struct priv_lines *p)
{
	int64_t now = priv_now();

	for (size_t i = p->n_pulses; i-- > 0;) {
		if (p->pulses[i].end <= now)
			end_pulse(p, i);
	}
	take_edges(p, now);
	settle(p, now);
}
