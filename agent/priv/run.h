// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

#include "bmc/error.h"

/** Runs a program by its absolute path, without a shell, with a fixed environment,
 * /dev/null as input and its output dropped, and waits for it. `argv` ends with NULL,
 * argv[0] is the path. BMC_EIO when it does not end with 0. In a worker of the helper
 * only, which is killed with the program at the request's deadline. */
int priv_run(const char *const argv[], struct bmc_error *err);

/** The same, but what it writes to its output is passed on: in `buf` (`size` bytes at
 * most, BMC_ERANGE beyond; it is killed then), their number in `ret_len`. Its exit
 * status says nothing here: it is the output's reader who knows the program. */
int priv_run_output(const char *const argv[], char *buf, size_t size, size_t *ret_len,
		    struct bmc_error *err);

/** The same with `text` (of less than PIPE_BUF bytes) as input: for what may not be
 * seen among the arguments. */
int priv_run_input(const char *const argv[], const char *text, struct bmc_error *err);
