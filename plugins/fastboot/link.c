// SPDX-License-Identifier: Apache-2.0
/* One command after the other over a link, and downloads. */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PACKET       512 /* an answer is read by whole packets   */
#define NO_MEMORY_MS 20  /* until the kernel's USB memory is asked for again */
#define QUIET_MS     50  /* without an answer: there are no more */
#define SYNC_MS      2000
#define STEP         65536u

static int fail(struct fb_link *l, int code, const char *during, struct bmc_error *err)
{
	switch (code) {
	case -ECANCELED:
		return bmc_fail(err, BMC_ECANCELED, "%s: cancelled", l->board);
	case -ETIMEDOUT:
		return bmc_fail(err, BMC_ETIMEDOUT,
				"%s: no answer over USB to %s: reset it", l->board,
				during);
	case -ENODEV:
		l->broken = true;
		return bmc_fail(err, BMC_EABSENT, "%s: it left USB during %s", l->board,
				during);
	case -ENOMEM:
		return bmc_fail(err, BMC_EAGAIN,
				"%s: the kernel's memory for USB is used up: raise "
				"usbcore.usbfs_memory_mb",
				l->board);
	default:
		l->broken = true;
		return bmc_fail(err, BMC_EIO, "%s: USB error during %s: %s", l->board,
				during, strerror(-code));
	}
}

static void pause_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* All of it, or a negative errno. Others' transfers free the kernel's memory. */
static int send(struct fb_link *l, const void *data, size_t len, int64_t ms)
{
	int64_t until = l->now() + ms;
	int n = -ETIMEDOUT;

	while ((ms = until - l->now()) > 0) {
		if (!l->beat(l->beat_arg))
			return -ECANCELED;
		n = l->io->out(l->arg, data, len, (unsigned)ms);
		if (n != -ENOMEM)
			break;
		pause_ms(NO_MEMORY_MS);
	}
	return n >= 0 && (size_t)n != len ? -EIO : n;
}

static int receive(struct fb_link *l, void *buf, int64_t until)
{
	int64_t left;

	while ((left = until - l->now()) > 0) {
		unsigned ms = (unsigned)(left < FB_SLICE_MS ? left : FB_SLICE_MS);
		int n = l->io->in(l->arg, buf, PACKET, ms);

		if (n == -ENOMEM)
			pause_ms(NO_MEMORY_MS);
		else if (n != -ETIMEDOUT)
			return n;
		if (!l->beat(l->beat_arg))
			return -ECANCELED;
	}
	return -ETIMEDOUT;
}

/* ---- answers ---- */

struct answer {
	char what[5], text[FB_ANSWER_MAX];
};

static void sanitize(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

static int parse(const char *buf, int n, struct answer *ret)
{
	static const char *const known[] = { "OKAY", "FAIL", "DATA", "INFO", "TEXT" };

	if (n < 4 || n > FB_ANSWER_MAX)
		return -EPROTO;
	(void)snprintf(ret->what, sizeof(ret->what), "%.4s", buf);
	(void)snprintf(ret->text, sizeof(ret->text), "%.*s", n - 4, buf + 4);
	sanitize(ret->text);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(ret->what, known[i]) == 0)
			return 0;
	return -EPROTO;
}

/* The answer that ends the wait: OKAY, FAIL or DATA. */
static int await(struct fb_link *l, int64_t ms, struct answer *ret)
{
	int64_t until = l->now() + ms;
	char buf[PACKET];

	for (unsigned lines = 0; lines <= FB_INFO_MAX; lines++) {
		int n = receive(l, buf, until);

		if (n < 0)
			return n;
		n = parse(buf, n, ret);
		if (n < 0)
			return n;
		if (strcmp(ret->what, "INFO") != 0 && strcmp(ret->what, "TEXT") != 0)
			return 0;
	}
	return -EMSGSIZE;
}

/* ---- commands ---- */

static int refused(const struct fb_link *l, const char *during, const struct answer *a,
		   struct bmc_error *err)
{
	return bmc_fail(err, BMC_ENOTSUP, "%s: its fastboot refuses %s: %.80s",
			l->board, during, a->text);
}

static int ask(struct fb_link *l, const char *command, int64_t ms, struct answer *ret,
	       struct bmc_error *err)
{
	char during[FB_COMMAND_MAX + 3];
	size_t len = strlen(command);
	int n;

	if (l->broken)
		return bmc_fail(err, BMC_EIO, "%s: its USB link is broken", l->board);
	if (len > FB_COMMAND_MAX)
		return bmc_fail(err, BMC_EINVAL, "%s: the command is too long",
				l->board);
	(void)snprintf(during, sizeof(during), "`%s`", command);
	n = send(l, command, len, FB_QUICK_MS);
	if (n >= 0)
		n = await(l, ms, ret);
	if (n == -EPIPE)
		(void)l->io->clear_halt(l->arg);
	if (n < 0)
		return fail(l, n, during, err);
	return strcmp(ret->what, "FAIL") == 0 ? refused(l, during, ret, err) : BMC_OK;
}

int fb_command(struct fb_link *l, const char *command, int64_t ms, char *ret,
	       struct bmc_error *err)
{
	struct answer a;
	int code = ask(l, command, ms, &a, err);

	if (code < 0)
		return code;
	if (strcmp(a.what, "OKAY") != 0) {
		l->broken = true;
		return bmc_fail(err, BMC_EIO,
				"%s: its fastboot wants data for `%s`, which has none",
				l->board, command);
	}
	if (ret)
		memcpy(ret, a.text, sizeof(a.text));
	return BMC_OK;
}

int fb_getvar(struct fb_link *l, const char *name, char ret[FB_ANSWER_MAX],
	      struct bmc_error *err)
{
	char command[FB_COMMAND_MAX + 1];
	int code;

	*ret = '\0';
	(void)snprintf(command, sizeof(command), "getvar:%s", name);
	code = fb_command(l, command, FB_QUICK_MS, ret, err);
	return code == BMC_ENOTSUP ? BMC_OK : code;
}

/* ---- downloads ---- */

static int flush(struct fb_link *l, struct bmc_error *err)
{
	int n = l->used ? send(l, l->buffer, l->used, FB_SEND_MS) : 0;

	if (n < 0)
		return fail(l, n, "a download", err);
	l->expected -= (uint32_t)l->used;
	l->used = 0;
	return BMC_OK;
}

int fb_download(struct fb_link *l, uint32_t size, struct bmc_error *err)
{
	char command[24], want[12];
	struct answer a;
	int code;

	(void)snprintf(command, sizeof(command), "download:%08x", size);
	(void)snprintf(want, sizeof(want), "%08x", size);
	code = ask(l, command, FB_QUICK_MS, &a, err);
	if (code == BMC_ENOTSUP)
		return bmc_fail(err, BMC_ENOSPC,
				"%s: its fastboot takes no %u bytes: %.80s", l->board,
				size, a.text);
	if (code < 0)
		return code;
	if (strcmp(a.what, "DATA") != 0 || strcasecmp(a.text, want) != 0) {
		l->broken = true;
		return bmc_fail(
			err, BMC_EIO,
			"%s: its fastboot was told of %s bytes and wants %s%.20s",
			l->board, want, a.what, a.text);
	}
	free(l->buffer);
	l->buffer = malloc(FB_CHUNK);
	l->expected = size;
	l->used = 0;
	return l->buffer ? BMC_OK
			 : bmc_fail(err, BMC_ENOMEM, "%s: no memory", l->board);
}

int fb_put(struct fb_link *l, const void *data, size_t len, struct bmc_error *err)
{
	const unsigned char *from = data;

	while (len > 0) {
		size_t n = FB_CHUNK - l->used < len ? FB_CHUNK - l->used : len;
		int code = BMC_OK;

		memcpy(l->buffer + l->used, from, n);
		l->used += n;
		from += n;
		len -= n;
		if (l->used == FB_CHUNK)
			code = flush(l, err);
		if (code < 0)
			return code;
	}
	return BMC_OK;
}

int fb_put_end(struct fb_link *l, struct bmc_error *err)
{
	struct answer a;
	int code = flush(l, err), n;

	free(l->buffer);
	l->buffer = NULL;
	if (code < 0)
		return code;
	n = await(l, FB_SEND_MS, &a);
	if (n < 0)
		return fail(l, n, "the end of a download", err);
	if (strcmp(a.what, "FAIL") == 0)
		return refused(l, "a download", &a, err);
	return strcmp(a.what, "OKAY") == 0 ? BMC_OK
					   : fail(l, -EPROTO, "a download", err);
}

/* Whether it says something now. */
static bool speaks(struct fb_link *l, unsigned ms, int *ret_code)
{
	char buf[PACKET];
	int n = l->io->in(l->arg, buf, sizeof(buf), ms);

	*ret_code = n == -ETIMEDOUT ? 0 : n;
	return n >= 0;
}

static void drain(struct fb_link *l)
{
	int code;

	for (unsigned i = 0; i < FB_INFO_MAX && speaks(l, QUIET_MS, &code); i++)
		;
}

void fb_put_abort(struct fb_link *l)
{
	static const unsigned char zeros[STEP];

	free(l->buffer);
	l->buffer = NULL;
	l->used = 0;
	while (!l->broken && l->expected > 0) {
		uint32_t len = l->expected < STEP ? l->expected : STEP;

		l->broken = l->io->out(l->arg, zeros, len, FB_QUICK_MS) != (int)len;
		l->expected -= len;
	}
	drain(l);
}

/* ---- after another program, or a run that was killed ---- */

/* It waits for the rest of a download: how much is not known, so until it speaks. */
static int swallow(struct fb_link *l)
{
	static const unsigned char zeros[STEP];
	int code = 0;

	for (size_t sent = 0; sent < FB_SWALLOW_MAX; sent += STEP) {
		int n = l->io->out(l->arg, zeros, sizeof(zeros), FB_SLICE_MS);

		if (n == -ENODEV || !l->beat(l->beat_arg))
			return n == -ENODEV ? n : -ECANCELED;
		if (speaks(l, 1, &code))
			return 0;
		if (code < 0 || n == -ETIMEDOUT)
			return n == -ETIMEDOUT ? n : code;
	}
	return -ETIMEDOUT;
}

int fb_sync(struct fb_link *l, struct bmc_error *err)
{
	struct answer a;
	int n = -ETIMEDOUT;

	drain(l);
	for (int tries = 0; tries < 2 && n == -ETIMEDOUT; tries++) {
		n = send(l, "getvar:version", 14, FB_QUICK_MS);
		if (n >= 0)
			n = await(l, SYNC_MS, &a);
		if (n == -EPIPE && tries == 0) {
			(void)l->io->clear_halt(l->arg);
			n = -ETIMEDOUT;
		} else if (n == -ETIMEDOUT && tries == 0) {
			n = swallow(l);
			drain(l);
			n = n == 0 ? -ETIMEDOUT : n == -ETIMEDOUT ? -ENOMSG : n;
		}
	}
	return n < 0 ? fail(l, n == -ENOMSG ? -ETIMEDOUT : n, "a first command", err)
		     : BMC_OK;
}
