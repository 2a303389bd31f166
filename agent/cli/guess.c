// SPDX-License-Identifier: Apache-2.0
// "Did you mean": which known word is most like one that is not known. Called by the
// command line and by node sets.
#include <string.h>

#include "cli/cli.h"
#include "core/base/util.h"

#define WORD_MAX 40

/* Levenshtein's distance: letters to add, to leave out or to change. */
static unsigned distance_of(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	size_t n = strlen(b);

	if (strlen(a) > WORD_MAX || n > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned corner = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned change = corner + (a[i - 1] != b[j - 1]);
			corner = row[j];
			row[j] = MIN(MIN(row[j], row[j - 1]) + 1, change);
		}
	}
	return row[n];
}

void cli_guess(struct cli_guess *g, const char *candidate)
{
	unsigned d = distance_of(g->word, candidate);
	size_t half = strlen(g->word) / 2;

	if (d > 2 || d > half || (g->best && d >= g->distance))
		return;
	g->best = candidate;
	g->distance = d;
}
