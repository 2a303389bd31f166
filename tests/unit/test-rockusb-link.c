// SPDX-License-Identifier: Apache-2.0
/* The rockusb protocol against a model of the board, in one process: every command,
 * every fault, and the link afterwards. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../plugins/rockusb/link.h"
#include "../rigs/rockusb-model.h"

/* ---- a link to a model ---- */

static struct rockusb_model *model;
static int64_t clock_ms;
static unsigned resets, cleared;
static struct rk_link link_;
static struct bmc_error err;

static int64_t now(void)
{
	return clock_ms;
}

/* One transfer; a device that says nothing takes its time. */
static int bulk(unsigned ep, void *data, size_t len, unsigned ms)
{
	int n = rockusb_model_ops.bulk(model, ep, data, len);

	if (n != -EAGAIN)
		return n;
	clock_ms += ms;
	return -ETIMEDOUT;
}

static int out(void *io, const void *data, size_t len, unsigned ms)
{
	(void)io;
	return bulk(0x01, (void *)(uintptr_t)data, len, ms);
}

static int in(void *io, void *buf, size_t len, unsigned ms)
{
	(void)io;
	return bulk(0x81, buf, len, ms);
}

static int control(void *io, uint16_t index, const void *data, size_t len, unsigned ms)
{
	const struct usb_setup s = { 0x40, 0x0c, 0, index, (uint16_t)len };

	(void)io;
	(void)ms;
	return rockusb_model_ops.control(model, &s, (void *)(uintptr_t)data);
}

static int clear_halt(void *io, bool which)
{
	(void)io;
	rockusb_model_clear_halt(model, which ? 0x81 : 0x01);
	cleared++;
	return 0;
}

static int reset(void *io)
{
	(void)io;
	resets++;
	return 0;
}

static const struct rk_io io = { out, in, control, clear_halt, reset, NULL };

static void begin(const char *mode, const char *options)
{
	if (model)
		rockusb_model_ops.done(model);
	model = rockusb_model_new(mode, options);
	assert_non_null(model);
	clock_ms = 1000000;
	resets = cleared = 0;
	link_ = (struct rk_link){ .io = &io,
				  .board = "sub1",
				  .now = now,
				  .deadline = clock_ms + 30000,
				  .tag = 0xfffffffe };
}

static int tear_down(void **state)
{
	(void)state;
	if (model)
		rockusb_model_ops.done(model);
	model = NULL;
	return 0;
}

/* The next command works, and the host has kept to the protocol. */
static void link_is_fine(void)
{
	char chip[5];

	assert_int_equal(rk_chip(&link_, chip, &err), BMC_OK);
	assert_string_equal(chip, "330C");
	assert_int_equal(rockusb_model_violations(model), 0);
}

/* ---- commands ---- */

static void a_loader_says_what_it_is(void **state)
{
	struct rk_flash_info info;
	uint64_t can;
	uint32_t most;

	(void)state;
	begin("loader", "parity,sectors=30535680");
	assert_int_equal(rk_test_unit_ready(&link_, &most, &err), BMC_OK);
	assert_int_equal(most, 4 << 20);
	assert_int_equal(rk_flash_info(&link_, &info, &err), BMC_OK);
	assert_int_equal(info.sectors, 30535680);
	assert_int_equal(info.block, 1024);
	assert_int_equal(rk_capability(&link_, &can, &err), BMC_OK);
	assert_int_equal(can & (RK_CAP_VENDOR | RK_CAP_READ_LBA | RK_CAP_PARITY),
			 RK_CAP_VENDOR | RK_CAP_PARITY);
	link_is_fine();
	assert_int_equal(resets, 0);
}

static unsigned char block[65536], back[65536];

static void fill(unsigned char *p, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)(seed + i * 31 + (i >> 8));
}

static void sectors_are_written_and_read(void **state)
{
	size_t size;

	(void)state;
	begin("usbplug", "parity");
	fill(block, sizeof(block), 1);
	assert_int_equal(rk_write_lba(&link_, 8192, 128, block, true, &err), BMC_OK);
	assert_memory_equal(rockusb_model_disk(model, &size) + 8192 * 512, block,
			    65536);
	assert_int_equal(rk_read_lba(&link_, 8192, 128, back, &err), BMC_OK);
	assert_memory_equal(back, block, sizeof(block));
	assert_int_equal(rk_read_lba(&link_, 65535, 1, back, &err), BMC_OK);
	assert_int_equal(rk_read_lba(&link_, 65535, 2, back, &err), BMC_EIO);
	assert_int_equal(rk_write_lba(&link_, 65536, 1, back, false, &err), BMC_EIO);
	assert_int_equal(rk_read_lba(&link_, 0, 0, back, &err), BMC_EINVAL);
	link_is_fine();
}

static void what_a_loader_reads_beyond_32_mib_is_filler(void **state)
{
	(void)state;
	begin("loader", "sectors=131072");
	fill(block, 1024, 3);
	assert_int_equal(rk_write_lba(&link_, 65535, 2, block, false, &err), BMC_OK);
	assert_int_equal(rk_read_lba(&link_, 65535, 2, back, &err), BMC_OK);
	assert_memory_equal(back, block, 512);
	assert_int_equal(back[512], 0xcc);
	assert_int_equal(back[1023], 0xcc);
}

static void a_command_that_it_does_not_know_hurts_nothing(void **state)
{
	struct rk_cbw in_ = { .opcode = 0x0c, .length = 64, .in = true };
	struct rk_cbw none = { .opcode = 0x77 };

	(void)state;
	begin("loader", "");
	assert_int_equal(rk_command(&link_, &in_, back, NULL, &err), BMC_ENOTSUP);
	assert_int_equal(rk_command(&link_, &none, NULL, NULL, &err), BMC_ENOTSUP);
	link_is_fine();
	assert_int_equal(resets, 0);
}

/* ---- faults ---- */

static const struct {
	const char *word;
	int code;
	bool gone; /* the board has left; else the next command works */
} faults[] = {
	{ "bad-tag", BMC_EIO, false },   { "bad-signature", BMC_EIO, false },
	{ "failed", BMC_EIO, false },    { "phase", BMC_EIO, false },
	{ "short", BMC_EIO, false },     { "residue", BMC_EIO, false },
	{ "stall", BMC_EIO, false },     { "no-memory", BMC_OK, false },
	{ "unplug", BMC_EABSENT, true }, { "stale", BMC_OK, false },
};

static void after_a_fault_the_link_is_right_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < (sizeof(faults) / sizeof(faults[0])); i++) {
		for (int write = 0; write < 2; write++) {
			begin("usbplug", "");
			assert_int_equal(
				rockusb_model_fault_word(model, faults[i].word), 0);
			int code =
				write ? rk_write_lba(&link_, 64, 16, block, false, &err)
				      : rk_read_lba(&link_, 64, 16, back, &err);
			if (code != faults[i].code)
				fail_msg("%s, write %d: %d %s", faults[i].word, write,
					 code, err.what);
			assert_int_equal(link_.broken, faults[i].gone);
			if (!faults[i].gone)
				link_is_fine();
		}
	}
}

static void a_device_that_hangs_costs_no_more_than_the_deadline(void **state)
{
	int64_t start;

	(void)state;
	begin("loader", "fault=hang:2");
	link_is_fine();
	start = clock_ms;
	assert_int_equal(rk_read_lba(&link_, 0, 1, back, &err), BMC_ETIMEDOUT);
	assert_true(clock_ms - start <= RK_TRANSFER_MS + 200);
	assert_int_equal(resets, 1);
	link_.deadline = clock_ms + 100;
	assert_int_equal(rk_read_lba(&link_, 0, 1, back, &err), BMC_ETIMEDOUT);
	assert_true(clock_ms <= link_.deadline);
	assert_int_equal(rk_read_lba(&link_, 0, 1, back, &err), BMC_ETIMEDOUT);
}

static void storage_that_flips_a_bit_is_found_by_parity(void **state)
{
	(void)state;
	begin("loader", "parity,fault=bit-flip");
	fill(block, sizeof(block), 9);
	assert_int_equal(rk_write_lba(&link_, 100, 128, block, true, &err),
			 BMC_ECORRUPT);
	assert_int_equal(rk_write_lba(&link_, 100, 128, block, true, &err), BMC_OK);
	assert_int_equal(rockusb_model_fault_word(model, "bit-flip"), 0);
	assert_int_equal(rk_write_lba(&link_, 100, 128, block, false, &err), BMC_OK);
	link_is_fine();
}

static void full_and_torn_writes_fail(void **state)
{
	size_t size;

	(void)state;
	begin("usbplug", "fault=full");
	assert_int_equal(rk_write_lba(&link_, 0, 8, block, false, &err), BMC_EIO);
	assert_int_equal(rk_write_lba(&link_, 0, 8, block, false, &err), BMC_EIO);
	link_is_fine();
	begin("usbplug", "fault=torn");
	fill(block, 4096, 7);
	assert_int_equal(rk_write_lba(&link_, 0, 8, block, false, &err), BMC_EABSENT);
	assert_memory_equal(rockusb_model_disk(model, &size), block, 2048);
	assert_int_equal(rockusb_model_disk(model, &size)[2048], 0);
	assert_true(link_.broken);
	assert_int_equal(rk_write_lba(&link_, 0, 8, block, false, &err), BMC_EIO);
}

/* ---- reset, mask ROM ---- */

static void after_a_reset_it_leaves_and_that_is_success(void **state)
{
	(void)state;
	begin("loader", "");
	assert_int_equal(rk_reset(&link_, RK_RESET_MASKROM, &err), BMC_OK);
	assert_string_equal(rockusb_model_mode(model), "maskrom");
	assert_true(link_.broken);
	begin("loader", "");
	assert_int_equal(rk_reset(&link_, RK_RESET_NORMAL, &err), BMC_OK);
	assert_string_equal(rockusb_model_mode(model), "normal");
	begin("loader", "fault=unplug"); /* it is away before it answers */
	struct rk_cbw left = {
		.opcode = RK_READ_LBA, .length = 512, .in = true, .count = 1
	};
	assert_int_equal(rk_command(&link_, &left, back, NULL, &err), BMC_EABSENT);
	link_.broken = false;
	assert_int_equal(rk_reset(&link_, RK_RESET_NORMAL, &err), BMC_OK);
	begin("loader", "fault=failed");
	assert_int_equal(rk_reset(&link_, RK_RESET_NORMAL, &err), BMC_ENOTSUP);
}

static void a_mask_rom_takes_code_of_any_length(void **state)
{
	static const size_t lengths[] = { 1,    4093, 4094, 4095, 4096,
					  4097, 8190, 8191, 8192, 20000 };

	(void)state;
	for (size_t i = 0; i < (sizeof(lengths) / sizeof(lengths[0])); i++) {
		begin("maskrom", "");
		fill(block, lengths[i], 5);
		assert_int_equal(rk_test_unit_ready(&link_, NULL, &err), BMC_ETIMEDOUT);
		link_.broken = false;
		link_.deadline = clock_ms + 10000;
		assert_int_equal(rk_upload(&link_, 0x471, block, lengths[i], &err),
				 BMC_OK);
		assert_int_equal(rockusb_model_uploads(model, true), 1);
		assert_int_equal(rk_upload(&link_, 0x472, block, lengths[i], &err),
				 BMC_OK);
		assert_int_equal(rockusb_model_uploads(model, true), 2);
		assert_int_equal(rockusb_model_uploads(model, false), 0);
		assert_string_equal(rockusb_model_mode(model), "usbplug");
		assert_int_equal(rk_test_unit_ready(&link_, NULL, &err), BMC_OK);
	}
}

static void a_loader_takes_no_upload(void **state)
{
	(void)state;
	begin("loader", "");
	assert_int_equal(rk_upload(&link_, 0x471, block, 100, &err), BMC_EIO);
	link_is_fine();
}

/* ---- vendor storage ---- */

static void items_of_vendor_storage_are_written_and_read(void **state)
{
	static const unsigned char mac[6] = { 2, 0, 0, 0, 0, 1 };
	unsigned char buf[RK_VENDOR_MAX];

	(void)state;
	begin("loader", "");
	assert_int_equal(rk_vendor_read(&link_, RK_VENDOR_SN, buf, 64, &err),
			 BMC_ENOTFOUND);
	assert_int_equal(rk_vendor_write(&link_, RK_VENDOR_LAN, mac, 6, &err), BMC_OK);
	assert_int_equal(rk_vendor_write(&link_, RK_VENDOR_SN, "B09CC", 5, &err),
			 BMC_OK);
	assert_int_equal(rk_vendor_write(&link_, RK_VENDOR_SN, "B1", 2, &err), BMC_OK);
	assert_int_equal(rk_vendor_read(&link_, RK_VENDOR_LAN, buf, 64, &err), 6);
	assert_memory_equal(buf, mac, 6);
	assert_int_equal(rk_vendor_read(&link_, RK_VENDOR_SN, buf, 64, &err), 2);
	assert_memory_equal(buf, "B1", 2);
	assert_int_equal(rk_vendor_read(&link_, RK_VENDOR_LAN, buf, 5, &err),
			 BMC_ECORRUPT);
	assert_int_equal(rk_vendor_write(&link_, 1, buf, 0, &err), BMC_ERANGE);
	assert_int_equal(rk_vendor_write(&link_, 1, buf, RK_VENDOR_MAX + 1, &err),
			 BMC_ERANGE);
	assert_int_equal(rk_vendor_write(&link_, 1, buf, RK_VENDOR_MAX, &err), BMC_EIO);
	link_is_fine();
	begin("loader", "no-vendor");
	assert_int_equal(rk_vendor_read(&link_, RK_VENDOR_SN, buf, 64, &err),
			 BMC_ENOTFOUND);
	assert_int_equal(rk_vendor_write(&link_, RK_VENDOR_SN, "B", 1, &err), BMC_EIO);
	link_is_fine();
}

/* ---- bytes ---- */

static void commands_are_coded_as_the_device_reads_them(void **state)
{
	static const unsigned char want[RK_CBW_LEN] =
		"USBC\x04\x03\x02\x01\x00\x02\x00\x00\x00\x00\x0a\x15\x00\x12\x34\x56"
		"\x78"
		"\x00\x00\x01\xdd\xcc\xbb\xaa\x00\x00";
	const struct rk_cbw c = { .tag = 0x01020304,
				  .length = 512,
				  .opcode = RK_WRITE_LBA,
				  .address = 0x12345678,
				  .count = 1,
				  .parity = 0xaabbccdd };
	unsigned char buf[RK_CBW_LEN];
	struct rk_csw csw;

	(void)state;
	rk_cbw_write(&c, buf);
	assert_memory_equal(buf, want, sizeof(buf));
	assert_int_equal(rk_crc16(0xffff, (const unsigned char *)"123456789", 9),
			 0x29b1);
	assert_true(rk_csw_read((const unsigned char *)"USBS\1\0\0\0\2\0\0\0\1", 13, 1,
				&csw));
	assert_int_equal(csw.residue, 2);
	assert_int_equal(csw.status, 1);
	assert_false(rk_csw_read((const unsigned char *)"USBS\1\0\0\0\2\0\0\0\3", 13, 1,
				 &csw));
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_are_coded_as_the_device_reads_them),
		TEST(a_loader_says_what_it_is),
		TEST(sectors_are_written_and_read),
		TEST(what_a_loader_reads_beyond_32_mib_is_filler),
		TEST(a_command_that_it_does_not_know_hurts_nothing),
		TEST(after_a_fault_the_link_is_right_again),
		TEST(a_device_that_hangs_costs_no_more_than_the_deadline),
		TEST(storage_that_flips_a_bit_is_found_by_parity),
		TEST(full_and_torn_writes_fail),
		TEST(after_a_reset_it_leaves_and_that_is_success),
		TEST(a_mask_rom_takes_code_of_any_length),
		TEST(a_loader_takes_no_upload),
		TEST(items_of_vendor_storage_are_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
