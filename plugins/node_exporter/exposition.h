// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A streaming parser of Prometheus' text exposition format 0.0.4. It keeps one line at
 * a time; what it is given is hostile. Comments and lines it can't read are passed over
 * (they are counted), so that one odd line does not hide the others. */

#define EXPO_LINE_MAX   4096
#define EXPO_LABELS_MAX 32

/** One sample. Texts are borrowed for the call, terminated, and any bytes but NUL. */
struct expo_sample {
	const char *name;
	struct {
		const char *name, *value;
	} labels[EXPO_LABELS_MAX];
	size_t n_labels;
	double value; /* may be NaN or infinite */
};

struct expo {
	void (*each)(void *arg, const struct expo_sample *);
	void *arg;
	size_t bytes_max, lines_max; /* of one answer */
	size_t bytes, lines, bad;    /* so far; `bad` lines could not be read */
	size_t len;
	bool too_long; /* the present line */
	char line[EXPO_LINE_MAX];
};

/** Begins an answer of at most `bytes_max` bytes and `lines_max` lines. */
void expo_init(struct expo *e, size_t bytes_max, size_t lines_max,
	       void (*each)(void *arg, const struct expo_sample *), void *arg);
/** Takes the next bytes and calls `each` for each whole line's sample. False: a bound
 * is exceeded, and nothing more is taken. */
bool expo_feed(struct expo *e, const void *data, size_t len);
/** True: the answer ended with a line's end, as the format asks for. */
bool expo_whole(const struct expo *e);
/** The value of label `name`, "" where the sample has none. Borrowed. */
const char *expo_label(const struct expo_sample *s, const char *name);
