// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "priv/lines.h"
#include "priv/proto.h"
#include "priv/pwms.h"
#include "priv/settings.h"

/* clusterbmc-priv's inside. One thread waits for everything. What can block (PAM,
 * account tools, disks) runs in a child process for each request, so that it can be
 * killed at its deadline and so that nothing it leaks or corrupts outlives the request.
 */

struct priv_helper {
	const struct priv_settings *settings;
	struct priv_lines *lines;       /* NULL in tests of accounts only */
	struct priv_pwms *pwms;         /* the same */
	bool handshaken, same_platform; /* what this peer said in PRIV_HELLO */
	int pass;   /* in a worker: the descriptor that goes with the answer, -1 none */
	bool asked; /* in a worker: PAM was asked for the password of an attempt */
};

/* Who runs an operation. */
enum priv_class {
	PRIV_HERE,   /* at once, in the helper itself      */
	PRIV_LOGIN,  /* a child, 4 at a time               */
	PRIV_CHANGE, /* a child, one at a time             */
	PRIV_LIST,   /* a child, one at a time             */
	PRIV_DISK,   /* a child, 2 at a time               */
	PRIV_N_CLASSES
};

/** `run` validates everything itself: the request is any bytes of the right length with
 * texts that may lack their NUL. Returns 0, a negative code with rp->err filled, or
 * PRIV_LATER. */
struct priv_op {
	enum priv_class class;
	size_t request_size, reply_size;
	int (*run)(struct priv_helper *h, const struct priv_request *rq,
		   struct priv_reply *rp);
	bool attempt; /* it tries a password of u.args.user, see attempts.h */
};
#define PRIV_LATER 1

/** By enum priv_number; `run` is NULL for numbers that are none. */
extern const struct priv_op priv_ops[PRIV_N_NUMBERS];

/** The operation that a packet asks for, or NULL with `err` filled when it has to be
 * refused. */
const struct priv_op *priv_admit(const struct priv_helper *h,
				 const struct priv_request *rq, size_t len,
				 struct bmc_error *err);

/** BMC_ESTATE unless the peer has read the same platform file: only then do ordinals
 * mean the same. */
int priv_need_platform(const struct priv_helper *h, struct bmc_error *err);

/** BMC_EPERM unless `helper.system` allows operations on the machine itself. */
int priv_system_allowed(const struct priv_helper *h, struct bmc_error *err);

/** True when all of `text[size]` up to a NUL is there and the NUL is. */
bool priv_text_ends(const char *text, size_t size);

/** Writes a file that all may read, and syncs it. -1, errno. */
int priv_write_text(const char *path, const char *text);

/* The operations, in asroot-*.c. */
int asroot_hello(struct priv_helper *h, const struct priv_request *rq,
		 struct priv_reply *rp);
int asroot_line_set(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp);
int asroot_line_pulse(struct priv_helper *h, const struct priv_request *rq,
		      struct priv_reply *rp);
int asroot_line_read(struct priv_helper *h, const struct priv_request *rq,
		     struct priv_reply *rp);
int asroot_line_was_pulsed(struct priv_helper *h, const struct priv_request *rq,
			   struct priv_reply *rp);
int asroot_pwm_set(struct priv_helper *h, const struct priv_request *rq,
		   struct priv_reply *rp);
int asroot_pwm_read(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp);
int asroot_storage_open(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp);
int asroot_authenticate(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp);
int asroot_password_change(struct priv_helper *h, const struct priv_request *rq,
			   struct priv_reply *rp);
int asroot_password_reset(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp);
int asroot_account_add(struct priv_helper *h, const struct priv_request *rq,
		       struct priv_reply *rp);
int asroot_account_remove(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp);
int asroot_account_enable(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp);
int asroot_account_role(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp);
int asroot_account_must_change(struct priv_helper *h, const struct priv_request *rq,
			       struct priv_reply *rp);
int asroot_account_rename(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp);
int asroot_role_set(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp);
int asroot_role_remove(struct priv_helper *h, const struct priv_request *rq,
		       struct priv_reply *rp);
int asroot_account_list(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp);
int asroot_smartctl(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp);
int asroot_smart(struct priv_helper *h, const struct priv_request *rq,
		 struct priv_reply *rp);
int asroot_hostname(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp);
int asroot_ntp(struct priv_helper *h, const struct priv_request *rq,
	       struct priv_reply *rp);
int asroot_address(struct priv_helper *h, const struct priv_request *rq,
		   struct priv_reply *rp);
int asroot_clock(struct priv_helper *h, const struct priv_request *rq,
		 struct priv_reply *rp);
int asroot_reboot(struct priv_helper *h, const struct priv_request *rq,
		  struct priv_reply *rp);

/** Serves one peer after another until a signal ends it; with `fd` >= 0 that one peer
 * only. */
int priv_serve(const struct priv_settings *settings, int fd, struct bmc_error *err);
