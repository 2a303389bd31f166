// SPDX-License-Identifier: Apache-2.0
/* One command after the other over a link: CBW, data, CSW, and recovery. */
#include "link.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define DRAIN_MAX    16384 /* bytes read away in search of our CSW */
#define DRAIN_MS     200
#define NO_MEMORY_MS 20 /* until the kernel's USB memory is asked for again */
#define PACKET       4096

static unsigned time_left(const struct rk_link *l, int64_t most)
{
	int64_t left = l->deadline - l->now();

	return left <= 0 ? 0 : (unsigned)(left < most ? left : most);
}

static unsigned transfer_left(const struct rk_link *l)
{
	return time_left(l, l->transfer_ms ? l->transfer_ms : RK_TRANSFER_MS);
}

static int fail(const struct rk_link *l, int code, const char *during,
		struct bmc_error *err)
{
	switch (code) {
	case -ETIMEDOUT:
		return bmc_fail(err, BMC_ETIMEDOUT,
				"%s: no answer over USB to %s: reset it", l->board,
				during);
	case -ENODEV:
		return bmc_fail(err, BMC_EABSENT, "%s: it left USB during %s", l->board,
				during);
	case -ENOMEM:
	case -ENOBUFS: /* amidst a command */
		return bmc_fail(err, BMC_EAGAIN,
				"%s: the kernel's memory for USB is used up: raise "
				"usbcore.usbfs_memory_mb",
				l->board);
	default:
		return bmc_fail(err, BMC_EIO, "%s: USB error during %s: %s", l->board,
				during, strerror(-code));
	}
}

static void pause_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* All of it goes out, or a negative errno. Others' transfers free the kernel's memory.
 */
static int send(struct rk_link *l, const void *data, size_t len)
{
	unsigned ms;
	int n = -ETIMEDOUT;

	while ((ms = transfer_left(l)) > 0) {
		n = l->io->out(l->arg, data, len, ms);
		if (n != -ENOMEM)
			break;
		pause_ms(ms < NO_MEMORY_MS ? ms : NO_MEMORY_MS);
	}
	return n >= 0 && (size_t)n != len ? -EIO : n;
}

static int receive(struct rk_link *l, void *buf, size_t len)
{
	unsigned ms;
	int n = -ETIMEDOUT;

	while ((ms = transfer_left(l)) > 0) {
		n = l->io->in(l->arg, buf, len, ms);
		if (n != -ENOMEM)
			break;
		pause_ms(ms < NO_MEMORY_MS ? ms : NO_MEMORY_MS);
	}
	return n;
}

/* ---- after an error ---- */

/* Reads away what is left of the command, up to its CSW. */
static bool drain(struct rk_link *l, struct rk_csw *ret)
{
	unsigned char buf[512];

	for (size_t got = 0; got < DRAIN_MAX;) {
		unsigned ms = time_left(l, DRAIN_MS);
		int n = ms ? l->io->in(l->arg, buf, sizeof(buf), ms) : -ETIMEDOUT;

		if (n < 0)
			return false;
		if (rk_csw_read(buf, (size_t)n, l->tag, ret))
			return true;
		got += n ? (size_t)n : 1;
	}
	return false;
}

/* Until the next command can be sent; true: this one's CSW has come after all. */
static bool recover(struct rk_link *l, struct rk_csw *ret)
{
	l->broken = l->asking;
	if (l->broken)
		return false;
	(void)l->io->clear_halt(l->arg, true);
	(void)l->io->clear_halt(l->arg, false);
	if (drain(l, ret))
		return true;
	l->broken = l->io->reset(l->arg) < 0;
	return false;
}

/* ---- a command ---- */

struct run {
	struct rk_cbw *cbw;
	unsigned char *data;
	bool whole; /* the data phase is over as it should be */
	bool have_csw;
	struct rk_csw csw;
};

/* Of a command that it refuses, the device may send the CSW in place of the data. */
static int data_in(struct rk_link *l, struct run *r)
{
	size_t len = r->cbw->length;
	int n = receive(l, r->data, len);

	if (n < 0 || (size_t)n == len)
		return n;
	r->have_csw = rk_csw_read(r->data, (size_t)n, l->tag, &r->csw);
	return r->have_csw ? 0 : -EREMOTEIO;
}

static int data_phase(struct rk_link *l, struct run *r)
{
	int n = 0;

	if (r->cbw->length)
		n = r->cbw->in ? data_in(l, r) : send(l, r->data, r->cbw->length);
	r->whole = n >= 0 && !r->have_csw;
	return n;
}

static int take_csw(struct rk_link *l, struct run *r)
{
	unsigned char buf[RK_CSW_LEN];
	int n;

	if (r->have_csw)
		return 0;
	n = receive(l, buf, sizeof(buf));
	if (n < 0)
		return n;
	r->have_csw = rk_csw_read(buf, (size_t)n, l->tag, &r->csw);
	return r->have_csw ? 0 : -EPROTO;
}

static int judge(const struct rk_link *l, const struct run *r, struct bmc_error *err)
{
	uint8_t op = r->cbw->opcode;

	if (r->csw.status == 1 && (op == RK_WRITE_LBA || op == RK_READ_LBA ||
				   op == RK_ERASE_LBA || op == RK_VENDOR_WRITE))
		return bmc_fail(err, BMC_EIO, "%s: its loader failed at command %02x",
				l->board, op);
	if (r->csw.status == 1)
		return bmc_fail(err, BMC_ENOTSUP, "%s: its loader refuses command %02x",
				l->board, op);
	if (r->csw.status == 2 && r->cbw->parity)
		return bmc_fail(err, BMC_ECORRUPT,
				"%s: what it stored is not what was sent", l->board);
	if (r->csw.status != 0 || !r->whole)
		return bmc_fail(err, BMC_EIO,
				"%s: command %02x went wrong in its loader", l->board,
				op);
	/* TEST_UNIT_READY tells something else there */
	if (r->csw.residue && op != RK_TEST_UNIT_READY)
		return bmc_fail(err, BMC_EIO,
				"%s: command %02x: %u bytes were not moved", l->board,
				op, (unsigned)r->csw.residue);
	return BMC_OK;
}

static int run_phases(struct rk_link *l, struct run *r, const unsigned char *head)
{
	int n = send(l, head, RK_CBW_LEN);

	if (n >= 0)
		n = data_phase(l, r);
	return n < 0 ? n : take_csw(l, r);
}

static int run_burst(struct rk_link *l, struct run *r, const unsigned char *head)
{
	struct rk_burst b = { .cbw = head,
			      .data = r->data,
			      .len = r->cbw->length,
			      .in = r->cbw->in,
			      .ms = transfer_left(l) };
	int n = b.ms ? l->io->burst(l->arg, &b) : -ETIMEDOUT;
	bool instead = n == -EREMOTEIO && b.in; /* of the data */

	r->whole = b.moved == b.len;
	if (n < 0 && !instead)
		return n;
	r->have_csw = rk_csw_read(instead ? b.data : b.csw,
				  instead ? b.moved : b.csw_len, l->tag, &r->csw);
	if (r->have_csw)
		return 0;
	return instead ? n : -EPROTO;
}

int rk_command(struct rk_link *l, struct rk_cbw *cbw, void *data, struct rk_csw *ret,
	       struct bmc_error *err)
{
	struct run r = { .cbw = cbw, .data = data };
	unsigned char buf[RK_CBW_LEN];
	char during[16];
	int n;

	(void)snprintf(during, sizeof(during), "command %02x", cbw->opcode);
	if (l->broken)
		return bmc_fail(err, BMC_EIO, "%s: its USB link is broken", l->board);
	cbw->tag = ++l->tag;
	rk_cbw_write(cbw, buf);
	n = l->io->burst && cbw->length >= RK_BURST_MIN ? run_burst(l, &r, buf)
							: run_phases(l, &r, buf);
	if (n == -ENODEV)
		l->broken = true;
	else if (n < 0 && n != -ENOMEM)
		r.have_csw = recover(l, &r.csw);
	if (!r.have_csw)
		return fail(l, n, during, err);
	if (ret)
		*ret = r.csw;
	return judge(l, &r, err);
}

int rk_link_reset(struct rk_link *l)
{
	int code = l->io->reset(l->arg);

	l->broken |= code < 0;
	return code;
}

/* ---- mask ROM ---- */

/* Its last bytes: a zero byte where the CRC would be cut by a packet's end, the CRC. */
static size_t make_tail(const unsigned char *data, size_t len, unsigned char tail[4])
{
	static const unsigned char zero = 0;
	uint16_t crc = rk_crc16(0xffff, data, len);
	size_t n = 0;

	if (len % PACKET == PACKET - 1) {
		crc = rk_crc16(crc, &zero, 1);
		tail[n++] = 0;
	}
	tail[n++] = (unsigned char)(crc >> 8);
	tail[n++] = (unsigned char)crc;
	if ((len + n) % PACKET == 0)
		tail[n++] = 0; /* a packet that is not full has to end it */
	return n;
}

int rk_upload(struct rk_link *l, uint16_t which, const unsigned char *data, size_t len,
	      struct bmc_error *err)
{
	unsigned char tail[4], packet[PACKET];
	size_t n_tail = make_tail(data, len, tail), total = len + n_tail;
	char during[24];

	(void)snprintf(during, sizeof(during), "the upload of %x", (unsigned)which);
	for (size_t at = 0; at < total; at += PACKET) {
		size_t n = total - at < PACKET ? total - at : PACKET;
		size_t own = at >= len ? 0 : len - at < n ? len - at : n;
		unsigned ms = transfer_left(l);
		int code = -ETIMEDOUT;

		if (own)
			memcpy(packet, data + at, own);
		memcpy(packet + own, tail + (at + own - len), n - own);
		if (ms)
			code = l->io->control(l->arg, which, packet, n, ms);
		if (code >= 0 && (size_t)code != n)
			code = -EIO;
		if (code < 0)
			return fail(l, code, during, err);
	}
	return BMC_OK;
}
