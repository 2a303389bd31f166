// SPDX-License-Identifier: Apache-2.0
/* One read of an image for all boards, compared with a plain copy of it. */
#include "image-fixture.h"
#include "prepared-fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include <cmocka.h>

#include "core/base/util.h"

#define BLOCK  UPD_READS_BLOCK
#define WINDOW UPD_READS_BLOCKS
#define BLOCKS (2 * WINDOW + 8)
#define SIZE   ((size_t)BLOCKS * BLOCK - 12345)

static struct memory_image plain, packed;

/* ---- fixture ---- */

static int make_images(void **state)
{
	z_stream z = { 0 };

	(void)state;
	memory_image_init(&plain);
	memory_image_init(&packed);
	(void)memory_image_add(&plain, NULL, SIZE);
	for (size_t i = 0; i < SIZE; i++)
		plain.data[i] = (unsigned char)(i / BLOCK * 31 + i % 251 + i % 7 * 13);
	(void)memory_image_add(&packed, NULL, SIZE);
	if (deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	z.next_in = plain.data;
	z.avail_in = SIZE;
	z.next_out = packed.data;
	z.avail_out = SIZE;
	int r = deflate(&z, Z_FINISH);

	packed.image.size = z.total_out;
	(void)deflateEnd(&z);
	return r == Z_STREAM_END ? 0 : -1;
}

static int free_images(void **state)
{
	(void)state;
	memory_image_done(&plain);
	memory_image_done(&packed);
	return 0;
}

static struct upd_reads_stats stats_of(struct job *j)
{
	struct upd_reads_stats s;

	upd_reads_stats(&j->p, &s);
	return s;
}

/* Time passes for those that wait. */
struct skipper {
	pthread_t thread;
	_Atomic bool stop;
};

static void *skip_time(void *arg)
{
	struct skipper *s = arg;

	while (!atomic_load(&s->stop)) {
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		bmc_clock_skip(10);
	}
	return NULL;
}

static void skipper_start(struct skipper *s)
{
	atomic_store(&s->stop, false);
	assert_int_equal(pthread_create(&s->thread, NULL, skip_time, s), 0);
}

static void skipper_stop(struct skipper *s)
{
	atomic_store(&s->stop, true);
	(void)pthread_join(s->thread, NULL);
}

/* One read at a block's begin; what it gives is compared. */
static ssize_t read_block(const struct bmc_flash *f, uint64_t block)
{
	static __thread unsigned char buf[4096];
	ssize_t n = f->read(f, 0, block * BLOCK, buf, sizeof(buf));

	if (n > 0)
		assert_memory_equal(buf, plain.data + block * BLOCK, (size_t)n);
	return n;
}

static bool is_member(const struct bmc_flash *f, uint64_t block, struct job *j)
{
	uint64_t before = stats_of(j).own_bytes;

	assert_true(read_block(f, block) > 0);
	return stats_of(j).own_bytes == before;
}

/* ---- views ---- */

static void a_view_says_what_the_image_is(void **state)
{
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	struct bmc_flash *f = upd_reads_open(&j.p, "sub01");
	char begin[BMC_GPT_SECTORS * BMC_SECTOR], end[BMC_GPT_BACKUP * BMC_SECTOR];

	assert_int_equal(f->size, sizeof(*f));
	assert_string_equal(f->board, "sub01");
	assert_string_equal(f->name, "rootfs.img");
	assert_string_equal(f->format, "raw");
	assert_ptr_equal(f->file, &j.p.file);
	assert_int_equal(f->n_parts, 1);
	assert_string_equal(f->parts[0].name, "");
	assert_int_equal(f->parts[0].size, SIZE);
	assert_int_equal(f->parts[0].n_extents, 1);
	assert_int_equal(f->bytes, SIZE);
	assert_int_equal(f->n_pieces, 0);
	assert_int_equal(f->read_piece(f, 0, 0, begin, 1), BMC_EINVAL);
	assert_int_equal(f->read(f, 1, 0, begin, 1), BMC_EINVAL);
	assert_int_equal(f->read(f, 0, SIZE - 1, begin, 100), 1);
	assert_int_equal(f->read(f, 0, SIZE, begin, 1), 0);
	assert_int_equal(f->table(f, 1u << 20, begin, end, NULL), BMC_ENOTSUP);
	upd_reads_close(f);
	upd_reads_close(NULL);
	job_end(&j);
}

static const char parameter[] =
	"TYPE: GPT\nCMDLINE: mtdparts=rk29xxnand:"
	"0x2000@0x4000(uboot),0x8000@0x8000(boot),-@0x10000(rootfs:grow)\n";

static void an_update_has_parts_pieces_and_a_table(void **state)
{
	struct memory_image m;
	size_t parm_len;
	unsigned char *parm = build_parm(parameter, &parm_len);
	const struct packed_file files[] = {
		{ "parameter", "parameter.txt", parm, parm_len, UINT32_MAX, 0 },
		{ "uboot", "uboot.img", "u-boot", 6, 0x4000, 0x2000 },
		{ "boot", "boot.img", "kernel", 6, 0x8000, 0x8000 },
		{ 0 },
	};
	static char begin[2][BMC_GPT_SECTORS * BMC_SECTOR],
		end[2][BMC_GPT_BACKUP * BMC_SECTOR];
	char text[16];
	struct job j;

	(void)state;
	memory_image_init(&m);
	build_rkfw(&m, files);
	job_begin(&j, &m.image);
	struct bmc_flash *f = upd_reads_open(&j.p, "sub01"),
			 *g = upd_reads_open(&j.p, "sub02");

	assert_string_equal(f->chip, "330C");
	assert_int_equal(f->n_parts, 2);
	assert_string_equal(f->parts[1].name, "boot");
	assert_int_equal(f->parts[1].start, 0x8000);
	assert_int_equal(f->parts[1].room, 0x8000);
	assert_int_equal(f->read(f, 1, 1, text, sizeof(text)), 5);
	assert_memory_equal(text, "ernel", 5);
	assert_true(f->n_pieces >= 3);
	for (size_t i = 0, nth = 0; i < f->n_pieces; i++, nth++) {
		if (i > 0 && f->pieces[i].kind != f->pieces[i - 1].kind)
			nth = 0;
		const struct image_loader_entry *e =
			&j.p.image->loader.of[f->pieces[i].kind][nth];
		unsigned char is[16], must[16];
		ssize_t n = f->read_piece(f, i, 1, is, sizeof(is));

		assert_string_equal(f->pieces[i].name, e->name);
		assert_int_equal(n, MIN(sizeof(is), f->pieces[i].size - 1));
		assert_int_equal(image_read_all(j.p.image->loader_source, e->offset + 1,
						must, (size_t)n, NULL),
				 BMC_OK);
		assert_memory_equal(is, must, (size_t)n);
		assert_int_equal(f->read_piece(f, i, e->size, is, 1), 0);
	}
	assert_int_equal(f->table(f, 1u << 20, begin[0], end[0], NULL), BMC_OK);
	assert_int_equal(f->table(f, 1u << 20, begin[1], end[1], NULL), BMC_OK);
	assert_memory_equal(begin[0] + BMC_SECTOR, "EFI PART", 8);
	assert_memory_equal(begin[0], begin[1], sizeof(begin[0]));
	assert_memory_equal(end[0], end[1], sizeof(end[0]));
	assert_int_equal(g->table(g, 1u << 20, begin[1], end[1], NULL), BMC_OK);
	assert_memory_not_equal(begin[0], begin[1], sizeof(begin[0]));
	assert_int_equal(f->table(f, 0x10000, begin[1], end[1], NULL), BMC_ENOSPC);
	upd_reads_close(f);
	upd_reads_close(g);
	job_end(&j);
	memory_image_done(&m);
	free(parm);
}

/* Blocks of 4096: raw, fill, hole, raw, hole. */
static void holes_read_as_zeros_and_are_no_extents(void **state)
{
	static const struct sparse_chunk chunks[] = {
		{ SPARSE_RAW, 1 }, { SPARSE_FILL, 2 }, { SPARSE_HOLE, 3 },
		{ SPARSE_RAW, 1 }, { SPARSE_HOLE, 1 }, { 0, 0 },
	};
	static unsigned char buf[8 * 4096], must[8 * 4096];
	struct memory_image m;
	struct job j;

	(void)state;
	memory_image_init(&m);
	build_sparse(&m, chunks);
	memset(must, 0x50, 4096);
	memset(must + 4096, 0x51, 2 * 4096);
	memset(must + 6 * 4096, 0x53, 4096);
	job_begin(&j, &m.image);
	struct bmc_flash *f = upd_reads_open(&j.p, "sub01");
	const struct bmc_flash_part *part = &f->parts[0];

	assert_string_equal(f->format, "sparse");
	assert_int_equal(part->n_extents, 2);
	assert_int_equal(part->extents[0].len, 3 * 4096);
	assert_int_equal(part->extents[1].at, 6 * 4096);
	assert_int_equal(part->size, 7 * 4096);
	assert_int_equal(f->bytes, 4 * 4096);
	assert_int_equal(f->read(f, 0, 3 * 4096 - 1, buf, sizeof(buf)), 1);
	assert_int_equal(f->read(f, 0, 3 * 4096, buf, sizeof(buf)), 3 * 4096);
	for (size_t at = 0, n; at < part->size; at += n) {
		n = (size_t)f->read(f, 0, at, buf + at, 1000);
		assert_in_range(n, 1, 1000);
	}
	assert_memory_equal(buf, must, part->size);
	assert_int_equal(stats_of(&j).bytes, f->bytes);
	upd_reads_close(f);
	job_end(&j);
	memory_image_done(&m);
}

/* ---- the window ---- */

static void a_board_ahead_waits_at_the_windows_end(void **state)
{
	struct skipper time;
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	struct bmc_flash *slow = upd_reads_open(&j.p, "slow");

	assert_true(read_block(slow, 0) > 0);
	struct bmc_flash *fast = upd_reads_open(&j.p, "fast");

	for (uint64_t i = 0; i < WINDOW; i++)
		assert_true(read_block(fast, i) > 0);
	assert_int_equal(stats_of(&j).waits, 0);
	skipper_start(&time);
	assert_int_equal(read_block(fast, WINDOW), BMC_EAGAIN);
	skipper_stop(&time);
	assert_int_equal(stats_of(&j).waits, 1);
	assert_true(read_block(slow, 1) > 0);
	assert_true(read_block(fast, WINDOW) > 0);
	const struct upd_reads_stats s = stats_of(&j);

	assert_int_equal(s.blocks, WINDOW + 1);
	assert_int_equal(s.own_bytes, 0);
	assert_int_equal(s.evictions, 0);
	upd_reads_close(fast);
	upd_reads_close(slow);
	job_end(&j);
}

/* It delays the others by the grace and its share, once; then it reads by itself, and
 * joins when it has caught up. */
static void a_dead_board_is_evicted_and_can_join_again(void **state)
{
	struct skipper time;
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	struct bmc_flash *dead = upd_reads_open(&j.p, "dead");

	assert_true(read_block(dead, 0) > 0);
	struct bmc_flash *good = upd_reads_open(&j.p, "good");
	int64_t began = bmc_now();
	uint64_t i = 0;

	skipper_start(&time);
	while (i < WINDOW + 4) {
		ssize_t n = read_block(good, i);

		i += n > 0;
		assert_true(n > 0 || n == BMC_EAGAIN);
	}
	skipper_stop(&time);
	int64_t took = bmc_now() - began;

	/* the clock runs ten times as fast as the machine */
	assert_in_range(took, UPD_READS_GRACE_MS, 20 * UPD_READS_GRACE_MS);
	assert_int_equal(stats_of(&j).evictions, 1);
	assert_false(is_member(dead, 1, &j));
	assert_false(is_member(dead, 2, &j));
	assert_true(is_member(dead, WINDOW + 3, &j));
	assert_int_equal(stats_of(&j).blocks, WINDOW + 4);
	upd_reads_close(dead);
	upd_reads_close(good);
	job_end(&j);
}

static void an_evicted_board_holds_nobody_a_second_time(void **state)
{
	struct skipper time;
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	struct bmc_flash *dead = upd_reads_open(&j.p, "dead"),
			 *good = upd_reads_open(&j.p, "good");

	skipper_start(&time);
	assert_true(read_block(dead, 0) > 0);
	for (uint64_t i = 0; i < WINDOW + 2;)
		i += read_block(good, i) > 0;
	skipper_stop(&time);
	assert_int_equal(stats_of(&j).evictions, 1);
	assert_true(read_block(dead, WINDOW + 1) > 0);
	for (uint64_t i = WINDOW + 2; i < BLOCKS; i++)
		assert_true(read_block(good, i) > 0);
	upd_reads_close(dead);
	upd_reads_close(good);
	job_end(&j);
}

/* Of a compressed image it waits until the others are through. */
static void a_laggard_of_a_packed_image_makes_a_pass_of_its_own(void **state)
{
	struct skipper time;
	struct job j;

	(void)state;
	job_begin(&j, &packed.image);
	assert_string_equal(j.p.image->packing, "gzip");
	struct bmc_flash *dead = upd_reads_open(&j.p, "dead");

	assert_true(read_block(dead, 0) > 0);
	struct bmc_flash *good = upd_reads_open(&j.p, "good");

	skipper_start(&time);
	for (uint64_t i = 0; i < BLOCKS - 1;)
		i += read_block(good, i) > 0;
	assert_int_equal(stats_of(&j).evictions, 1);
	assert_int_equal(read_block(dead, 1), BMC_EAGAIN);
	upd_reads_close(good);
	for (uint64_t i = 1; i < 4; i++)
		assert_true(read_block(dead, i) > 0);
	skipper_stop(&time);
	const struct upd_reads_stats s = stats_of(&j);

	assert_int_equal(s.own_bytes, 0);
	assert_int_equal(s.passes, 2);
	assert_int_equal(s.blocks, BLOCKS - 1 + 3);
	upd_reads_close(dead);
	job_end(&j);
}

/* To verify, say: the others are about to be through, so it waits for them. */
static void who_begins_again_near_the_end_waits_for_the_others(void **state)
{
	struct skipper time;
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	struct bmc_flash *first = upd_reads_open(&j.p, "sub01"),
			 *last = upd_reads_open(&j.p, "sub02");

	for (uint64_t i = 0; i < BLOCKS - 1; i++) {
		assert_true(read_block(first, i) > 0);
		assert_true(read_block(last, i) > 0);
	}
	skipper_start(&time);
	assert_int_equal(read_block(first, 0), BMC_EAGAIN);
	skipper_stop(&time);
	assert_int_equal(stats_of(&j).passes, 1);
	upd_reads_close(last);
	assert_true(read_block(first, 0) > 0);
	assert_int_equal(stats_of(&j).passes, 2);
	assert_int_equal(stats_of(&j).own_bytes, 0);
	upd_reads_close(first);
	job_end(&j);
}

static void *read_block_5(void *arg)
{
	ssize_t n;

	while ((n = read_block(arg, 5)) == BMC_EAGAIN)
		;
	return n > 0 ? arg : NULL;
}

/* As after a restart: whoever asks first, the pass begins with the one that is furthest
 * back, and has all that lies between. */
static void a_pass_begins_with_the_board_that_is_furthest_back(void **state)
{
	struct skipper time;
	pthread_t thread;
	struct job j;
	void *read;

	(void)state;
	job_begin(&j, &packed.image);
	struct bmc_flash *ahead = upd_reads_open(&j.p, "sub01"),
			 *back = upd_reads_open(&j.p, "sub02");

	assert_int_equal(pthread_create(&thread, NULL, read_block_5, ahead), 0);
	while (stats_of(&j).waits == 0)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	skipper_start(&time);
	assert_true(read_block(back, 0) > 0);
	(void)pthread_join(thread, &read);
	skipper_stop(&time);
	assert_ptr_equal(read, ahead);
	for (uint64_t i = 1; i < 6; i++)
		assert_true(read_block(back, i) > 0);
	const struct upd_reads_stats s = stats_of(&j);

	assert_int_equal(s.passes, 1);
	assert_int_equal(s.blocks, 6);
	upd_reads_close(ahead);
	upd_reads_close(back);
	job_end(&j);
}

static void an_error_of_the_file_is_the_readers(void **state)
{
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	struct bmc_flash *f = upd_reads_open(&j.p, "sub01");

	assert_true(read_block(f, 0) > 0);
	atomic_store(&j.fail, BMC_EIO);
	assert_int_equal(read_block(f, 1), BMC_EIO);
	assert_true(read_block(f, 0) > 0);
	atomic_store(&j.fail, 0);
	assert_true(read_block(f, 1) > 0);
	assert_int_equal(stats_of(&j).blocks, 2);
	upd_reads_close(f);
	job_end(&j);
}

/* ---- many boards at once ---- */

struct board {
	struct job *job;
	struct bmc_flash *flash;
	unsigned seed;
	uint64_t begin, end; /* bytes that it reads                */
	uint64_t skip;       /* bytes between two reads (samples)  */
	unsigned pause_ms;   /* of time, after a read, at most     */
	_Atomic uint64_t wrong, errors;
	pthread_barrier_t *begun; /* NULL, or after the first read all go on */
};

static unsigned pick(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % below;
}

static void *read_all(void *arg)
{
	struct board *b = arg;
	const struct bmc_flash *f = b->flash;
	unsigned char *buf = malloc(BLOCK);

	for (uint64_t at = b->begin; at < b->end;) {
		size_t len =
			1 + pick(&b->seed, b->end - at > 2 * BLOCK ? BLOCK : 70000);
		ssize_t n = f->read(f, 0, at, buf, len);

		if (n == BMC_EAGAIN)
			continue;
		if (n <= 0 || (size_t)n > len) {
			atomic_fetch_add(&b->errors, 1);
			break;
		}
		if (memcmp(buf, plain.data + at, (size_t)n) != 0)
			atomic_fetch_add(&b->wrong, 1);
		at += (uint64_t)n + b->skip;
		if (b->begun)
			(void)pthread_barrier_wait(b->begun);
		b->begun = NULL;
		if (b->pause_ms)
			bmc_clock_skip(pick(&b->seed, b->pause_ms));
	}
	free(buf);
	upd_reads_close(b->flash);
	return NULL;
}

/* `together`: none goes on before all have begun. */
static void run_boards(struct job *j, struct board *boards, size_t n, bool together)
{
	pthread_barrier_t begun;
	pthread_t threads[48];

	assert_in_range(n, 1, ARRAY_SIZE(threads));
	(void)pthread_barrier_init(&begun, NULL, (unsigned)n);
	for (size_t i = 0; i < n; i++) {
		boards[i].job = j;
		boards[i].begun = together ? &begun : NULL;
		boards[i].flash = upd_reads_open(&j->p, i ? "sub02" : "sub01");
		assert_non_null(boards[i].flash);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_all, &boards[i]), 0);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&begun);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(atomic_load(&boards[i].wrong), 0);
		assert_int_equal(atomic_load(&boards[i].errors), 0);
	}
}

static void forty_eight_boards_read_the_image_once(void **state)
{
	static struct board boards[48];
	struct job j;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		job_begin(&j, i ? &packed.image : &plain.image);
		for (unsigned k = 0; k < ARRAY_SIZE(boards); k++)
			boards[k] = (struct board){ .seed = k + 1, .end = SIZE };
		run_boards(&j, boards, ARRAY_SIZE(boards), true);
		struct upd_reads_stats s = stats_of(&j);

		assert_int_equal(s.blocks, BLOCKS);
		assert_int_equal(s.bytes, SIZE);
		assert_int_equal(s.own_bytes, 0);
		assert_int_equal(s.passes, 1);
		/* the next wave */
		for (unsigned k = 0; k < 3; k++)
			boards[k] = (struct board){ .seed = k + 1, .end = SIZE };
		run_boards(&j, boards, 3, true);
		s = stats_of(&j);
		assert_int_equal(s.bytes, 2 * SIZE);
		assert_int_equal(s.passes, 2);
		job_end(&j);
	}
}

static void samples_are_shared_too(void **state)
{
	static struct board boards[4];
	struct job j;

	(void)state;
	job_begin(&j, &plain.image);
	for (unsigned k = 0; k < ARRAY_SIZE(boards); k++)
		boards[k] = (struct board){ .seed = 1, .end = SIZE, .skip = 3 * BLOCK };
	run_boards(&j, boards, ARRAY_SIZE(boards), true);
	const struct upd_reads_stats s = stats_of(&j);

	assert_true(s.blocks < BLOCKS / 2);
	assert_int_equal(s.own_bytes, 0);
	job_end(&j);
}

/* Boards that are slow, begin late, resume in the middle, or end early: each gets the
 * bytes that a plain read gives. */
static void random_schedules_read_as_a_plain_reader(void **state)
{
	static struct board boards[8];
	unsigned seed = 7;

	(void)state;
	for (size_t round = 0; round < 6; round++) {
		struct skipper time;
		struct job j;

		job_begin(&j, round % 2 ? &packed.image : &plain.image);
		for (size_t k = 0; k < ARRAY_SIZE(boards); k++) {
			struct board *b = &boards[k];

			*b = (struct board){ .seed = pick(&seed, 1000), .end = SIZE };
			if (pick(&seed, 3) == 0)
				b->begin = pick(&seed, SIZE);
			if (pick(&seed, 3) == 0)
				b->end = b->begin +
					 pick(&seed, (unsigned)(SIZE - b->begin));
			if (pick(&seed, 3) == 0)
				b->pause_ms = 1 + pick(&seed, 400);
			if (pick(&seed, 4) == 0)
				b->skip = pick(&seed, 4 * BLOCK);
		}
		skipper_start(&time);
		run_boards(&j, boards, ARRAY_SIZE(boards), false);
		skipper_stop(&time);
		job_end(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_says_what_the_image_is),
		cmocka_unit_test(an_update_has_parts_pieces_and_a_table),
		cmocka_unit_test(holes_read_as_zeros_and_are_no_extents),
		cmocka_unit_test(a_board_ahead_waits_at_the_windows_end),
		cmocka_unit_test(a_dead_board_is_evicted_and_can_join_again),
		cmocka_unit_test(an_evicted_board_holds_nobody_a_second_time),
		cmocka_unit_test(a_laggard_of_a_packed_image_makes_a_pass_of_its_own),
		cmocka_unit_test(who_begins_again_near_the_end_waits_for_the_others),
		cmocka_unit_test(a_pass_begins_with_the_board_that_is_furthest_back),
		cmocka_unit_test(an_error_of_the_file_is_the_readers),
		cmocka_unit_test(forty_eight_boards_read_the_image_once),
		cmocka_unit_test(samples_are_shared_too),
		cmocka_unit_test(random_schedules_read_as_a_plain_reader),
	};

	return cmocka_run_group_tests(tests, make_images, free_images);
}
