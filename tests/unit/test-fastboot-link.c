// SPDX-License-Identifier: Apache-2.0
/* The fastboot protocol and the pieces of a part against the model of a board, in one
 * process, with a clock that stands still unless something is waited for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../plugins/fastboot/link.h"
#include "../../plugins/fastboot/piece.h"
#include "../rigs/fastboot-model.h"

#define KIB 1024u
#define MIB (1024u * KIB)

static struct {
	struct fastboot_model *model;
	struct fb_link link;
	int64_t now;
	unsigned beats, cancel_at;
	struct bmc_error err;
	const unsigned char *image; /* of the part that is written */
} t;

/* ---- fixture ---- */

static int transfer(unsigned ep, void *buf, size_t len, unsigned ms)
{
	int n = fastboot_model_ops.bulk(t.model, ep, buf, len);

	if (n != -EAGAIN)
		return n;
	t.now += ms;
	return -ETIMEDOUT;
}

static int io_out(void *io, const void *data, size_t len, unsigned ms)
{
	(void)io;
	assert_true(ms > 0);
	return transfer(1, (void *)(uintptr_t)data, len, ms);
}

static int io_in(void *io, void *buf, size_t len, unsigned ms)
{
	(void)io;
	assert_true(ms > 0);
	return transfer(0x81, buf, len, ms);
}

static int io_clear_halt(void *io)
{
	(void)io;
	fastboot_model_ops.clear_halt(t.model, 0);
	return 0;
}

static const struct fb_io io = { io_out, io_in, io_clear_halt };

static int64_t now(void)
{
	return t.now;
}

static bool beat(void *arg)
{
	(void)arg;
	return ++t.beats != t.cancel_at;
}

static void connect(void)
{
	free(t.link.buffer);
	t.link = (struct fb_link){
		.io = &io, .board = "sub01", .now = now, .beat = beat
	};
}

static void begin(const char *options)
{
	memset(&t, 0, sizeof(t));
	t.model = fastboot_model_new(options);
	assert_non_null(t.model);
	connect();
}

static void end(void)
{
	free(t.link.buffer);
	fastboot_model_ops.done(t.model);
}

/* ---- commands ---- */

static void it_asks_for_variables(void **state)
{
	char value[FB_ANSWER_MAX];

	(void)state;
	begin("product=evb_rk3399,max=0x100000");
	assert_int_equal(fb_getvar(&t.link, "product", value, &t.err), BMC_OK);
	assert_string_equal(value, "evb_rk3399");
	assert_int_equal(fb_getvar(&t.link, "max-download-size", value, &t.err),
			 BMC_OK);
	assert_string_equal(value, "0x100000");
	assert_int_equal(fb_getvar(&t.link, "no-such", value, &t.err), BMC_OK);
	assert_string_equal(value, "");
	assert_int_equal(fb_command(&t.link, "erase:rootfs", 1000, NULL, &t.err),
			 BMC_OK);
	assert_int_equal(fb_command(&t.link, "erase:none", 1000, NULL, &t.err),
			 BMC_ENOTSUP);
	assert_non_null(strstr(t.err.what, "cannot find partition"));
	assert_int_equal(fastboot_model_violations(t.model), 0);
	end();
}

static void a_command_is_64_bytes_at_most(void **state)
{
	char command[FB_COMMAND_MAX + 2];

	(void)state;
	begin("");
	(void)snprintf(command, sizeof(command), "erase:%0*d", FB_COMMAND_MAX - 6, 0);
	assert_int_equal(fb_command(&t.link, command, 1000, NULL, NULL), BMC_ENOTSUP);
	(void)snprintf(command, sizeof(command), "erase:%0*d", FB_COMMAND_MAX - 5, 0);
	assert_int_equal(fb_command(&t.link, command, 1000, NULL, NULL), BMC_EINVAL);
	assert_int_equal(fastboot_model_violations(t.model), 0);
	end();
}

static void answers_that_are_none_are_errors(void **state)
{
	static const struct {
		const char *options;
		int code;
		bool broken;
	} cases[] = {
		{ "fault=garbage", BMC_EIO, true },
		{ "fault=tiny", BMC_EIO, true },
		{ "fault=hang", BMC_ETIMEDOUT, false },
		{ "fault=endless", BMC_EIO, true },
		{ "fault=fail", BMC_ENOTSUP, false },
		{ "fault=terminal", BMC_ENOTSUP, false },
		{ "fault=no-memory", BMC_OK, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(cases[i].options);
		int64_t before = t.now;
		int code = fb_command(&t.link, "flash:boot", 10000, NULL, &t.err);

		/* without data the model refuses a flash command that it carries out */
		if (cases[i].code == BMC_OK)
			code = code == BMC_ENOTSUP ? BMC_OK : code;
		assert_int_equal(code, cases[i].code);
		assert_int_equal(t.link.broken, cases[i].broken);
		assert_in_range(t.now - before, 0, 10000);
		for (const char *at = t.err.what; *at; at++)
			assert_in_range(*at, ' ', '~');
		end();
	}
}

static void a_halt_is_cleared(void **state)
{
	(void)state;
	begin("fault=stall");
	assert_int_equal(fb_command(&t.link, "getvar:product", 1000, NULL, NULL),
			 BMC_EIO);
	connect();
	assert_int_equal(fb_sync(&t.link, &t.err), BMC_OK);
	end();
}

static void a_wait_ends_when_it_is_cancelled(void **state)
{
	(void)state;
	begin("fault=hang");
	t.cancel_at = 5;
	assert_int_equal(fb_command(&t.link, "flash:boot", 100000, NULL, NULL),
			 BMC_ECANCELED);
	assert_in_range(t.now, 1, 5 * FB_SLICE_MS);
	end();
}

/* ---- downloads ---- */

static unsigned char *noise(size_t len)
{
	unsigned char *p = malloc(len);
	uint32_t n = 1;

	for (size_t i = 0; i < len; i++) {
		n = n * 1103515245u + 12345u;
		p[i] = (unsigned char)(n >> 16);
	}
	return p;
}

static int send_bytes(const unsigned char *data, uint32_t len)
{
	int code = fb_download(&t.link, len, &t.err);

	if (code == BMC_OK)
		code = fb_put(&t.link, data, len, &t.err);
	if (code == BMC_OK)
		code = fb_put_end(&t.link, &t.err);
	return code;
}

static void a_download_is_what_was_sent(void **state)
{
	unsigned char *data = noise(MIB);
	size_t size;

	(void)state;
	begin("max=0x100000");
	assert_int_equal(send_bytes(data, MIB), BMC_OK);
	assert_int_equal(fb_command(&t.link, "flash:rootfs", 1000, NULL, &t.err),
			 BMC_OK);
	assert_memory_equal(fastboot_model_part(t.model, "rootfs", &size), data, MIB);
	assert_int_equal(fb_download(&t.link, MIB + 1, &t.err), BMC_ENOSPC);
	assert_int_equal(send_bytes(data, 1), BMC_OK);
	assert_int_equal(fastboot_model_violations(t.model), 0);
	end();
	free(data);
}

static void a_data_answer_of_another_size_is_an_error(void **state)
{
	(void)state;
	begin("fault=short");
	assert_int_equal(fb_download(&t.link, 1000, &t.err), BMC_EIO);
	assert_true(t.link.broken);
	end();
}

static void an_ended_download_leaves_the_board_as_it_was(void **state)
{
	unsigned char *data = noise(MIB);
	size_t size;

	(void)state;
	begin("");
	assert_int_equal(fb_download(&t.link, MIB, &t.err), BMC_OK);
	assert_int_equal(fb_put(&t.link, data, 300 * KIB, &t.err), BMC_OK);
	fb_put_abort(&t.link);
	assert_false(t.link.broken);
	assert_int_equal(fb_command(&t.link, "getvar:product", 1000, NULL, &t.err),
			 BMC_OK);
	assert_int_equal(fastboot_model_part(t.model, "rootfs", &size)[0], 0);
	assert_int_equal(fastboot_model_stored(t.model), 0);
	end();
	free(data);
}

/* As after kill -9: how much the board still waits for is not known. */
static void a_board_that_waits_for_data_is_brought_back(void **state)
{
	static const uint32_t sizes[] = { 513, 65536, 65537, MIB, 3 * MIB + 5 };
	unsigned char *data = noise(4 * MIB);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin("");
		assert_int_equal(fb_download(&t.link, sizes[i], &t.err), BMC_OK);
		assert_int_equal(fb_put(&t.link, data, sizes[i] / 3, &t.err), BMC_OK);
		connect();
		assert_int_equal(fb_sync(&t.link, &t.err), BMC_OK);
		assert_int_equal(send_bytes(data, 2 * MIB), BMC_OK);
		assert_int_equal(
			fb_command(&t.link, "flash:rootfs", 1000, NULL, &t.err),
			BMC_OK);
		end();
	}
	free(data);
}

static void a_board_that_hangs_is_given_up(void **state)
{
	(void)state;
	begin("fault=hang");
	assert_int_equal(fb_sync(&t.link, &t.err), BMC_ETIMEDOUT);
	assert_in_range(t.now, 1, 60000);
	end();
}

/* ---- pieces ---- */

static int piece_put(void *arg, const void *data, size_t len, struct bmc_error *err)
{
	(void)arg;
	return fb_put(&t.link, data, len, err);
}

static int piece_data(void *arg, uint64_t at, uint64_t len, struct bmc_error *err)
{
	(void)arg;
	return fb_put(&t.link, t.image + at, len, err);
}

/* Writes a part in pieces of `max`, and compares: what no extent covers is as before.
 */
static unsigned write_part(const struct bmc_flash_part *part, uint32_t max)
{
	struct fb_piece p;
	unsigned n = 0;
	uint64_t bytes = 0;
	size_t size;
	const unsigned char *is = fastboot_model_part(t.model, part->name, &size);
	char command[80];

	(void)snprintf(command, sizeof(command), "erase:%s", part->name);
	assert_int_equal(fb_command(&t.link, command, 1000, NULL, &t.err), BMC_OK);
	(void)snprintf(command, sizeof(command), "flash:%s", part->name);
	for (uint64_t from = 0; fb_piece_make(part, from, max, &p); from = p.next) {
		assert_in_range(p.size, 1, max);
		assert_true(p.next > from);
		assert_int_equal(fb_download(&t.link, p.size, &t.err), BMC_OK);
		assert_int_equal(fb_piece_send(&p, piece_put, piece_data, NULL, &t.err),
				 BMC_OK);
		assert_int_equal(t.link.expected - t.link.used, 0);
		assert_int_equal(fb_put_end(&t.link, &t.err), BMC_OK);
		if (fb_command(&t.link, command, 1000, NULL, &t.err) != BMC_OK)
			fail_msg("%s", t.err.what);
		bytes += p.bytes;
		n++;
	}
	for (size_t i = 0, at = 0; i <= part->n_extents; i++) {
		const struct bmc_extent *x = &part->extents[i];
		size_t begin = i < part->n_extents ? x->at : size;

		if (i > 0) /* the last sector's rest */
			at = (at + 511) / 512 * 512;
		for (; at < begin; at++)
			assert_int_equal(is[at], 0xff);
		if (i == part->n_extents)
			break;
		assert_memory_equal(is + at, t.image + at, x->len);
		bytes -= x->len;
		at += x->len;
	}
	assert_int_equal(bytes, 0);
	return n;
}

static void a_part_is_written_in_pieces(void **state)
{
	const struct bmc_extent whole[] = { { 0, MIB } }, odd[] = { { 0, MIB - 100 } },
				holes[] = { { 4096, 4096 },
					    { 3 * 4096, 100 * 4096 },
					    { 300 * 4096, 512 } };
	static struct bmc_extent many[700];
	const struct {
		struct bmc_flash_part part;
		uint32_t max;
		unsigned pieces;
	} cases[] = {
		{ { .name = "rootfs", .size = MIB, .extents = whole, .n_extents = 1 },
		  MIB,
		  1 },
		{ { .name = "rootfs", .size = MIB, .extents = whole, .n_extents = 1 },
		  MIB - 1,
		  2 },
		{ { .name = "rootfs",
		    .size = MIB - 100,
		    .extents = odd,
		    .n_extents = 1 },
		  FB_PIECE_MIN,
		  17 },
		{ { .name = "rootfs",
		    .size = 300 * 4096 + 512,
		    .extents = holes,
		    .n_extents = 3 },
		  MIB,
		  1 },
		{ { .name = "rootfs",
		    .size = 300 * 4096 + 512,
		    .extents = holes,
		    .n_extents = 3 },
		  FB_PIECE_MIN,
		  7 },
		{ { .name = "rootfs",
		    .size = 699 * 2 * 1024 + 1024,
		    .extents = many,
		    .n_extents = 700 },
		  4 * MIB,
		  3 },
	};
	unsigned char *data = noise(4 * MIB);

	(void)state;
	for (size_t i = 0; i < 700; i++)
		many[i] = (struct bmc_extent){ i * 2 * 1024, 1024 };
	begin("");
	t.image = data;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(fb_pieces_check(&cases[i].part));
		assert_int_equal(write_part(&cases[i].part, cases[i].max),
				 cases[i].pieces);
	}
	assert_int_equal(fastboot_model_violations(t.model), 0);
	end();
	free(data);
}

static void what_is_no_sectors_is_refused(void **state)
{
	const struct bmc_extent odd[] = { { 100, 512 } },
				middle[] = { { 0, 100 }, { 512, 512 } };

	(void)state;
	assert_false(fb_pieces_check(&(struct bmc_flash_part){
		.size = 612, .extents = odd, .n_extents = 1 }));
	assert_false(fb_pieces_check(&(struct bmc_flash_part){
		.size = 1024, .extents = middle, .n_extents = 2 }));
	assert_false(fb_pieces_check(
		&(struct bmc_flash_part){ .size = (uint64_t)UINT32_MAX * 512 }));
	assert_true(fb_pieces_check(
		&(struct bmc_flash_part){ .size = (uint64_t)UINT32_MAX * 512 - 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_asks_for_variables),
		cmocka_unit_test(a_command_is_64_bytes_at_most),
		cmocka_unit_test(answers_that_are_none_are_errors),
		cmocka_unit_test(a_halt_is_cleared),
		cmocka_unit_test(a_wait_ends_when_it_is_cancelled),
		cmocka_unit_test(a_download_is_what_was_sent),
		cmocka_unit_test(a_data_answer_of_another_size_is_an_error),
		cmocka_unit_test(an_ended_download_leaves_the_board_as_it_was),
		cmocka_unit_test(a_board_that_waits_for_data_is_brought_back),
		cmocka_unit_test(a_board_that_hangs_is_given_up),
		cmocka_unit_test(a_part_is_written_in_pieces),
		cmocka_unit_test(what_is_no_sectors_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
