// SPDX-License-Identifier: Apache-2.0
/* A board's network interfaces, from what its shell answers. */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "adb.h"

/* Without a device of their own: made by container and virtual machine tools. */
static const char *const virtual_names[] = { "veth*",  "docker*", "br-*", "virbr*",
					     "vnet*",  "tap*",    "tun*", "cni*",
					     "dummy*", "ifb*" };

static struct adb_nic *find(struct adb_facts *f, const char *name, size_t len)
{
	for (size_t i = 0; i < f->n_nics; i++) {
		if (strncmp(f->nics[i].name, name, len) == 0 && !f->nics[i].name[len])
			return &f->nics[i];
	}
	return NULL;
}

/* What the kernel allows, and what can stand in a command without quotes. */
static bool name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789._-");

	return n && !name[n] && n < sizeof(((struct adb_nic *)0)->name) &&
	       name[0] != '-' && name[0] != '.';
}

/* What containers make comes by the dozen, and often first: it gives way. */
static void make_room(struct adb_facts *f)
{
	size_t i = f->n_nics;

	while (i > 0 && f->nics[i - 1].has_device)
		i--;
	if (f->n_nics < ADB_NICS_MAX || i == 0)
		return;
	f->n_nics--;
	memmove(&f->nics[i - 1], &f->nics[i],
		(f->n_nics - (i - 1)) * sizeof(f->nics[0]));
}

static void add(struct adb_facts *f, const char *name)
{
	f->in_nic = false;
	if (!name_ok(name) || find(f, name, strlen(name)))
		return;
	make_room(f);
	if (f->n_nics == ADB_NICS_MAX)
		return;
	f->in_nic = true;
	struct adb_nic *n = &f->nics[f->n_nics++];
	*n = (struct adb_nic){ .ipv4_prefix = BMC_UNKNOWN,
			       .ipv6_prefix = BMC_UNKNOWN,
			       .enabled = BMC_UNKNOWN,
			       .speed = BMC_UNKNOWN,
			       .mtu = BMC_UNKNOWN,
			       .full_duplex = BMC_UNKNOWN,
			       .rx_bytes = BMC_UNKNOWN,
			       .tx_bytes = BMC_UNKNOWN,
			       .rx_packets = BMC_UNKNOWN,
			       .tx_packets = BMC_UNKNOWN,
			       .rx_errors = BMC_UNKNOWN,
			       .tx_errors = BMC_UNKNOWN };
	(void)snprintf(n->name, sizeof(n->name), "%s", name);
}

static void take_mac(struct adb_nic *n, const char *text)
{
	if (strlen(text) == 17 && strspn(text, "0123456789abcdefABCDEF:") == 17)
		(void)snprintf(n->mac, sizeof(n->mac), "%s", text);
}

static void take_state(struct adb_nic *n, const char *text)
{
	if (strcmp(text, "up") == 0)
		n->link = BMC_LINK_UP;
	else if (strcmp(text, "down") == 0 || strcmp(text, "lowerlayerdown") == 0)
		n->link = BMC_LINK_DOWN;
}

/* Comes after operstate: drivers that do not say leave "unknown". */
static void take_carrier(struct adb_nic *n, int64_t carrier)
{
	if (n->link == BMC_LINK_UNKNOWN && carrier != BMC_UNKNOWN)
		n->link = carrier ? BMC_LINK_UP : BMC_LINK_DOWN;
}

static void take_flags(struct adb_nic *n, const char *text)
{
	char *end;
	unsigned long flags = strtoul(text, &end, 16);

	if (end != text && !*end)
		n->enabled = (flags & IFF_UP) != 0;
}

static void take_number(struct adb_nic *n, const char *key, int64_t value)
{
	const struct {
		const char *key;
		int64_t *to;
	} keys[] = {
		{ "speed", &n->speed },           { "mtu", &n->mtu },
		{ "rx_bytes", &n->rx_bytes },     { "tx_bytes", &n->tx_bytes },
		{ "rx_packets", &n->rx_packets }, { "tx_packets", &n->tx_packets },
		{ "rx_errors", &n->rx_errors },   { "tx_errors", &n->tx_errors },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].key, key) == 0)
			*keys[i].to = value;
	}
	if (strcmp(key, "type") == 0)
		n->ethernet = value == ARPHRD_ETHER;
	else if (strcmp(key, "device") == 0)
		n->has_device = value == 1;
	else if (strcmp(key, "carrier") == 0)
		take_carrier(n, value);
	if (n->speed <= 0 || n->speed > 1000000)
		n->speed = BMC_UNKNOWN;
}

void adb_nic_line(struct adb_facts *f, const char *line)
{
	const char *value = strchr(line, ' ');
	char key[24];

	if (line[0] == '@') {
		add(f, line + 1);
		return;
	}
	if (!f->in_nic || !value || (size_t)(value - line) >= sizeof(key))
		return;
	struct adb_nic *n = &f->nics[f->n_nics - 1];
	memcpy(key, line, (size_t)(value - line));
	key[value - line] = '\0';
	value++;
	if (strcmp(key, "address") == 0)
		take_mac(n, value);
	else if (strcmp(key, "operstate") == 0)
		take_state(n, value);
	else if (strcmp(key, "flags") == 0)
		take_flags(n, value);
	else if (strcmp(key, "duplex") == 0 && strcmp(value, "unknown") != 0)
		n->full_duplex = strcmp(value, "full") == 0;
	else
		take_number(n, key, adb_number(value));
}

static void mask_of(int64_t prefix, char ret[16])
{
	struct in_addr mask = { htonl(prefix ? UINT32_MAX << (32 - prefix) : 0) };

	(void)inet_ntop(AF_INET, &mask, ret, 16);
}

static void take_ipv4(struct adb_nic *n, const char *address, int64_t prefix)
{
	struct in_addr in;

	if (n->ipv4[0] || inet_pton(AF_INET, address, &in) != 1 || prefix < 0 ||
	    prefix > 32)
		return;
	(void)inet_ntop(AF_INET, &in, n->ipv4, sizeof(n->ipv4));
	n->ipv4_prefix = prefix;
	mask_of(prefix, n->netmask);
}

static void take_ipv6(struct adb_nic *n, const char *address, int64_t prefix,
		      const char *rest)
{
	struct in6_addr in6;

	if (n->ipv6[0] || inet_pton(AF_INET6, address, &in6) != 1 ||
	    IN6_IS_ADDR_LINKLOCAL(&in6) || prefix < 0 || prefix > 128)
		return;
	(void)inet_ntop(AF_INET6, &in6, n->ipv6, sizeof(n->ipv6));
	n->ipv6_prefix = prefix;
	n->ipv6_state = strstr(rest, "dadfailed")    ? BMC_ADDRESS_FAILED
			: strstr(rest, "tentative")  ? BMC_ADDRESS_TENTATIVE
			: strstr(rest, "deprecated") ? BMC_ADDRESS_DEPRECATED
						     : BMC_ADDRESS_PREFERRED;
}

/* "2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0 ..." */
void adb_address_line(struct adb_facts *f, const char *line)
{
	char copy[512], *rest = NULL, *words[4], *slash;
	struct adb_nic *n;
	size_t i = 0;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (; i < 4; i++) {
		words[i] = strtok_r(i ? NULL : copy, " \t", &rest);
		if (!words[i])
			return;
	}
	n = find(f, words[1], strcspn(words[1], "@:"));
	slash = strchr(words[3], '/');
	if (!n || !slash)
		return;
	*slash = '\0';
	if (strcmp(words[2], "inet") == 0)
		take_ipv4(n, words[3], adb_number(slash + 1));
	else if (strcmp(words[2], "inet6") == 0)
		take_ipv6(n, words[3], adb_number(slash + 1), rest ? rest : "");
}

/* "eth0 00000000 0101A8C0 0003 ...": destination and gateway as the memory has them */
void adb_route_line(struct adb_facts *f, const char *line)
{
	char name[17] = "";
	uint32_t to, via;
	struct adb_nic *n;

	if (sscanf(line, "%16s %8x %8x", name, &to, &via) != 3 || to || !via)
		return;
	n = find(f, name, strlen(name));
	if (!n || n->gateway[0])
		return;
	/* boards are little-endian */
	struct in_addr in = { htonl(__builtin_bswap32(via)) };
	(void)inet_ntop(AF_INET, &in, n->gateway, sizeof(n->gateway));
}

static bool is_shown(const struct adb_nic *n)
{
	if (!n->ethernet || strcmp(n->name, "lo") == 0)
		return false;
	for (size_t i = 0; i < sizeof(virtual_names) / sizeof(virtual_names[0]); i++) {
		if (!n->has_device && fnmatch(virtual_names[i], n->name, 0) == 0)
			return false;
	}
	return true;
}

void adb_nics_sift(struct adb_facts *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_nics; i++) {
		if (is_shown(&f->nics[i]))
			f->nics[kept++] = f->nics[i];
	}
	f->n_nics = kept;
}
