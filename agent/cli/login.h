// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/client.h"

/** The name that is logged in with. */
const char *cli_user(const struct cli_target *t);
/** Asks for a secret on the terminal without showing it. The caller wipes `ret`. */
int cli_ask_secret(const char *prompt, char *ret, size_t size, struct cli_error *err);
/** Ends the kept session at the agent, and forgets it. */
int cli_logout(struct cli_link *l, struct cli_error *err);
