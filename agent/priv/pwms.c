// SPDX-License-Identifier: Apache-2.0
// pwm outputs and their fail-safe, see pwms.h. The kernel's side is hwmon's pwmN
// (0..255) and pwmN_enable (0: no control, full speed; 1: manual), see the kernel's
// Documentation/hwmon/sysfs-interface.
#include "priv/pwms.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bmc/pinbank.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/lines-driver.h"
#include "priv/lines.h"

#define HW_FULL  255
#define RETRY_NS INT64_C(1000000000) /* of a fail-safe that did not work */

struct output {
	char file[256]; /* the pwmN, "": not found */
	int64_t until;  /* the duty's hold ends; INT64_MAX: full, nothing to do */
};

struct priv_pwms {
	struct priv_pwms_conf conf;
	struct output *outputs;
	struct bmc_pinbank *bank; /* of simulated ones */
};

/* ---- hwmon ---- */

static bool has_pwm(const char *folder, uint32_t channel, char *ret, size_t size)
{
	return snprintf(ret, size, "%s/pwm%u", folder, channel) < (int)size &&
	       access(ret, F_OK) == 0;
}

/* The device's folder itself, or that of its only hwmon, whose number may change. */
static int find_file(const struct bmc_pwm *d, struct output *o, struct bmc_error *err)
{
	char parent[192], folder[224];
	const struct dirent *e;
	bool found = has_pwm(d->device, d->channel, o->file, sizeof(o->file));

	(void)snprintf(parent, sizeof(parent), "%s/hwmon", d->device);
	DIR *dir = found ? NULL : opendir(parent);
	while (dir && !found && (e = readdir(dir))) {
		if (strncmp(e->d_name, "hwmon", 5) == 0 &&
		    snprintf(folder, sizeof(folder), "%s/%s", parent, e->d_name) <
			    (int)sizeof(folder))
			found = has_pwm(folder, d->channel, o->file, sizeof(o->file));
	}
	if (dir)
		(void)closedir(dir);
	if (found)
		return 0;
	o->file[0] = '\0';
	return bmc_fail(err, BMC_ENOTFOUND, "pwm %s: no pwm%u below %s", d->id,
			d->channel, d->device);
}

static int write_number(const char *file, int number)
{
	auto_fd int fd = open(file, O_WRONLY | O_CLOEXEC);
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", number);

	return fd >= 0 && write(fd, text, (size_t)len) == len ? 0 : -errno;
}

static int hwmon_set(struct output *o, const struct bmc_pwm *d, int64_t duty,
		     struct bmc_error *err)
{
	char enable[sizeof(o->file) + 8];
	int r = o->file[0] ? 0 : find_file(d, o, err);

	if (r < 0)
		return r;
	(void)snprintf(enable, sizeof(enable), "%s_enable", o->file);
	if (access(enable, F_OK) == 0)
		(void)write_number(enable, 1);
	r = write_number(o->file,
			 (int)((duty * HW_FULL + PRIV_DUTY_FULL / 2) / PRIV_DUTY_FULL));
	if (r < 0 && duty == PRIV_DUTY_FULL) /* without control it runs at full speed */
		r = write_number(enable, 0);
	if (r == 0)
		return 0;
	o->file[0] = '\0'; /* the device may have come back under another number */
	return bmc_fail(err, bmc_from_errno(-r), "pwm %s: %s", d->id, strerror(-r));
}

static int hwmon_read(struct output *o, const struct bmc_pwm *d, struct bmc_error *err)
{
	char text[16] = "", *end;
	int r = o->file[0] ? 0 : find_file(d, o, err);

	if (r < 0)
		return r;
	auto_fd int fd = open(o->file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return bmc_fail(err, bmc_from_errno(errno), "pwm %s: %s", d->id,
				strerror(errno));
	long value = strtol(text, &end, 10);
	if (end == text || value < 0 || value > HW_FULL)
		return bmc_fail(err, BMC_ECORRUPT, "pwm %s: it reads as no duty",
				d->id);
	return (int)(value * PRIV_DUTY_FULL / HW_FULL);
}

/* ---- one output ---- */

static int find_pwm(const struct priv_pwms *p, uint32_t pwm, const struct bmc_pwm **ret,
		    struct bmc_error *err)
{
	if (pwm >= p->conf.platform->n_pwms)
		return bmc_fail(err, BMC_ENOTFOUND, "pwm %u: not in the platform file",
				pwm);
	*ret = &p->conf.platform->pwms[pwm];
	if ((*ret)->simulated && (!p->bank || pwm >= BMC_PINBANK_PWMS))
		return bmc_fail(err, BMC_EIO, "pwm %s: no simulator", (*ret)->id);
	return 0;
}

static int apply(struct priv_pwms *p, uint32_t pwm, int64_t duty, struct bmc_error *err)
{
	const struct bmc_pwm *d = NULL;
	int r = find_pwm(p, pwm, &d, err);

	if (r < 0)
		return r;
	if (!d->simulated)
		return hwmon_set(&p->outputs[pwm], d, duty, err);
	atomic_store(&p->bank->pwm[pwm], (uint32_t)duty);
	return 0;
}

static void set_full(struct priv_pwms *p, uint32_t pwm)
{
	struct bmc_error err = { 0 };

	p->outputs[pwm].until = INT64_MAX;
	if (apply(p, pwm, PRIV_DUTY_FULL, &err) == 0)
		return;
	log_limited(LOG_ERR, "%s: it can't be set to full speed", err.what);
	p->outputs[pwm].until = priv_now() + RETRY_NS;
}

void priv_pwms_release(struct priv_pwms *p)
{
	for (uint32_t i = 0; i < p->conf.platform->n_pwms; i++)
		set_full(p, i);
}

int priv_pwms_set(struct priv_pwms *p, const struct priv_pwm *pwm,
		  struct bmc_error *err)
{
	if (pwm->duty < 0 || pwm->duty > PRIV_DUTY_FULL)
		return bmc_fail(err, BMC_ERANGE, "a duty is 0 to 100 percent");
	if (pwm->hold_ms < PRIV_HOLD_MIN || pwm->hold_ms > PRIV_HOLD_MAX)
		return bmc_fail(err, BMC_ERANGE, "a duty is held for 0.5 to 3600 s");
	int r = apply(p, pwm->pwm, pwm->duty, err);
	if (r == 0)
		p->outputs[pwm->pwm].until =
			priv_now() + (int64_t)pwm->hold_ms * 1000000;
	return r;
}

int priv_pwms_read(struct priv_pwms *p, uint32_t pwm, struct bmc_error *err)
{
	const struct bmc_pwm *d = NULL;
	int r = find_pwm(p, pwm, &d, err);

	if (r < 0)
		return r;
	if (!d->simulated)
		return hwmon_read(&p->outputs[pwm], d, err);
	return (int)MIN(atomic_load(&p->bank->pwm[pwm]), (uint32_t)PRIV_DUTY_FULL);
}

int64_t priv_pwms_next(const struct priv_pwms *p)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < p->conf.platform->n_pwms; i++)
		next = MIN(next, p->outputs[i].until);
	return next;
}

void priv_pwms_step(struct priv_pwms *p)
{
	int64_t now = priv_now();

	for (uint32_t i = 0; i < p->conf.platform->n_pwms; i++) {
		if (p->outputs[i].until > now)
			continue;
		log_limited(LOG_WARNING,
			    "pwm %s: its duty was not set again in time: full speed",
			    p->conf.platform->pwms[i].id);
		set_full(p, i);
	}
}

/* ---- all ---- */

static bool any_simulated(const struct bmc_platform *p)
{
	for (size_t i = 0; i < p->n_pwms; i++) {
		if (p->pwms[i].simulated)
			return true;
	}
	return false;
}

int priv_pwms_new(const struct priv_pwms_conf *conf, struct priv_pwms **ret,
		  struct bmc_error *err)
{
	const struct priv_chip_conf bank = { .platform = conf->platform,
					     .state_dir = conf->state_dir,
					     .uid = conf->uid };
	struct bmc_error why = { 0 };
	struct priv_pwms *p = calloc(1, sizeof(*p));

	if (p)
		p->outputs = calloc(conf->platform->n_pwms + 1, sizeof(*p->outputs));
	if (!p || !p->outputs) {
		free(p);
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	}
	p->conf = *conf;
	if (any_simulated(conf->platform) &&
	    priv_simulator_map(&bank, &p->bank, &why) < 0)
		log_err("%s", why.what);
	priv_pwms_release(p);
	*ret = p;
	return 0;
}

struct priv_pwms *priv_pwms_free(struct priv_pwms *p)
{
	if (!p)
		return NULL;
	priv_pwms_release(p);
	if (p->bank)
		(void)munmap(p->bank, sizeof(*p->bank));
	free(p->outputs);
	free(p);
	return NULL;
}
