// SPDX-License-Identifier: Apache-2.0
/* What the model's loader does with each command (U-Boot's
 * drivers/usb/gadget/f_rockusb.c and Rockchip's usbplug, as far as tools use them). */
#include <stdlib.h>
#include <string.h>

#include "rockusb-own.h"

static uint32_t get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static bool fits(const struct rockusb_model *m)
{
	return m->cbw.count > 0 && m->cbw.lba < m->sectors &&
	       m->cbw.count <= m->sectors - m->cbw.lba;
}

static void test_unit_ready(struct rockusb_model *m)
{
	/* byte 11: transfers of up to 4096 << n; 4 MiB only to who asks in this way */
	m->residue = m->cbw.sub == 0xf7 && !m->small ? 10u << 24 : 6u << 24;
}

static void flash_id(struct rockusb_model *m)
{
	if (rockusb_data(m, 5, true))
		memcpy(m->data, "EMMC ", 5);
}

static void flash_info(struct rockusb_model *m)
{
	if (!rockusb_data(m, 11, true))
		return;
	put32(m->data, (uint32_t)m->sectors);
	m->data[4] = 0; /* 1,024 sectors a block */
	m->data[5] = 4;
	m->data[6] = 4;  /* sectors a page */
	m->data[10] = 1; /* the first chip select */
}

static void chip_info(struct rockusb_model *m)
{
	if (!rockusb_data(m, 16, true))
		return;
	for (int i = 0; i < 4; i++)
		m->data[i] = (unsigned char)m->chip[3 - i];
}

static bool reads_all(const struct rockusb_model *m)
{
	return m->read_all || strcmp(m->mode, "usbplug") == 0;
}

static void capability(struct rockusb_model *m)
{
	if (!rockusb_data(m, 8, true))
		return;
	m->data[0] = (unsigned char)(1u << 0 | 1u << 2 | (m->has_vendor ? 1u << 1 : 0));
	m->data[0] |= reads_all(m) ? 1u << 3 : 0;
	m->data[1] = (unsigned char)((m->parity ? 1u << 2 : 0) | m->new_idb);
}

static void storage(struct rockusb_model *m)
{
	if (rockusb_data(m, 4, true))
		put32(m->data, 1u << 1);
}

static void read_lba(struct rockusb_model *m)
{
	bool loader = !reads_all(m);

	if (!fits(m)) {
		m->status = 1;
		return;
	}
	if (!rockusb_data(m, (size_t)m->cbw.count * SECTOR, true))
		return;
	m->counts[ROCKUSB_READ] += m->cbw.count;
	for (size_t i = 0; i < m->cbw.count; i++) {
		if (loader && m->cbw.lba + i >= FILLER_LBA)
			memset(m->data + i * SECTOR, 0xcc, SECTOR);
		else
			memcpy(m->data + i * SECTOR,
			       m->disk + (m->cbw.lba + i) * SECTOR, SECTOR);
	}
}

static void write_lba(struct rockusb_model *m)
{
	if (!fits(m) || m->full)
		m->status = 1;
	else
		(void)rockusb_data(m, (size_t)m->cbw.count * SECTOR, false);
}

static void erase_lba(struct rockusb_model *m)
{
	if (!fits(m))
		m->status = 1;
	else
		memset(m->disk + (size_t)m->cbw.lba * SECTOR, 0,
		       (size_t)m->cbw.count * SECTOR);
}

static void vendor_read(struct rockusb_model *m)
{
	unsigned id = m->cbw.lba >> 16, type = m->cbw.lba & 0xffff;
	size_t len = m->cbw.length;
	int size;

	if (!m->has_vendor || type != 0 || len < 8 || len >= 65536) {
		m->status = 1;
		return;
	}
	if (!rockusb_data(m, len, true))
		return;
	size = rockusb_vendor_get(m, id, m->data + 8, len - 8);
	if (size < 0) {
		m->status = 1;
		return;
	}
	m->data[0] = (unsigned char)id;
	m->data[1] = (unsigned char)(id >> 8);
	m->data[4] = (unsigned char)size;
	m->data[5] = (unsigned char)(size >> 8);
}

static void vendor_write(struct rockusb_model *m)
{
	if (!m->has_vendor || (m->cbw.lba & 0xffff) != 0 || m->cbw.length < 8 ||
	    m->cbw.length >= 65536 || m->full)
		m->status = 1;
	else
		(void)rockusb_data(m, m->cbw.length, false);
}

static void reset(struct rockusb_model *m)
{
	static const char *const modes[] = { "normal", "storage", "off", "maskrom",
					     "off" };

	if (m->cbw.sub >= sizeof(modes) / sizeof(modes[0]))
		m->status = 1;
	else
		strcpy(m->next_mode, modes[m->cbw.sub]);
}

static void nothing(struct rockusb_model *m)
{
	(void)m;
}

static const struct {
	unsigned char opcode;
	void (*begin)(struct rockusb_model *);
} commands[] = {
	{ 0x00, test_unit_ready }, { 0x01, flash_id },   { 0x14, read_lba },
	{ 0x15, write_lba },       { 0x1a, flash_info }, { 0x1b, chip_info },
	{ 0x1e, nothing },         { 0x25, erase_lba },  { 0x26, vendor_write },
	{ 0x27, vendor_read },     { 0x2a, nothing },    { 0x2b, storage },
	{ 0xaa, capability },      { 0xff, reset },
};

void rockusb_begin(struct rockusb_model *m)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].opcode == m->cbw.opcode) {
			commands[i].begin(m);
			return;
		}
	}
	m->status = 1;
}

/* ---- data that came ---- */

static uint32_t parity_of(const unsigned char *p, size_t len)
{
	uint32_t sum = 0x000055aa;

	for (size_t i = 0; i + 4 <= len; i += 4)
		sum += get32(p + i);
	return sum;
}

/* What it stored is read again for the parity. */
static void finish_write(struct rockusb_model *m)
{
	unsigned char *at = m->disk + (size_t)m->cbw.lba * SECTOR;
	size_t len = m->data_len;

	m->counts[ROCKUSB_WRITTEN] += m->cbw.count;
	if (m->now == ROCKUSB_TORN || m->now == ROCKUSB_HALF)
		len /= 2;
	else if (m->now == ROCKUSB_LOST)
		len = 0;
	memcpy(at, m->data, len);
	if (m->now == ROCKUSB_BIT_FLIP)
		at[len / 3] ^= 4;
	if (m->parity && m->cbw.parity && parity_of(at, m->data_len) != m->cbw.parity)
		m->status = 2;
}

static void finish_vendor(struct rockusb_model *m)
{
	unsigned id = m->data[0] | (unsigned)m->data[1] << 8;
	size_t size = m->data[4] | (size_t)m->data[5] << 8;

	if (size > m->data_len - 8 || !rockusb_vendor_put(m, id, m->data + 8, size))
		m->status = 1;
}

void rockusb_finish(struct rockusb_model *m)
{
	if (m->cbw.opcode == 0x15)
		finish_write(m);
	else if (m->cbw.opcode == 0x26)
		finish_vendor(m);
}
