// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "priv/proto.h"
#include "priv/settings.h"

/* The roles beside Redfish's own, and their privileges: a file of the helper's own in
 * the state folder, of which the daemon can only make that it is lost. Then no account
 * has these rights. In a worker of the helper. */

/** Fills `ret`; returns how many there are. */
size_t priv_roles_load(const struct priv_settings *s,
		       struct priv_role_args ret[PRIV_ROLES_MAX]);
/** Whether there is one of this name; fills `ret` then. */
bool priv_roles_find(const struct priv_settings *s, const char *role,
		     struct priv_role_args *ret);
/** Stores all of them: they are on the disk, or the former ones are. */
int priv_roles_save(const struct priv_settings *s, const struct priv_role_args *roles,
		    size_t n, struct bmc_error *err);
