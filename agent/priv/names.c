// SPDX-License-Identifier: Apache-2.0
// See names.h.
#include "priv/names.h"

#include <string.h>
#include <strings.h>

#include "core/base/util.h"
#include "priv/helper.h"

static const struct own {
	const char *role, *group;
} own[] = {
	/* the strongest first */
	{ PRIV_ROLE_ADMINISTRATOR, PRIV_GROUP_PREFIX "admin" },
	{ PRIV_ROLE_OPERATOR, PRIV_GROUP_PREFIX "operator" },
	{ PRIV_ROLE_READONLY, PRIV_GROUP_PREFIX "readonly" },
};

/* Where it stands in `own`, or behind all of them. */
static size_t rank(const char *role)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(own) && strcmp(own[i].role, role) != 0)
		i++;
	return i;
}

/* A weak role called "admin" would have the group of Administrator; Redfish's NoAccess
 * would have privileges. */
static bool could_be_own(const char *role)
{
	if (strcasecmp(role, "NoAccess") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (strcasecmp(own[i].role, role) == 0 ||
		    strcasecmp(own[i].group + strlen(PRIV_GROUP_PREFIX), role) == 0)
			return true;
	}
	return false;
}

bool priv_role_is_own(const char *role)
{
	return rank(role) < ARRAY_SIZE(own);
}

bool priv_role_is_restricted(const char *role)
{
	return !priv_role_is_own(role) && could_be_own(role);
}

bool priv_role_ok(const char role[BMC_ID_MAX])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz",
			  rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789-_";

	if (!priv_text_ends(role, BMC_ID_MAX))
		return false;
	if (rank(role) < ARRAY_SIZE(own))
		return true;
	return role[0] && strchr(letters, role[0]) &&
	       role[strspn(role, rest)] == '\0' && strlen(role) <= PRIV_ROLE_MAX &&
	       !could_be_own(role);
}

void priv_role_group(const char *role, char ret[PRIV_GROUP_MAX])
{
	size_t i = rank(role);

	if (i < ARRAY_SIZE(own))
		(void)bmc_copy(ret, PRIV_GROUP_MAX, own[i].group);
	else
		(void)snprintf(ret, PRIV_GROUP_MAX, PRIV_GROUP_PREFIX "%.*s",
			       (int)PRIV_ROLE_MAX, role);
}

bool priv_role_of_group(const char *group, char ret[BMC_ID_MAX])
{
	size_t len = strlen(PRIV_GROUP_PREFIX);

	memset(ret, 0, BMC_ID_MAX);
	if (strncmp(group, PRIV_GROUP_PREFIX, len) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (strcmp(own[i].group, group) == 0)
			return bmc_copy(ret, BMC_ID_MAX, own[i].role);
	}
	return bmc_copy(ret, BMC_ID_MAX, group + len) && rank(ret) == ARRAY_SIZE(own) &&
	       priv_role_ok(ret);
}

bool priv_role_before(const char *a, const char *b)
{
	size_t x = rank(a), y = rank(b);

	return x != y ? x < y : strcmp(a, b) < 0;
}
