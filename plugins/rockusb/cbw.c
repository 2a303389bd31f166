// SPDX-License-Identifier: Apache-2.0
/* Building commands and judging answers; nothing here knows of USB. */
#include "cbw.h"

#include <string.h>

static uint32_t get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static void put32_big(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

/* As Rockchip's tools say it: 10 bytes where there is an address, else 6. */
static unsigned char command_length(uint8_t opcode)
{
	switch (opcode) {
	case RK_READ_LBA:
	case RK_WRITE_LBA:
	case RK_ERASE_LBA:
	case RK_VENDOR_READ:
	case RK_VENDOR_WRITE:
		return 10;
	default:
		return 6;
	}
}

void rk_cbw_write(const struct rk_cbw *c, unsigned char buf[RK_CBW_LEN])
{
	memset(buf, 0, RK_CBW_LEN);
	memcpy(buf, "USBC", 4);
	put32(buf + 4, c->tag);
	put32(buf + 8, c->length);
	buf[12] = c->in ? 0x80 : 0;
	buf[14] = command_length(c->opcode);
	buf[15] = c->opcode;
	buf[16] = c->sub;
	put32_big(buf + 17, c->address);
	buf[22] = (unsigned char)(c->count >> 8);
	buf[23] = (unsigned char)c->count;
	put32(buf + 24, c->parity);
}

bool rk_csw_read(const unsigned char *buf, size_t len, uint32_t tag, struct rk_csw *ret)
{
	if (len != RK_CSW_LEN || memcmp(buf, "USBS", 4) != 0 || get32(buf + 4) != tag ||
	    buf[12] > 2)
		return false;
	ret->residue = get32(buf + 8);
	ret->status = buf[12];
	return true;
}

uint32_t rk_parity(const unsigned char *data, size_t len)
{
	uint32_t sum = 0x000055aa;

	for (size_t i = 0; i + 4 <= len; i += 4)
		sum += get32(data + i);
	return sum;
}

uint16_t rk_crc16(uint16_t crc, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= (uint16_t)(data[i] << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}
