// SPDX-License-Identifier: Apache-2.0
/* How far a long verb is, in the journal: one checkpoint for each run, in the entry of
 * its step, written at most once a second and with whatever else the database is
 * writing. */
#include <stdio.h>
#include <string.h>

#include "core/base/util.h"
#include "core/tasks/run.h"

#define EVERY_MS 1000
#define FIXED    (4 + 8 + 32) /* version, offset, digest */

static void hex(char *text, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * n] = '\0';
}

static void pack(unsigned char *to, uint64_t num, size_t n)
{
	while (n--) {
		to[n] = (unsigned char)num;
		num >>= 8;
	}
}

static uint64_t unpack(const unsigned char *from, size_t n)
{
	uint64_t num = 0;

	for (size_t i = 0; i < n; i++)
		num = num << 8 | from[i];
	return num;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void bmc_checkpoint_format(const struct bmc_checkpoint *c, char *text, size_t size)
{
	unsigned char bytes[FIXED + BMC_CHECKPOINT_DATA];
	size_t n = FIXED + MIN(c->len, (uint32_t)BMC_CHECKPOINT_DATA);

	_Static_assert(2 * sizeof(bytes) < sizeof(((struct bmc_record *)0)->text),
		       "a checkpoint fits a record's text");
	text[0] = '\0';
	if (size <= 2 * n)
		return;
	pack(bytes, c->version, 4);
	pack(bytes + 4, c->offset, 8);
	memcpy(bytes + 12, c->digest, 32);
	memcpy(bytes + FIXED, c->data, n - FIXED);
	hex(text, bytes, n);
}

bool bmc_checkpoint_parse(struct bmc_checkpoint *c, const char *text)
{
	unsigned char bytes[FIXED + BMC_CHECKPOINT_DATA];
	size_t n = strlen(text) / 2;

	if (strlen(text) % 2 || n < FIXED || n > sizeof(bytes))
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	*c = (struct bmc_checkpoint){ .version = (uint32_t)unpack(bytes, 4),
				      .offset = unpack(bytes + 4, 8),
				      .len = (uint32_t)(n - FIXED) };
	memcpy(c->digest, bytes + 12, 32);
	memcpy(c->data, bytes + FIXED, n - FIXED);
	return true;
}

static void write_now(void *arg)
{
	struct bmc_run *run = arg;
	struct bmc_record rec = bmc_run_record(run, BMC_JOURNAL_STARTED, run->step);

	run->keep_timer = NULL;
	run->kept_at = bmc_now();
	if (bmc_store)
		(void)bmc_store->write(&rec, 1, bmc_journal_noted, NULL);
}

void bmc_checkpoint_note(struct bmc_run *run, const struct bmc_checkpoint *kept)
{
	bool first = !run->has_kept;

	run->kept = *kept;
	run->has_kept = true;
	if (run->keep_timer)
		return;
	if (!first && bmc_now() < run->kept_at + EVERY_MS)
		run->keep_timer =
			bmc_timer_new(run->kept_at + EVERY_MS, write_now, run);
	else
		write_now(run);
}

void bmc_checkpoint_leave(struct bmc_run *run)
{
	run->keep_timer = bmc_timer_cancel(run->keep_timer);
	run->has_kept = run->has_before = false;
}
