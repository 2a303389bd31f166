// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/* What is behind the endpoints of an emulated USB device (usb-world.h): a model of the
 * device that knows nothing of the transport. Each call is one URB of the host; calls
 * of all models are serialized by the emulation's lock, so a model needs none of its
 * own and must not wait. */

/** A control request as it is on the bus (USB 2.0, 9.3); numbers in the host's order.
 */
struct usb_setup {
	uint8_t request_type, request;
	uint16_t value, index, length;
};

/* Each function returns how many bytes were moved (0..len), or a negative errno:
 * -EPIPE: stall; -EAGAIN: nothing yet (the URB stays with the controller and the model
 * is asked again, until the host takes the URB back); -ENODEV: the device leaves the
 * bus after this answer, whose URB fails; any other: the URB fails with it. */
struct usb_model_ops {
	/** A control request to endpoint 0 that is no standard one. `data` has
	 * setup->length bytes, read or written by the direction bit of request_type.
	 * NULL: stall. */
	int (*control)(void *model, const struct usb_setup *setup, unsigned char *data);
	/** One bulk transfer; bit 7 of `ep` set: to the host, so `buf` is filled. NULL:
	 * stall. */
	int (*bulk)(void *model, unsigned ep, unsigned char *buf, size_t len);
	/** The device has been unplugged: frees the model. NULL: nothing to free. */
	void (*done)(void *model);
	/** The host clears the halt of an endpoint. NULL: nothing to do. */
	void (*clear_halt)(void *model, unsigned ep);
	/** The host resets the device's port. NULL: nothing to do. */
	void (*reset)(void *model);
	/** A word of a line "option PATH WORD" (usb-world.h). NULL: it has none. */
	int (*option)(void *model, const char *word);
};
