// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/* An emulated USB world for tests: boards on the ports of hubs, as the kernel shows
 * them in /sys and /dev/bus/usb, over umockdev. What runs in it (this process under
 * umockdev-wrapper, or a child) is the real libusb. It is driven by lines of text, from
 * a test in the same process or through the socket of usb-rig:
 *
 *   hub PATH PORTS individual|ganged|none   power switching of its ports
 *   plug PATH MODE [soc=PID] [serial=S] [product=S] [options=S]
 *   unplug PATH              and all that is below
 *   mode PATH MODE           leaves and comes back in another mode, as a new device
 *   raw PATH HEX             plugs a device with these descriptors, byte by byte
 *   fault PATH none|hang|eio|nodev|stall|noaccess
 *   option PATH WORD         an option of its model from now on (rockusb-model.h)
 *   memory BYTES             bound of all URBs together, as usbfs_memory_mb; 0: none
 *   events on|off            whether the kernel tells (off: missed events)
 *   power PATH PORT on|off   as the hub does on a control request
 *   list                     path, mode, device number of each device
 *   log                      control requests that hubs were sent, since the last time
 *
 * PATH is as in /sys/bus/usb/devices ("2-1.2.3"); hubs on the way to it are made when
 * they are missing (7 ports, individual). MODE: maskrom usbplug loader adb fastboot
 * storage dfu netrecovery other hub. Devices keep the path and get a new number at each
 * plug, as the kernel does. */

struct usb_world;

/** Makes the world and its threads; one at a time in a process. NULL: umockdev is not
 * preloaded. */
struct usb_world *usb_world_new(void);
void usb_world_free(struct usb_world *w);
/** Runs one line; any thread. 0, or a negative errno with a word in `answer`. */
int usb_world_run(struct usb_world *w, const char *line, char *answer, size_t size);
/** As usb_world_run without waiting for it. Any thread but a model's. */
void usb_world_start(struct usb_world *w, const char *line);
/** The same, for models, which are called with the lock. */
void usb_world_post(struct usb_world *w, const char *line);
