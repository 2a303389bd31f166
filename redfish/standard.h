// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/* DMTF's message registries, as far as this service uses them: the words, the severity
 * and the number of arguments of a message stand here and nowhere else. The tables are
 * made by messages-gen.py. */

struct rf_standard_registry {
	const char *prefix;  /* "Base"; NULL ends the table */
	const char *version; /* "1.22.1" */
};

struct rf_standard {
	const char *registry, *key, *severity;
	unsigned n_args;
	const char *message, *resolution; /* the message has %1 to %n_args */
};

extern const struct rf_standard_registry rf_standard_registries[];
/** Sorted by registry and key. */
extern const struct rf_standard rf_standards[];
extern const size_t rf_n_standards;

/** A message by its registry and key ("TaskEvent", "TaskStarted"), or NULL. Any thread.
 */
const struct rf_standard *rf_standard_find(const char *registry, const char *key);
/** Writes its MessageId: "TaskEvent.1.0.TaskStarted". Returns `ret`. */
char *rf_standard_id(const struct rf_standard *s, char ret[96]);
/** Writes its text with the arguments put in (NULL: empty; n_args of them), cut at
 * `size`. Returns `ret`. */
char *rf_standard_text(const struct rf_standard *s, const char *const *args, char *ret,
		       size_t size);
