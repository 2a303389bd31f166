// SPDX-License-Identifier: Apache-2.0
/* Which images are taken, and from where. */
#include "update/policy.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "image/bundle.h"

struct upd_policy upd_policy;

/* ---- addresses ---- */

struct network {
	uint32_t net;
	unsigned bits;
	enum upd_addresses from; /* allowed from this setting on */
};

#define NEVER ((enum upd_addresses)(UPD_ADDRESSES_ANY + 1))

/* What is not of the Internet: IANA's registries of special-purpose addresses. */
static const struct network v4[] = {
	{ 0x00000000, 8, NEVER },                  /* this network         */
	{ 0x0a000000, 8, UPD_ADDRESSES_PRIVATE },  /* RFC 1918             */
	{ 0x64400000, 10, UPD_ADDRESSES_PRIVATE }, /* RFC 6598             */
	{ 0x7f000000, 8, UPD_ADDRESSES_ANY },      /* loopback             */
	{ 0xa9fe0000, 16, UPD_ADDRESSES_ANY },     /* link-local           */
	{ 0xac100000, 12, UPD_ADDRESSES_PRIVATE }, /* RFC 1918             */
	{ 0xc0a80000, 16, UPD_ADDRESSES_PRIVATE }, /* RFC 1918             */
	{ 0xc6120000, 15, UPD_ADDRESSES_PRIVATE }, /* RFC 2544             */
	{ 0xe0000000, 4, NEVER },                  /* multicast            */
	{ 0xf0000000, 4, NEVER },                  /* reserved, broadcast  */
};

static bool v4_allowed(uint32_t a, enum upd_addresses allowed)
{
	for (size_t i = 0; i < ARRAY_SIZE(v4); i++)
		if ((a ^ v4[i].net) >> (32 - v4[i].bits) == 0)
			return v4[i].from <= allowed;
	return true;
}

static uint32_t word(const struct in6_addr *a, size_t at)
{
	const unsigned char *b = &a->s6_addr[at];

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Addresses that stand for one of IPv4 are as that one. */
static bool v6_allowed(const struct in6_addr *a, enum upd_addresses allowed)
{
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (IN6_IS_ADDR_V4MAPPED(a) || memcmp(a, nat64, sizeof(nat64)) == 0)
		return v4_allowed(word(a, 12), allowed);
	if (a->s6_addr[0] == 0x20 && a->s6_addr[1] == 0x02) /* 6to4 */
		return v4_allowed(word(a, 2), allowed);
	if (IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_LINKLOCAL(a))
		return allowed >= UPD_ADDRESSES_ANY;
	if ((a->s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_SITELOCAL(a)) /* RFC 4193 */
		return allowed >= UPD_ADDRESSES_PRIVATE;
	/* the Internet's own are in 2000::/3 */
	return (a->s6_addr[0] & 0xe0) == 0x20;
}

bool upd_policy_address(const struct sockaddr *sa, enum upd_addresses allowed)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		return v4_allowed(ntohl(in.sin_addr.s_addr), allowed);
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		return v6_allowed(&in6.sin6_addr, allowed);
	}
	return false;
}

/* ---- addresses as text ---- */

static bool has_scheme(const char *list, const char *scheme)
{
	size_t len = strlen(scheme);

	for (const char *at = list; (at = strstr(at, scheme)); at += len)
		if ((at == list || at[-1] == ',' || at[-1] == ' ') &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

static const char schemes_known[] = "https, sftp, scp, http, tftp";

static int refuse_scheme(const char *scheme, struct bmc_error *err)
{
	if (has_scheme(schemes_known, scheme))
		return bmc_fail(err, BMC_EPERM,
				"images are not fetched by `%s`: add it to "
				"`update.schemes`",
				scheme);
	return bmc_fail(err, BMC_EPERM,
			"images are not fetched by `%.10s`: `update.schemes` may have "
			"%s",
			scheme, schemes_known);
}

/* A server would send the list of its files, which is no image. */
static bool is_folder(CURLU *u, const char *scheme)
{
	bool ssh = strcmp(scheme, "sftp") == 0 || strcmp(scheme, "scp") == 0;
	char *path = NULL;

	if (!ssh)
		return false;
	bool is =
		curl_url_get(u, CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK ||
		!*path || path[strlen(path) - 1] == '/';

	curl_free(path);
	return is;
}

static int check_parts(CURLU *u, struct bmc_error *err)
{
	char *scheme = NULL, *host = NULL;
	int r = BMC_OK;

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return bmc_fail(err, BMC_EINVAL, "the image's address has no scheme");
	if (!has_scheme(upd_policy.schemes, scheme))
		r = refuse_scheme(scheme, err);
	else if (curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || !*host)
		r = bmc_fail(err, BMC_EINVAL, "the image's address names no host");
	else if (is_folder(u, scheme))
		r = bmc_fail(err, BMC_EINVAL, "the image's address names a folder");
	curl_free(scheme);
	curl_free(host);
	return r;
}

int upd_policy_uri(const char *uri, struct bmc_error *err)
{
	CURLU *u = curl_url();
	int r;

	if (!u)
		return bmc_fail(err, BMC_ENOMEM, "no memory for an address");
	if (curl_url_set(u, CURLUPART_URL, uri, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		r = check_parts(u, err);
	else
		r = bmc_fail(err, BMC_EINVAL, "the image's address is no URL");
	curl_url_cleanup(u);
	return r;
}

/* ---- the configuration ---- */

static int take_schemes(const char *text, struct bmc_error *err)
{
	char all[64], *rest = all, *scheme;
	size_t at = 0;

	(void)bmc_copy(all, sizeof(all), text);
	upd_policy.schemes[0] = '\0';
	while ((scheme = strsep(&rest, ", "))) {
		if (!*scheme)
			continue;
		if (!has_scheme(schemes_known, scheme) ||
		    has_scheme(upd_policy.schemes, scheme))
			return bmc_fail(err, BMC_EINVAL,
					"update.schemes: `%.20s`: each one once of %s",
					scheme, schemes_known);
		at += (size_t)snprintf(upd_policy.schemes + at,
				       sizeof(upd_policy.schemes) - at, "%s%s",
				       at ? "," : "", scheme);
	}
	return BMC_OK;
}

static int read_key(const struct bmc_conf *key, struct bmc_error *err)
{
	const char *name = bmc_conf_text(key, "name", ""),
		   *file = bmc_conf_text(key, "file", "");
	char pem[16385];
	FILE *f = fopen(file, "re");

	if (!f)
		return bmc_conf_fail(key, err, bmc_from_errno(errno),
				     "key `%s` can't be read: %s", name,
				     strerror(errno));
	size_t n = fread(pem, 1, sizeof(pem), f);

	(void)fclose(f);
	if (n == sizeof(pem))
		return bmc_conf_fail(key, err, BMC_EINVAL, "key `%s` is too long",
				     name);
	return image_keys_add(upd_policy.keys, name, pem, n, err);
}

static int read_keys(const struct bmc_conf *list, struct bmc_error *err)
{
	int r = BMC_OK;

	upd_policy.keys = image_keys_new();
	if (!upd_policy.keys)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the trusted keys");
	for (const struct bmc_conf *c = list ? list->child : NULL; c && r == BMC_OK;
	     c = c->next)
		r = read_key(c, err);
	return r;
}

int upd_policy_init(const struct bmc_conf *update, struct bmc_error *err)
{
	struct upd_policy *p = &upd_policy;

	p->unsigned_allowed = bmc_conf_num(update, "unsigned", 0) != 0;
	p->addresses = (enum upd_addresses)bmc_conf_num(update, "addresses", 0);
	p->redirects = (unsigned)bmc_conf_num(update, "redirects", 0);
	p->verify = bmc_conf_num(update, "verify", 0) != 0;
	p->timeout_ms = bmc_conf_num(update, "timeout", 0);
	p->unpacked = (uint64_t)bmc_conf_num(update, "max_unpacked", 0);
	(void)bmc_copy(p->ca, sizeof(p->ca), bmc_conf_text(update, "ca", ""));
	(void)bmc_copy(p->known_hosts, sizeof(p->known_hosts),
		       bmc_conf_text(update, "ssh_known_hosts", ""));
	int r = take_schemes(bmc_conf_text(update, "schemes", ""), err);

	return r == BMC_OK ? read_keys(bmc_conf_find(update, "keys"), err) : r;
}

void upd_policy_done(void)
{
	upd_policy.keys = image_keys_free(upd_policy.keys);
}
