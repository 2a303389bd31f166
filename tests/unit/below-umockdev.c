// SPDX-License-Identifier: Apache-2.0
#include "below-umockdev.h"

#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find_tsan(struct dl_phdr_info *info, size_t size, void *ret_path)
{
	(void)size;
	if (!info->dlpi_name || !strstr(info->dlpi_name, "/libtsan.so"))
		return 0;
	*(const char **)ret_path = info->dlpi_name;
	return 1;
}

/* umockdev's functions call the C library's past those of ThreadSanitizer, when these
 * come after them: a file that was closed would stay open to it, and who opens the next
 * one of that number would race with who closed it. */
static void put_tsan_first(char **argv)
{
	const char *tsan = NULL, *preload = getenv("LD_PRELOAD");
	char list[1024];

	if (!dl_iterate_phdr(find_tsan, &tsan) || !preload || strstr(preload, tsan))
		return;
	(void)snprintf(list, sizeof(list), "%s:%s", tsan, preload);
	(void)setenv("LD_PRELOAD", list, 1);
	(void)execvp(argv[0], argv);
}

bool below_umockdev(char **argv, const char *mark, bool leaks)
{
	char wrapper[] = "umockdev-wrapper";
	char *const args[] = { wrapper, argv[0], NULL };

	if (getenv(mark)) {
		put_tsan_first(argv);
		return true;
	}
	(void)setenv(mark, "1", 0);
	(void)setenv("ASAN_OPTIONS",
		     leaks ? "verify_asan_link_order=0"
			   : "verify_asan_link_order=0:detect_leaks=0",
		     1);
	(void)execvp(wrapper, args);
	(void)puts("1..0 # SKIP umockdev-wrapper is missing: apt install umockdev");
	return false;
}
