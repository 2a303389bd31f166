// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer: over the files given, or, in `make check`, over
// every file of tests/fuzz/seeds/NAME (for a program fuzz-NAME), as it is and with
// bytes changed in a way that is the same in every run: FUZZ_VARIANTS of each (the
// target's fuzz_variants unless the environment says otherwise). Speaks TAP.
#ifndef BMC_FUZZ_ENGINE /* a fuzzer brings its own main() */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define MAX_SEED (1 << 20)

/* A target may have one of its own. */
__attribute__((weak)) unsigned fuzz_variants = 100;

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* Up to eight bytes replaced, and the end cut off at times. A copy of the exact size,
 * so that a sanitizer sees the first byte read too far. */
static void run_variant(const uint8_t *seed, size_t len, uint32_t number)
{
	uint32_t x = number * 2654435761u + 1, changes;
	size_t size = number % 4 == 3 && len ? next_random(&x) % len : len;
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, seed, size);
	for (changes = number ? 1 + number % 8 : 0; changes && size; changes--)
		copy[next_random(&x) % size] = (uint8_t)next_random(&x);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int run_file(const char *path)
{
	static uint8_t seed[MAX_SEED];
	const char *variants = getenv("FUZZ_VARIANTS");
	unsigned long n = variants ? strtoul(variants, NULL, 10) : fuzz_variants;
	FILE *f = fopen(path, "rb");
	uint32_t i;
	size_t len;

	if (!f) {
		perror(path);
		return 1;
	}
	len = fread(seed, 1, sizeof(seed), f);
	(void)fclose(f);
	for (i = 0; i < n; i++)
		run_variant(seed, len, i);
	return 0;
}

static int is_seed(const struct dirent *e)
{
	return *e->d_name != '.';
}

static int run_folder(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_seed, alphasort), failed = 0, i;
	char path[PATH_MAX];

	if (n <= 0) {
		printf("1..0 # SKIP no seeds in %s\n", folder);
		return 0;
	}
	printf("1..%d\n", n);
	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%.3000s/%s", folder,
			       names[i]->d_name);
		failed |= run_file(path);
		printf("%s %d - %s\n", failed ? "not ok" : "ok", i + 1,
		       names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return failed;
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strstr(argv[0], "fuzz-");
	char folder[PATH_MAX];
	int failed = 0, i;

	if (argc == 1) {
		while (name && strstr(name + 1, "fuzz-"))
			name = strstr(name + 1, "fuzz-");
		(void)snprintf(folder, sizeof(folder), "%.3000s/tests/fuzz/seeds/%.64s",
			       top ? top : ".", name ? name + strlen("fuzz-") : "");
		return run_folder(folder);
	}
	for (i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	return failed;
}
#endif
