// SPDX-License-Identifier: Apache-2.0
/* Rockchip's CRC32, eight bytes a step ("slicing by 8"). */
#include "image/rkcrc.h"

#include <pthread.h>

#include "core/base/util.h"

#define POLYNOMIAL 0x04c10db7u

static uint32_t table[8][256];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 24;

		for (int bit = 0; bit < 8; bit++)
			c = c & 0x80000000u ? c << 1 ^ POLYNOMIAL : c << 1;
		table[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (size_t k = 1; k < 8; k++)
			table[k][i] =
				table[k - 1][i] << 8 ^ table[0][table[k - 1][i] >> 24];
}

static uint32_t eight(uint32_t crc, const unsigned char *p)
{
	crc ^= (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return table[7][crc >> 24] ^ table[6][crc >> 16 & 255] ^
	       table[5][crc >> 8 & 255] ^ table[4][crc & 255] ^ table[3][p[4]] ^
	       table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
}

uint32_t image_rkcrc(uint32_t crc, const unsigned char *data, size_t len)
{
	(void)pthread_once(&made, make_table);
	for (; len >= 8; data += 8, len -= 8)
		crc = eight(crc, data);
	for (; len > 0; data++, len--)
		crc = crc << 8 ^ table[0][crc >> 24 ^ *data];
	return crc;
}

int image_rkcrc_of(struct image_source *s, uint64_t offset, uint64_t len, uint32_t *ret,
		   struct bmc_error *err)
{
	unsigned char buf[65536];

	*ret = 0;
	while (len > 0) {
		size_t n = MIN(sizeof(buf), len);
		int r = image_read_all(s, offset, buf, n, err);

		if (r != BMC_OK)
			return r;
		*ret = image_rkcrc(*ret, buf, n);
		offset += n;
		len -= n;
	}
	return BMC_OK;
}
