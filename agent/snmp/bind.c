// SPDX-License-Identifier: Apache-2.0
/* Addresses to listen on, from the config to net-snmp's words. Called by transport.c.
 */
#include "snmp/bind.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/util.h"

struct parsed {
	char host[64];
	unsigned port;
};

static bool parse_port(const char *text, unsigned *ret)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	*ret = (unsigned)port;
	return *text >= '0' && *text <= '9' && !*end && port >= 1 && port <= 65535;
}

/* "HOST", "HOST:PORT", "[HOST]:PORT"; what has two colons and no bracket is an IPv6
 * address alone. */
static bool parse(const char *text, unsigned port, struct parsed *ret)
{
	const char *colon = strchr(text, ':'), *end = text + strlen(text);
	size_t len;

	ret->port = port;
	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end ||
		    (end[1] && (end[1] != ':' || !parse_port(end + 2, &ret->port))))
			return false;
	} else if (colon && !strchr(colon + 1, ':')) {
		end = colon;
		if (!parse_port(colon + 1, &ret->port))
			return false;
	}
	len = (size_t)(end - text);
	if (len == 0 || len >= sizeof(ret->host))
		return false;
	memcpy(ret->host, text, len);
	ret->host[len] = '\0';
	return true;
}

static bool resolves(const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *a = NULL;

	if (getaddrinfo(host, NULL, &hints, &a) != 0)
		return false;
	freeaddrinfo(a);
	return true;
}

static void add(struct sn_bind *ret, int *n, const struct parsed *p, bool optional)
{
	struct sn_bind *b = &ret[(*n)++];
	bool v6 = strchr(p->host, ':') != NULL;

	b->optional = optional;
	(void)snprintf(b->spec, sizeof(b->spec), v6 ? "udp6:[%s]:%u" : "udp:%s:%u",
		       p->host, p->port);
}

static int read_one(const struct bmc_conf *c, unsigned port, struct sn_bind *ret,
		    int *n, struct bmc_error *err)
{
	struct parsed p, v4 = { .host = "0.0.0.0" };

	if (!parse(c->text, port, &p))
		return bmc_conf_fail(c, err, BMC_EINVAL, "'%.60s' is no address",
				     c->text);
	bool all = strcmp(p.host, "*") == 0;
	if (all)
		(void)bmc_copy(p.host, sizeof(p.host), "::");
	else if (!resolves(p.host))
		return bmc_conf_fail(c, err, BMC_EINVAL, "'%.60s' is no address",
				     c->text);
	bool both = strcmp(p.host, "::") == 0;
	if ((unsigned)*n + both >= SN_BIND_MAX)
		return bmc_conf_fail(c, err, BMC_ENOSPC, "at most %u addresses",
				     SN_BIND_MAX);
	add(ret, n, &p, all);
	if (!both)
		return 0;
	v4.port = p.port; /* also where there is no IPv6 */
	add(ret, n, &v4, false);
	return 0;
}

int sn_bind_read(const struct bmc_conf *snmp, struct sn_bind *ret,
		 struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(snmp, "bind");
	unsigned port = (unsigned)bmc_conf_num(snmp, "port", 0);
	int n = 0, r = 0;

	for (const struct bmc_conf *c = list ? list->child : NULL; c && r == 0;
	     c = c->next)
		r = read_one(c, port, ret, &n, err);
	return r < 0 ? r : n;
}
