// SPDX-License-Identifier: Apache-2.0
/* See rockusb-fixture.h. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "rockusb-fixture.h"

struct rockusb_fixture t;

static const char platform[] = "platform: test\n"
			       "chassis: [{id: enclosure}]\n"
			       "boards:\n"
			       "  - {id: sub01, usb: 2-1.2.1}\n"
			       "  - {id: sub02, usb: 2-1.2.3}\n"
			       "  - {id: sub03}\n";

/* ---- the world ---- */

void usb(const char *fmt, ...)
{
	char line[400];
	va_list ap;
	int code;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	code = usb_world_run(t.world, line, NULL, 0);
	if (code < 0)
		fail_msg("%s: %s", line, strerror(-code));
}

void plug(const char *mode, const char *options)
{
	usb("plug 2-1.2.1 %s soc=330c options=disk=%s,counts=%s,sectors=%u,small%s",
	    mode, t.disk, t.counts, SECTORS, options);
}

bool becomes(const char *mode)
{
	char list[1000], want[80];

	(void)snprintf(want, sizeof(want), "2-1.2.1 %s ", mode);
	for (int i = 0; i < 1000; i++) {
		if (usb_world_run(t.world, "list", list, sizeof(list)) == 0 &&
		    strstr(list, want))
			return true;
		usleep(10000);
	}
	return false;
}

static void *map_file(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *at;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	(void)close(fd);
	return at;
}

int rockusb_set_up(void **state)
{
	(void)state;
	t.world = usb_world_new();
	assert_non_null(t.world);
	t.f = fixture_new(&(struct fixture_conf){ &bmc_plugin_rockusb, platform,
						  "transfer_timeout: 300ms" });
	(void)snprintf(t.disk, sizeof(t.disk), "%s/disk", fixture_dir(t.f));
	(void)snprintf(t.counts, sizeof(t.counts), "%s/counts", fixture_dir(t.f));
	t.storage = map_file(t.disk, (size_t)SECTORS * 512);
	t.count = map_file(t.counts, ROCKUSB_N_COUNTS * sizeof(uint64_t));
	return 0;
}

int rockusb_tear_down(void **state)
{
	(void)state;
	(void)munmap(t.storage, (size_t)SECTORS * 512);
	(void)munmap(t.count, ROCKUSB_N_COUNTS * sizeof(uint64_t));
	(void)unlink(t.disk);
	(void)unlink(t.counts);
	fixture_free(t.f);
	usb_world_free(t.world);
	return 0;
}

/* ---- a partition table, after UEFI 2.10, 5.3 ---- */

static void le(unsigned char *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		p[i] = (unsigned char)v;
}

static uint32_t crc32_of(const unsigned char *p, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < 8 * len; i++) {
		uint32_t bit = (crc ^ (uint32_t)(p[i / 8] >> (i % 8))) & 1;

		crc = crc >> 1 ^ (bit ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void entry(unsigned char *e, const char *name, uint64_t first, uint64_t last)
{
	memset(e, 0x5a, 32);
	le(e + 32, first, 8);
	le(e + 40, last, 8);
	for (size_t i = 0; name[i]; i++)
		e[56 + 2 * i] = (unsigned char)name[i];
}

static void header(unsigned char *h, const unsigned char *table, uint64_t own,
		   uint64_t other, uint64_t at, uint64_t sectors)
{
	memcpy(h, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
	le(h + 24, own, 8);
	le(h + 32, other, 8);
	le(h + 40, 34, 8);
	le(h + 48, sectors - 34, 8);
	le(h + 72, at, 8);
	le(h + 80, 128, 4);
	le(h + 84, 128, 4);
	le(h + 88, crc32_of(table, 128 * 128), 4);
	le(h + 16, 0, 4);
	le(h + 16, crc32_of(h, 92), 4);
}

void put_table(unsigned char *begin, unsigned char *end, uint64_t sectors)
{
	unsigned char *table = begin + 1024;

	memset(begin, 0, 34 * 512);
	memset(end, 0, 33 * 512);
	begin[510] = 0x55;
	begin[511] = 0xaa;
	entry(table, "a", 8192, 8191 + 16384);
	entry(table + 128, "b", 8192 + 16384, sectors - 34);
	memcpy(end, table, 128 * 128);
	header(begin + 512, table, 1, sectors - 1, 2, sectors);
	header(end + 32 * 512, table, sectors - 1, 1, sectors - 33, sectors);
}

/* ---- images ---- */

static struct flash_image *image_of(const struct bmc_flash *f)
{
	return (struct flash_image *)(uintptr_t)f;
}

static ssize_t read_part(const struct bmc_flash *f, size_t part, uint64_t offset,
			 void *buf, size_t len)
{
	struct flash_image *i = image_of(f);
	const struct bmc_flash_part *p = &f->parts[part];

	if (i->not_yet) {
		i->not_yet--;
		return BMC_EAGAIN;
	}
	if (offset >= p->size)
		return 0;
	len = len < p->size - offset ? len : p->size - offset;
	len = len > 100000 ? 100000 : len; /* less than was asked for */
	memset(buf, 0, len);
	for (size_t k = 0; k < p->n_extents; k++) {
		uint64_t from = p->extents[k].at, to = from + p->extents[k].len;

		for (uint64_t at = from > offset ? from : offset;
		     at < to && at < offset + len; at++)
			((unsigned char *)buf)[at - offset] = i->bytes[part][at];
	}
	return (ssize_t)len;
}

static ssize_t read_piece(const struct bmc_flash *f, size_t piece, uint64_t offset,
			  void *buf, size_t len)
{
	size_t size = f->pieces[piece].size;

	if (offset >= size)
		return 0;
	len = len < size - offset ? len : size - offset;
	memcpy(buf, image_of(f)->piece[piece] + offset, len);
	return (ssize_t)len;
}

static int table(const struct bmc_flash *f, uint64_t sectors, void *begin, void *end,
		 struct bmc_error *err)
{
	if (!image_of(f)->has_table)
		return bmc_fail(err, BMC_ENOTSUP, "no table");
	if (sectors < 65536)
		return bmc_fail(err, BMC_ENOSPC, "too small");
	put_table(begin, end, sectors);
	return BMC_OK;
}

void image_init(struct flash_image *i)
{
	memset(i, 0, sizeof(*i));
	memset(i->file.digest, 7, sizeof(i->file.digest));
	i->flash = (struct bmc_flash){ .size = sizeof(i->flash),
				       .board = "sub01",
				       .name = "test.img",
				       .version = "",
				       .format = "raw",
				       .verify = BMC_VERIFY_FULL,
				       .file = &i->file,
				       .parts = i->parts,
				       .pieces = i->pieces,
				       .read = read_part,
				       .read_piece = read_piece,
				       .table = table };
}

void image_done(struct flash_image *i)
{
	for (size_t k = 0; k < PARTS_MAX; k++)
		free(i->bytes[k]);
}

void image_add(struct flash_image *i, const char *name, uint64_t start, size_t size,
	       unsigned seed)
{
	size_t n = i->flash.n_parts++;

	i->bytes[n] = malloc(size);
	assert_non_null(i->bytes[n]);
	for (size_t k = 0; k < size; k++)
		i->bytes[n][k] = (unsigned char)(seed + k * 31 + (k >> 8) + (k >> 16));
	i->extents[n][0] = (struct bmc_extent){ 0, size };
	i->parts[n] = (struct bmc_flash_part){ .name = name,
					       .start = start,
					       .size = size,
					       .extents = i->extents[n],
					       .n_extents = 1 };
	i->flash.bytes += size;
}

static void add_piece(struct flash_image *i, enum bmc_flash_piece_kind kind,
		      const char *name)
{
	size_t n = i->flash.n_pieces++;
	struct bmc_flash_piece *p = &i->pieces[n];

	*p = (struct bmc_flash_piece){ .kind = kind, .size = PIECE_SIZE, .delay = 1 };
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	for (size_t k = 0; k < PIECE_SIZE; k++)
		i->piece[n][k] = (unsigned char)(n * 50 + k * 7);
}

void image_add_loader(struct flash_image *i)
{
	add_piece(i, BMC_PIECE_471, "ddr");
	add_piece(i, BMC_PIECE_472, "usbplug");
	add_piece(i, BMC_PIECE_LOADER, "FlashData");
	add_piece(i, BMC_PIECE_LOADER, "FlashBoot");
}

bool image_is_at(const struct flash_image *i, size_t part, uint64_t lba)
{
	return memcmp(t.storage + lba * 512, i->bytes[part], i->parts[part].size) == 0;
}

/* ---- calls ---- */

int flash(struct flash_image *i, bmc_flash_fn *fn)
{
	return fixture_flash(t.f, "sub01", fn, &i->flash);
}

int flash_all(struct flash_image *i)
{
	int code = flash(i, FLASHER->accepts);

	if (code == BMC_OK)
		code = flash(i, FLASHER->detach);
	if (code == BMC_OK)
		code = flash(i, FLASHER->write);
	return code == BMC_OK ? flash(i, FLASHER->verify) : code;
}
