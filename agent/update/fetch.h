// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"
#include "update/store.h"
#include "update/watch.h"

/* Fetching an image from a server into the store, as the policy allows it. */

struct upd_fetch {
	const char *uri, *user, *password; /* user and password: NULL: none */
	struct upd_watch *watch;
};

/** Fetches it; `*ret` is a reference. BMC_EPERM: the policy refuses it, BMC_EAUTH: the
 * server does, or it is not the one that it should be; BMC_ENOTFOUND, BMC_ETIMEDOUT,
 * BMC_EIO (the server or the network failed), BMC_ERANGE, BMC_ENOSPC, BMC_ECANCELED.
 * Any thread but main. */
int upd_fetch(const struct upd_fetch *f, struct upd_stored **ret,
	      struct bmc_error *err);
