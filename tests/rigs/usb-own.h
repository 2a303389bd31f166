// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <glib-object.h>
#include <pthread.h>
#include <stdbool.h>
#include <umockdev.h>

#include "usb-model.h"
#include "usb-world.h"

/* Shared by the parts of the emulated USB world: usb-world.c (topology, commands),
 * usb-fs.c (usbfs), usb-desc.c (descriptors), usb-hub.c (hubs as models). */

#define DESC_MAX 8192
#define PATH_LEN 40
#define LOG_MAX  256

enum usb_fault {
	FAULT_NONE,
	FAULT_HANG,
	FAULT_EIO,
	FAULT_NODEV,
	FAULT_STALL,
	FAULT_NOACCESS
};

/* A device as it was plugged once; a replug makes another one. */
struct usb_dev {
	struct usb_world *world;
	struct usb_dev *next;
	char path[PATH_LEN], mode[16], spec[300]; /* `spec`: the words after MODE */
	char sys[400], node[40];
	unsigned bus, number;
	unsigned char desc[DESC_MAX]; /* device and configuration, as read from sysfs */
	size_t desc_len;
	enum usb_fault fault;
	bool gone; /* unplugged */
	bool cut;  /* unplugged by its port's power: comes back with it */
	const struct usb_model_ops *ops;
	void *model;
	struct usb_urb *urbs; /* usb-fs.c */
};

struct usb_job {
	struct usb_job *next;
	char line[2 * DESC_MAX + 512];
	char *answer; /* NULL: nobody waits */
	size_t size;
	int code;
	bool done;
};

struct usb_world {
	UMockdevTestbed *bed;
	pthread_t thread;
	pthread_mutex_t lock; /* all below, and each device's state */
	pthread_cond_t cond;
	struct usb_job *jobs;
	struct usb_dev *devs; /* newest first; gone ones stay to the end */
	unsigned last[10];    /* device number given last, per bus */
	bool stopping, quiet;
	size_t memory, used; /* bytes of URBs: the bound (0: none), what is under way */
	char log[LOG_MAX][80];
	size_t n_log;
};

/** The device at this path now, or NULL. With the lock. */
struct usb_dev *usb_dev_find(struct usb_world *w, const char *path);
/** Fills desc for its mode; 0 or -EINVAL. `words` are the rest of the plug line. */
int usb_desc_make(struct usb_dev *d, const char *words);
/** The value of `key=` in `words`, "" when it is not there. */
void usb_word(const char *words, const char *key, char *ret, size_t size);
/** The model of a mode, with its state in d->model. */
void usb_model_make(struct usb_dev *d, const char *words);

/** Model of a hub with `words` "PORTS individual|ganged|none". */
extern const struct usb_model_ops usb_hub_ops;
void *usb_hub_new(struct usb_dev *d, const char *words);

/** Emulates the device's node; usbfs requests reach d->ops. */
UMockdevIoctlBase *usb_fs_new(struct usb_dev *d);
/** Fails what is under way, as the kernel does when a device leaves. With the lock. */
void usb_fs_gone(struct usb_dev *d);
