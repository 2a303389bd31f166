// SPDX-License-Identifier: Apache-2.0
// The `file` backend through pam_matrix.
#include <glob.h>
#include <stdio.h>

#include "priv-people-suite.h"

int main(void)
{
	glob_t g;

	if (glob("/usr/lib*/{,*/}pam_wrapper/pam_matrix.so", GLOB_BRACE, NULL, &g) !=
	    0) {
		(void)puts("1..0 # SKIP pam_matrix.so is missing: apt install "
			   "libpam-wrapper");
		return 0;
	}
	globfree(&g);
	return priv_people_suite(false);
}
