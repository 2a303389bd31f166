// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* What bmc-scan and the agent itself (neighbours/) look for and find: agents of this
 * network, or of the addresses they are given. All that those say may be a forgery: it
 * is bounded and checked before it is kept, and no secret is sent to any of them. One
 * thread. */

#define SCAN_ENDPOINTS_MAX 4096 /* that are asked in one scan          */
#define SCAN_PER_ADDRESS   4    /* ports of an address that searches named */
#define SCAN_BODY_MAX      65536

enum scan_state {
	SCAN_LATER, /* to be asked when what is asked already does not do */
	SCAN_ASKED,
	SCAN_DONE,   /* it gave its service root */
	SCAN_FAILED, /* it gave none             */
};

/* An address and port at which a Redfish service may be. */
struct scan_endpoint {
	struct sockaddr_storage
		address; /* with its port; a link-local one with its scope */
	bool tls;
	bool guess; /* one of a network: it is not shown when it does not answer */
	unsigned interface; /* over which it was found; 0: not known             */
	unsigned name;      /* the same number of all addresses of a name; 0: none */
	char uuid[37];      /* that its answer to a search claims, or ""         */
	enum scan_state state;
};

/* What a service root says without a login. "" where it says nothing. */
struct scan_root {
	char uuid[37];
	char name[64]; /* of the device           */
	char product[64];
	char version[32];
	char start[32]; /* RFC 3339 */
	bool ours;      /* it is clusterbmc */
};

struct scan_device {
	struct scan_root root;
	bool answers; /* its service root was read */
	bool tls;
	unsigned port, interface;
	char ipv4[INET_ADDRSTRLEN];
	char ipv6[INET6_ADDRSTRLEN + 18]; /* with "%eth0" where it is link-local */
	unsigned missed;                  /* scans in a row that did not find it */
};

struct scan_list {
	struct scan_device *devices; /* by name, then address */
	size_t n;
};

struct scan_options {
	bool multicast;        /* SSDP   */
	bool dns_sd;           /* avahi-browse, where that is installed */
	bool all;              /* other Redfish services, too */
	const char *interface; /* the only one to search on; NULL: each */
	int64_t wait_ms;       /* for answers to searches    */
	int64_t timeout_ms;    /* of asking one service root */
	unsigned at_once;      /* asked at the same time; each has a descriptor */
	const char *self;      /* a UUID that is not asked for in answers to searches;
				  NULL: all are */
	const struct scan_endpoint *endpoints; /* to be asked in any case; borrowed */
	size_t n;
};

struct scan; /* one that is under way */

/** Begins one; NULL: out of memory. `o` is borrowed until scan_free(). */
struct scan *scan_new(const struct scan_options *o);
/** Goes on until something comes in, at most `most_ms`, or `fd` (-1: none) can be read.
 * False: it has ended. */
bool scan_step(struct scan *s, int fd, int most_ms);
/** What it has found so far; borrowed until the next step. */
const struct scan_list *scan_found(const struct scan *s);
void scan_free(struct scan *s);
