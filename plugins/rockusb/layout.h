// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "bmc/plugin.h"

/* What an image writes to a storage, in the order in which it is written: the partition
 * table, the loader, each part in the image's order (its bytes are read from the begin
 * to the end once), the table's copy at the storage's end. All of it is checked before
 * the first write. Pure, but for reads of the image. */

/** A board's storage as its loader tells it. */
struct rk_storage {
	uint32_t sectors;
	uint64_t can;             /* RK_CAP_*                                     */
	const unsigned char *gpt; /* RK_GPT_BYTES, checked; NULL: it has no table */
};

struct rk_run {
	const unsigned char *bytes; /* NULL: those of the part */
	size_t part;
	uint64_t lba, sectors;
};

struct rk_layout {
	const struct bmc_flash *flash;
	struct rk_run *runs;
	size_t n;
	uint64_t sectors; /* that are written */
	uint64_t id;      /* another layout has another one */
	bool whole;       /* the whole storage is a part */
	bool keep;        /* of that, the vendor storage area is left out */
	unsigned char *begin, *end, *idblock; /* owned */
};

/** Sectors to be written at once; they are one behind the other on the storage and in
 * the run. */
struct rk_chunk {
	size_t run;
	uint64_t at; /* in the run */
	uint32_t lba, count;
	bool first, last; /* of an extent */
};

struct rk_cursor {
	size_t run, extent;
	uint64_t at, done; /* sectors: of the run; of all that are written */
};

/** Whether some part's place is only known by the board's own table. */
bool rk_layout_needs_gpt(const struct bmc_flash *flash, uint64_t sectors);
/** Ends with rk_layout_done, after an error too. BMC_ENOSPC: it has no room for it;
 * BMC_ENOTFOUND: no such partition; BMC_ECONFLICT: parts overlap; BMC_ENOTSUP: its
 * loader may not write there. */
int rk_layout_make(struct rk_layout *l, const struct bmc_flash *flash,
		   const struct rk_storage *s, struct bmc_error *err);
void rk_layout_done(struct rk_layout *l);
/** The next chunk of at most `most` sectors; false: that was all. */
bool rk_layout_next(const struct rk_layout *l, struct rk_cursor *c, uint32_t most,
		    struct rk_chunk *ret);
/** A cursor behind the first `done` sectors. */
struct rk_cursor rk_layout_seek(const struct rk_layout *l, uint64_t done);
