// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <sys/types.h>

#include "bmc/error.h"

/* Files that are replaced whole: a power cut leaves the old or the new one. */

struct http_new_file {
	const char *path; /* borrowed */
	char temp[520];
};

/** Writes the contents beside `path`, synced. Any thread but a serving one. */
int http_new_file_write(struct http_new_file *f, const char *path,
			const gnutls_datum_t *contents, mode_t mode,
			struct bmc_error *err);
/** Puts it in the place of `path`, for good. */
int http_new_file_rename(const struct http_new_file *f, struct bmc_error *err);
/** Reads a regular file of 1 to 65,536 bytes; `*ret` is owned, with a NUL after it.
 *  BMC_EINVAL: it is not like that. */
int http_file_read(const char *path, char **ret, struct bmc_error *err);
/** Removes what was written and not renamed. Accepts one that was never written. */
void http_new_file_drop(const struct http_new_file *f);
