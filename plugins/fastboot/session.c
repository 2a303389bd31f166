// SPDX-License-Identifier: Apache-2.0
/* A board in fastboot mode for the time of a call, and the ways in and out. */
#include <stdio.h>
#include <string.h>

#include "fastboot.h"

#define ENTER_MS 60000 /* until it shows fastboot after it was asked to */
#define POLL_MS  100
#define LEAVE_MS 10000

static bool beat(void *arg)
{
	struct fb_session *s = arg;

	s->f->ops->heartbeat(s->call);
	return !s->f->ops->cancelled(s->call);
}

int fb_session_begin(struct fastboot *f, struct bmc_call *call, struct fb_session *s,
		     struct bmc_error *err)
{
	const char *id = f->ops->target_id(call);
	int code;

	*s = (struct fb_session){ .f = f, .call = call };
	s->board = fastboot_board(f, id);
	if (!s->board)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `usb` in the platform file", id);
	code = fb_open(f->usb, id, s->board->path, &s->device, err);
	if (code < 0)
		return code;
	s->link = fb_device_link(s->device);
	s->link->now = f->ops->now;
	s->link->beat = beat;
	s->link->beat_arg = s;
	code = fb_sync(s->link, err);
	if (code < 0)
		fb_session_end(s);
	return code;
}

void fb_session_end(struct fb_session *s)
{
	fb_close(s->device);
	s->device = NULL;
}

int fb_enter(struct fastboot *f, struct bmc_call *call, const struct fb_board *b,
	     struct bmc_error *err)
{
	const struct bmc_args args = { .num = BMC_USB_FASTBOOT };
	int64_t until = f->ops->now() + ENTER_MS;
	int code;

	if (fb_is_there(b->path))
		return BMC_OK;
	code = f->ops->verb(call, "usb_mode", &args, err);
	if (code == BMC_ENOTSUP)
		return bmc_fail(err, BMC_ESTATE,
				"%s: it is not in fastboot mode, and nothing can bring "
				"it there (usb_mode): see the platform file",
				b->id);
	while (code >= 0 && !fb_is_there(b->path)) {
		if (f->ops->now() >= until)
			return bmc_fail(err, BMC_ETIMEDOUT,
					"%s: it does not show fastboot after it was "
					"restarted into it",
					b->id);
		f->ops->heartbeat(call);
		code = f->ops->sleep(call, POLL_MS);
	}
	return code;
}

int fb_leave(struct fb_session *s, struct bmc_error *err)
{
	int code = fb_command(s->link, "reboot", LEAVE_MS, NULL, err);

	return code == BMC_EABSENT ? BMC_OK : code;
}
