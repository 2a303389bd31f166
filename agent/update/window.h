// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "update/layout.h"
#include "update/shared-reads.h"

/* Inside of shared-reads: the window of blocks and who is in it. Positions are on the
 * layout's line. Everything here is guarded by `lock`; `image` is read without it by
 * the thread that has set `busy`. */

#define UPD_NOWHERE UINT64_MAX /* the block of a board that needs none */

struct upd_block {
	unsigned char *data; /* owned; NULL: none yet                  */
	uint64_t index;      /* UPD_NOWHERE: nothing is in it          */
	unsigned pins;       /* threads that copy from it              */
	bool loading;
};

struct upd_reader {
	struct bmc_flash flash; /* first: it is what the flasher has */
	struct upd_reads *reads;
	struct upd_reader *next;
	char board[BMC_ID_MAX];
	uint64_t block;  /* it needs this one and those behind it       */
	bool member;     /* the window waits for it                     */
	bool waiting;    /* it is in a read                             */
	int64_t began;   /* its first read, 0: none yet                 */
	int64_t last;    /* its newest read                             */
	int64_t charged; /* ms for which others have waited for it      */
};

struct upd_reads {
	struct bmc_prepared *image; /* borrowed: it owns this */
	struct upd_layout layout;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool busy;     /* a thread reads `image`                                */
	uint64_t head; /* the highest block of this pass, UPD_NOWHERE: none yet */
	int64_t gather_until; /* until then a pass that is about to begin waits */
	int64_t charged_at;   /* up to then waits are charged                   */
	struct upd_reader *readers;
	char first[BMC_ID_MAX]; /* the board of the first view           */
	bool many;              /* there were views of another board, too */
	size_t n_blocks;
	struct upd_block blocks[UPD_READS_BLOCKS];
	struct upd_reads_stats stats;
};

/** Reads up to `len` bytes at `at`, which lie in one extent; waits UPD_READS_WAIT_MS at
 * most. */
ssize_t upd_window_read(struct upd_reader *r, uint64_t at, void *buf, size_t len);

/** Nobody needs what is in the window any more. */
void upd_window_clear(struct upd_reads *w);
