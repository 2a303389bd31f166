// SPDX-License-Identifier: Apache-2.0
/* ab-loader MISC [a] [b]: starts a board as its boot loader does, until a system comes
 * up (the slots that are named; none: both do), and prints its slot: "a", "b", or
 * nothing. */
#include <stdio.h>
#include <string.h>

#include "ab-loader.h"

static bool comes_up(void *arg, int slot)
{
	return strchr(arg, "ab"[slot]) != NULL;
}

int main(int argc, char **argv)
{
	char good[3] = "";

	for (int i = 2; i < argc && i < 4; i++)
		good[i - 2] = argv[i][0];
	if (argc == 2)
		(void)strcpy(good, "ab");
	const struct abl_board b = { .misc = argv[1],
				     .comes_up = comes_up,
				     .arg = good };
	int slot = argc > 1 ? abl_start(&b, NULL) : ABL_NO_SLOT;

	if (slot < 0)
		return 1;
	(void)printf("%c\n", "ab"[slot]);
	return 0;
}
