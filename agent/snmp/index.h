// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A table's INDEX clause: the parts it has, the values that a row has for them, and the
 * sub-identifiers that they become in an object's name (RFC 2578, 7.7). Any thread. */

#define SN_INDEX_MAX  4
#define SN_SUBIDS_MAX 40 /* of one row's index; one that is longer is not shown */

enum sn_part_form {
	SN_PART_NUMBER,  /* an INTEGER: one sub-identifier                          */
	SN_PART_TEXT,    /* a string: its length, then one for each octet           */
	SN_PART_IMPLIED, /* a string that is the last part and IMPLIED: no length   */
	SN_PART_ADDRESS, /* an IpAddress, `number` in the host's order: four        */
};

struct sn_part {
	const char *name; /* in the MIB */
	enum sn_part_form form;
};

/** A row's values, a part each. Texts are borrowed. */
struct sn_key {
	struct {
		uint32_t number;
		const char *text;
	} part[SN_INDEX_MAX];
};

struct sn_subids {
	size_t n;
	uint32_t id[SN_SUBIDS_MAX];
};

/** A key with its texts. */
struct sn_key_buffer {
	struct sn_key key;
	char text[SN_INDEX_MAX][SN_SUBIDS_MAX + 1];
};

/** False: it is too long, or an IMPLIED string is empty. */
bool sn_index_encode(const struct sn_part *parts, size_t n, const struct sn_key *key,
		     struct sn_subids *ret);

/** The key that the `len` sub-identifiers say; false when they are no index of this
 * form: too few or too many, no octets, or with a NUL. */
bool sn_index_decode(const struct sn_part *parts, size_t n, const unsigned long *ids,
		     size_t len, struct sn_key_buffer *ret);

/** The order of names: below, equal to, above 0. */
int sn_subids_compare(const struct sn_subids *a, const unsigned long *ids, size_t n);
