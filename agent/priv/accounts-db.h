// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

#include "priv/hash.h"
#include "priv/proto.h"
#include "priv/settings.h"

/* The two files of the `file` backend: `accounts` (role and state, one line each) and
 * `passwords` (NAME:HASH, one line each). In a worker of the helper, or at its start.
 */

struct priv_db_account {
	char user[BMC_ID_MAX];
	char hash[PRIV_HASH_MAX]; /* "": it has no password, no login is possible */
	char role[BMC_ID_MAX];
	unsigned enabled, must_change;
};

enum { PRIV_DB_ACCOUNTS, PRIV_DB_PASSWORDS, PRIV_DB_FILES };

struct priv_db {
	int dir; /* owned; -1: none */
	size_t n;
	struct priv_db_account account[PRIV_ACCOUNTS_MAX];
	/* there are lines in the file that can't be read */
	bool damaged[PRIV_DB_FILES];
	size_t n_hashed, n_failed; /* passwords, by priv_db_migrate() */
};

/** Opens settings->file_dir, which only the helper may use. Returns a descriptor that
 * the caller closes, or BMC_EIO. */
int priv_db_open_dir(const struct priv_settings *s, struct bmc_error *err);

/** Once, before the workers: lets them agree on what was logged. */
void priv_db_init(void);

/** Reads both files. A line that is no account is left out: only that account is
 * refused. It is logged by file and line number, once for each state of the file. On
 * success the caller calls priv_db_done(). */
int priv_db_load(const struct priv_settings *s, struct priv_db *db,
		 struct bmc_error *err);

/** Writes both files, or changes neither. A damaged file is kept beside the new one as
 * `NAME.damaged-SECONDS`. */
int priv_db_save(const struct priv_db *db, struct bmc_error *err);

/** At the helper's start: hashes the passwords of an older version's `passdb`, which
 * had them in clear text, for accounts that have no hash; then removes that file and
 * the copies that were kept of it. It stays when not all of that could be done. */
int priv_db_migrate(const struct priv_settings *s, struct bmc_error *err);

/** Wipes the hashes and closes the folder. */
void priv_db_done(struct priv_db *db);

/** The account of this name (borrowed from `db`), or NULL. */
struct priv_db_account *priv_db_find(struct priv_db *db, const char *user);

/** Calls `put` to fill a new file that takes the place of `name` in the folder `dir`
 * when all of it is on the disk. */
int priv_db_replace(int dir, const char *name, void (*put)(FILE *f, const void *arg),
		    const void *arg, struct bmc_error *err);
