// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/* Values of a SET whose octets are no encoding of their type. net-snmp cuts an INTEGER
 * of five octets to the last four and takes it, and drops a message with an empty one;
 * RFC 3416 (4.2.5) has wrongEncoding for both. So the octets are looked at before
 * net-snmp does. What is an encoding is said by X.690 (8.3, 8.19) and RFC 2578 (7.1: 32
 * bits); an integer may have more octets than it needs, up to those of its type. SNMP's
 * thread. */

/** Looks at a v1 or v2c message; forgets what was found in the one before. A value that
 * is no encoding gets the tag of an OCTET STRING, so that net-snmp takes the message;
 * no other message is changed. A v3 message is looked at when it has been decrypted. */
void sn_encoding_message(unsigned char *data, size_t len);

/** Position (from 1) of the first such value of the message that was read last; 0:
 * there is none. `*ret_type` is the type that it has by its own tag. */
long sn_encoding_bad(unsigned char *ret_type);

/** Has what net-snmp's security models decrypt looked at. After init_snmp; once. */
void sn_encoding_init(void);
