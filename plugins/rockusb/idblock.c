// SPDX-License-Identifier: Apache-2.0
/* The loader as it stands on the storage: see idblock.h. The ID block's four sectors
 * are as Rockchip's mask ROMs and tools have them (U-Boot, tools/rkcommon.c;
 * rkdeveloptool writes the same bytes, which tests/integration/test_rkdeveloptool.py
 * shows). */
#include "idblock.h"

#include <stdlib.h>
#include <string.h>

#include "link.h"

#define PAGE        2048u /* each part begins at a multiple of it */
#define PIECE_MAX   (8u << 20)
#define SECTORS_MAX 65535u

static void put(unsigned char *p, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

void rk_rc4(unsigned char *data, size_t len)
{
	static const unsigned char key[16] = { 0x7c, 0x4e, 0x03, 0x04, 0x55, 0x05,
					       0x09, 0x07, 0x2d, 0x2c, 0x7b, 0x38,
					       0x17, 0x0d, 0x17, 0x11 };
	unsigned char s[256], i = 0, j = 0, swap;

	for (unsigned k = 0; k < 256; k++)
		s[k] = (unsigned char)k;
	for (unsigned k = 0; k < 256; k++) {
		j = (unsigned char)(j + s[k] + key[k % 16]);
		swap = s[k];
		s[k] = s[j];
		s[j] = swap;
	}
	j = 0;
	for (size_t k = 0; k < len; k++) {
		i++;
		j = (unsigned char)(j + s[i]);
		swap = s[i];
		s[i] = s[j];
		s[j] = swap;
		data[k] ^= s[(unsigned char)(s[i] + s[j])];
	}
}

static uint32_t rk_crc(const unsigned char *data, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)data[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x80000000u ? 0x04c10db7u : 0);
	}
	return crc;
}

/* ---- pieces ---- */

int rk_piece_read(const struct bmc_flash *flash, size_t piece, unsigned char **ret,
		  struct bmc_error *err)
{
	const struct bmc_flash_piece *p = &flash->pieces[piece];
	size_t got = 0;
	ssize_t n = 1;

	*ret = p->size && p->size <= PIECE_MAX ? malloc(p->size) : NULL;
	if (!*ret)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory for a loader of %u",
				flash->board, p->size);
	while (got < p->size && n > 0) {
		n = flash->read_piece(flash, piece, got, *ret + got, p->size - got);
		if (n == BMC_EAGAIN)
			n = 1;
		else if (n > 0)
			got += (size_t)n;
	}
	if (got == p->size)
		return BMC_OK;
	free(*ret);
	*ret = NULL;
	return bmc_fail(err, n < 0 ? (int)n : BMC_EIO,
			"%s: the image's loader can't be read", flash->board);
}

static const struct bmc_flash_piece *find(const struct bmc_flash *flash,
					  const char *name)
{
	for (size_t i = 0; i < flash->n_pieces; i++) {
		if (flash->pieces[i].kind == BMC_PIECE_LOADER &&
		    strcmp(flash->pieces[i].name, name) == 0)
			return &flash->pieces[i];
	}
	return NULL;
}

static size_t sectors_of(const struct bmc_flash_piece *p)
{
	return (p->size + PAGE - 1) / PAGE * (PAGE / RK_SECTOR);
}

/* In the file each sector is coded, in the storage too unless the loader says no. */
static int place(const struct bmc_flash *flash, const struct bmc_flash_piece *p,
		 unsigned char *at, struct bmc_error *err)
{
	unsigned char *data;
	int code = rk_piece_read(flash, (size_t)(p - flash->pieces), &data, err);

	if (code < 0)
		return code;
	for (size_t i = 0; !p->rc4 && i + RK_SECTOR <= p->size; i += RK_SECTOR)
		rk_rc4(data + i, RK_SECTOR);
	memcpy(at, data, p->size);
	free(data);
	return BMC_OK;
}

/* ---- the ID block ---- */

static void head(unsigned char *b, size_t data, size_t boot, bool rc4)
{
	unsigned char *sums = b + (size_t)2 * RK_SECTOR;

	put(b, 0x0ff0aa55, 4);
	put(b + 8, !rc4, 4);
	put(b + 12, 4, 2); /* where FlashData begins, twice */
	put(b + 14, 4, 2);
	put(b + 506, (uint32_t)data, 2);
	put(b + 508, (uint32_t)(data + boot), 2);
	put(b + RK_SECTOR, 0xc, 2);
	put(b + RK_SECTOR + 2, 0xffff, 2);
	memcpy(b + RK_SECTOR + 10, "RK28", 4);
	memcpy(sums + 491, "VC", 3);
	put(sums + 494, rk_crc16(0, b, RK_SECTOR), 2);
	put(sums + 496, rk_crc16(0, b + RK_SECTOR, RK_SECTOR), 2);
	put(sums + 498, rk_crc(b + (size_t)4 * RK_SECTOR, (data + boot) * RK_SECTOR),
	    4);
	memcpy(sums + 506, "CRC", 4);
	put(sums + 510, rk_crc16(0, b + (size_t)3 * RK_SECTOR, RK_SECTOR), 2);
	rk_rc4(b, RK_SECTOR);
	rk_rc4(sums, RK_SECTOR);
	rk_rc4(b + (size_t)3 * RK_SECTOR, RK_SECTOR);
}

int rk_idblock_make(const struct bmc_flash *flash, uint64_t can, unsigned char **ret,
		    size_t *ret_sectors, struct bmc_error *err)
{
	const struct bmc_flash_piece *data = find(flash, "FlashData"),
				     *boot = find(flash, "FlashBoot"),
				     *first = find(flash, "FlashHead");
	size_t begin = first ? sectors_of(first) : 4, n;
	int code;

	*ret = NULL;
	if (!data || !boot)
		return BMC_OK;
	if (first && !(can & RK_CAP_NEW_IDB))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: its loader can't write this newer loader",
				flash->board);
	n = begin + sectors_of(data) + sectors_of(boot);
	*ret = n <= SECTORS_MAX ? calloc(n, RK_SECTOR) : NULL;
	if (!*ret)
		return bmc_fail(err, BMC_ENOMEM, "%s: no memory for its loader",
				flash->board);
	code = place(flash, data, *ret + begin * RK_SECTOR, err);
	if (code == BMC_OK)
		code = place(flash, boot, *ret + (begin + sectors_of(data)) * RK_SECTOR,
			     err);
	if (code == BMC_OK && first)
		code = place(flash, first, *ret, err);
	if (code < 0) {
		free(*ret);
		*ret = NULL;
		return code;
	}
	if (!first)
		head(*ret, sectors_of(data), sectors_of(boot), data->rc4);
	*ret_sectors = n;
	return BMC_OK;
}
