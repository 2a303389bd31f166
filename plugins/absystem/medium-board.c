// SPDX-License-Identifier: Apache-2.0
/* A board's storage through its own system: short shell commands, whose text is made of
 * checked names and numbers only. Each ends with a word when all went well: an old adb
 * daemon gives no exit codes. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "absystem.h"

#define DONE       "clusterbmc-ok"
#define NEXT       "clusterbmc-next"
#define OUT_MAX    8192
#define TEXT_MAX   1024
#define COMMAND_MS 120000 /* without a byte: a slow eMMC writes what it was sent */
#define DIGEST     32
#define SAID_MAX   100

struct source {
	struct ab_work *w;
	const struct ab_range *range; /* or */
	const unsigned char *bytes;
	uint64_t done, len;
};

static ssize_t give(void *arg, void *buf, size_t len)
{
	struct source *s = arg;
	ssize_t n;

	if (s->done == s->len)
		return 0;
	if (s->range) {
		n = ab_read(s->w, s->range, s->done, buf, len);
	} else {
		n = (ssize_t)(len < s->len - s->done ? len : s->len - s->done);
		memcpy(buf, s->bytes + s->done, (size_t)n);
	}
	if (n > 0)
		s->done += (uint64_t)n;
	return n;
}

/* What the board said, as far as it can be shown. */
static int refused(const struct ab_work *w, const char *what, char *out, int code)
{
	out[strcspn(out, "\r\n")] = '\0';
	for (char *c = out; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return bmc_fail(w->err, BMC_EIO, "%s: %s failed on the board (%d)%s%.*s",
			w->board->id, what, code, *out ? ": " : "", SAID_MAX, out);
}

/* `out` (OUT_MAX) gets what it said before DONE. */
static int command(struct ab_work *w, const char *what, const char *text,
		   struct source *in, char *out)
{
	struct bmc_command c = { .text = text,
				 .ms = COMMAND_MS,
				 .in = in ? give : NULL,
				 .arg = in,
				 .out = out,
				 .out_size = OUT_MAX };
	int code = w->ab->ops->command(w->call, &c, w->err);
	char *done, *next;

	if (code < 0)
		return code;
	done = strstr(out, DONE);
	while (done && (next = strstr(done + 1, DONE)))
		done = next;
	if (code > 0 || !done)
		return refused(w, what, out, code);
	*done = '\0';
	return BMC_OK;
}

static int text_command(struct ab_work *w, const char *what, struct source *in,
			char *out, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static int text_command(struct ab_work *w, const char *what, struct source *in,
			char *out, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(text))
		return bmc_fail(w->err, BMC_ERANGE, "%s: too long a command",
				w->board->id);
	return command(w, what, text, in, out);
}

/* ---- metadata ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* The bytes of `od -tx1`: pairs of digits with white space between. Their number, up to
 * `size`; behind `ret_end` is no further one. */
static size_t hex_some(const char *text, unsigned char *ret, size_t size,
		       const char **ret_end)
{
	size_t n = 0;

	for (;; n++, text += 2) {
		int high, low;

		text += strspn(text, " \r\n");
		high = n < size ? hex_digit(text[0]) : -1;
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			break;
		ret[n] = (unsigned char)(high << 4 | low);
	}
	*ret_end = text;
	return n;
}

static bool hex_bytes(const char *text, unsigned char *ret, size_t len)
{
	return hex_some(text, ret, len, &text) == len && *text == '\0';
}

/* What is no bytes says nothing. */
static void compatible_of(struct ab_work *w, const char *hex)
{
	unsigned char bytes[AB_COMPATIBLE];
	size_t n = hex_some(hex, bytes, sizeof(bytes), &hex);

	ab_compatible(w, bytes, *hex ? 0 : n);
}

/* From the storage: what the board has in memory of it is dropped first. */
#define SECTOR_READ                                                              \
	"blockdev --flushbufs %s/misc 2>/dev/null; dd if=%s/misc bs=%u skip=%u " \
	"count=1 2>/dev/null | od -An -v -tx1 && echo " DONE

static int sector_of(struct ab_work *w, const char *hex, unsigned char ret[AB_SECTOR])
{
	if (hex_bytes(hex, ret, AB_SECTOR))
		return BMC_OK;
	return bmc_fail(w->err, BMC_EIO,
			"%s: its partition misc can't be read: %s/misc", w->board->id,
			w->ab->by_name);
}

static int board_look(struct ab_work *w, char ret_cmdline[AB_CMDLINE],
		      unsigned char ret_sector[AB_SECTOR])
{
	const char *dir = w->ab->by_name;
	char out[OUT_MAX], *hex, *sector;
	int code = text_command(
		w, "reading its slots", NULL, out,
		"cat %s /proc/bootconfig 2>/dev/null | head -c %d; echo; echo " NEXT
		"; head -c %d %s 2>/dev/null | od -An -v -tx1; echo " NEXT
		"; " SECTOR_READ,
		w->ab->cmdline, AB_CMDLINE - 2, AB_COMPATIBLE, w->ab->compatible, dir,
		dir, AB_SECTOR, AB_DATA_AT / AB_SECTOR);

	if (code < 0)
		return code;
	hex = strstr(out, NEXT);
	sector = hex ? strstr(hex + strlen(NEXT), NEXT) : NULL;
	if (!sector)
		return refused(w, "reading its slots", out, 0);
	*hex = *sector = '\0';
	compatible_of(w, hex + strlen(NEXT));
	(void)snprintf(ret_cmdline, AB_CMDLINE, "%.*s", AB_CMDLINE - 1, out);
	return sector_of(w, sector + strlen(NEXT), ret_sector);
}

static int board_store(struct ab_work *w, const unsigned char sector[AB_SECTOR],
		       unsigned char ret_there[AB_SECTOR])
{
	struct source in = { .w = w, .bytes = sector, .len = AB_SECTOR };
	const char *dir = w->ab->by_name;
	char out[OUT_MAX];
	int code = text_command(w, "writing the A/B metadata", &in, out,
				"[ -w %s/misc ] && dd of=%s/misc bs=%u seek=%u "
				"conv=notrunc,fsync 2>/dev/null && " SECTOR_READ,
				dir, dir, AB_SECTOR, AB_DATA_AT / AB_SECTOR, dir, dir,
				AB_SECTOR, AB_DATA_AT / AB_SECTOR);

	return code < 0 ? code : sector_of(w, out, ret_there);
}

/* ---- partitions ---- */

static int board_room(struct ab_work *w, const char *name, uint64_t *ret)
{
	const char *dir = w->ab->by_name;
	char out[OUT_MAX], *end;
	int code = text_command(
		w, "looking at a partition", NULL, out,
		"{ [ -w %s/%s ] || { echo %s is missing, or the shell is not root; "
		"false; }; } && { blockdev --getsize64 %s/%s 2>/dev/null || stat -Lc "
		"%%s %s/%s; } && echo " DONE,
		dir, name, name, dir, name, dir, name);

	if (code < 0)
		return code;
	*ret = strtoull(out, &end, 10);
	if (end == out || *ret == 0 || *ret > INT64_MAX)
		return bmc_fail(w->err, BMC_EIO,
				"%s: the size of %s is not known: the board needs "
				"blockdev",
				w->board->id, name);
	return BMC_OK;
}

/* The largest block of dd in which `at` is whole. */
static unsigned block_of(uint64_t at)
{
	return at % 65536 == 0  ? 65536
	       : at % 4096 == 0 ? 4096
	       : at % 512 == 0  ? 512
				: 1;
}

static int board_write(struct ab_work *w, const struct ab_range *r)
{
	struct source in = { .w = w, .range = r, .len = r->len };
	const char *dir = w->ab->by_name, *name = r->part->name;
	unsigned block = block_of(r->at);
	char out[OUT_MAX];

	/* without the first test, dd would make a file in memory */
	return text_command(w, "writing a partition", &in, out,
			    "[ -w %s/%s ] && dd of=%s/%s bs=%u seek=%llu "
			    "conv=notrunc,fsync 2>&1 && echo " DONE,
			    dir, name, dir, name, block,
			    (unsigned long long)(r->at / block));
}

static int image_digest(struct ab_work *w, const struct ab_range *r,
			unsigned char ret[DIGEST])
{
	unsigned char *buf = malloc(AB_BUF);
	gnutls_hash_hd_t hash;
	uint64_t done = 0;
	ssize_t n = 0;

	if (!buf || gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0) {
		free(buf);
		return bmc_fail(w->err, BMC_ENOMEM, "no memory for a digest");
	}
	for (; n >= 0 && done<r->len; done += n> 0 ? (uint64_t)n : 0) {
		n = ab_read(w, r, done, buf, AB_BUF);
		if (n > 0)
			(void)gnutls_hash(hash, buf, (size_t)n);
	}
	gnutls_hash_deinit(hash, ret);
	free(buf);
	return n < 0 ? bmc_fail(w->err, (int)n, "%s: the image can't be read",
				w->board->id)
		     : BMC_OK;
}

static int board_digest(struct ab_work *w, const struct ab_range *r,
			unsigned char ret[DIGEST])
{
	const char *dir = w->ab->by_name, *name = r->part->name;
	unsigned block = block_of(r->at);
	char out[OUT_MAX];
	/* from the storage, not from memory: its buffers are dropped first */
	int code = text_command(
		w, "reading a partition back", NULL, out,
		"blockdev --flushbufs %s/%s 2>/dev/null; dd if=%s/%s bs=%u skip=%llu "
		"count=%llu 2>/dev/null | head -c %llu | sha256sum && echo " DONE,
		dir, name, dir, name, block, (unsigned long long)(r->at / block),
		(unsigned long long)((r->len + block - 1) / block),
		(unsigned long long)r->len);

	if (code < 0)
		return code;
	out[2 * DIGEST] = '\0';
	return hex_bytes(out, ret, DIGEST)
		       ? BMC_OK
		       : bmc_fail(w->err, BMC_EIO, "%s: the board has no sha256sum",
				  w->board->id);
}

static int board_compare(struct ab_work *w, const struct ab_range *r)
{
	unsigned char sent[DIGEST], there[DIGEST];
	int code = image_digest(w, r, sent);

	if (code == BMC_OK)
		code = board_digest(w, r, there);
	if (code < 0 || memcmp(sent, there, DIGEST) == 0)
		return code;
	return bmc_fail(w->err, BMC_ECORRUPT,
			"%s: %s has other bytes than were sent, %llu to %llu",
			w->board->id, r->part->name, (unsigned long long)r->at,
			(unsigned long long)(r->at + r->len));
}

const struct ab_medium ab_medium_board = {
	.look = board_look,
	.store = board_store,
	.room = board_room,
	.write = board_write,
	.compare = board_compare,
};
