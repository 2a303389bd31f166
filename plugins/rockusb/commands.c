// SPDX-License-Identifier: Apache-2.0
/* The commands that are used, each with the length of its data; see link.h. */
#include <string.h>

#include "link.h"

#define VENDOR_HEAD 8
#define LARGE       0xf7 /* loaders for DWC3 then say 4 MiB in place of 256 KiB */

static uint32_t get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int read_in(struct rk_link *l, uint8_t opcode, void *buf, uint32_t len,
		   struct bmc_error *err)
{
	struct rk_cbw c = { .opcode = opcode, .length = len, .in = true };

	return rk_command(l, &c, buf, NULL, err);
}

int rk_test_unit_ready(struct rk_link *l, uint32_t *ret_most, struct bmc_error *err)
{
	struct rk_cbw c = { .opcode = RK_TEST_UNIT_READY, .in = true };
	struct rk_csw csw;

	c.sub = ret_most ? LARGE : 0;
	int code = rk_command(l, &c, NULL, &csw, err);

	if (code == BMC_OK && ret_most) {
		uint32_t n = csw.residue >> 24;
		*ret_most = n <= 0x0a ? 4096u << n : 4096u;
	}
	return code;
}

int rk_chip(struct rk_link *l, char ret[5], struct bmc_error *err)
{
	unsigned char buf[16];
	int code = read_in(l, RK_READ_CHIP_INFO, buf, sizeof(buf), err);

	if (code < 0)
		return code;
	for (int i = 0; i < 4; i++) {
		if (buf[3 - i] < '!' || buf[3 - i] > '~')
			return bmc_fail(err, BMC_EIO, "%s: its chip has no name",
					l->board);
		ret[i] = (char)buf[3 - i];
	}
	ret[4] = '\0';
	return BMC_OK;
}

int rk_flash_info(struct rk_link *l, struct rk_flash_info *ret, struct bmc_error *err)
{
	unsigned char b[11];
	int code = read_in(l, RK_READ_FLASH_INFO, b, sizeof(b), err);

	if (code < 0)
		return code;
	*ret = (struct rk_flash_info){ .sectors = get32(b),
				       .block = (uint16_t)(b[4] | b[5] << 8),
				       .page = b[6],
				       .ecc = b[7],
				       .access_time = b[8],
				       .maker = b[9],
				       .chips = b[10] };
	return ret->sectors ? BMC_OK
			    : bmc_fail(err, BMC_EIO, "%s: it has no storage", l->board);
}

int rk_capability(struct rk_link *l, uint64_t *ret, struct bmc_error *err)
{
	unsigned char b[8];
	int code = read_in(l, RK_READ_CAPABILITY, b, sizeof(b), err);

	*ret = 0;
	if (code == BMC_ENOTSUP)
		return BMC_OK;
	if (code == BMC_OK)
		*ret = get32(b) | (uint64_t)get32(b + 4) << 32;
	return code;
}

int rk_read_lba(struct rk_link *l, uint32_t lba, uint16_t count, void *buf,
		struct bmc_error *err)
{
	struct rk_cbw c = { .opcode = RK_READ_LBA,
			    .length = count * RK_SECTOR,
			    .in = true,
			    .address = lba,
			    .count = count };

	return count ? rk_command(l, &c, buf, NULL, err)
		     : bmc_fail(err, BMC_EINVAL, "%s: no sectors to read", l->board);
}

int rk_write_lba(struct rk_link *l, uint32_t lba, uint16_t count, void *data,
		 bool parity, struct bmc_error *err)
{
	struct rk_cbw c = { .opcode = RK_WRITE_LBA,
			    .length = count * RK_SECTOR,
			    .address = lba,
			    .count = count };

	if (!count)
		return bmc_fail(err, BMC_EINVAL, "%s: no sectors to write", l->board);
	if (parity)
		c.parity = rk_parity(data, c.length);
	return rk_command(l, &c, data, NULL, err);
}

int rk_reset(struct rk_link *l, enum rk_reset how, struct bmc_error *err)
{
	struct rk_cbw c = { .opcode = RK_RESET, .sub = (uint8_t)how };
	int code = rk_command(l, &c, NULL, NULL, err);

	l->broken = true; /* whatever comes next is another device */
	return code == BMC_EABSENT ? BMC_OK : code;
}

/* ---- vendor storage ---- */

int rk_vendor_read(struct rk_link *l, uint16_t id, void *buf, size_t size,
		   struct bmc_error *err)
{
	unsigned char b[VENDOR_HEAD + RK_VENDOR_MAX];
	struct rk_cbw c = { .opcode = RK_VENDOR_READ,
			    .length = sizeof(b),
			    .in = true,
			    .address = (uint32_t)id << 16 };
	int code = rk_command(l, &c, b, NULL, err);
	size_t len;

	if (code == BMC_ENOTSUP)
		return bmc_fail(err, BMC_ENOTFOUND, "%s: no item %u in its flash",
				l->board, (unsigned)id);
	if (code < 0)
		return code;
	len = b[4] | (size_t)b[5] << 8;
	if ((b[0] | b[1] << 8) != id || len > size || len > RK_VENDOR_MAX)
		return bmc_fail(err, BMC_ECORRUPT, "%s: item %u of its flash is odd",
				l->board, (unsigned)id);
	memcpy(buf, b + VENDOR_HEAD, len);
	return (int)len;
}

int rk_vendor_write(struct rk_link *l, uint16_t id, const void *data, size_t len,
		    struct bmc_error *err)
{
	unsigned char b[VENDOR_HEAD + RK_VENDOR_MAX] = { 0 };
	struct rk_cbw c = { .opcode = RK_VENDOR_WRITE,
			    .length = (uint32_t)(VENDOR_HEAD + len),
			    .address = (uint32_t)id << 16 };

	if (len < 1 || len > RK_VENDOR_MAX)
		return bmc_fail(err, BMC_ERANGE, "%s: an item has 1 to %d bytes",
				l->board, RK_VENDOR_MAX);
	b[0] = (unsigned char)id;
	b[1] = (unsigned char)(id >> 8);
	b[4] = (unsigned char)len;
	b[5] = (unsigned char)(len >> 8);
	memcpy(b + VENDOR_HEAD, data, len);
	return rk_command(l, &c, b, NULL, err);
}
