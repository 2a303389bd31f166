// SPDX-License-Identifier: Apache-2.0
#pragma once

/** The program; how it ends: an enum cli_exit. */
int cli_main(int argc, char **argv);
