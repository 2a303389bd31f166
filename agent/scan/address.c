// SPDX-License-Identifier: Apache-2.0
// Addresses as text, see address.h.
#include "scan/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"

#define HTTPS      443
#define FIRST_BITS 16 /* of IPv4: 65536 addresses are more than is asked */

/* Copied in and out: the compiler may take a sockaddr_storage and a sockaddr_in at one
 * place for different objects. */
static struct sockaddr_in four(const struct sockaddr_storage *a)
{
	struct sockaddr_in is;

	memcpy(&is, a, sizeof(is));
	return is;
}

static struct sockaddr_in6 six(const struct sockaddr_storage *a)
{
	struct sockaddr_in6 is;

	memcpy(&is, a, sizeof(is));
	return is;
}

static void set_four(struct sockaddr_storage *a, uint32_t address)
{
	const struct sockaddr_in is = { .sin_family = AF_INET,
					.sin_addr.s_addr = htonl(address) };

	memset(a, 0, sizeof(*a));
	memcpy(a, &is, sizeof(is));
}

/* ---- one ---- */

bool scan_address_link_local(const struct sockaddr_storage *a)
{
	struct sockaddr_in6 is = six(a);

	return a->ss_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&is.sin6_addr);
}

unsigned scan_address_scope(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 ? six(a).sin6_scope_id : 0;
}

void scan_address_set_scope(struct sockaddr_storage *a, unsigned interface)
{
	struct sockaddr_in6 is = six(a);

	is.sin6_scope_id = interface;
	memcpy(a, &is, sizeof(is));
}

void scan_address_text(const struct sockaddr_storage *a, char ret[SCAN_HOST_MAX])
{
	struct sockaddr_in is4 = four(a);
	struct sockaddr_in6 is6 = six(a);
	const void *bytes = a->ss_family == AF_INET ? (const void *)&is4.sin_addr
						    : (const void *)&is6.sin6_addr;
	char name[IF_NAMESIZE];
	size_t len;

	ret[0] = '\0';
	if (!inet_ntop(a->ss_family, bytes, ret, INET6_ADDRSTRLEN))
		return;
	len = strlen(ret);
	if (scan_address_link_local(a) && if_indextoname(is6.sin6_scope_id, name))
		(void)snprintf(ret + len, SCAN_HOST_MAX - len, "%%%s", name);
}

static bool read_six(const char *host, const char *interface,
		     struct sockaddr_storage *ret)
{
	struct sockaddr_in6 is = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET6, host, &is.sin6_addr) != 1)
		return false;
	if (interface)
		is.sin6_scope_id = if_nametoindex(interface);
	memcpy(ret, &is, sizeof(is));
	return !interface || is.sin6_scope_id;
}

bool scan_address_read(const char *text, struct sockaddr_storage *ret)
{
	const char *percent = strchr(text, '%');
	size_t len = percent ? (size_t)(percent - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	struct in_addr bytes;

	memset(ret, 0, sizeof(*ret));
	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (percent || inet_pton(AF_INET, host, &bytes) != 1)
		return read_six(host, percent ? percent + 1 : NULL, ret);
	set_four(ret, ntohl(bytes.s_addr));
	return true;
}

void scan_address_set_port(struct sockaddr_storage *a, unsigned port)
{
	struct sockaddr_in is4 = four(a);
	struct sockaddr_in6 is6 = six(a);

	is4.sin_port = is6.sin6_port = htons((uint16_t)port);
	if (a->ss_family == AF_INET)
		memcpy(a, &is4, sizeof(is4));
	else
		memcpy(a, &is6, sizeof(is6));
}

unsigned scan_address_port(const struct sockaddr_storage *a)
{
	return ntohs(a->ss_family == AF_INET ? four(a).sin_port : six(a).sin6_port);
}

/* ---- lists ---- */

static bool number(const char *text, unsigned most, unsigned *ret)
{
	size_t len = strspn(text, "0123456789");

	if (!len || len > 5 || text[len])
		return false;
	*ret = (unsigned)strtoul(text, NULL, 10);
	return *ret <= most;
}

unsigned scan_port_read(const char *text)
{
	unsigned port;

	return number(text, 65535, &port) ? port : 0;
}

/* Cuts ":PORT" from `word`; false: that is no port. */
static bool cut_port(char *word, unsigned *ret)
{
	char *colon = strrchr(word, ':');
	bool bracket = word[0] == '[';

	*ret = HTTPS;
	if (bracket ? !colon || colon[-1] != ']' : colon != strchr(word, ':'))
		return true; /* of an IPv6 address */
	if (!colon)
		return true;
	*colon = '\0';
	*ret = scan_port_read(colon + 1);
	return *ret != 0;
}

static bool append(const struct sockaddr_storage *a, unsigned port, bool guess,
		   struct scan_endpoint *list, size_t *n)
{
	if (*n == SCAN_ENDPOINTS_MAX)
		return false;
	list[*n] = (struct scan_endpoint){ .address = *a, .tls = true, .guess = guess };
	scan_address_set_port(&list[(*n)++].address, port);
	return true;
}

/* All hosts of a network: without the first and the last address, where it has such. */
static bool append_network(const struct sockaddr_storage *a, unsigned bits,
			   unsigned port, struct scan_endpoint *list, size_t *n)
{
	uint32_t size = 1u << (32 - bits), mask = ~(size - 1);
	uint32_t first = ntohl(four(a).sin_addr.s_addr) & mask;
	uint32_t skip = bits < 31 ? 1 : 0;
	struct sockaddr_storage host;

	for (uint32_t i = skip; i < size - skip; i++) {
		set_four(&host, first + i);
		if (!append(&host, port, true, list, n))
			return false;
	}
	return true;
}

static const char *unbracketed(char *word)
{
	size_t len = strlen(word);

	if (word[0] != '[' || word[len - 1] != ']')
		return word;
	word[len - 1] = '\0';
	return word + 1;
}

/* As in DNS and /etc/hosts; not what only looks like an address: 192.0.2.256. */
static bool is_name(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789-.");
	const char *dot = strrchr(word, '.');

	return n && !word[n] && isalpha((unsigned char)(dot ? dot[1] : word[0]));
}

struct targets {
	struct scan_endpoint *list;
	size_t *n;
	char *why;
	bool names; /* host names, too */
};

static bool too_many(const struct targets *t)
{
	(void)snprintf(t->why, 160, "more than %d addresses; ask smaller networks",
		       SCAN_ENDPOINTS_MAX);
	return false;
}

static bool append_name(const char *name, unsigned port, const struct targets *t)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	unsigned number = (unsigned)*t->n + 1;
	struct addrinfo *all = NULL;
	int r = getaddrinfo(name, NULL, &hints, &all);
	bool ok = true;

	if (r != 0) {
		(void)snprintf(t->why, 160, "the name has no address: %s",
			       gai_strerror(r));
		return false;
	}
	for (const struct addrinfo *a = all; a && ok; a = a->ai_next) {
		struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
		if (a->ai_addrlen > sizeof(address))
			continue;
		memcpy(&address, a->ai_addr, a->ai_addrlen);
		ok = append(&address, port, false, t->list, t->n);
		if (ok)
			t->list[*t->n - 1].name = number;
	}
	freeaddrinfo(all);
	return ok || too_many(t);
}

static bool read_word(char *word, const struct targets *t)
{
	struct sockaddr_storage a;
	unsigned port, bits = 32;
	bool port_ok = cut_port(word, &port);
	char *slash = strchr(word, '/');

	if (slash)
		*slash = '\0';
	if (port_ok && !slash && t->names && is_name(word))
		return append_name(word, port, t);
	if (!port_ok || !scan_address_read(unbracketed(word), &a) ||
	    (slash && (a.ss_family != AF_INET || !number(slash + 1, 32, &bits)))) {
		(void)snprintf(t->why, 160, "no address, %sport or IPv4 network",
			       t->names ? "host name, " : "");
		return false;
	}
	if (bits >= FIRST_BITS && (slash ? append_network(&a, bits, port, t->list, t->n)
					 : append(&a, port, false, t->list, t->n)))
		return true;
	return too_many(t);
}

static bool read_all(const char *text, const struct targets *t)
{
	char word[272]; /* a name of 253 bytes, and a port */
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!len || len >= sizeof(word)) {
			(void)snprintf(t->why, 160, "an address is empty or too long");
			return false;
		}
		memcpy(word, text, len);
		word[len] = '\0';
		if (!read_word(word, t))
			return false;
		if (!text[len])
			return true;
	}
}

bool scan_targets_read(const char *text, struct scan_endpoint *list, size_t *n,
		       char why[160])
{
	return read_all(text, &(struct targets){ list, n, why, false });
}

bool scan_hosts_read(const char *text, struct scan_endpoint *list, size_t *n,
		     char why[160])
{
	return read_all(text, &(struct targets){ list, n, why, true });
}
