// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "image-fixture.h"
#include "update/shared-reads.h"

/* A prepared image over a file in memory, without a store. */

struct job {
	struct bmc_prepared p;
	const struct bmc_image *file;
	_Atomic int fail; /* what reading the file gives, 0: its bytes */
	_Atomic bool freed;
};

/** The file is borrowed and outlives the job. */
void job_begin(struct job *j, const struct bmc_image *file);
/** Gives back the test's reference, which is the last one. */
void job_end(struct job *j);

enum { SPARSE_RAW = 0xcac1, SPARSE_FILL = 0xcac2, SPARSE_HOLE = 0xcac3 };
/** Blocks of 4096; 0 blocks end a list. The nth chunk's bytes are 0x50 + n. */
struct sparse_chunk {
	uint16_t type;
	uint32_t blocks;
};
/** Appends an Android sparse image. */
void build_sparse(struct memory_image *m, const struct sparse_chunk *chunks);
