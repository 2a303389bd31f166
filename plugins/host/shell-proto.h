// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* What crosses the socket between the plugin host (shell.c) and clusterbmc-shell
 * (login/), whose account the shell of `main` has. One SOCK_SEQPACKET connection a
 * shell: a request, an answer with the terminal's descriptor, and the exit code when
 * the shell has ended. The shell ends with its connection. */

#define HOST_SHELL_SOCKET  "/run/clusterbmc-shell/shell.sock"
#define HOST_SHELL_VERSION 1u
#define HOST_SHELL_COMMAND 2048u /* with the NUL */

struct host_shell_request {
	uint32_t version;
	uint16_t columns, rows;           /* 0: no terminal, a socket instead */
	char command[HOST_SHELL_COMMAND]; /* "": a login shell */
};

/* The first has a code 0 and the descriptor, or an error and why; the second is the
 * exit code, 128 and the signal's number for one that a signal ended. */
struct host_shell_reply {
	uint32_t version;
	int32_t code;
	char what[160];
};
