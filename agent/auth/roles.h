// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/action-handler.h"
#include "priv/client.h"

/* The roles and what they may do: Redfish's own three, and those that the helper keeps.
 * Look-ups from any thread; rows are made on the main thread. */

/** Makes the rows of Redfish's own. Main thread. */
int bmc_roles_init(void);
void bmc_roles_done(void);
/** Takes the list's roles over. Main thread. */
void bmc_roles_apply(const struct priv_accounts *all);
/** The privileges of a role; false: there is none of this name. */
bool bmc_role_find(const char *role, uint32_t *ret);

/** As role_name of struct bmc_auth_ops. */
int bmc_role_name(const char *name);

/** Adding, changing and removing roles. No role gets, and none that is changed has, a
 * privilege that the actor lacks. */
extern const struct bmc_action_handler bmc_role_handler;
