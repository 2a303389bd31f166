// SPDX-License-Identifier: Apache-2.0
/* The model of a Rockchip board: its modes, the phases of a command, faults. */
#include "rockusb-model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rockusb-own.h"

#define IN     0x80u
#define PACKET 4096

/* ---- bulk commands ---- */

bool rockusb_data(struct rockusb_model *m, size_t len, bool in)
{
	free(m->data);
	m->data = calloc(1, len);
	m->at = 0;
	m->data_len = m->data ? len : 0;
	m->phase = in ? PHASE_IN : PHASE_OUT;
	if (!m->data || in != m->cbw.in) {
		m->phase = PHASE_CSW;
		m->status = 2; /* the direction is not the command's */
		return false;
	}
	return true;
}

/* It has left: whoever carries it may plug what it is next. */
static int go(struct rockusb_model *m, const char *mode)
{
	m->left = true;
	if (mode != m->mode)
		(void)snprintf(m->mode, sizeof(m->mode), "%s", mode);
	if (m->leave)
		m->leave(m->leave_arg, m->mode);
	return -ENODEV;
}

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool parse(struct cbw *c, const unsigned char *p, size_t len)
{
	if (len != CBW_LEN || memcmp(p, "USBC", 4) != 0 || p[13] != 0 ||
	    (p[14] != 6 && p[14] != 10 && p[14] != 16) || (p[12] & 0x7f))
		return false;
	memcpy(c->raw, p, CBW_LEN);
	memcpy(c->tag, p + 4, 4);
	c->length = le32(p + 8);
	c->in = p[12] & 0x80;
	c->opcode = p[15];
	c->sub = p[16];
	c->lba = be32(p + 17);
	c->count = (uint16_t)(p[22] << 8 | p[23]);
	c->parity = le32(p + 24);
	return true;
}

static bool is_write(const struct cbw *c)
{
	return c->opcode == 0x15 || c->opcode == 0x26;
}

/* The fault waits for a command that it is for. */
static void choose_fault(struct rockusb_model *m)
{
	bool of_writes = m->fault == ROCKUSB_FULL || m->fault == ROCKUSB_BIT_FLIP ||
			 m->fault == ROCKUSB_TORN || m->fault == ROCKUSB_HALF ||
			 m->fault == ROCKUSB_LOST;

	m->now = ROCKUSB_NO_FAULT;
	if (!m->fault || (of_writes && !is_write(&m->cbw)) || --m->fault_in > 0)
		return;
	m->now = m->fault;
	m->fault = ROCKUSB_NO_FAULT;
}

/* A command that fails: data to the host are left out, those of the host thrown away.
 */
static void refuse_data(struct rockusb_model *m)
{
	m->phase = PHASE_CSW;
	m->data_len = m->cbw.length;
	if (!m->data_len && m->cbw.opcode == 0x15)
		m->data_len = (size_t)m->cbw.count * SECTOR;
	m->at = 0;
	if (!m->cbw.in && m->data_len)
		m->phase = PHASE_OUT;
}

static int begin(struct rockusb_model *m, const unsigned char *buf, size_t len)
{
	if (m->phase != PHASE_CBW)
		m->counts[ROCKUSB_VIOLATIONS]++;
	if (!parse(&m->cbw, buf, len)) {
		m->counts[ROCKUSB_VIOLATIONS]++;
		m->halted = true;
		return -EPIPE;
	}
	m->counts[ROCKUSB_COMMANDS]++;
	m->phase = PHASE_CSW;
	m->status = 0;
	m->residue = 0;
	choose_fault(m);
	m->full = m->full || m->now == ROCKUSB_FULL;
	m->hung = m->now == ROCKUSB_HANG;
	m->stale = m->now == ROCKUSB_STALE;
	if (m->now == ROCKUSB_CSW_FAILED)
		m->status = 1;
	else if (m->now == ROCKUSB_CSW_PHASE)
		m->status = 2;
	else
		rockusb_begin(m);
	if (m->status)
		refuse_data(m);
	if (m->now == ROCKUSB_STALL) {
		m->halted = true;
		m->phase = PHASE_CSW;
		m->status = 1;
	}
	return (int)len;
}

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* It is busy for as long as its eMMC takes for the data. */
static void take_time(struct rockusb_model *m)
{
	if (m->rate)
		m->busy = now_ns() +
			  (int64_t)((uint64_t)m->data_len * 1000000000 / m->rate);
}

/* In the data phase; 0: it stays. */
static int left_now(struct rockusb_model *m)
{
	switch (m->now) {
	case ROCKUSB_UNPLUG:
		return go(m, "off");
	case ROCKUSB_REPLUG:
		return go(m, m->mode);
	case ROCKUSB_TO_MASKROM:
		return go(m, "maskrom");
	case ROCKUSB_TO_SYSTEM:
		return go(m, "normal");
	default:
		return 0;
	}
}

static int take_data(struct rockusb_model *m, const unsigned char *buf, size_t len)
{
	size_t room = m->data_len - m->at, n = len < room ? len : room;

	if (left_now(m))
		return -ENODEV;
	if (!m->status)
		memcpy(m->data + m->at, buf, n);
	m->at += n;
	m->counts[ROCKUSB_VIOLATIONS] += len > room;
	if (m->at < m->data_len)
		return (int)len;
	if (!m->status)
		rockusb_finish(m);
	take_time(m);
	m->phase = PHASE_CSW;
	return m->now == ROCKUSB_TORN ? go(m, "off") : (int)len;
}

static int give_data(struct rockusb_model *m, unsigned char *buf, size_t len)
{
	size_t left = m->data_len - m->at, n = len < left ? len : left;

	if (left_now(m))
		return -ENODEV;
	memcpy(buf, m->data + m->at, n);
	m->at += n;
	if (m->at == m->data_len) {
		m->phase = PHASE_CSW;
		take_time(m);
	}
	return (int)n;
}

static int give_csw(struct rockusb_model *m, unsigned char *buf, size_t len)
{
	unsigned char csw[CSW_LEN] = "USBS";
	int n = m->now == ROCKUSB_SHORT_CSW ? CSW_LEN - 1 : CSW_LEN;

	if (len < CSW_LEN)
		return -EOVERFLOW;
	memcpy(csw + 4, m->cbw.tag, 4);
	csw[8] = (unsigned char)m->residue;
	csw[11] = (unsigned char)(m->residue >> 24);
	csw[12] = m->status;
	if (m->now == ROCKUSB_BAD_TAG || m->stale)
		csw[4] ^= 0x55;
	if (m->now == ROCKUSB_BAD_SIGNATURE)
		csw[0] = 'X';
	if (m->now == ROCKUSB_RESIDUE)
		csw[8] = 1;
	memcpy(buf, csw, (size_t)n);
	if (m->stale) {
		m->stale = false;
		return n;
	}
	m->phase = PHASE_CBW;
	if (m->next_mode[0] && m->status == 0)
		(void)go(m, m->next_mode);
	return n;
}

int rockusb_bulk(void *model, unsigned ep, unsigned char *buf, size_t len)
{
	struct rockusb_model *m = model;

	if (m->left)
		return -ENODEV;
	if (strcmp(m->mode, "maskrom") == 0 || m->hung ||
	    (m->rate && now_ns() < m->busy))
		return -EAGAIN;
	if (m->halted) {
		m->counts[ROCKUSB_VIOLATIONS] += m->now != ROCKUSB_STALL;
		return -EPIPE;
	}
	if (!(ep & IN) && m->phase == PHASE_OUT)
		return take_data(m, buf, len);
	if (!(ep & IN)) {
		if (m->fault == ROCKUSB_NO_MEMORY && --m->fault_in == 0) {
			m->fault = ROCKUSB_NO_FAULT;
			return -ENOMEM;
		}
		return begin(m, buf, len);
	}
	if (m->phase == PHASE_IN)
		return give_data(m, buf, len);
	return m->phase == PHASE_CSW ? give_csw(m, buf, len) : -EAGAIN;
}

void rockusb_model_clear_halt(struct rockusb_model *m, unsigned ep)
{
	(void)ep;
	m->halted = false;
}

/* ---- mask ROM ---- */

/* CRC-16 with polynomial 0x1021, from 0xffff, bit by bit. */
static unsigned crc16(const unsigned char *p, size_t len)
{
	unsigned crc = 0xffff;

	for (size_t i = 0; i < 8 * len; i++) {
		unsigned bit = (p[i / 8] >> (7 - i % 8)) & 1;

		crc = (crc << 1 ^ (((crc >> 15) ^ bit) & 1 ? 0x1021 : 0)) & 0xffff;
	}
	return crc;
}

/* Whether the first `len` bytes end with their CRC, which no packet's end cuts in two.
 */
static bool crc_ends(const struct rockusb_model *m, size_t len)
{
	return len > 2 && (len - 2) % PACKET != PACKET - 1 &&
	       crc16(m->upload, len) == 0;
}

/* A short packet ends it: whole with its CRC, zeros behind it, it is run. */
static int uploaded(struct rockusb_model *m, unsigned which)
{
	size_t len = m->upload_len;
	bool good = crc_ends(m, len) ||
		    (len > 3 && m->upload[len - 1] == 0 && crc_ends(m, len - 1));

	m->upload_len = 0;
	m->uploads[good]++;
	if (good && which == 0x471)
		m->has_ddr = true;
	if (!good || which != 0x472)
		return 0;
	if (m->has_ddr) {
		strcpy(m->mode, "usbplug");
		if (m->leave)
			m->leave(m->leave_arg, m->mode);
	}
	return 0;
}

int rockusb_control(void *model, const struct usb_setup *s, unsigned char *data)
{
	struct rockusb_model *m = model;

	if (m->left)
		return -ENODEV;
	if (strcmp(m->mode, "maskrom") != 0 || s->request_type != 0x40 ||
	    s->request != 0x0c || (s->index != 0x471 && s->index != 0x472) ||
	    s->length > PACKET || m->upload_len + s->length > UPLOAD_MAX)
		return -EPIPE;
	memcpy(m->upload + m->upload_len, data, s->length);
	m->upload_len += s->length;
	if (s->length < PACKET)
		(void)uploaded(m, s->index);
	return s->length;
}
