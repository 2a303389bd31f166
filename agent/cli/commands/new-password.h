// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/cli.h"

#define CLI_SECRET_MAX 256

/** Asks for a secret on the terminal, or with --stdin reads the next line there. The
 * caller wipes `ret`. */
int cli_read_secret(const struct cli *c, const char *prompt, char ret[CLI_SECRET_MAX],
		    struct cli_error *err);
/** A new password, on the terminal twice. The caller wipes `ret`. */
int cli_read_new_secret(const struct cli *c, char ret[CLI_SECRET_MAX],
			struct cli_error *err);
/** As an administrator. */
int cli_set_password(struct cli *c, const char *account, const char *password,
		     struct cli_error *err);
/** Whether it may be an account's name: part of a path then. */
bool cli_is_account(const char *name);
/** Wipes the texts of an object (NULL: nothing) and drops it. */
void cli_wipe(json_t *object);
