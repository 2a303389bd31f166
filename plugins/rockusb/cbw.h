// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of rockusb's commands and of their answers. The layout is that of USB mass
 * storage's bulk-only transport (USB-IF, 1.0) with Rockchip's opcodes: little-endian,
 * but for the address and the count. */

#define RK_CBW_LEN 31
#define RK_CSW_LEN 13
#define RK_SECTOR  512u

enum rk_opcode {
	RK_TEST_UNIT_READY = 0x00,
	RK_READ_FLASH_ID = 0x01,
	RK_READ_LBA = 0x14,
	RK_WRITE_LBA = 0x15,
	RK_READ_FLASH_INFO = 0x1a,
	RK_READ_CHIP_INFO = 0x1b,
	RK_ERASE_LBA = 0x25,
	RK_VENDOR_WRITE = 0x26,
	RK_VENDOR_READ = 0x27,
	RK_CHANGE_STORAGE = 0x2a,
	RK_READ_STORAGE = 0x2b,
	RK_READ_CAPABILITY = 0xaa,
	RK_RESET = 0xff,
};

enum rk_reset { RK_RESET_NORMAL = 0, RK_RESET_OFF = 2, RK_RESET_MASKROM = 3 };

struct rk_cbw {
	uint32_t tag, length; /* bytes of the data phase */
	bool in;              /* its direction           */
	uint8_t opcode, sub;
	uint32_t address; /* sectors; vendor storage: id << 16 | type */
	uint16_t count;   /* sectors */
	uint32_t parity;  /* rk_parity() of the data, or 0: not checked */
};

struct rk_csw {
	uint32_t residue;
	uint8_t status; /* 0: done, 1: failed, 2: phase error, or the parity was wrong
			 */
};

void rk_cbw_write(const struct rk_cbw *c, unsigned char buf[RK_CBW_LEN]);
/** Whether these bytes are a CSW for `tag`. */
bool rk_csw_read(const unsigned char *buf, size_t len, uint32_t tag,
		 struct rk_csw *ret);
/** The sum that the device compares with what it stored. */
uint32_t rk_parity(const unsigned char *data, size_t len);
/** CRC-16 (polynomial 0x1021, from `crc`; 0xffff to begin with). */
uint16_t rk_crc16(uint16_t crc, const unsigned char *data, size_t len);
