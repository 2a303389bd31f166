// SPDX-License-Identifier: Apache-2.0
/* What is known of each board's port, compared with sysfs and put to the core. Events
 * only say when to look: sysfs says what is there, so an event that was missed is made
 * up for by the next look. */
#include <stdio.h>
#include <string.h>

#include "bmc/usb.h"
#include "usb.h"

struct usb_board *usb_board_find(struct usb *u, const char *id)
{
	for (size_t i = 0; i < u->n_boards; i++) {
		if (strcmp(u->boards[i].id, id) == 0)
			return &u->boards[i];
	}
	return NULL;
}

struct usb_hub *usb_hub_find(struct usb *u, const char *path)
{
	for (size_t i = 0; i < u->n_hubs; i++) {
		if (strcmp(u->hubs[i].path, path) == 0)
			return &u->hubs[i];
	}
	return NULL;
}

/* ---- to the core; with `look`, so in the order of what was seen ---- */

static void send(struct usb *u, struct usb_board *b)
{
	char serial[sizeof(b->serial)];
	struct bmc_value values[] = {
		BMC_NUM(bmc_board, usb_mode, 0),
		BMC_TXT(bmc_board, serial, serial),
	};

	(void)pthread_mutex_lock(&u->lock);
	values[0].num = b->mode;
	memcpy(serial, b->serial, sizeof(serial));
	(void)pthread_mutex_unlock(&u->lock);
	b->unsent = u->ops->put(u->host, BMC_BOARD, b->id, values, 2) < 0;
}

void usb_send(struct usb *u, bool all)
{
	(void)pthread_mutex_lock(&u->look);
	for (size_t i = 0; i < u->n_boards; i++) {
		struct usb_board *b = &u->boards[i];

		if (b->known && (all || b->unsent))
			send(u, b);
	}
	(void)pthread_mutex_unlock(&u->look);
}

/* ---- what is odd about a device: once for each ---- */

static void report(struct usb *u, const struct usb_board *b,
		   const struct usb_identity *is)
{
	bool rock = is->mode == BMC_USB_LOADER || is->mode == BMC_USB_MASKROM;

	if (is->hub)
		u->ops->log(u->host, LOG_WARNING,
			    "%s: a hub is at %s: `usb` in the platform file has to "
			    "name the "
			    "board's own port",
			    b->id, b->path);
	else if (rock && !usb_soc_fits(is->product, b->soc))
		u->ops->log(u->host, LOG_WARNING,
			    "%s: USB shows the SoC %s at %s, the platform file says "
			    "%s: is it "
			    "another board, or is `usb` wrong?",
			    b->id, usb_socs(is->product), b->path, b->soc);
}

/* ---- from sysfs ---- */

/* False: there are no descriptors, or not yet. */
static bool identify(const struct usb_board *b, struct usb_identity *ret)
{
	unsigned char desc[USB_DESC_MAX];
	size_t n = bmc_usb_attribute(b->path, "descriptors", desc, sizeof(desc));

	usb_identify(desc, n, ret);
	if (ret->hub)
		ret->mode = BMC_USB_UNKNOWN;
	return n > 0;
}

/* With `look`. */
static void arrived(struct usb *u, struct usb_board *b, unsigned number)
{
	struct usb_identity is;

	b->vague = !identify(b, &is);
	(void)pthread_mutex_lock(&u->lock);
	b->number = number;
	b->is = is;
	b->mode = is.mode;
	b->serial[0] = '\0';
	b->asked = 0;
	(void)pthread_mutex_unlock(&u->lock);
	if (b->vague || b->reported == number)
		return;
	b->reported = number;
	report(u, b, &is);
}

static void went(struct usb *u, struct usb_board *b)
{
	(void)pthread_mutex_lock(&u->lock);
	b->number = 0;
	b->mode = BMC_USB_NONE;
	b->serial[0] = '\0';
	b->asked = 0;
	(void)pthread_mutex_unlock(&u->lock);
	send(u, b);
}

/* The kernel tells that a device leaves before it takes it out of sysfs. */
static unsigned number_now(struct usb_board *b, unsigned left)
{
	unsigned number = bmc_usb_number(b->path);

	if (left && left == b->number)
		b->gone = left;
	if (number == b->gone)
		return 0;
	b->gone = 0;
	return number;
}

void usb_board_look(struct usb *u, struct usb_board *b, unsigned left)
{
	unsigned number;

	(void)pthread_mutex_lock(&u->look);
	number = number_now(b, left);
	if (!b->known || (b->number && number != b->number))
		went(u, b);
	if (number && (number != b->number || b->vague)) {
		arrived(u, b, number);
		send(u, b);
	}
	b->known = true;
	(void)pthread_mutex_unlock(&u->look);
}

void usb_board_asked(struct usb *u, struct usb_board *b, unsigned number, int64_t mode,
		     const char *serial)
{
	bool same;

	(void)pthread_mutex_lock(&u->look);
	(void)pthread_mutex_lock(&u->lock);
	same = b->number == number;
	if (same) {
		b->asked = number;
		b->mode = mode;
		(void)snprintf(b->serial, sizeof(b->serial), "%s", serial);
	}
	(void)pthread_mutex_unlock(&u->lock);
	if (same)
		send(u, b);
	(void)pthread_mutex_unlock(&u->look);
}

static void hub_look(struct usb *u, struct usb_hub *h)
{
	unsigned number = bmc_usb_number(h->path);

	(void)pthread_mutex_lock(&u->lock);
	if (h->number != number) {
		h->switching = USB_SWITCHING_UNKNOWN;
		h->asked = 0;
	}
	h->number = number;
	(void)pthread_mutex_unlock(&u->lock);
}

void usb_look(struct usb *u)
{
	for (size_t i = 0; i < u->n_hubs; i++)
		hub_look(u, &u->hubs[i]);
	for (size_t i = 0; i < u->n_boards; i++)
		usb_board_look(u, &u->boards[i], 0);
}
