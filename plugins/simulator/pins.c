// SPDX-License-Identifier: Apache-2.0
/* Maps the simulated pin bank and follows its ring. The file is shared with a process
 * that may die at any instruction, so nothing in it is trusted further than its bounds.
 */
#include "pins.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLE_MS 1000 /* a writer needs microseconds: it died */

/* With the file locked: as it has to be, and whether it is untouched. */
static int prepare(int fd, struct bmc_pinbank **ret)
{
	struct bmc_pinbank *bank;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (st.st_size != (off_t)sizeof(*bank) &&
	    (ftruncate(fd, 0) < 0 || ftruncate(fd, sizeof(*bank)) < 0))
		return -1;
	bank = mmap(NULL, sizeof(*bank), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bank == MAP_FAILED)
		return -1;
	if (bank->magic != BMC_PINBANK_MAGIC || bank->version != BMC_PINBANK_VERSION) {
		memset(bank, 0, sizeof(*bank));
		bank->version = BMC_PINBANK_VERSION;
		bank->magic = BMC_PINBANK_MAGIC;
	}
	*ret = bank;
	return 0;
}

static int map_file(const char *path, struct bmc_pinbank **ret)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r = -1, e;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX) == 0)
		r = prepare(fd, ret);
	e = errno;
	(void)flock(fd, LOCK_UN); /* closing is not enough: it is mapped */
	close(fd);
	errno = e;
	return r;
}

int sim_pins_open(struct sim_pins *p, const char *path, bool *ret_new,
		  struct bmc_error *reterr)
{
	*p = (struct sim_pins){ 0 };
	if (!path || !*path) {
		p->bank = mmap(NULL, sizeof(*p->bank), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p->bank == MAP_FAILED) {
			p->bank = NULL;
			return bmc_fail(reterr, BMC_ENOMEM, "no memory for the pins");
		}
	} else if (map_file(path, &p->bank) < 0) {
		return bmc_fail(reterr, bmc_from_errno(errno),
				"pin bank %.80s: %s; check the setting `pins`", path,
				strerror(errno));
	}
	*ret_new = atomic_load(&p->bank->seq) == 0;
	if (sim_pins_newest(p) > BMC_PINBANK_TRACE)
		p->seen = sim_pins_newest(p) - BMC_PINBANK_TRACE;
	return BMC_OK;
}

void sim_pins_close(struct sim_pins *p)
{
	if (p->bank)
		munmap(p->bank, sizeof(*p->bank));
	p->bank = NULL;
}

uint64_t sim_pins_newest(const struct sim_pins *p)
{
	return atomic_load(&p->bank->seq);
}

bool sim_pins_entry(const struct sim_pins *p, uint64_t seq, struct sim_trace *ret)
{
	const struct bmc_trace_entry *e = &p->bank->ring[seq % BMC_PINBANK_TRACE];

	if (atomic_load(&e->seq) != seq)
		return false;
	*ret = (struct sim_trace){ .seq = seq,
				   .usec = e->usec,
				   .what = e->what,
				   .chip = e->chip,
				   .line = e->line,
				   .level = e->level };
	memcpy(ret->board, e->board, sizeof(ret->board) - 1);
	memcpy(ret->text, e->text, sizeof(ret->text) - 1);
	return atomic_load(&e->seq) == seq;
}

/* Whether to go on past an entry that is not whole. */
static bool hole_is_dead(struct sim_pins *p, uint64_t newest, int64_t now)
{
	if (newest - p->seen > BMC_PINBANK_TRACE)
		return true; /* overwritten */
	if (p->hole_since == 0)
		p->hole_since = now;
	return now - p->hole_since >= HOLE_MS;
}

bool sim_pins_follow(struct sim_pins *p, int64_t now,
		     void (*each)(void *arg, const struct sim_trace *e), void *arg)
{
	uint64_t newest = sim_pins_newest(p);
	struct sim_trace e;
	bool whole = true;

	if (newest < p->seen || newest - p->seen > BMC_PINBANK_TRACE) {
		p->seen = newest < BMC_PINBANK_TRACE ? 0 : newest - BMC_PINBANK_TRACE;
		whole = false;
	}
	while (p->seen < newest) {
		if (sim_pins_entry(p, p->seen + 1, &e))
			each(arg, &e);
		else if (hole_is_dead(p, sim_pins_newest(p), now))
			whole = false;
		else
			break;
		p->seen++;
		p->hole_since = 0;
	}
	return whole;
}

bool sim_pins_level(const struct sim_pins *p, unsigned chip, unsigned line)
{
	if (chip >= BMC_PINBANK_CHIPS || line >= BMC_PINBANK_LINES)
		return false;
	return atomic_load(&p->bank->level[chip][line]) != 0;
}

void sim_pins_preset(struct sim_pins *p, unsigned chip, unsigned line, bool level)
{
	if (chip < BMC_PINBANK_CHIPS && line < BMC_PINBANK_LINES)
		atomic_store(&p->bank->level[chip][line], level);
}

void sim_pins_request(struct sim_pins *p, const char *board, const char *request,
		      unsigned arg, bool done)
{
	struct bmc_trace_entry e = { .what = BMC_TRACE_ADB,
				     .line = (uint16_t)arg,
				     .level = done };

	(void)snprintf(e.board, sizeof(e.board), "%s", board);
	(void)snprintf(e.text, sizeof(e.text), "%s", request);
	(void)bmc_pinbank_trace(p->bank, &e);
}
