// SPDX-License-Identifier: Apache-2.0
/* Which model is behind which mode. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastboot-model.h"
#include "rockusb-model.h"
#include "usb-own.h"

static void leave(void *arg, const char *mode)
{
	const struct usb_dev *d = arg;
	char line[80];

	if (strcmp(mode, "off") == 0)
		(void)snprintf(line, sizeof(line), "unplug %s", d->path);
	else
		(void)snprintf(line, sizeof(line), "mode %s %s", d->path,
			       strcmp(mode, "normal") == 0 ? "adb" : mode);
	usb_world_post(d->world, line);
}

/* What it keeps from one mode to the next is on its disk (option disk=). */
static void *rockusb_new(struct usb_dev *d, const char *words)
{
	char options[300];
	struct rockusb_model *m;

	usb_word(words, "options", options, sizeof(options));
	m = rockusb_model_new(d->mode, options);
	if (!m)
		abort();
	rockusb_model_on_leave(m, leave, d);
	return m;
}

static void *fastboot_new(struct usb_dev *d, const char *words)
{
	char options[300];
	struct fastboot_model *m;

	usb_word(words, "options", options, sizeof(options));
	m = fastboot_model_new(options);
	if (!m) /* the words are another mode's */
		m = fastboot_model_new("");
	if (!m)
		abort();
	fastboot_model_on_leave(m, leave, d);
	return m;
}

void usb_model_make(struct usb_dev *d, const char *words)
{
	if (strcmp(d->mode, "hub") == 0) {
		d->ops = &usb_hub_ops;
		d->model = usb_hub_new(d, words);
	} else if (strcmp(d->mode, "loader") == 0 || strcmp(d->mode, "maskrom") == 0 ||
		   strcmp(d->mode, "usbplug") == 0) {
		d->ops = &rockusb_model_ops;
		d->model = rockusb_new(d, words);
	} else if (strcmp(d->mode, "fastboot") == 0) {
		d->ops = &fastboot_model_ops;
		d->model = fastboot_new(d, words);
	}
}
