// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* The fastboot protocol over a pair of bulk endpoints: a command of up to 64 bytes,
 * then answers of up to 256 until OKAY or FAIL. Each command has a deadline that no
 * answer prolongs. What carries the bytes is a struct fb_io: device.c with libusb. */

/** Each returns the bytes moved or a negative errno: -ETIMEDOUT, -EPIPE (halted),
 * -ENODEV (it has left), -ENOMEM (the kernel's USB buffers are full: try again), or
 * another. */
struct fb_io {
	int (*out)(void *io, const void *data, size_t len, unsigned ms);
	int (*in)(void *io, void *buf, size_t len, unsigned ms);
	int (*clear_halt)(void *io);
};

struct fb_link {
	const struct fb_io *io;
	void *arg;         /* the io's */
	const char *board; /* in messages */
	int64_t (*now)(void);
	/* Called often while a command waits: false ends it with BMC_ECANCELED. */
	bool (*beat)(void *beat_arg);
	void *beat_arg;
	bool broken; /* nothing can be said any more: close it */
	/* a download */
	uint32_t expected; /* bytes that the device still waits for */
	unsigned char *buffer;
	size_t used;
};

#define FB_COMMAND_MAX 64
#define FB_ANSWER_MAX  256
#define FB_INFO_MAX    1000         /* INFO and TEXT lines to one command   */
#define FB_CHUNK       (256u << 10) /* bytes of one transfer of a download  */
#define FB_SLICE_MS    500          /* of a wait, then the call beats       */
#define FB_QUICK_MS    5000         /* for a command that only tells        */
#define FB_SEND_MS     20000        /* for one transfer of a download       */
#define FB_SWALLOW_MAX (1u << 30)   /* bytes that an ended download may want */

/** Runs a command and gives the text of its OKAY, sanitized, to ret[FB_ANSWER_MAX],
 * which may be NULL. BMC_ENOTSUP: it said FAIL; BMC_ETIMEDOUT; BMC_EABSENT: the device
 * has left; BMC_EIO: its answer made no sense (the link is broken then). */
int fb_command(struct fb_link *l, const char *command, int64_t ms, char *ret,
	       struct bmc_error *err);
/** A variable's value; "" when the device does not know it. */
int fb_getvar(struct fb_link *l, const char *name, char ret[FB_ANSWER_MAX],
	      struct bmc_error *err);

/** Begins a download of `size` bytes; then fb_put until all are there, fb_put_end.
 * BMC_ENOSPC: it refused the size. */
int fb_download(struct fb_link *l, uint32_t size, struct bmc_error *err);
int fb_put(struct fb_link *l, const void *data, size_t len, struct bmc_error *err);
int fb_put_end(struct fb_link *l, struct bmc_error *err);
/** After an error between the two: sends zeros for the rest, so that the device takes
 * commands again. It has stored nothing of it. */
void fb_put_abort(struct fb_link *l);

/** Brings a device that was left in the middle of a download, or has answers of
 * before, to where it takes commands. */
int fb_sync(struct fb_link *l, struct bmc_error *err);
