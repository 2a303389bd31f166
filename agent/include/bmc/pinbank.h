// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Tables of data are aligned by hand in here. */
/* clang-format off */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* Simulated GPIO lines and pwms: one file that clusterbmc-priv's `simulator` chip driver and the
 * simulator plugin both map. The helper writes levels as it would write real lines, the
 * plugin watches them as a board would; both append to the ring what happened. An input
 * is driven by whoever simulates what is wired to it: it writes `level`, and the helper
 * looks at its inputs every few milliseconds. Because
 * it is a file, levels and trace outlive either process, as real pins do.
 * The file holds exactly one struct bmc_pinbank; who finds a wrong magic, version or
 * size recreates it. Readers trust nothing in it: bounds are the array sizes here. */

#define BMC_PINBANK_MAGIC 0x626d6370u
#define BMC_PINBANK_VERSION 2u
#define BMC_PINBANK_CHIPS 8u
#define BMC_PINBANK_LINES 1024u
#define BMC_PINBANK_PWMS 64u
#define BMC_PINBANK_TRACE 16384u

enum bmc_trace_what { BMC_TRACE_NONE, BMC_TRACE_PIN, BMC_TRACE_ADB };

struct bmc_trace_entry {
	_Atomic uint64_t seq; /* from 1; written last: an entry with another seq is not whole */
	int64_t usec;         /* CLOCK_BOOTTIME */
	uint16_t what;        /* enum bmc_trace_what */
	uint16_t chip, line, level; /* BMC_TRACE_PIN */
	char board[32];       /* the row's id */
	char text[16];        /* pin's name ("power", "reset"), or the adb request */
};

struct bmc_pinbank {
	uint32_t magic, version;
	_Atomic uint64_t seq; /* of the newest entry */
	_Atomic uint8_t level[BMC_PINBANK_CHIPS][BMC_PINBANK_LINES];
	_Atomic uint32_t pwm[BMC_PINBANK_PWMS]; /* duty in 1/1000 percent, 0..100000 */
	struct bmc_trace_entry ring[BMC_PINBANK_TRACE];
};

/** Appends to the ring; any process and thread. Returns the entry's sequence number. */
static inline uint64_t bmc_pinbank_trace(struct bmc_pinbank *b, const struct bmc_trace_entry *e)
{
	uint64_t seq = atomic_fetch_add(&b->seq, 1) + 1;
	struct bmc_trace_entry *slot = &b->ring[seq % BMC_PINBANK_TRACE];
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	atomic_store(&slot->seq, 0);
	slot->usec = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	slot->what = e->what;
	slot->chip = e->chip;
	slot->line = e->line;
	slot->level = e->level;
	memcpy(slot->board, e->board, sizeof(slot->board));
	memcpy(slot->text, e->text, sizeof(slot->text));
	atomic_store(&slot->seq, seq);
	return seq;
}
