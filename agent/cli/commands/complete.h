// SPDX-License-Identifier: Apache-2.0
#pragma once

/* A shell's side of the completion: its script asks `bmc __complete`. */
struct cli_completion_script {
	const char *shell, *script;
};
extern const struct cli_completion_script cli_completions[3];
