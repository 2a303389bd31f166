// SPDX-License-Identifier: Apache-2.0
// The `simulator` chip driver: levels and trace in a file that the simulator plugin
// maps too (bmc/pinbank.h). Boards are on when the file is made: all POWER lines are
// active.
#include <stdlib.h>
#include <sys/mman.h>

#include "bmc/pinbank.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "priv/lines-driver.h"
#include "priv/map.h"

struct simulator {
	struct bmc_pinbank *bank;
	uint32_t chip;
	const struct bmc_line *lines[BMC_PINBANK_LINES]; /* NULL: not in the file */
	uint8_t seen[BMC_PINBANK_LINES]; /* of inputs, at the last look */
};

static int simulator_take(void *self, const struct bmc_line *d, uint32_t *ret_offset,
			  struct bmc_error *err)
{
	struct simulator *s = self;

	if (d->line >= BMC_PINBANK_LINES)
		return bmc_fail(err, BMC_ERANGE, "the simulator has %u lines",
				BMC_PINBANK_LINES);
	s->lines[d->line] = d;
	s->seen[d->line] = atomic_load(&s->bank->level[s->chip][d->line]) != 0;
	*ret_offset = d->line;
	return 0;
}

struct first_level {
	struct bmc_pinbank *bank;
	uint32_t chip;
};

static int first_level(void *arg, const struct bmc_line *d)
{
	const struct first_level *f = arg;
	bool on = d->slot && d->pin == BMC_PIN_POWER;

	if (d->line < BMC_PINBANK_LINES)
		atomic_store(&f->bank->level[f->chip][d->line],
			     (uint8_t)(on != d->active_low));
	return 0;
}

static void fill_bank(struct bmc_pinbank *bank, const struct bmc_platform *p)
{
	memset(bank, 0, sizeof(*bank));
	for (uint32_t c = 0; c < MIN(p->n_chips, BMC_PINBANK_CHIPS); c++)
		(void)priv_chip_lines(p, c, first_level,
				      &(struct first_level){ bank, c });
	bank->version = BMC_PINBANK_VERSION;
	bank->magic = BMC_PINBANK_MAGIC;
}

int priv_simulator_map(const struct priv_chip_conf *conf, struct bmc_pinbank **ret,
		       struct bmc_error *err)
{
	char path[4200];
	bool is_new;
	struct bmc_pinbank *bank;
	uid_t owner = geteuid() == 0 ? conf->uid : (uid_t)-1;

	(void)snprintf(path, sizeof(path), "%s/simulator.pins", conf->state_dir);
	int fd = priv_open_fixed(path, sizeof(*bank), owner, &is_new, err);
	if (fd < 0)
		return fd;
	bank = mmap(NULL, sizeof(*bank), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int e = errno;
	(void)close(fd);
	if (bank == MAP_FAILED)
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", path, strerror(e));
	if (is_new || bank->magic != BMC_PINBANK_MAGIC ||
	    bank->version != BMC_PINBANK_VERSION)
		fill_bank(bank, conf->platform);
	*ret = bank;
	return 0;
}

static int simulator_open(const struct priv_chip_conf *conf, void **ret_self,
			  struct bmc_error *err)
{
	struct simulator *s;

	if (conf->chip >= BMC_PINBANK_CHIPS)
		return bmc_fail(err, BMC_ENOSPC, "chip %u: the simulator has %u chips",
				conf->chip, BMC_PINBANK_CHIPS);
	s = calloc(1, sizeof(*s));
	if (!s)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	s->chip = conf->chip;
	int r = priv_simulator_map(conf, &s->bank, err);
	if (r < 0) {
		free(s);
		return r;
	}
	*ret_self = s;
	return 0;
}

static int check_line(const struct simulator *s, uint32_t line, struct bmc_error *err)
{
	if (line < BMC_PINBANK_LINES && s->lines[line])
		return 0;
	return bmc_fail(err, BMC_ERANGE, "line %u: not in the platform file", line);
}

static int simulator_set(void *self, uint32_t line, int level, struct bmc_error *err)
{
	struct simulator *s = self;
	struct bmc_trace_entry e = { .what = BMC_TRACE_PIN,
				     .chip = (uint16_t)s->chip,
				     .line = (uint16_t)line,
				     .level = (uint16_t)level };

	int r = check_line(s, line, err);
	if (r < 0)
		return r;
	if (atomic_exchange(&s->bank->level[s->chip][line], (uint8_t)level) == level)
		return 0;
	const struct bmc_line *d = s->lines[line];
	(void)bmc_copy(e.board, sizeof(e.board), d->slot ? d->slot->id : d->id);
	(void)bmc_copy(e.text, sizeof(e.text),
		       d->slot ? bmc_name_word(bmc_pin_names, d->pin) : "line");
	(void)bmc_pinbank_trace(s->bank, &e);
	return 0;
}

static int simulator_get(void *self, uint32_t line, struct bmc_error *err)
{
	struct simulator *s = self;
	int r = check_line(s, line, err);

	return r < 0 ? r : atomic_load(&s->bank->level[s->chip][line]) != 0;
}

/* Nothing tells of a write to a mapped file, so levels are compared. */
static void simulator_edges(void *self, priv_edge_fn *each, void *arg)
{
	struct simulator *s = self;

	for (uint32_t i = 0; i < BMC_PINBANK_LINES; i++) {
		if (!s->lines[i] || !s->lines[i]->input)
			continue;
		uint8_t level = atomic_load(&s->bank->level[s->chip][i]) != 0;
		if (level != s->seen[i])
			each(arg, i, level, priv_now_us());
		s->seen[i] = level;
	}
}

static void simulator_close(void *self)
{
	struct simulator *s = self;

	(void)munmap(s->bank, sizeof(*s->bank));
	free(s);
}

const struct priv_line_driver priv_lines_simulator = {
	.name = "simulator",
	.polled = true,
	.open = simulator_open,
	.take = simulator_take,
	.set = simulator_set,
	.get = simulator_get,
	.edges = simulator_edges,
	.close = simulator_close,
};
