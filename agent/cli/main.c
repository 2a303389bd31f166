// SPDX-License-Identifier: Apache-2.0
// bmc: the command line tool of clusterbmcd.
#include <string.h>

#include "cli/program.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
