// SPDX-License-Identifier: Apache-2.0
// Pins by board and name, and the pulses, see pins.h. A pulse's width is measured from
// after the line became active, so that it is never shorter than the platform file
// says.
#include "priv/pins.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "priv/jobs.h"
#include "priv/pins-driver.h"

#define MAX_PULSES 256u

struct chip {
	const struct priv_pin_driver *driver;
	void *self; /* NULL: not open */
};

struct pulse {
	uint64_t job, request;
	uint32_t board;
	enum bmc_pin pin;
	int64_t end;
};

struct priv_pins {
	struct priv_pins_conf conf;
	struct priv_jobs *jobs;
	struct chip *chips;
	struct pulse pulses[MAX_PULSES];
	size_t n_pulses;
};

int priv_chip_pins(const struct bmc_platform *p, uint32_t chip,
		   int (*each)(void *arg, const struct bmc_slot *slot,
			       enum bmc_pin pin),
		   void *arg)
{
	for (size_t i = 0; i < p->n_slots * BMC_N_PINS; i++) {
		const struct bmc_slot *slot = &p->slots[i / BMC_N_PINS];
		enum bmc_pin pin = (enum bmc_pin)(i % BMC_N_PINS);
		if (!slot->pins[pin].exists || slot->pins[pin].chip != chip)
			continue;
		int r = each(arg, slot, pin);
		if (r != 0)
			return r;
	}
	return 0;
}

int64_t priv_pins_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int open_chip(struct priv_pins *p, uint32_t chip, struct bmc_error *err)
{
	struct chip *c = &p->chips[chip];
	const struct priv_chip_conf conf = { .platform = p->conf.platform,
					     .chip = chip,
					     .state_dir = p->conf.state_dir,
					     .uid = p->conf.uid };

	return c->self ? 0 : c->driver->open(&conf, &c->self, err);
}

static int find_pin(const struct priv_pins *p, uint32_t board, unsigned pin,
		    const struct bmc_pin_desc **ret, struct bmc_error *err)
{
	const struct bmc_platform *pf = p->conf.platform;
	size_t first = pf->first[BMC_BOARD], n = pf->first[BMC_BOARD + 1] - first;

	if (board >= n || pin >= BMC_N_PINS)
		return bmc_fail(err, BMC_ENOTFOUND,
				"board %u, pin %u: not in the platform file", board,
				pin);
	*ret = &pf->slots[first + board].pins[pin];
	if (!(*ret)->exists || (*ret)->chip >= pf->n_chips)
		return bmc_fail(err, BMC_ENOTSUP, "board %s has no %s pin",
				pf->slots[first + board].id,
				bmc_name_word(bmc_pin_names, (int64_t)pin));
	return 0;
}

static int drive(struct priv_pins *p, const struct bmc_pin_desc *d, bool active,
		 struct bmc_error *err)
{
	const struct chip *c = &p->chips[d->chip];
	int r = open_chip(p, d->chip, err);

	return r < 0 ? r
		     : c->driver->set(c->self, d->line, active != d->active_low, err);
}

static const struct pulse *under_way(const struct priv_pins *p, uint32_t board,
				     unsigned pin)
{
	for (size_t i = 0; i < p->n_pulses; i++) {
		if (p->pulses[i].board == board && p->pulses[i].pin == pin)
			return &p->pulses[i];
	}
	return NULL;
}

static void bring_to_rest(void *arg, uint32_t board, enum bmc_pin pin)
{
	struct priv_pins *p = arg;
	const struct bmc_pin_desc *d;
	struct bmc_error err = { 0 };

	if (find_pin(p, board, pin, &d, &err) < 0 || drive(p, d, false, &err) < 0)
		log_err("board %u: its %s pulse was cut short and the line can't be "
			"brought to rest: %s",
			board, bmc_name_word(bmc_pin_names, pin), err.what);
}

static void open_chips(struct priv_pins *p)
{
	for (uint32_t i = 0; i < p->conf.platform->n_chips; i++) {
		struct bmc_error err = { 0 };
		p->chips[i].driver = p->conf.platform->chips[i].simulated
					     ? &priv_pins_simulator
					     : &priv_pins_libgpiod;
		if (open_chip(p, i, &err) < 0)
			log_err("%s", err.what);
	}
}

int priv_pins_new(const struct priv_pins_conf *conf, struct priv_pins **ret,
		  struct bmc_error *err)
{
	char path[4200];
	struct priv_pins *p = calloc(1, sizeof(*p));

	if (!p)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	p->conf = *conf;
	p->chips = calloc(conf->platform->n_chips + 1, sizeof(*p->chips));
	if (!p->chips) {
		free(p);
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	}
	(void)snprintf(path, sizeof(path), "%s/helper.pulses", conf->state_dir);
	int r = priv_jobs_open(path, &p->jobs, err);
	if (r < 0) {
		(void)priv_pins_free(p);
		return r;
	}
	open_chips(p);
	priv_jobs_unfinished(p->jobs, bring_to_rest, p);
	*ret = p;
	return 0;
}

static void end_pulse(struct priv_pins *p, size_t i)
{
	struct pulse was = p->pulses[i];
	const struct bmc_pin_desc *d;
	struct bmc_error err = { 0 };

	p->pulses[i] = p->pulses[--p->n_pulses];
	if (find_pin(p, was.board, was.pin, &d, &err) == 0 &&
	    drive(p, d, false, &err) == 0)
		priv_jobs_end(p->jobs, was.job);
	else
		log_err("board %u: the end of its %s pulse failed: %s", was.board,
			bmc_name_word(bmc_pin_names, was.pin), err.what);
	p->conf.ended(p->conf.arg, was.request, &err);
}

struct priv_pins *priv_pins_free(struct priv_pins *p)
{
	if (!p)
		return NULL;
	while (p->n_pulses > 0)
		end_pulse(p, 0);
	for (size_t i = 0; i < p->conf.platform->n_chips; i++) {
		if (p->chips[i].self)
			p->chips[i].driver->close(p->chips[i].self);
	}
	(void)priv_jobs_close(p->jobs);
	free(p->chips);
	free(p);
	return NULL;
}

int priv_pins_epoch(struct priv_pins *p, uint64_t epoch, struct bmc_error *err)
{
	return p->n_pulses > 0 ? 0 : priv_jobs_epoch(p->jobs, epoch, err);
}

uint64_t priv_pins_cookie(const struct priv_pins *p)
{
	return priv_jobs_cookie(p->jobs);
}

int priv_pins_set(struct priv_pins *p, const struct priv_pin *pin,
		  struct bmc_error *err)
{
	const struct bmc_pin_desc *d;
	int r = find_pin(p, pin->board, pin->pin, &d, err);

	if (r < 0)
		return r;
	if (pin->active > 1)
		return bmc_fail(err, BMC_EINVAL, "a pin is active (1) or not (0)");
	if (under_way(p, pin->board, pin->pin))
		return bmc_fail(err, BMC_EBUSY, "a pulse on this pin is under way");
	return drive(p, d, pin->active, err);
}

int priv_pins_pulse(struct priv_pins *p, const struct priv_pin *pin, uint64_t request,
		    struct bmc_error *err)
{
	const struct bmc_pin_desc *d;
	int r = find_pin(p, pin->board, pin->pin, &d, err);

	if (r < 0)
		return r;
	if (priv_jobs_seen(p->jobs, pin->job))
		return 0;
	if (pin->job == 0)
		return bmc_fail(err, BMC_EINVAL, "a pulse needs a job number");
	if (under_way(p, pin->board, pin->pin))
		return bmc_fail(err, BMC_EBUSY, "a pulse on this pin is under way");
	if (p->n_pulses == MAX_PULSES)
		return bmc_fail(err, BMC_EAGAIN, "%u pulses are under way", MAX_PULSES);
	r = priv_jobs_begin(p->jobs, pin->job, pin->board, (enum bmc_pin)pin->pin, err);
	if (r == 0)
		r = drive(p, d, true, err);
	if (r < 0) {
		priv_jobs_forget(p->jobs, pin->job);
		return r;
	}
	p->pulses[p->n_pulses++] = (struct pulse){
		.job = pin->job,
		.request = request,
		.board = pin->board,
		.pin = (enum bmc_pin)pin->pin,
		.end = priv_pins_now() + d->pulse_ms * 1000000,
	};
	return 1;
}

int priv_pins_read(struct priv_pins *p, const struct priv_pin *pin,
		   struct bmc_error *err)
{
	const struct bmc_pin_desc *d;
	int r = find_pin(p, pin->board, pin->pin, &d, err);

	if (r == 0)
		r = open_chip(p, d->chip, err);
	if (r == 0)
		r = p->chips[d->chip].driver->get(p->chips[d->chip].self, d->line, err);
	return r < 0 ? r : (r != 0) != d->active_low;
}

bool priv_pins_was_pulsed(const struct priv_pins *p, uint64_t job)
{
	return priv_jobs_seen(p->jobs, job);
}

int64_t priv_pins_next(const struct priv_pins *p)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < p->n_pulses; i++)
		next = MIN(next, p->pulses[i].end);
	return next;
}

void priv_pins_disown(struct priv_pins *p)
{
	for (size_t i = 0; i < p->n_pulses; i++)
		p->pulses[i].request = 0;
}

void priv_pins_expire(struct priv_pins *p)
{
	int64_t now = priv_pins_now();

	for (size_t i = p->n_pulses; i-- > 0;) {
		if (p->pulses[i].end <= now)
			end_pulse(p, i);
	}
}
