// SPDX-License-Identifier: Apache-2.0
// The `file` backend.
#include "priv-accounts-suite.h"

int main(void)
{
	return priv_accounts_suite(false);
}
