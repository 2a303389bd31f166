// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Elements of a message of the Basic Encoding Rules (X.690), as far as they are looked
 * at before net-snmp does. */

struct sn_element {
	const unsigned char *at, *end;
};

/** Takes the next element's head; its contents, or false: there is no whole one. */
bool sn_element_next(struct sn_element *in, unsigned char *tag, struct sn_element *ret);
