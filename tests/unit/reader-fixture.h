// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The read engine beside net-snmp: the same requests to the same agent over the same
 * snapshot, once with the engine and once without, are answered with the same bytes and
 * counted alike. Everything runs in one thread. */

#define READER_MESSAGE_MAX 1472 /* max_message */
#define READER_OID_ROOM    128
#define READER_BASE        "1.3.6.1.4.1.32473"

struct reader_name { /* of at most READER_OID_ROOM - 1 sub-identifiers */
	unsigned long id[READER_OID_ROOM];
	size_t len;
};

struct reader_message {
	uint8_t data[65536], *begin;
	size_t len;
};

struct reader_request {
	const char *community;
	uint8_t type;
	int32_t version, first, second;
	struct reader_name *of;
	size_t n;
	bool odd; /* values that are not NULL */
};

/** A random number; the same ones in each run. */
uint32_t reader_below(uint32_t n);

/** The request as a message. */
void reader_make(struct reader_message *m, const struct reader_request *r);

/** Sends it both ways, three times in all and once more to the engine alone; fails
 * where the answers or what is counted differ. */
void reader_check(const struct reader_message *m);
/** How many have been checked; how many of them the engine answers. */
extern unsigned long reader_n_asked, reader_n_direct;

/** How much a counter of net-snmp's (STAT_*) grows with it, with the engine or without.
 */
unsigned reader_counted(const struct reader_message *m, bool engine, int statistic);

/** Every name that there is at present. */
extern struct reader_name *reader_names;
extern size_t reader_n_names;
void reader_learn_names(void);
/** One of them, or one near it. */
void reader_any_name(struct reader_name *ret);

/** Publishes other rows than before. */
void reader_change_rows(unsigned round);

/** An agent with communities public, curious, tables, one and nothing, without its
 * thread. */
int reader_start(void **state);
int reader_stop(void **state);
