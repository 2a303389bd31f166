// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <jansson.h>

/** Replaces all texts that a member's name says are secret ("Password",
 * "AuthenticationKey", "CommunityString", "X-Auth-Token" ...) by "***", at any depth,
 * and in all other texts what cli_scrub_text() does. */
void cli_scrub_json(json_t *value);
/** The same in lines of text such as "password: x", "token=x" and "Authorization: x y",
 * in place; and URLs lose their user and password. */
void cli_scrub_text(char *text);
