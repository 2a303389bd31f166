// SPDX-License-Identifier: Apache-2.0
/* A command with several transfers under way at once: the CBW, the data in pieces, the
 * CSW, in their order; the kernel queues them at their endpoints, so that nothing waits
 * for this process between two of them. The next command begins after this one's CSW.
 *
 * The kernel has one bound for the memory of all URBs (usbcore.usbfs_memory_mb). Where
 * it refuses one, less is under way from then on, and slowly more again. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "device-own.h"

#define NO_MEMORY_MS                                                    \
	20 /* until the kernel is asked again when nothing is under way \
	    */
#define EVENT_MS 100

struct rk_flight {
	struct rk_device *d;
	struct rk_burst *b;
	size_t next;      /* bytes of data that were submitted */
	size_t under_way; /* bytes of data */
	unsigned n;       /* transfers under way */
	bool cbw_sent, csw_asked;
	int code;  /* the first error */
	int event; /* a transfer has ended */
};

static void note(struct rk_flight *f, int code)
{
	if (!f->code)
		f->code = code;
}

static int code_of_status(enum libusb_transfer_status status)
{
	switch (status) {
	case LIBUSB_TRANSFER_TIMED_OUT:
		return -ETIMEDOUT;
	case LIBUSB_TRANSFER_STALL:
		return -EPIPE;
	case LIBUSB_TRANSFER_NO_DEVICE:
		return -ENODEV;
	case LIBUSB_TRANSFER_OVERFLOW:
		return -EOVERFLOW;
	default:
		return -EIO;
	}
}

/* ---- the end of a transfer ---- */

static void take(struct rk_flight *f, const struct rk_urb *u)
{
	const struct libusb_transfer *t = u->transfer;

	if (t->status != LIBUSB_TRANSFER_COMPLETED)
		note(f, code_of_status(t->status));
	else if (u->what == RK_URB_CSW)
		f->b->csw_len = (size_t)t->actual_length;
	else if (t->actual_length != t->length)
		note(f, u->what == RK_URB_DATA && f->b->in ? -EREMOTEIO : -EIO);
	if (u->what == RK_URB_DATA)
		f->b->moved += (size_t)t->actual_length;
}

static void LIBUSB_CALL ended(struct libusb_transfer *t)
{
	struct rk_urb *u = t->user_data;
	struct rk_flight *f = u->flight;

	take(f, u);
	if (u->what == RK_URB_DATA)
		f->under_way -= (size_t)t->length;
	u->what = RK_URB_FREE;
	f->n--;
	f->event = 1;
}

/* ---- submitting ---- */

static struct rk_urb *free_urb(struct rk_device *d)
{
	for (size_t i = 0; i < RK_URBS; i++) {
		struct rk_urb *u = &d->urbs[i];

		if (u->what != RK_URB_FREE)
			continue;
		if (!u->transfer)
			u->transfer = libusb_alloc_transfer(0);
		return u->transfer ? u : NULL;
	}
	return NULL;
}

static int submit(struct rk_flight *f, int what, bool in, void *data, size_t len)
{
	struct rk_device *d = f->d;
	struct rk_urb *u = free_urb(d);
	int code;

	if (!u)
		return -ENOMEM;
	libusb_fill_bulk_transfer(u->transfer, d->usb.handle,
				  in ? d->usb.in : d->usb.out, data, (int)len, ended, u,
				  f->b->ms);
	u->flight = f;
	code = libusb_submit_transfer(u->transfer);
	if (code < 0)
		return bmc_usb_errno(code);
	u->what = what;
	f->n++;
	if (what == RK_URB_DATA)
		f->under_way += len;
	return 0;
}

/* The next transfer of the command: 1: submitted, 0: none can be now, or an error. */
static int submit_next(struct rk_flight *f)
{
	struct rk_burst *b = f->b;
	size_t left = b->len - f->next, size = f->d->window;
	int code;

	if (!f->cbw_sent) {
		code = submit(f, RK_URB_CBW, false, (void *)(uintptr_t)b->cbw,
			      RK_CBW_LEN);
		f->cbw_sent = code == 0;
	} else if (left) {
		size = size < RK_URB_MAX ? size : RK_URB_MAX;
		size = size < left ? size : left;
		if (f->under_way + size > f->d->window)
			return 0;
		code = submit(f, RK_URB_DATA, b->in, b->data + f->next, size);
		f->next += code == 0 ? size : 0;
	} else if (!f->csw_asked) {
		code = submit(f, RK_URB_CSW, true, b->csw, RK_CSW_LEN);
		f->csw_asked = code == 0;
	} else {
		return 0;
	}
	return code == 0 ? 1 : code;
}

/* All that can be; -ENOMEM is no error here: less is under way from now on. */
static void submit_all(struct rk_flight *f)
{
	struct rk_device *d = f->d;
	int code;

	while ((code = submit_next(f)) > 0)
		;
	if (code == -ENOMEM)
		d->window = d->window / 2 < RK_URB_MIN ? RK_URB_MIN : d->window / 2;
	else if (code < 0)
		note(f, code);
}

/* ---- waiting ---- */

static void wait_event(struct rk_flight *f)
{
	struct timeval most = { 0, EVENT_MS * 1000 };
	const struct timespec pause = { 0, 1000000 };

	f->event = 0;
	if (libusb_handle_events_timeout_completed(f->d->alone, &most, &f->event) < 0)
		(void)nanosleep(&pause, NULL);
}

static void cancel(struct rk_flight *f)
{
	for (size_t i = 0; i < RK_URBS; i++) {
		if (f->d->urbs[i].what != RK_URB_FREE)
			(void)libusb_cancel_transfer(f->d->urbs[i].transfer);
	}
	while (f->n)
		wait_event(f); /* their memory is still the kernel's */
}

static bool is_over(const struct rk_flight *f)
{
	return f->code || (!f->n && f->csw_asked);
}

int rk_device_burst(void *io, struct rk_burst *b)
{
	struct rk_flight f = { .d = io, .b = b };
	const struct timespec pause = { 0, NO_MEMORY_MS * 1000000 };
	unsigned waited = 0;

	while (!is_over(&f)) {
		submit_all(&f);
		if (f.n) {
			if (!is_over(&f))
				wait_event(&f);
			continue;
		}
		if (is_over(&f))
			break;
		(void)nanosleep(&pause, NULL); /* others use the memory */
		waited += NO_MEMORY_MS;
		if (waited >= b->ms)
			note(&f, f.cbw_sent ? -ENOBUFS : -ENOMEM);
	}
	cancel(&f);
	if (!f.code && f.d->window < f.d->window_max)
		f.d->window += RK_URB_MIN;
	return f.code;
}

void rk_device_window(struct rk_device *d, size_t bytes)
{
	bytes = bytes / RK_URB_MIN * RK_URB_MIN;
	bytes = bytes < RK_URB_MIN ? RK_URB_MIN : bytes;
	d->window_max = bytes < RK_WINDOW_MAX ? bytes : RK_WINDOW_MAX;
	if (d->window > d->window_max)
		d->window = d->window_max;
}

void rk_device_land(struct rk_device *d)
{
	for (size_t i = 0; i < RK_URBS; i++)
		libusb_free_transfer(d->urbs[i].transfer);
}
