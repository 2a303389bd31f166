// SPDX-License-Identifier: Apache-2.0
/* Which answers are sent to sources that may be forged, see limit.h. Called by the
 * transport for each datagram, in both directions. */
#include "snmp/limit.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/element.h"

#define VERSION_3 3u
#define FLAG_AUTH 1u

struct network {
	unsigned char address[16]; /* IPv4 in its mapped form */
	unsigned bits;
};

static struct {
	struct sn_budget budget;
	struct network exempt[SN_EXEMPT_MAX];
	size_t n_exempt, max;
} limit;

/* ---- networks that are exempt ---- */

static void mapped(const struct in_addr *v4, unsigned char ret[16])
{
	memset(ret, 0, 10);
	memset(ret + 10, 0xff, 2);
	memcpy(ret + 12, v4, 4);
}

static int parse_network(const struct bmc_conf *c, struct network *n,
			 struct bmc_error *err)
{
	char text[64], *slash, *end = text;
	struct in_addr v4;
	unsigned max = 128;
	unsigned long bits;

	(void)bmc_copy(text, sizeof(text), c->text);
	slash = strchr(text, '/');
	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		mapped(&v4, n->address);
		max = 32;
	} else if (inet_pton(AF_INET6, text, n->address) != 1) {
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "%s is no network: 192.0.2.0/24, 2001:db8::/32",
				     c->text);
	}
	bits = slash && *slash >= '0' && *slash <= '9' ? strtoul(slash, &end, 10) : max;
	if (bits > max || (slash && (end == text || *end)))
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "%s: the prefix is 0 to %u bits", c->text, max);
	n->bits = (unsigned)bits + 128 - max;
	return 0;
}

static bool contains(const struct network *n, const unsigned char address[16])
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;

	return memcmp(n->address, address, whole) == 0 &&
	       (rest == 0 || (n->address[whole] ^ address[whole]) >> (8 - rest) == 0);
}

static bool exempt(const struct sockaddr *from)
{
	unsigned char address[16];
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		mapped(&v4.sin_addr, address);
	} else {
		memcpy(&v6, from, sizeof(v6));
		memcpy(address, &v6.sin6_addr, sizeof(address));
	}
	for (size_t i = 0; i < limit.n_exempt; i++) {
		if (contains(&limit.exempt[i], address))
			return true;
	}
	return false;
}

static int read_exempt(const struct bmc_conf *snmp, struct network *ret, size_t *ret_n,
		       struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(snmp, "exempt");
	int r = 0;

	*ret_n = 0;
	for (const struct bmc_conf *c = list ? list->child : NULL; c && r == 0;
	     c = c->next) {
		if (*ret_n == SN_EXEMPT_MAX)
			return bmc_conf_fail(c, err, BMC_ENOSPC, "at most %u networks",
					     SN_EXEMPT_MAX);
		r = parse_network(c, &ret[*ret_n], err);
		*ret_n += r == 0;
	}
	return r;
}

int sn_limit_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	struct network exempt_ones[SN_EXEMPT_MAX];
	size_t n;

	return read_exempt(snmp, exempt_ones, &n, err);
}

int sn_limit_init(const struct bmc_conf *snmp, struct bmc_error *err)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return bmc_fail(err, BMC_EIO, "snmp: no random number");
	memset(&limit, 0, sizeof(limit));
	limit.max = (size_t)bmc_conf_num(snmp, "max_message", 0);
	sn_budget_init(&limit.budget, bmc_conf_num(snmp, "source_rate", 0),
		       bmc_conf_num(snmp, "source_burst", 0), seed);
	return read_exempt(snmp, limit.exempt, &limit.n_exempt, err);
}

/* ---- messages, as far as they matter ---- */

static bool ber_number(struct sn_element *in, unsigned *ret)
{
	struct sn_element number;
	unsigned char tag;

	if (!sn_element_next(in, &tag, &number) || tag != ASN_INTEGER ||
	    number.at == number.end)
		return false;
	*ret = number.end[-1]; /* the last byte is what matters here */
	return true;
}

/* Enters the message; false when it is none. */
static bool open_message(const unsigned char *data, size_t len, struct sn_element *ret,
			 unsigned *ret_version)
{
	struct sn_element in = { data, data + len };
	unsigned char tag;

	return sn_element_next(&in, &tag, ret) &&
	       tag == (ASN_SEQUENCE | ASN_CONSTRUCTOR) && ber_number(ret, ret_version);
}

/* A v3 message's flag; the answer's says whether its request was authenticated. */
static bool authenticated(struct sn_element message)
{
	struct sn_element header, flags;
	unsigned char tag;
	unsigned number;

	return sn_element_next(&message, &tag, &header) &&
	       ber_number(&header, &number) && ber_number(&header, &number) &&
	       sn_element_next(&header, &tag, &flags) && tag == ASN_OCTET_STR &&
	       flags.at < flags.end && *flags.at & FLAG_AUTH;
}

/* A GETBULK's max-repetitions; false: it is another request. */
static bool repetitions_of(struct sn_element message, struct sn_element *ret)
{
	struct sn_element skip, pdu;
	unsigned char tag;
	unsigned number;

	return sn_element_next(&message, &tag, &skip) &&
	       sn_element_next(&message, &tag, &pdu) && tag == SNMP_MSG_GETBULK &&
	       sn_element_next(&pdu, &tag, &skip) && ber_number(&pdu, &number) &&
	       sn_element_next(&pdu, &tag, ret) && ret->at < ret->end;
}

/* Has a GETBULK ask for one repetition only, which is about what it sent itself: an
 * agent may return fewer than it was asked for (RFC 3416, 4.2.3). */
static void shorten(unsigned char *data, const struct sn_element *repetitions)
{
	const unsigned char *start = data;
	unsigned char *at = data + (repetitions->at - start);
	size_t len = (size_t)(repetitions->end - repetitions->at);

	if (*at & 0x80)
		return;
	for (size_t i = 0; i < len; i++)
		at[i] = i == len - 1;
}

/* ---- requests and answers ---- */

static u_int failures(void)
{
	return snmp_get_statistic(STAT_USMSTATSWRONGDIGESTS) +
	       snmp_get_statistic(STAT_USMSTATSUNKNOWNUSERNAMES) +
	       snmp_get_statistic(STAT_USMSTATSDECRYPTIONERRORS);
}

static bool refuse_v3(struct sn_limited *r, int64_t now)
{
	r->failures = failures();
	r->failing = sn_budget_failing(&limit.budget, &r->source, now);
	if (!r->failing)
		return false;
	/* One that has authenticated is answered, lest others lock it out in its name.
	 */
	return !sn_budget_trusted(&limit.budget, &r->source, now);
}

bool sn_limit_request(const struct sockaddr *from, unsigned char *data, size_t len,
		      struct sn_limited *ret)
{
	unsigned version = 0;
	struct sn_element message, repetitions;
	int64_t now, left;
	bool known;

	*ret = (struct sn_limited){ .len = len, .room = limit.max };
	ret->is_exempt =
		!limit.budget.rate || exempt(from) || !sn_source_of(from, &ret->source);
	if (ret->is_exempt)
		return true;
	now = bmc_now();
	known = open_message(data, len, &message, &version);
	ret->is_v3 = known && version == VERSION_3;
	if (ret->is_v3)
		return !refuse_v3(ret, now);
	if (!known || !repetitions_of(message, &repetitions))
		return true;
	left = sn_budget_left(&limit.budget, &ret->source, now);
	if (left < (int64_t)MIN(limit.max, SN_LIMIT_LITTLE))
		shorten(data, &repetitions);
	else
		ret->room = MIN(limit.max, (size_t)left);
	return true;
}

static bool drop(const char *why)
{
	snmp_increment_statistic(STAT_SNMPSILENTDROPS);
	log_limited(LOG_NOTICE, "snmp: answers are left out: %s", why);
	return false;
}

bool sn_limit_answer(const struct sn_limited *request, const unsigned char *data,
		     size_t len)
{
	struct sn_element message;
	unsigned version;
	int64_t now;

	if (request->is_exempt || !open_message(data, len, &message, &version))
		return true;
	now = bmc_now();
	if (request->is_v3 && authenticated(message)) {
		sn_budget_authenticated(&limit.budget, &request->source, now);
		return true;
	}
	if (request->is_v3 && failures() != request->failures) {
		sn_budget_failed(&limit.budget, &request->source, now);
		if (request->failing)
			return drop("too many v3 requests do not authenticate");
	}
	if (len <= SN_LIMIT_FACTOR * request->len ||
	    sn_budget_spend(&limit.budget, &request->source, len, now))
		return true;
	return drop("the budget of their source is used");
}
