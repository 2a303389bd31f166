// SPDX-License-Identifier: Apache-2.0
/* Compressed and sparse images, against the programs that make them. */
#include "image-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"

#define SIZE (3u * 65536u + 4096u)

static char folder[] = "/tmp/clusterbmc-image-XXXXXX";
static unsigned char original[SIZE];

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
	char cmd[512];
	va_list ap;

	(void)snprintf(cmd, sizeof(cmd), "cd %s && ", folder);
	va_start(ap, format);
	(void)vsnprintf(cmd + strlen(cmd), sizeof(cmd) - strlen(cmd), format, ap);
	va_end(ap);
	if (system(cmd) != 0) /* NOLINT(cert-env33-c): fixed text of this test */
		fail_msg("%s", cmd);
}

static void load(struct memory_image *m, const char *name)
{
	char path[128];

	memory_image_init(m);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	memory_image_load(m, path);
}

/* Words that compress, a hole, a pattern, noise. */
static int make_original(void **state)
{
	char path[128];
	uint32_t n = 1;

	(void)state;
	for (size_t i = 0; i < SIZE; i++) {
		n = n * 1103515245u + 12345u;
		original[i] = i < 65536       ? (unsigned char)"firmware "[i % 9]
			      : i < 2 * 65536 ? 0
			      : i < 2 * 65536 + 8192
				      ? (unsigned char)"\x12\x34\x56\x78"[i % 4]
				      : (unsigned char)(n >> 16);
	}
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/image", folder);
	FILE *f = fopen(path, "we");

	return f && fwrite(original, SIZE, 1, f) == 1 && fclose(f) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	run("rm -r \"$PWD\"");
	return 0;
}

static int open_limited(struct memory_image *m, uint64_t size, struct image **ret)
{
	const struct image_limits limits = { .size = size };

	return image_open(&m->image, &limits, ret, NULL);
}

static void reads_as_original(const struct image_part *part)
{
	static unsigned char is[SIZE];
	size_t at = 0;

	assert_int_equal(part->extents.size, SIZE);
	while (at < SIZE) {
		ssize_t n = image_part_read(part, at, is + at, MIN(10000, SIZE - at));

		assert_true(n > 0);
		at += (size_t)n;
	}
	assert_memory_equal(is, original, SIZE);
	assert_int_equal(image_part_read(part, SIZE, is, 1), 0);
	/* and backwards */
	for (size_t back = SIZE - 1000; back > 50000; back -= 50000) {
		assert_int_equal(image_part_read(part, back, is, 1), 1);
		assert_int_equal(is[0], original[back]);
	}
}

static const char *const programs[] = { "gzip", "xz", "zstd" };

static void what_programs_packed_is_unpacked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct memory_image m;
		struct image *im;

		run("%s -q -c <image >packed", programs[i]);
		load(&m, "packed");
		assert_int_equal(open_limited(&m, SIZE, &im), BMC_OK);
		assert_string_equal(im->packing, programs[i]);
		assert_string_equal(im->format, "raw");
		reads_as_original(&im->of[0]);
		(void)image_free(im);
		assert_int_equal(open_limited(&m, SIZE - 1, &im), BMC_ENOSPC);
		memory_image_done(&m);
	}
}

static void members_one_after_the_other_are_one_image(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct memory_image m;
		struct image *im;

		run("rm -f packed; for part in 1 2 3; do "
		    "tail -c +$((part * 70000 - 69999)) image | head -c 70000 | %s -q "
		    "-c "
		    ">>packed; done",
		    programs[i]);
		load(&m, "packed");
		assert_int_equal(open_limited(&m, SIZE, &im), BMC_OK);
		reads_as_original(&im->of[0]);
		(void)image_free(im);
		memory_image_done(&m);
	}
}

static void what_is_cut_damaged_or_followed_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct memory_image m;
		struct image *im;

		/* xz and zstd with their check sums, as they do by default. */
		run("%s -q -c <image >packed", programs[i]);
		load(&m, "packed");
		size_t whole = m.image.size;

		for (size_t cut = 1; cut < whole - 8; cut += 1 + cut / 3) {
			m.image.size = whole - cut;
			assert_int_equal(open_limited(&m, SIZE, &im), BMC_ECORRUPT);
		}
		m.image.size = whole;
		for (size_t at = 12; at < whole - 12; at += whole / 20) {
			m.data[at] ^= 0x10;
			assert_int_equal(open_limited(&m, SIZE, &im), BMC_ECORRUPT);
			m.data[at] ^= 0x10;
		}
		(void)memory_image_add(&m, "garbage behind it", 17);
		assert_int_equal(open_limited(&m, SIZE, &im), BMC_ECORRUPT);
		memory_image_done(&m);
	}
}

static void a_bomb_is_refused_at_the_limit(void **state)
{
	struct memory_image m;
	struct image *im;

	(void)state;
	run("head -c 100000000 /dev/zero | %s -c >packed", "gzip");
	load(&m, "packed");
	m.reads = 0;
	assert_int_equal(open_limited(&m, 1000000, &im), BMC_ENOSPC);
	assert_true(m.reads < 5);
	run("%s -c <packed >twice", "gzip");
	memory_image_done(&m);
	load(&m, "twice");
	assert_int_equal(open_limited(&m, 1u << 30, &im), BMC_ENOTSUP);
	memory_image_done(&m);
}

static void a_window_of_more_than_the_memory_is_refused(void **state)
{
	struct memory_image m;
	struct image *im;

	(void)state;
	for (int log = 25; log <= 26; log++) {
		run("head -c 70000000 /dev/zero | zstd -q -c --long=%d >packed", log);
		load(&m, "packed");
		assert_int_equal(open_limited(&m, 1u << 28, &im),
				 log == 25 ? BMC_OK : BMC_ECORRUPT);
		if (log == 25)
			(void)image_free(im);
		memory_image_done(&m);
	}
}

static bool tired(void *arg, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	return ++*(int *)arg < 2;
}

static void unpacking_ends_when_nobody_waits(void **state)
{
	struct memory_image m;
	struct image *im;
	int calls = 0;
	const struct image_limits limits = { .size = SIZE,
					     .watch = tired,
					     .arg = &calls };

	(void)state;
	run("%s -q -c <image >packed", "xz");
	load(&m, "packed");
	assert_int_equal(image_open(&m.image, &limits, &im, NULL), BMC_ECANCELED);
	assert_int_equal(calls, 2);
	memory_image_done(&m);
}

static void what_img2simg_made_is_read(void **state)
{
	static const char *const how[] = {
		"img2simg image sparse 4096; cp sparse x",
		"img2simg image sparse 4096; gzip -c <sparse >x"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
		struct memory_image m;
		struct image *im;

		run("%s", how[i]);
		load(&m, "x");
		assert_int_equal(open_limited(&m, SIZE, &im), BMC_OK);
		assert_string_equal(im->format, "sparse");
		reads_as_original(&im->of[0]);
		assert_true(im->of[0].extents.n >= 3);
		(void)image_free(im);
		memory_image_done(&m);
	}
}

/* A sparse image of four blocks: raw, fill, don't care, CRC32. */
static void build_sparse(struct memory_image *m)
{
	static const uint16_t types[] = { 0xcac1, 0xcac2, 0xcac3, 0xcac4 };

	memory_image_init(m);
	(void)memory_image_add(m, NULL, 28);
	memory_image_le(m, 0, 0xed26ff3a, 4);
	memory_image_le(m, 4, 1, 4);
	memory_image_le(m, 8, 28 | 12 << 16, 4);
	memory_image_le(m, 12, 512, 4);
	memory_image_le(m, 16, 4, 4);
	memory_image_le(m, 20, 4, 4);
	for (size_t i = 0; i < 4; i++) {
		size_t body = i == 0 ? 512 : i == 2 ? 0 : 4;
		size_t at = memory_image_add(m, NULL, 12 + body);

		memory_image_le(m, at, types[i], 2);
		memory_image_le(m, at + 4, i == 2 ? 2 : i < 2, 4);
		memory_image_le(m, at + 8, 12 + body, 4);
	}
	memset(m->data + 40, 'r', 512);
	memcpy(m->data + 564, "fill", 4);
	memory_image_le(m, 592, 0x683c1d8a, 4);
}

struct change {
	int code;
	size_t at, bytes;
	uint64_t is;
};

static const struct change changes[] = {
	{ BMC_ENOTSUP, 4, 2, 2 },
	{ BMC_OK, 6, 2, 7 }, /* minor version */
	{ BMC_ENOTSUP, 8, 2, 32 },
	{ BMC_ENOTSUP, 10, 2, 16 },
	{ BMC_ECORRUPT, 12, 4, 0 },
	{ BMC_ECORRUPT, 12, 4, 513 },
	{ BMC_ECORRUPT, 12, 4, 1024 },
	{ BMC_ECORRUPT, 12, 4, 1u << 21 },
	{ BMC_ECORRUPT, 16, 4, 3 },
	{ BMC_ECORRUPT, 16, 4, 5 },
	{ BMC_ECORRUPT, 20, 4, 3 + 2 },
	{ BMC_ENOSPC, 20, 4, 262145 },
	{ BMC_ECORRUPT, 24, 4, 1 }, /* checksum */
	{ BMC_ECORRUPT, 28, 2, 0xcac5 },
	{ BMC_ECORRUPT, 32, 4, 2 },
	{ BMC_ECORRUPT, 36, 4, 523 },
	{ BMC_ECORRUPT, 36, 4, 0xffffffff },
	{ BMC_ECORRUPT, 556, 4, 0x7fffffff },
	{ BMC_ECORRUPT, 584, 4, 1 },
	{ BMC_ECORRUPT, 592, 4, 0x683c1d8b },
};

static void sparse_lies_are_found(void **state)
{
	struct memory_image m;
	struct image *im;
	char buf[2048];

	(void)state;
	build_sparse(&m);
	assert_int_equal(open_limited(&m, 1u << 20, &im), BMC_OK);
	assert_int_equal(im->of[0].extents.bytes, 1024);
	assert_int_equal(image_part_read(&im->of[0], 514, buf, 100), 100);
	assert_memory_equal(buf, "llfillfi", 8);
	assert_int_equal(image_part_read(&im->of[0], 1000, buf, 100), 24);
	assert_int_equal(image_part_read(&im->of[0], 1024, buf, 2048), 1024);
	(void)image_free(im);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		unsigned char keep[4];

		memcpy(keep, m.data + changes[i].at, 4);
		memory_image_le(&m, changes[i].at, changes[i].is, changes[i].bytes);
		int r = open_limited(&m, 1u << 20, &im);

		if (r != changes[i].code)
			fail_msg("change %zu: %d", i, r);
		if (r == BMC_OK)
			(void)image_free(im);
		memcpy(m.data + changes[i].at, keep, 4);
	}
	for (m.image.size -= 1; m.image.size >= 4; m.image.size--)
		assert_int_equal(open_limited(&m, 1u << 20, &im), BMC_ECORRUPT);
	memory_image_done(&m);
}

/* A few bytes that say that they are petabytes, and have a checksum. */
static void a_checksum_of_a_vast_hole_is_not_taken(void **state)
{
	struct memory_image m;
	struct image *im;
	int calls = 0;
	const struct image_limits limits = { .size = UINT64_MAX,
					     .watch = tired,
					     .arg = &calls };

	(void)state;
	build_sparse(&m);
	m.image.size = 28 + 12;
	memory_image_le(&m, 12, 1u << 20, 4);   /* bytes of a block */
	memory_image_le(&m, 16, 0xffffffff, 4); /* blocks */
	memory_image_le(&m, 20, 1, 4);          /* chunks */
	memory_image_le(&m, 24, 1, 4);          /* checksum */
	memory_image_le(&m, 28, 0xcac3, 2);
	memory_image_le(&m, 32, 0xffffffff, 4);
	memory_image_le(&m, 36, 12, 4);
	assert_int_equal(open_limited(&m, UINT64_C(1) << 44, &im), BMC_ENOSPC);
	assert_int_equal(image_open(&m.image, &limits, &im, NULL), BMC_ECANCELED);
	assert_int_equal(calls, 2);
	/* without one it is not taken either: nothing would be written */
	memory_image_le(&m, 24, 0, 4);
	assert_int_equal(open_limited(&m, 1u << 20, &im), BMC_ECORRUPT);
	memory_image_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_programs_packed_is_unpacked),
		cmocka_unit_test(members_one_after_the_other_are_one_image),
		cmocka_unit_test(what_is_cut_damaged_or_followed_is_refused),
		cmocka_unit_test(a_bomb_is_refused_at_the_limit),
		cmocka_unit_test(a_window_of_more_than_the_memory_is_refused),
		cmocka_unit_test(unpacking_ends_when_nobody_waits),
		cmocka_unit_test(what_img2simg_made_is_read),
		cmocka_unit_test(sparse_lies_are_found),
		cmocka_unit_test(a_checksum_of_a_vast_hole_is_not_taken),
	};

	return cmocka_run_group_tests(tests, make_original, remove_folder);
}
