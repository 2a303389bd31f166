// SPDX-License-Identifier: Apache-2.0
// Fuzz target: what an exporter answers (plugins/node_exporter). Input: one byte, the
// size of the pieces it comes in, then the answer. Whatever it says, values stay within
// what a field can hold, and pieces of any size give the same.
#include <stdlib.h>
#include <string.h>

#include "../../plugins/node_exporter/readings.h"
#include "fuzz.h"

#define INPUT_MAX 65536
#define BYTES_MAX 32768
#define LINES_MAX 500

static bool feed(struct expo *e, struct ne_answer *a, const uint8_t *data, size_t size,
		 size_t piece)
{
	ne_answer_init(a);
	expo_init(e, BYTES_MAX, LINES_MAX, ne_answer_take, a);
	for (size_t at = 0; at < size; at += piece) {
		if (!expo_feed(e, data + at, size - at < piece ? size - at : piece))
			return false;
	}
	return true;
}

static void check(const struct ne_answer *a)
{
	struct bmc_value values[NE_VALUES_MAX];
	struct ne_board board = { .cpus = a->cpus, .idle = a->idle / 2 };
	size_t n = ne_values(a, &board, 1000000, values);

	for (size_t i = 0; i < n; i++) {
		if (values[i].offset == offsetof(struct bmc_board, cpu_load) &&
		    values[i].num != BMC_UNKNOWN &&
		    (values[i].num < 0 || values[i].num > 100000))
			abort();
		for (const char *p = values[i].text; p && *p; p++) {
			if (*p < ' ' || *p > '~')
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct expo whole, pieces;
	static struct ne_answer a, b;

	if (size < 1 || size > INPUT_MAX)
		return 0;
	bool one = feed(&whole, &a, data + 1, size - 1, size);
	bool two = feed(&pieces, &b, data + 1, size - 1, data[0] + 1u);
	if (one)
		check(&a);
	if (one != two && size - 1 <= BYTES_MAX)
		abort();
	if (one && two && (whole.bad != pieces.bad || a.samples != b.samples))
		abort();
	return 0;
}
