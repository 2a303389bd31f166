// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* SSDP's messages: what clients search by and what is answered and announced (DSP0266,
 * "Discovery"; UPnP Device Architecture 1.1, 1.2 and 1.3). Pure. */

#define SSDP_DATAGRAM_MAX 2048 /* of a search; longer ones are not looked at */
#define SSDP_LINES_MAX    32   /* of its header                              */
#define SSDP_MESSAGE_MAX  600  /* that are written                           */
#define SSDP_URL_MAX      160
#define SSDP_FACTOR       3u /* an answer's length in lengths of its search */
#define SSDP_MX_MAX       5u /* s; UPnP: a greater one counts as this       */

/* What is found: the Redfish service. */
struct ssdp_service {
	char uuid[37];          /* of the service root                               */
	unsigned minor;         /* of the Redfish specification that it keeps to: 1.N */
	char url[SSDP_URL_MAX]; /* of the service root, at the receiver's network */
};

struct ssdp_search {
	unsigned mx;  /* s: the answers of all are to spread over; 0: it has none */
	bool redfish; /* it searches for Redfish, or for all                      */
};

/** Reads a datagram. False: it is no search. `minor`: versions 1.0 to 1.minor are ours.
 * DMTF's own client ends without the empty line, so that is no fault. */
bool ssdp_search_read(const char *data, size_t len, unsigned minor,
		      struct ssdp_search *ret);

/** The answer, of at most `max` bytes: the Location, for clients that know UPnP only,
 * is left out of one that would be longer. 0: it does not fit. */
size_t ssdp_answer_write(const struct ssdp_service *s, size_t max,
			 char ret[SSDP_MESSAGE_MAX]);

/** What is multicast: that the service is there (`max_age` seconds hold), or, with 0,
 * that it goes. `host`: the group and port, as "239.255.255.250:1900". */
size_t ssdp_notify_write(const struct ssdp_service *s, const char *host,
			 unsigned max_age, char ret[SSDP_MESSAGE_MAX]);

/* ---- what a client sends and reads ---- */

/** A search for Redfish services whose answers come within `mx` seconds. It is long
 * enough for an answer with the longest URL. `host`: as above. */
size_t ssdp_search_write(const char *host, unsigned mx, char ret[SSDP_MESSAGE_MAX]);

/* An answer of a Redfish service; its sender may have invented all of it. */
struct ssdp_answer {
	char uuid[37];
	char url[SSDP_URL_MAX]; /* of the service root: visible ASCII */
};

/** Reads a datagram. False: it is no answer of a Redfish service, or names no URL. */
bool ssdp_answer_read(const char *data, size_t len, struct ssdp_answer *ret);
