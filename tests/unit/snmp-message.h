// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* v2c messages byte by byte, for tests that send one twice, or many before the first is
 * answered, which no client does on request. */

struct message {
	unsigned char data[65507]; /* what UDP carries */
	size_t len;
};

/** One varbind: an INTEGER, or where `text` is not NULL an OCTET STRING. */
struct message_value {
	const char *object; /* "1.3.6.1..." */
	long number;
	const char *text;
};

#define MESSAGE_GET  0xa0
#define MESSAGE_NEXT 0xa1
#define MESSAGE_SET  0xa3
#define MESSAGE_BULK 0xa5

/** A request with `n` varbinds; a GET's values are not looked at. */
void message_make(struct message *m, unsigned char pdu, const char *community,
		  unsigned request_id, const struct message_value *values, size_t n);

/** A v2c SET of one object; `octets` is its value with type and length. */
void message_make_raw(struct message *m, const char *community, unsigned request_id,
		      const char *object, const void *octets, size_t n_octets);

/** A GETBULK, or a request with other than zeros in the places of its counts. */
void message_make_bulk(struct message *m, unsigned char pdu, const char *community,
		       unsigned request_id, const struct message_value *values,
		       size_t n, long non_repeaters, long repetitions);

/** A UDP socket bound to `from` and connected to a port at `to`, both numeric, of one
 * family. -1: that can't be. */
int message_socket(const char *from, const char *to, int port);
/** As above, but not connected: any address may answer. */
int message_open_socket(const char *from);
bool message_send(int fd, const struct message *m);

struct message_answer {
	unsigned request_id;
	int status, index;
	char from[64];           /* the address it came from */
	size_t len, n;           /* octets; varbinds         */
	unsigned long name[128]; /* of the first varbind, if there is one */
	size_t name_len;
	unsigned type; /* ASN.1, of its value */
};
/** The next answer within that time; false: none. */
bool message_receive(int fd, int timeout_ms, struct message_answer *ret);
