// SPDX-License-Identifier: Apache-2.0
/* The kernel's usbfs for one emulated device: ioctls of /dev/bus/usb/BBB/DDD, as
 * linux/usbdevice_fs.h has them, to calls of the device's model. Runs on umockdev's
 * thread. */
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "usb-own.h"

#define REAP_MS \
	2 /* until the host is told that nothing is done: it asks without a pause */
#define URB_MAX (16u << 20)
#define CAPS                                                          \
	(USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | \
	 USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT)

struct usb_urb {
	struct usb_urb *next;
	UMockdevIoctlClient *client;
	UMockdevIoctlData *urb, *buffer; /* the host's memory */
	struct usb_world *world;
	size_t size; /* what the kernel counts */
	bool done;
	int status, actual;
};

typedef struct {
	UMockdevIoctlBase parent;
	struct usb_dev *dev;
} UsbFs;
typedef struct {
	UMockdevIoctlBaseClass parent;
} UsbFsClass;
GType usb_fs_get_type(void);
G_DEFINE_TYPE(UsbFs, usb_fs, UMOCKDEV_TYPE_IOCTL_BASE)

static struct usbdevfs_urb *urb_of(const struct usb_urb *u)
{
	return (struct usbdevfs_urb *)(void *)u->urb->data;
}

/* ---- transfers ---- */

static int run_control(struct usb_dev *d, unsigned char *buf, size_t len)
{
	struct usb_setup s;

	if (len < 8)
		return -EINVAL;
	s.request_type = buf[0];
	s.request = buf[1];
	memcpy(&s.value, buf + 2, 2);
	memcpy(&s.index, buf + 4, 2);
	memcpy(&s.length, buf + 6, 2);
	if (s.length > len - 8)
		return -EINVAL;
	if (s.request_type == 0x80 && s.request == 6 && s.value == 0x100) {
		size_t n = s.length < 18 ? s.length : 18;

		memcpy(buf + 8, d->desc, n);
		return (int)n;
	}
	return d->ops && d->ops->control ? d->ops->control(d->model, &s, buf + 8)
					 : -EPIPE;
}

static int run_model(struct usb_dev *d, const struct usbdevfs_urb *urb,
		     unsigned char *buf)
{
	static const int faults[] = { [FAULT_HANG] = -EAGAIN,
				      [FAULT_EIO] = -EPROTO,
				      [FAULT_NODEV] = -ENODEV,
				      [FAULT_STALL] = -EPIPE,
				      [FAULT_NOACCESS] = -EPROTO };

	if (d->fault)
		return faults[d->fault];
	if (urb->type == USBDEVFS_URB_TYPE_CONTROL)
		return run_control(d, buf, (size_t)urb->buffer_length);
	if (urb->type != USBDEVFS_URB_TYPE_BULK || !d->ops || !d->ops->bulk)
		return -EPIPE;
	return d->ops->bulk(d->model, urb->endpoint, buf, (size_t)urb->buffer_length);
}

static void leave(struct usb_dev *d)
{
	char line[PATH_LEN + 16];

	(void)snprintf(line, sizeof(line), "unplug %s", d->path);
	usb_world_post(d->world, line);
}

/* Asks the model once; it may have nothing yet. */
static void advance(struct usb_dev *d, struct usb_urb *u)
{
	int n = run_model(d, urb_of(u), u->buffer ? u->buffer->data : NULL);

	if (n == -EAGAIN)
		return;
	if (n == -ENODEV)
		leave(d);
	u->done = true;
	u->actual = n < 0 ? 0 : n;
	u->status = n < 0 ? n : 0;
}

void usb_fs_gone(struct usb_dev *d)
{
	for (struct usb_urb *u = d->urbs; u; u = u->next) {
		if (!u->done)
			u->status = -ESHUTDOWN;
		u->done = true;
	}
}

static void urb_free(struct usb_urb *u)
{
	if (u->client)
		g_object_remove_weak_pointer(G_OBJECT(u->client),
					     (gpointer *)&u->client);
	u->world->used -= u->size;
	if (u->buffer)
		g_object_unref(u->buffer);
	if (u->urb)
		g_object_unref(u->urb);
	free(u);
}

/* ---- requests ---- */

/* NULL: the host's process has ended, or closed its descriptor meanwhile. */
static UMockdevIoctlData *resolve(UMockdevIoctlClient *c, size_t size)
{
	return umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(c), 0, size,
					   NULL);
}

/* The kernel's bound for all devices together. */
static bool has_memory(struct usb_urb *u, size_t size)
{
	struct usb_world *w = u->world;

	if (w->memory && w->used + size > w->memory)
		return false;
	u->size = size;
	w->used += size;
	return true;
}

static struct usb_urb *urb_new(struct usb_dev *d, UMockdevIoctlClient *c)
{
	struct usb_urb *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->world = d->world;
	u->client = c;
	g_object_add_weak_pointer(G_OBJECT(c), (gpointer *)&u->client);
	u->urb = resolve(c, sizeof(struct usbdevfs_urb));
	return u;
}

/* Frees the URBs of a client, NULL: of those that have ended without a word. */
static void drop(struct usb_dev *d, const UMockdevIoctlClient *c)
{
	for (struct usb_urb **p = &d->urbs; *p;) {
		struct usb_urb *u = *p;

		if (u->client != c) {
			p = &u->next;
			continue;
		}
		*p = u->next;
		urb_free(u);
	}
}

static int submit(struct usb_dev *d, UMockdevIoctlClient *c)
{
	struct usb_urb *u = urb_new(d, c), **end = &d->urbs;
	const struct usbdevfs_urb *urb;

	if (!u)
		return ENOMEM;
	if (!u->urb) {
		urb_free(u);
		return EFAULT;
	}
	drop(d, NULL);
	urb = urb_of(u);
	if (urb->buffer_length < 0 || (unsigned)urb->buffer_length > URB_MAX) {
		urb_free(u);
		return EINVAL;
	}
	if (!has_memory(u, (size_t)urb->buffer_length)) {
		urb_free(u);
		return ENOMEM;
	}
	if (urb->buffer_length)
		u->buffer = umockdev_ioctl_data_resolve(
			u->urb, offsetof(struct usbdevfs_urb, buffer),
			(size_t)urb->buffer_length, NULL);
	if (urb->buffer_length && !u->buffer) {
		urb_free(u);
		return EFAULT;
	}
	while (*end)
		end = &(*end)->next;
	*end = u;
	advance(d, u);
	if (u->done && u->status == -ENOMEM) { /* the kernel says so at once */
		*end = NULL;
		urb_free(u);
		return ENOMEM;
	}
	return 0;
}

static int discard(struct usb_dev *d, UMockdevIoctlClient *c)
{
	gulong address = 0;

	memcpy(&address, umockdev_ioctl_client_get_arg(c)->data, sizeof(address));
	for (struct usb_urb *u = d->urbs; u; u = u->next) {
		if (u->client != c || u->urb->client_addr != address || u->done)
			continue;
		u->done = true;
		u->status = -ENOENT;
		return 0;
	}
	return EINVAL;
}

/* Writes what a finished URB has become into the host's memory. */
static void deliver(struct usb_urb *u, UMockdevIoctlClient *c)
{
	UMockdevIoctlData *ret = resolve(c, sizeof(void *));
	const size_t skip = urb_of(u)->type == USBDEVFS_URB_TYPE_CONTROL ? 8 : 0;

	umockdev_ioctl_data_update(u->urb, offsetof(struct usbdevfs_urb, status),
				   (guint8 *)&u->status, sizeof(u->status));
	umockdev_ioctl_data_update(u->urb, offsetof(struct usbdevfs_urb, actual_length),
				   (guint8 *)&u->actual, sizeof(u->actual));
	if (u->buffer && u->actual > 0)
		umockdev_ioctl_data_update(u->buffer, skip, u->buffer->data + skip,
					   u->actual);
	if (!ret)
		return;
	(void)umockdev_ioctl_data_set_ptr(ret, 0, u->urb);
	g_object_unref(ret);
}

static gboolean answer_later(gpointer arg)
{
	UMockdevIoctlClient *c = arg;

	umockdev_ioctl_client_complete(c, -1, EAGAIN);
	g_object_unref(c);
	return G_SOURCE_REMOVE;
}

static void nothing_yet(UMockdevIoctlClient *c)
{
	GMainContext *here = g_source_get_context(g_main_current_source());
	GSource *timer = g_timeout_source_new(REAP_MS);

	g_source_set_callback(timer, answer_later, g_object_ref(c), NULL);
	(void)g_source_attach(timer, here);
	g_source_unref(timer);
}

/* False: the answer comes later. */
static bool reap(struct usb_dev *d, UMockdevIoctlClient *c, int *ret)
{
	for (struct usb_urb **p = &d->urbs; *p; p = &(*p)->next) {
		struct usb_urb *u = *p;

		if (u->client != c)
			continue; /* of a program that has ended */
		if (!u->done && !d->gone)
			advance(d, u);
		if (!u->done)
			continue;
		*p = u->next;
		deliver(u, c);
		urb_free(u);
		*ret = 0;
		return true;
	}
	*ret = d->gone ? ENODEV : EAGAIN;
	if (*ret == EAGAIN)
		nothing_yet(c);
	return *ret != EAGAIN;
}

static int capabilities(UMockdevIoctlClient *c)
{
	UMockdevIoctlData *data = resolve(c, sizeof(unsigned));
	unsigned caps = CAPS;

	if (!data)
		return EFAULT;
	umockdev_ioctl_data_update(data, 0, (guint8 *)&caps, sizeof(caps));
	g_object_unref(data);
	return 0;
}

static int connect_info(const struct usb_dev *d, UMockdevIoctlClient *c)
{
	struct usbdevfs_connectinfo info = { .devnum = d->number };
	UMockdevIoctlData *data = resolve(c, sizeof(info));

	if (!data)
		return EFAULT;
	umockdev_ioctl_data_update(data, 0, (guint8 *)&info, sizeof(info));
	g_object_unref(data);
	return 0;
}

static int other(struct usb_dev *d, UMockdevIoctlClient *c, unsigned long request)
{
	if (request == USBDEVFS_DISCARDURB)
		return discard(d, c);
	if (d->gone)
		return ENODEV;
	switch (request) {
	case USBDEVFS_GET_CAPABILITIES:
		return capabilities(c);
	case USBDEVFS_CONNECTINFO:
		return connect_info(d, c);
	case USBDEVFS_SUBMITURB:
		return d->fault == FAULT_EIO ? EIO : submit(d, c);
	case USBDEVFS_CLAIMINTERFACE:
	case USBDEVFS_DISCONNECT_CLAIM:
	case USBDEVFS_RELEASEINTERFACE:
	case USBDEVFS_SETINTERFACE:
	case USBDEVFS_SETCONFIGURATION:
		return 0;
	case USBDEVFS_RESET:
		if (d->ops && d->ops->reset)
			d->ops->reset(d->model);
		return 0;
	case USBDEVFS_CLEAR_HALT:
		if (d->ops && d->ops->clear_halt)
			d->ops->clear_halt(d->model, 0);
		return 0;
	case USBDEVFS_GETDRIVER:
		return ENODATA;
	default:
		return ENOTTY;
	}
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *c)
{
	struct usb_dev *d = ((UsbFs *)base)->dev;
	unsigned long request = umockdev_ioctl_client_get_request(c);
	bool answered = true;
	int e = 0;

	(void)pthread_mutex_lock(&d->world->lock);
	if (request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB)
		answered = reap(d, c, &e);
	else
		e = other(d, c, request);
	(void)pthread_mutex_unlock(&d->world->lock);
	if (answered)
		umockdev_ioctl_client_complete(c, e ? -1 : 0, e);
	return TRUE;
}

/* The host has closed its descriptor: what it left is nobody's. */
static void vanished(UMockdevIoctlBase *base, UMockdevIoctlClient *c)
{
	struct usb_dev *d = ((UsbFs *)base)->dev;

	(void)pthread_mutex_lock(&d->world->lock);
	drop(d, c);
	(void)pthread_mutex_unlock(&d->world->lock);
}

static void usb_fs_class_init(UsbFsClass *class)
{
	class->parent.handle_ioctl = handle_ioctl;
	class->parent.client_vanished = vanished;
}

static void usb_fs_init(UsbFs *fs)
{
	fs->dev = NULL;
}

UMockdevIoctlBase *usb_fs_new(struct usb_dev *d)
{
	UsbFs *fs = g_object_new(usb_fs_get_type(), NULL);

	fs->dev = d;
	return UMOCKDEV_IOCTL_BASE(fs);
}
