// SPDX-License-Identifier: Apache-2.0
// The `file` backend.
#include "priv-people-suite.h"

int main(void)
{
	return priv_people_suite(false);
}
