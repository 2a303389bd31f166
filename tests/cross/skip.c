// SPDX-License-Identifier: Apache-2.0
/* Preloaded into a unit test by units.sh: leaves out the cases that UNITS_SKIP names
 * (words with blanks between them). One that the program doesn't have is a mistake in
 * the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dlfcn.h>

typedef int run_group(const char *, const struct CMUnitTest *, size_t,
		      CMFixtureFunction, CMFixtureFunction);

/* Clients that a test starts are another processor's. */
__attribute__((constructor)) static void only_here(void)
{
	(void)unsetenv("LD_PRELOAD");
}

static bool take_out(struct CMUnitTest *tests, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(tests[i].name, name) != 0)
			continue;
		(*n)--;
		memmove(&tests[i], &tests[i + 1], (*n - i) * sizeof(*tests));
		return true;
	}
	return false;
}

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *all, size_t n,
			    CMFixtureFunction setup, CMFixtureFunction teardown)
{
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	const char *list = getenv("UNITS_SKIP");
	char *rest = list ? strdup(list) : NULL, *name;
	union {
		void *object;
		run_group *call;
	} real = { .object = dlsym(RTLD_NEXT, "_cmocka_run_group_tests") };

	if (!tests || !rest || !real.object)
		return 99;
	memcpy(tests, all, n * sizeof(*tests));
	for (name = strtok(rest, " "); name; name = strtok(NULL, " ")) {
		if (take_out(tests, &n, name))
			continue;
		printf("not ok - %s is to be skipped, and there is no such case\n",
		       name);
		return 99;
	}
	free(rest);
	int r = real.call(group, tests, n, setup, teardown);
	free(tests);
	return r;
}
