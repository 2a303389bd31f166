// SPDX-License-Identifier: Apache-2.0
// Fuzz target: firmware images. Input: the file; it is read as it is, and again with
// the sums of its format put right, so that what stands behind the sums is reached too.
#include <stdlib.h>

#include "../unit/image-fixture.h"
#include "fuzz.h"
#include "image/image.h"

static void open_and_read(struct memory_image *m)
{
	const struct image_limits limits = { .size = 1u << 20 };
	struct image *i;
	unsigned char buf[4096];

	if (image_open(&m->image, &limits, &i, NULL) != BMC_OK)
		return;
	for (size_t k = 0; k < i->n; k++) {
		uint64_t at = 0;
		ssize_t n;

		/* A sparse image of a few bytes may be terabytes of pattern. */
		while (at < limits.size &&
		       (n = image_part_read(&i->of[k], at, buf, sizeof(buf))) > 0)
			at += (uint64_t)n;
	}
	(void)image_free(i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory_image m;

	memory_image_init(&m);
	(void)memory_image_add(&m, data, size);
	open_and_read(&m);
	if (size > 0x66 + 32 && m.data[0] == 'R')
		seal_rkfw(&m);
	else if (size > 4)
		seal_loader(&m);
	open_and_read(&m);
	memory_image_done(&m);
	return 0;
}
