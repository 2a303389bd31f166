// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the nearest of some words by the count of letters that have to be
// changed (Levenshtein's distance, a swap of two letters counting once). check.c asks
// it.
#include "config.h"

#include <string.h>
#include <strings.h>

#include "conf/tree.h"
#include "core/base/util.h"

#define MAX_WORD 40

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	return MIN(MIN(a, b), c);
}

static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][MAX_WORD + 1], *prev2 = rows[0], *prev = rows[1],
					*now = rows[2], *t;
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > MAX_WORD || lb > MAX_WORD)
		return MAX_WORD;
	for (j = 0; j <= lb; j++)
		now[j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		t = prev2, prev2 = prev, prev = now, now = t;
		now[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			now[j] = min3(prev[j] + 1, now[j - 1] + 1,
				      prev[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = MIN(now[j], prev2[j - 2] + 1);
		}
	}
	return now[lb];
}

void bmc_conf_suggestion(struct bmc_conf_suggestion *g, const char *candidate)
{
	unsigned d =
		strcasecmp(g->word, candidate) == 0 ? 0 : distance(g->word, candidate);
	unsigned near = MAX(1u, (unsigned)strlen(g->word) / 3);

	if (strcmp(candidate, "*") == 0 || d > near || (g->best && d >= g->distance))
		return;
	g->best = candidate;
	g->distance = d;
}
