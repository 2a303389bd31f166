// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* Images of firmware: agent/update gets, checks, stores and reads them. The core knows
 * them as what an update's parameters name, and by these calls. */

/** A checked image of one job, with the buffers that its boards share. Counted. */
struct bmc_prepared;
struct bmc_params;
struct bmc_report; /* core/plugin/instance.h */

/** An image is to be got and checked. */
struct bmc_prepare {
	uint32_t task; /* the job's number                                 */
	struct bmc_params *params; /* BMC_PARAM_IMAGE, or _URI, _USER and _CREDENTIAL;
				      a reference is taken */
	bool refused_too; /* also what the policy refuses: it is for a way back */
	/* Main thread. `done` is called once; `image` is the caller's, NULL with an
	 * error. */
	void (*progress)(void *arg, const struct bmc_report *report);
	void (*done)(void *arg, int code, struct bmc_prepared *image,
		     const struct bmc_error *err);
	void *arg;
};

/** An image that a client sends, on its way into the store. */
struct bmc_push;

struct bmc_push_request {
	const char
		*name; /* of the file, as the client says: hostile; "": none. Copied */
	uint64_t size; /* bytes that will come; UINT64_MAX: not known                */
	/* Any thread; once after each BMC_EAGAIN: there is room again, or the next
	 * write says why not. It must not call the push. */
	void (*ready)(void *arg);
	void *arg;
};

/** Any thread; once. `id` (NULL with an error) can be given as BMC_PARAM_IMAGE: for
 * BMC_PUSH_HELD_MS the image is not removed to make room. What is in it was not checked
 * yet: prepare does. */
typedef void bmc_push_done(void *arg, int code, const char *id,
			   const struct bmc_error *err);
#define BMC_PUSH_HELD_MS 60000

struct bmc_images_ops {
	/** Whether the parameters name an image that is stored, or an address from
	 * which one may be got. Any thread; never waits. */
	int (*check)(const struct bmc_params *params, struct bmc_error *err);
	/** Gets the image, unless it is stored, and checks all of it. Main thread. */
	int (*prepare)(const struct bmc_prepare *request, struct bmc_error *err);
	/** Asks a prepare to end early: `done` is called all the same. Main thread. */
	void (*cancel)(uint32_t task);
	void (*ref)(struct bmc_prepared *image);
	/** Gives back a reference; accepts NULL. Any thread. */
	void (*unref)(struct bmc_prepared *image);
	/** One board's view: holds a reference. NULL: no memory. Any thread. */
	struct bmc_flash *(*open)(struct bmc_prepared *image, const char *board);
	/** The board reads no more; accepts NULL. Any thread. */
	void (*close)(struct bmc_flash *flash);
	/** As the host operations `offer` and `offered`. Any thread. */
	int (*offer)(const struct bmc_flash *flash, char *ret_url, size_t size,
		     struct bmc_error *err);
	int64_t (*offered)(const struct bmc_flash *flash);
	/** As the host operations `offer_put` and `offer_get`. Any thread. */
	int (*offer_put)(const struct bmc_flash *flash, const char *name,
			 const void *bytes, size_t len, struct bmc_error *err);
	ssize_t (*offer_get)(const struct bmc_flash *flash, const char *name, void *buf,
			     size_t size, int64_t *ret_at);
	/** The id of the image as it is stored: what BMC_PARAM_IMAGE takes, also after
	 * a restart. Borrowed from the image. Any thread. */
	const char *(*id)(const struct bmc_prepared *image);

	/* Images that clients send. One thread at a time for each push. */
	/** Bytes of the largest image that is taken. Any thread. */
	uint64_t (*push_max)(void);
	/** Begins one. BMC_ERANGE: it is larger than that; BMC_ENOSPC: it does not fit;
	 * BMC_EBUSY: too many are under way. Never waits. */
	int (*push_begin)(const struct bmc_push_request *request, struct bmc_push **ret,
			  struct bmc_error *err);
	/** Takes bytes: how many (1..len), BMC_EAGAIN: `ready` follows, or another
	 * error (BMC_ERANGE, BMC_ENOSPC, BMC_EIO), which is the push's end: abort it.
	 * Never waits. */
	ssize_t (*push_write)(struct bmc_push *push, const void *buf, size_t len,
			      struct bmc_error *err);
	/** All of it was written: it is stored, then `done` is called. The push is
	 * stolen. */
	void (*push_end)(struct bmc_push *push, bmc_push_done *done, void *arg);
	/** Nothing of it is kept; `ready` is not called any more when this returns. The
	 * push is stolen; accepts NULL. */
	void (*push_abort)(struct bmc_push *push);
};

/** Set by agent/update; NULL before and after, and where it is not configured. */
extern const struct bmc_images_ops *bmc_images;
