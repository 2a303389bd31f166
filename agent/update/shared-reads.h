// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "update/prepared.h"

/* One read of an image for all boards of its job. Its bytes are read, and unpacked, in
 * blocks; the boards that write them at the same time share a window of a few blocks,
 * and each block is read when the first of them asks for it.
 *
 * A block stays until every board of the window has passed it, so a fast board waits
 * for the slow ones (BMC_EAGAIN after UPD_READS_WAIT_MS). How long a board may make the
 * others wait is bounded: UPD_READS_GRACE_MS and a share of the time since its first
 * read. Past that it is evicted: it reads the file by itself, without delay to anyone,
 * and joins again when what it asks for lies in the window. Of a compressed image there
 * is one unpacker, so there an evicted board, as one that begins late, waits until the
 * others are through; those that wait then make a pass of their own.
 *
 * A pass ends when no board is in the window any more. The next one, to verify or of
 * the next wave, begins with those that ask within UPD_READS_GATHER_MS; of an image
 * that only one board has opened it begins at once. It reads the file again (from the
 * page cache, as a rule), and is counted. */

#define UPD_READS_BLOCK            (1u << 20) /* bytes */
#define UPD_READS_BLOCKS           16u
#define UPD_READS_BLOCKS_PACKED    8u  /* beside an unpacker's memory            */
#define UPD_READS_REACH            64u /* blocks that a board may skip (samples) */
#define UPD_READS_OWN              (256u << 10) /* bytes of one read outside the window */
#define UPD_READS_WAIT_MS          2000
#define UPD_READS_GRACE_MS         3000
#define UPD_READS_IDLE_MS          5000 /* without a read: it is not waited for */
#define UPD_READS_GATHER_MS        200
#define UPD_READS_GATHER_PACKED_MS 2000 /* who comes later waits for a whole pass */
#define UPD_READS_SHARE            10   /* percent */
#define UPD_READS_SHARE_PACKED     50

/** Counted since the image was prepared. */
struct upd_reads_stats {
	uint64_t blocks, bytes; /* read for the window                        */
	uint64_t own_bytes;     /* read by boards outside of it               */
	uint64_t passes, evictions;
	uint64_t waits; /* reads that have waited for slower boards   */
};

/** One board's view of an image; holds a reference. NULL: no memory, or the loader in
 * it can't be read. Any thread; each view is used by one thread at a time. */
struct bmc_flash *upd_reads_open(struct bmc_prepared *p, const char *board);
/** The board reads no more; accepts NULL. Any thread. */
void upd_reads_close(struct bmc_flash *flash);
/** Zeros before the first open. Any thread. */
void upd_reads_stats(struct bmc_prepared *p, struct upd_reads_stats *ret);
/** Of an image without views; accepts NULL. */
void upd_reads_free(struct upd_reads *reads);
