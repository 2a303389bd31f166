// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Tables of data are aligned by hand in here. */
/* clang-format off */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* One set of error codes for every layer. A function returns 0 (or a count) or a
 * negative code; the detail in words goes into a struct bmc_error, always the last
 * and an optional parameter. Each frontend has one table from these codes to its own
 * protocol's errors. Header only: a plugin links to nothing for it. */

enum bmc_err {
	BMC_OK = 0,
	BMC_EINVAL = -1,       /* a value of the wrong type or form                */
	BMC_ERANGE = -2,       /* right type, outside of what is allowed           */
	BMC_ENOTFOUND = -3,    /* no such row, field, file or account              */
	BMC_EABSENT = -4,      /* the slot is there, but it is empty               */
	BMC_EBUSY = -5,        /* claimed by another action                        */
	BMC_EPERM = -6,        /* the actor's role does not allow it               */
	BMC_EAUTH = -7,        /* who the actor is could not be shown              */
	BMC_ENOTSUP = -8,      /* this hardware or platform can't do it            */
	BMC_EREADONLY = -9,    /* the field can't be set                           */
	BMC_ETIMEDOUT = -10,   /* a deadline passed                                */
	BMC_ECANCELED = -11,   /* cancelled by a user or by a shutdown             */
	BMC_EIO = -12,         /* hardware, file or peer failed                    */
	BMC_ENOMEM = -13,      /* out of memory                                    */
	BMC_ENOSPC = -14,      /* a bound was reached: disk, queue, table          */
	BMC_EEXIST = -15,      /* there already                                    */
	BMC_EQUARANTINED = -16, /* a call for this board never came back            */
	BMC_EAGAIN = -17,      /* not now; asking again later may succeed          */
	BMC_EPASSWORD = -18,   /* the new password is refused by the rules         */
	BMC_EMUSTCHANGE = -19, /* the first password has to be changed before this */
	BMC_ESTATE = -20,      /* the target's state does not allow it             */
	BMC_ECORRUPT = -21,    /* stored data fails its checks                     */
	BMC_ECONFLICT = -22,   /* conflicts with the value of another field        */
};

/** What went wrong, in words that say what to do next. `what` is always terminated. */
struct bmc_error {
	int code;
	char what[160];
};

/** The short English text of a code (without detail). Never NULL. */
static inline const char *bmc_strerror(int code)
{
	static const char *const texts[] = {
		"no error", "invalid value", "value out of range", "not found",
		"the slot is empty", "busy with another action",
		"the role does not allow this", "authentication failed",
		"not supported here", "read only", "timed out", "cancelled",
		"input/output error", "out of memory", "no space left",
		"exists already", "quarantined after a hung call", "try again later",
		"password refused", "the password has to be changed first",
		"not possible in the present state", "corrupt data",
		"conflicts with another value",
	};
	int i = -code;
	if (i < 0 || i >= (int)(sizeof(texts) / sizeof(texts[0])))
		return "unknown error";
	return texts[i];
}

/** Fills `err` (may be NULL) with `code` and the formatted text and returns `code`. */
__attribute__((format(printf, 3, 4))) static inline int
bmc_fail(struct bmc_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return code;
}

/** The code for an errno value. */
static inline int bmc_from_errno(int e)
{
	switch (e) {
	case 0:
		return BMC_OK;
	case EINVAL:
		return BMC_EINVAL;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return BMC_ENOTFOUND;
	case EACCES:
	case EPERM:
		return BMC_EPERM;
	case EBUSY:
		return BMC_EBUSY;
	case EEXIST:
		return BMC_EEXIST;
	case ENOMEM:
		return BMC_ENOMEM;
	case ENOSPC:
	case EDQUOT:
		return BMC_ENOSPC;
	case EROFS:
		return BMC_EREADONLY;
	case ETIMEDOUT:
		return BMC_ETIMEDOUT;
	case EAGAIN:
		return BMC_EAGAIN;
	case ENOTSUP:
	case ENOTTY:
		return BMC_ENOTSUP;
	default:
		return BMC_EIO;
	}
}
