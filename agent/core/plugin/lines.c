// SPDX-License-Identifier: Apache-2.0
/* What the platform file names to the root helper - lines, pwms, storage - for plugins:
 * struct bmc_host_ops over the hardware port. Called on the instances' threads. */
#include <sys/random.h>

#include "core/base/util.h"
#include "core/plugin/host.h"
#include "core/ports/hardware.h"

#define LINE_MS    2000
#define STORAGE_MS 10000 /* a disk may have to spin up */

/* The ordinal by which the helper knows it, or an error that says what is missing. */
static int64_t named(int64_t ordinal, const char *what, const char *id,
		     struct bmc_error *err)
{
	if (ordinal < 0)
		return bmc_fail(err, BMC_ENOTFOUND,
				"no %s '%.40s' in the platform file", what, id);
	if (!bmc_hardware)
		return bmc_fail(err, BMC_ENOTSUP,
				"the root helper is not running: start "
				"clusterbmc-priv");
	return ordinal;
}

static int64_t line_named(const char *id, struct bmc_error *err)
{
	const struct bmc_platform *p = bmc_instances_platform();
	int64_t ordinal = named(bmc_platform_line(p, id), "line", id, err);

	if (ordinal >= 0 && p->lines[ordinal].slot)
		return bmc_fail(err, BMC_EPERM,
				"%s is a board's pin: it is set in a verb only", id);
	return ordinal;
}

int bmc_lines_op_lines(const struct bmc_host *host,
		       int (*each)(void *arg, const char *line, const char *parent,
				   bool input, const struct bmc_conf *conf),
		       void *arg)
{
	const struct bmc_platform *p = bmc_instances_platform();
	int code = 0;

	(void)host;
	for (size_t i = 0; i < p->n_lines && code == 0; i++) {
		const struct bmc_line *l = &p->lines[i];

		if (!l->slot)
			code = each(arg, l->id, l->parent, l->input, l->conf);
	}
	return code;
}

/* Not by a step's number: what is no step is never asked for after a restart. */
static int pulse_number(uint64_t *ret, struct bmc_error *err)
{
	*ret = 0;
	while (*ret == 0) {
		if (getrandom(ret, sizeof(*ret), 0) != (ssize_t)sizeof(*ret))
			return bmc_fail(err, BMC_EIO, "no random numbers");
	}
	return BMC_OK;
}

int bmc_lines_op_set(struct bmc_host *host, const char *line, bool active,
		     struct bmc_error *err)
{
	int64_t ordinal = line_named(line, err);
	uint64_t job;
	int code = ordinal < 0 ? (int)ordinal : pulse_number(&job, err);

	(void)host;
	return code < 0 ? code
			: bmc_hardware->line_set(job, (uint32_t)ordinal, active,
						 bmc_now() + LINE_MS, err);
}

int bmc_lines_op_pulse(struct bmc_host *host, const char *line, struct bmc_error *err)
{
	int64_t ordinal = line_named(line, err);
	uint64_t job;
	int code = ordinal < 0 ? (int)ordinal : pulse_number(&job, err);

	(void)host;
	if (code < 0)
		return code;
	int64_t pulse = bmc_instances_platform()->lines[ordinal].pulse_ms;
	return bmc_hardware->line_pulse(job, (uint32_t)ordinal,
					bmc_now() + pulse + LINE_MS, err);
}

int bmc_lines_op_read(struct bmc_host *host, const char *line, struct bmc_error *err)
{
	int64_t ordinal = line_named(line, err);

	(void)host;
	return ordinal < 0 ? (int)ordinal
			   : bmc_hardware->line_read((uint32_t)ordinal,
						     bmc_now() + LINE_MS, err);
}

/* ---- pwms and storage ---- */

static int64_t pwm_named(const char *id, struct bmc_error *err)
{
	return named(bmc_platform_pwm(bmc_instances_platform(), id), "pwm", id, err);
}

int bmc_lines_op_pwm_set(struct bmc_host *host, const char *pwm, int64_t duty,
			 uint32_t hold_ms, struct bmc_error *err)
{
	int64_t ordinal = pwm_named(pwm, err);

	(void)host;
	return ordinal < 0 ? (int)ordinal
			   : bmc_hardware->pwm_set((uint32_t)ordinal, duty, hold_ms,
						   bmc_now() + LINE_MS, err);
}

int bmc_lines_op_pwm_read(struct bmc_host *host, const char *pwm, struct bmc_error *err)
{
	int64_t ordinal = pwm_named(pwm, err);

	(void)host;
	return ordinal < 0 ? (int)ordinal
			   : bmc_hardware->pwm_read((uint32_t)ordinal,
						    bmc_now() + LINE_MS, err);
}

int bmc_lines_op_storage_open(struct bmc_host *host, const char *storage, bool write,
			      struct bmc_error *err)
{
	int64_t ordinal = named(bmc_platform_storage(bmc_instances_platform(), storage),
				"storage", storage, err);

	(void)host;
	return ordinal < 0 ? (int)ordinal
			   : bmc_hardware->storage_open((uint32_t)ordinal, write,
							bmc_now() + STORAGE_MS, err);
}
