// SPDX-License-Identifier: Apache-2.0
#include "image-fixture.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

static ssize_t memory_read(const struct bmc_image *i, uint64_t offset, void *buf,
			   size_t len)
{
	struct memory_image *m = (struct memory_image *)(uintptr_t)i;

	m->reads++;
	if (offset >= i->size)
		return 0;
	len = MIN(len, i->size - offset);
	memcpy(buf, m->data + offset, len);
	return (ssize_t)len;
}

void memory_image_init(struct memory_image *m)
{
	*m = (struct memory_image){ .image.read = memory_read };
}

void memory_image_done(struct memory_image *m)
{
	free(m->data);
}

size_t memory_image_add(struct memory_image *m, const void *data, size_t len)
{
	size_t at = m->image.size;

	if (len == 0)
		return at;
	if (at + len > m->room) {
		m->room = (at + len) * 2;
		m->data = realloc(m->data, m->room);
	}
	if (data)
		memcpy(m->data + at, data, len);
	else
		memset(m->data + at, 0, len);
	m->image.size += len;
	return at;
}

void memory_image_load(struct memory_image *m, const char *path)
{
	char buf[65536];
	FILE *f = fopen(path, "re");
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		(void)memory_image_add(m, buf, n);
	if (f)
		(void)fclose(f);
}

void memory_image_le(struct memory_image *m, size_t at, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		m->data[at + i] = (unsigned char)n;
}

uint32_t slow_rkcrc(const unsigned char *p, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)p[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x80000000u ? 0x04c10db7u : 0);
	}
	return crc;
}

static void add_le(struct memory_image *m, uint64_t n, size_t bytes)
{
	size_t at = memory_image_add(m, NULL, bytes);

	memory_image_le(m, at, n, bytes);
}

static void add_text(struct memory_image *m, const char *text, size_t room)
{
	size_t at = memory_image_add(m, NULL, room);

	memcpy(m->data + at, text, MIN(strlen(text), room));
}

static void add_entry(struct memory_image *m, uint32_t type, const char *name,
		      size_t at, size_t len)
{
	add_le(m, 57, 1);
	add_le(m, type, 4);
	for (size_t i = 0; i < 20; i++)
		add_le(m, i < strlen(name) ? (unsigned char)name[i] : 0, 2);
	add_le(m, at, 4);
	add_le(m, len, 4);
	add_le(m, type == 1 ? 10 : 0, 4);
}

void build_loader(struct memory_image *m)
{
	static const unsigned char time[7] = { 0xe8, 7, 1, 2, 3, 4, 5 };

	add_text(m, "BOOT", 4);
	add_le(m, 102, 2);
	add_le(m, 0x0135, 4);
	add_le(m, 0, 4);
	(void)memory_image_add(m, time, sizeof(time));
	add_text(m, "C033", 4);
	for (size_t i = 0; i < 3; i++) {
		add_le(m, i == 2 ? 2 : 1, 1);
		add_le(m, 102 + i * 57, 4);
		add_le(m, 57, 1);
	}
	(void)memory_image_add(m, NULL, 59);
	add_entry(m, 1, "ddr", 330, 100);
	add_entry(m, 2, "usbplug", 430, 200);
	add_entry(m, 4, "FlashData", 630, 60);
	add_entry(m, 4, "FlashBoot", 690, 80);
	for (size_t i = 330; i < 770; i++)
		add_le(m, i * 7, 1);
	add_le(m, slow_rkcrc(m->data, m->image.size), 4);
}

void seal_loader(struct memory_image *m)
{
	size_t end = m->image.size - 4;

	memory_image_le(m, end, slow_rkcrc(m->data, end), 4);
}

unsigned char *build_parm(const char *text, size_t *ret_len)
{
	struct memory_image m;

	memory_image_init(&m);
	add_text(&m, "PARM", 4);
	add_le(&m, strlen(text), 4);
	add_text(&m, text, strlen(text));
	add_le(&m, slow_rkcrc((const unsigned char *)text, strlen(text)), 4);
	*ret_len = m.image.size;
	return m.data;
}

static size_t rounded(size_t n)
{
	return (n + 2047) / 2048 * 2048;
}

void build_rkaf(struct memory_image *m, const struct packed_file *files)
{
	size_t at = m->image.size, n = 0, offset;

	while (files[n].name)
		n++;
	offset = rounded(0x8c + n * 0x70);
	add_text(m, "RKAF", 4);
	add_le(m, 0, 4);
	add_text(m, " RK3399", 0x22);
	add_text(m, "", 0x1e);
	add_text(m, "Firefly", 0x38);
	add_le(m, 0, 4);
	add_le(m, 0x08010000, 4);
	add_le(m, n, 4);
	for (size_t i = 0; i < n; i++) {
		add_text(m, files[i].name, 0x20);
		add_text(m, files[i].path, 0x3c);
		add_le(m, files[i].room, 4);
		add_le(m, offset, 4);
		add_le(m, files[i].start, 4);
		add_le(m, rounded(files[i].len) / 2048, 4);
		add_le(m, files[i].len, 4);
		offset += rounded(files[i].len);
	}
	(void)memory_image_add(m, NULL, at + rounded(0x8c + n * 0x70) - m->image.size);
	for (size_t i = 0; i < n; i++) {
		(void)memory_image_add(m, files[i].data, files[i].len);
		(void)memory_image_add(m, NULL, rounded(files[i].len) - files[i].len);
	}
	memory_image_le(m, at + 4, m->image.size - at, 4);
	add_le(m, slow_rkcrc(m->data + at, m->image.size - at), 4);
}

static void md5_text(const unsigned char *p, size_t len, char ret[33])
{
	unsigned char digest[16];

	(void)gnutls_hash_fast(GNUTLS_DIG_MD5, p, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

void build_rkfw(struct memory_image *m, const struct packed_file *files)
{
	struct memory_image loader;
	char md5[33];

	memory_image_init(&loader);
	build_loader(&loader);
	add_text(m, "RKFW", 4);
	add_le(m, 0x66, 2);
	(void)memory_image_add(m, NULL, 15);
	add_text(m, "C033", 4);
	add_le(m, 0x66, 4);
	add_le(m, loader.image.size, 4);
	add_le(m, 0x66 + loader.image.size, 4);
	add_le(m, 0, 4);
	(void)memory_image_add(m, NULL, 61);
	(void)memory_image_add(m, loader.data, loader.image.size);
	memory_image_done(&loader);
	size_t at = m->image.size;

	build_rkaf(m, files);
	memory_image_le(m, 0x25, m->image.size - at, 4);
	md5_text(m->data, m->image.size, md5);
	(void)memory_image_add(m, md5, 32);
}

void seal_rkfw(struct memory_image *m)
{
	size_t at = image_le32(m->data + 0x21), size = image_le32(m->data + 0x25);
	char md5[33];

	if (image_within(at, size, m->image.size) && size > 4)
		memory_image_le(m, at + size - 4, slow_rkcrc(m->data + at, size - 4),
				4);
	size_t end = m->image.size - 32;

	md5_text(m->data, end, md5);
	memcpy(m->data + end, md5, 32);
}
