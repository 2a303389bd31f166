// SPDX-License-Identifier: Apache-2.0
#include "prepared-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"

static ssize_t job_read(const struct bmc_image *i, uint64_t offset, void *buf,
			size_t len)
{
	struct job *j =
		(struct job *)((char *)(uintptr_t)i - offsetof(struct job, p.file));
	int fails = atomic_load(&j->fail);

	return fails ? fails : j->file->read(j->file, offset, buf, len);
}

static void job_freed(struct bmc_prepared *p)
{
	struct job *j = (struct job *)p;

	upd_reads_free(p->reads);
	p->image = image_free(p->image);
	atomic_store(&j->freed, true);
}

void job_begin(struct job *j, const struct bmc_image *file)
{
	const struct image_limits limits = { .size = UINT64_MAX };

	memset(j, 0, sizeof(*j));
	j->file = file;
	j->p.free = job_freed;
	j->p.file.size = file->size;
	j->p.file.digest[0] = 42;
	j->p.file.read = job_read;
	(void)bmc_copy(j->p.name, sizeof(j->p.name), "rootfs.img");
	atomic_store(&j->p.refs, 1);
	assert_int_equal(image_open(&j->p.file, &limits, &j->p.image, NULL), BMC_OK);
}

void job_end(struct job *j)
{
	upd_prepared_unref(&j->p);
	assert_true(atomic_load(&j->freed));
}

void build_sparse(struct memory_image *m, const struct sparse_chunk *chunks)
{
	size_t head = memory_image_add(m, NULL, 28), n = 0;
	uint64_t blocks = 0;

	for (; chunks[n].blocks; n++) {
		uint32_t payload = chunks[n].type == SPARSE_RAW
					   ? chunks[n].blocks * 4096
				   : chunks[n].type == SPARSE_FILL ? 4
								   : 0;
		size_t at = memory_image_add(m, NULL, 12 + payload);

		memory_image_le(m, at, chunks[n].type, 2);
		memory_image_le(m, at + 4, chunks[n].blocks, 4);
		memory_image_le(m, at + 8, 12 + payload, 4);
		memset(m->data + at + 12, (int)(0x50 + n), payload);
		blocks += chunks[n].blocks;
	}
	memory_image_le(m, head, 0xed26ff3a, 4);
	memory_image_le(m, head + 4, 1, 2);
	memory_image_le(m, head + 8, 28, 2);
	memory_image_le(m, head + 10, 12, 2);
	memory_image_le(m, head + 12, 4096, 4);
	memory_image_le(m, head + 16, blocks, 4);
	memory_image_le(m, head + 20, n, 4);
}
