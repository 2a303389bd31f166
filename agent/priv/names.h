// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "priv/proto.h"

/* Names of users and roles, and the groups of the system that stand for roles. Pure
 * functions. */

#define PRIV_GROUP_PREFIX "clusterbmc-"
#define PRIV_GROUP_MAX    (sizeof(PRIV_GROUP_PREFIX) + PRIV_ROLE_MAX)

/** Whether a user may have this name (BMC_USER_RULE), in both backends. */
bool priv_user_ok(const char user[BMC_ID_MAX]);

/** Whether `role` is one of Redfish's own, or may be another role's name: a letter,
 * then letters, digits, '-' and '_', up to PRIV_ROLE_MAX. Not one that could be taken
 * for one of Redfish's own or for its group, in whatever case ("admin", "operator"). */
bool priv_role_ok(const char role[BMC_ID_MAX]);

/** Whether it is one of Redfish's own. */
bool priv_role_is_own(const char *role);
/** Whether a role that is not ok could be taken for one of Redfish's own. */
bool priv_role_is_restricted(const char *role);

/** The group of a role that is ok. */
void priv_role_group(const char *role, char ret[PRIV_GROUP_MAX]);
/** The role of a group; false: it is none of ours. */
bool priv_role_of_group(const char *group, char ret[BMC_ID_MAX]);

/** Of an account that has several: the strongest of Redfish's own, else the first by
 * name. True when `a` goes before `b`. */
bool priv_role_before(const char *a, const char *b);
