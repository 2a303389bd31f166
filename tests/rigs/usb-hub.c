// SPDX-License-Identifier: Apache-2.0
/* A hub's class requests (USB 2.0, 11.24): its descriptor, and the power of its ports.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usb-own.h"

#define PORTS_MAX    15
#define PORT_POWER   8
#define GET_STATUS   0
#define CLEAR        1
#define SET          3
#define GET_DESC     6
#define STATUS_POWER 0x100

struct hub {
	struct usb_dev *dev;
	unsigned ports;
	unsigned switching; /* wHubCharacteristics, bits 0 and 1 */
	bool on[PORTS_MAX + 1];
};

static int describe(const struct hub *h, const struct usb_setup *s, unsigned char *data)
{
	const unsigned char desc[] = { 9,
				       0x29,
				       (unsigned char)h->ports,
				       (unsigned char)h->switching,
				       0,
				       50,
				       100,
				       0,
				       0xff };
	size_t n = s->length < sizeof(desc) ? s->length : sizeof(desc);

	memcpy(data, desc, n);
	return (int)n;
}

/* Ganged: the ports have power until the last one is switched off (11.11). */
static bool any_on(const struct hub *h)
{
	for (unsigned p = 1; p <= h->ports; p++) {
		if (h->on[p])
			return true;
	}
	return false;
}

static void tell(const struct hub *h, unsigned port, bool on)
{
	const char *word = on ? "on" : "off";
	char line[80];

	(void)snprintf(line, sizeof(line), "power %s %u %s", h->dev->path, port, word);
	usb_world_post(h->dev->world, line);
}

static void apply(struct hub *h, unsigned port, bool was_any)
{
	if (h->switching == 1)
		tell(h, port, h->on[port]);
	for (unsigned p = 1; h->switching == 0 && was_any != any_on(h) && p <= h->ports;
	     p++)
		tell(h, p, !was_any);
}

static int set_power(struct hub *h, unsigned port, bool on)
{
	struct usb_world *w = h->dev->world;
	bool was_any = any_on(h);

	if (w->n_log < LOG_MAX)
		(void)snprintf(w->log[w->n_log++], sizeof(w->log[0]), "%s %u %s",
			       h->dev->path, port, on ? "on" : "off");
	if (h->on[port] == on)
		return 0;
	h->on[port] = on;
	apply(h, port, was_any);
	return 0;
}

static int status(const struct hub *h, unsigned port, unsigned char *data)
{
	unsigned bits = h->on[port] || h->switching > 1 ? STATUS_POWER : 0;

	data[0] = (unsigned char)bits;
	data[1] = (unsigned char)(bits >> 8);
	data[2] = data[3] = 0;
	return 4;
}

static int control(void *model, const struct usb_setup *s, unsigned char *data)
{
	struct hub *h = model;
	unsigned port = s->index & 0xff;

	if (s->request_type == 0xa0 && s->request == GET_DESC)
		return describe(h, s, data);
	if (!port || port > h->ports)
		return -EPIPE;
	if (s->request_type == 0xa3 && s->request == GET_STATUS && s->length >= 4)
		return status(h, port, data);
	if (s->request_type == 0x23 && s->value == PORT_POWER &&
	    (s->request == CLEAR || s->request == SET))
		return set_power(h, port, s->request == SET);
	return -EPIPE;
}

void *usb_hub_new(struct usb_dev *d, const char *words)
{
	struct hub *h = calloc(1, sizeof(*h));
	char word[16] = "individual";

	if (!h)
		abort();
	h->dev = d;
	h->ports = 7;
	(void)sscanf(words, "%u %15s", &h->ports, word);
	h->ports = h->ports > PORTS_MAX ? PORTS_MAX : h->ports;
	h->switching = strcmp(word, "individual") == 0 ? 1
		       : strcmp(word, "ganged") == 0   ? 0
						       : 2;
	memset(h->on, 1, sizeof(h->on));
	return h;
}

const struct usb_model_ops usb_hub_ops = { .control = control, .done = free };
