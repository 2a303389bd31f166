// SPDX-License-Identifier: Apache-2.0
/* Communities, users, views and roles: from the config to net-snmp's tables and, for
 * each request, to the actor of the door. Called by the engine and by SET. */
#include "snmp/access.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "snmp/value.h"

struct role {
	const char *word;
	uint32_t privileges;
	bool writes;
};

/* In the order of the config's words. */
static const struct role roles[] = {
	{ "Administrator",
	  BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF | BMC_PRIV_CONFIGURE_COMPONENTS |
		  BMC_PRIV_CONFIGURE_USERS | BMC_PRIV_CONFIGURE_MANAGER,
	  true },
	{ "Operator",
	  BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF | BMC_PRIV_CONFIGURE_COMPONENTS,
	  true },
	{ "ReadOnly", BMC_PRIV_LOGIN | BMC_PRIV_CONFIGURE_SELF, false },
};

/* clang-format off */
#define PROTOCOL(oids) (oids), OID_LENGTH(oids)
static const struct { const char *word, *token; const oid *id; size_t len; } protocols[] = {
	{ "sha1",   "SHA",     PROTOCOL(usmHMACSHA1AuthProtocol) },
	{ "sha224", "SHA-224", PROTOCOL(usmHMAC128SHA224AuthProtocol) },
	{ "sha256", "SHA-256", PROTOCOL(usmHMAC192SHA256AuthProtocol) },
	{ "sha384", "SHA-384", PROTOCOL(usmHMAC256SHA384AuthProtocol) },
	{ "sha512", "SHA-512", PROTOCOL(usmHMAC384SHA512AuthProtocol) },
	{ "aes128", "AES",     PROTOCOL(usmAESPrivProtocol) },
	{ "aes192", "AES-192", PROTOCOL(usmAES192PrivProtocol) },
	{ "aes256", "AES-256", PROTOCOL(usmAES256PrivProtocol) },
};

/* What every user may read when no view is named: the system and snmp groups, the network
 * interfaces, the engine's and USM's counters, and the MIB itself. Not the tables of users and access rights. */
static const char *const common_view[] = {
	".1.3.6.1.2.1.1", ".1.3.6.1.2.1.2.2", ".1.3.6.1.2.1.4.20", ".1.3.6.1.2.1.11",
	".1.3.6.1.2.1.31.1.1", ".1.3.6.1.6.3.1", ".1.3.6.1.6.3.10.2",
	".1.3.6.1.6.3.11.2", ".1.3.6.1.6.3.15.1.1", NULL,
};
/* clang-format on */

static struct sn_entry entries[SN_ENTRIES_MAX];
static size_t n_entries, n_communities;
static const struct bmc_conf *views;

const oid *sn_access_protocol(const char *token, size_t *ret_len)
{
	for (size_t i = 0; token && i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(protocols[i].token, token) == 0) {
			*ret_len = protocols[i].len;
			return protocols[i].id;
		}
	}
	*ret_len = 0;
	return NULL;
}

static const char *protocol_token(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(protocols[i].word, word) == 0)
			return protocols[i].token;
	}
	return NULL;
}

static const struct sn_entry *find(const char *name, bool v3)
{
	for (size_t i = 0; i < n_entries; i++) {
		if (entries[i].v3 == v3 && strcmp(entries[i].name, name) == 0)
			return &entries[i];
	}
	return NULL;
}

const struct sn_entry *sn_access_user(const char *name)
{
	return find(name, true);
}

static unsigned role_of(const struct bmc_conf *c)
{
	const char *word = bmc_conf_text(c, "role", "ReadOnly");

	for (unsigned i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(roles[i].word, word) == 0)
			return i;
	}
	return ARRAY_SIZE(roles) - 1; /* the one that may least */
}

/* A community is its own password, so the audit knows it by another name. */
static void name_entry(const struct bmc_conf *c, struct sn_entry *e)
{
	const char *name = bmc_conf_text(c, e->v3 ? "name" : "actor", "");

	bmc_copy(e->name, sizeof(e->name), name);
	if (!*e->name)
		snprintf(e->name, sizeof(e->name), "community%zu", n_entries + 1);
}

static int add_entry(const struct bmc_conf *c, bool v3, struct bmc_error *err)
{
	struct sn_entry e = { .v3 = v3, .role = role_of(c) };

	name_entry(c, &e);
	if (n_entries == SN_ENTRIES_MAX)
		return bmc_fail(err, BMC_ENOSPC,
				"%s:%d: at most %d communities and users", c->file,
				c->line, SN_ENTRIES_MAX);
	if (find(e.name, v3))
		return bmc_fail(err, BMC_EEXIST, "%s:%d: %s is there already", c->file,
				c->line, e.name);
	e.community = bmc_conf_text(c, "name", "");
	e.auth = protocol_token(bmc_conf_text(c, "auth", NULL));
	e.priv = protocol_token(bmc_conf_text(c, "priv", NULL));
	e.auth_passphrase = bmc_conf_text(c, "auth_passphrase", "");
	e.priv_passphrase = bmc_conf_text(c, "priv_passphrase", e.auth_passphrase);
	e.view = bmc_conf_text(c, "view", NULL);
	entries[n_entries++] = e;
	return 0;
}

static int add_list(const struct bmc_conf *list, bool v3, struct bmc_error *err)
{
	int r = 0;

	for (const struct bmc_conf *c = list ? list->child : NULL; c && r == 0;
	     c = c->next)
		r = add_entry(c, v3, err);
	return r;
}

int sn_access_init(const struct bmc_conf *snmp, struct bmc_error *err)
{
	n_entries = 0;
	views = bmc_conf_find(snmp, "views");
	int r = add_list(bmc_conf_find(snmp, "communities"), false, err);
	n_communities = n_entries;
	if (r == 0)
		r = add_list(bmc_conf_find(snmp, "users"), true, err);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V1, 1);
	sn_access_switch(true, true);
	return r;
}

void sn_access_count(unsigned *ret_communities, unsigned *ret_users)
{
	*ret_communities = (unsigned)n_communities;
	*ret_users = (unsigned)(n_entries - n_communities);
}

void sn_access_switch(bool v2c, bool v3)
{
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V2c,
			       !v2c || n_communities == 0);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V3, !v3);
}

/* Gives net-snmp one line of its own configuration language. */
__attribute__((format(printf, 1, 2))) static void tell(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(line))
		netsnmp_config(line);
	bmc_wipe(line, sizeof(line));
}

/* A text between double quotes, as net-snmp's tokenizer takes it. */
static const char *quoted(const char *text, char *buf, size_t size)
{
	size_t n = 0;

	buf[n++] = '"';
	for (; *text && n + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			buf[n++] = '\\';
		buf[n++] = *text;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return buf;
}

/* Some subtrees of a named view, by its config key; those for writing only below the
 * MIB. */
static void add_subtrees(const struct bmc_conf *view, const char *key, const char *name,
			 bool writing)
{
	const struct bmc_conf *list = bmc_conf_find(view, key);
	bool included = strcmp(key, "include") == 0;
	char root[128];
	struct sn_oid at;

	snprint_objid(root, sizeof(root), sn_base.id, sn_base.len);
	for (const struct bmc_conf *c = list ? list->child : NULL; c; c = c->next) {
		if (!c->text || !sn_oid_parse(c->text, &at))
			continue;
		size_t shared = MIN(at.len, sn_base.len);
		bool related =
			netsnmp_oid_equals(at.id, shared, sn_base.id, shared) == 0;
		if (writing && included && !related)
			continue;
		bool whole = writing && included && at.len < sn_base.len;
		tell("view %s %s %s", name, included ? "included" : "excluded",
		     whole ? root : c->text);
	}
}

static const struct bmc_conf *find_view(const char *name)
{
	for (const struct bmc_conf *c = views && name ? views->child : NULL; c;
	     c = c->next) {
		if (strcmp(bmc_conf_text(c, "name", ""), name) == 0)
			return c;
	}
	return NULL;
}

/* Makes views r<i> and w<i> of entry i. */
static void add_views(size_t i)
{
	const struct bmc_conf *own = find_view(entries[i].view);
	const char *const *common = common_view;
	char name[2][24], root[128];

	snprintf(name[0], sizeof(name[0]), "r%zu", i);
	snprintf(name[1], sizeof(name[1]), "w%zu", i);
	for (int writing = 0; own && writing < 2; writing++) {
		add_subtrees(own, "include", name[writing], writing);
		add_subtrees(own, "exclude", name[writing], writing);
	}
	if (own)
		return;
	snprint_objid(root, sizeof(root), sn_base.id, sn_base.len);
	for (; *common; common++)
		tell("view %s included %s", name[0], *common);
	tell("view %s included %s", name[0], root);
	tell("view %s included %s", name[1], root);
}

static int add_user(const struct sn_entry *e, struct bmc_error *err)
{
	char name[80], auth[300], priv[300], line[800];

	if (strlen(e->auth_passphrase) < 8 ||
	    (e->priv && strlen(e->priv_passphrase) < 8))
		return bmc_fail(err, BMC_ERANGE,
				"SNMP user %s: a passphrase has 8 characters or more",
				e->name);
	snprintf(line, sizeof(line), "%s %s %s %s %s",
		 quoted(e->name, name, sizeof(name)), e->auth,
		 quoted(e->auth_passphrase, auth, sizeof(auth)), e->priv ? e->priv : "",
		 e->priv ? quoted(e->priv_passphrase, priv, sizeof(priv)) : "");
	usm_parse_create_usmUser("createUser", line);
	bmc_wipe(line, sizeof(line));
	bmc_wipe(auth, sizeof(auth));
	bmc_wipe(priv, sizeof(priv));
	return 0;
}

static void add_community(const struct sn_entry *e)
{
	char name[80], secret[300];

	quoted(e->name, name, sizeof(name));
	quoted(e->community, secret, sizeof(secret));
	tell("com2sec %s default %s", name, secret);
	tell("com2sec6 %s default %s", name, secret);
	bmc_wipe(secret, sizeof(secret));
}

static int apply(size_t i, struct bmc_error *err)
{
	const struct sn_entry *e = &entries[i];
	const char *level = !e->v3 ? "noauth" : e->priv ? "priv" : "auth";
	const char *model = e->v3 ? "usm" : "v2c";
	char name[80];
	int r = 0;

	if (e->view && !find_view(e->view))
		return bmc_fail(err, BMC_ENOTFOUND, "SNMP %s: there is no view %s",
				e->name, e->view);
	if (e->v3)
		r = add_user(e, err);
	else
		add_community(e);
	add_views(i);
	tell("group g%zu %s %s", i, model, quoted(e->name, name, sizeof(name)));
	if (roles[e->role].writes)
		tell("access g%zu \"\" %s %s exact r%zu w%zu none", i, model, level, i,
		     i);
	else
		tell("access g%zu \"\" %s %s exact r%zu none none", i, model, level, i);
	return r;
}

int sn_access_apply(struct bmc_error *err)
{
	int r = 0;

	for (size_t i = 0; i < n_entries && r == 0; i++)
		r = apply(i, err);
	return r;
}

void sn_access_client(const netsnmp_pdu *pdu, char *ret, size_t size)
{
	const struct sockaddr *sa =
		pdu->transport_data; /* begins with it, see transport.c */

	*ret = '\0';
	if (!sa || pdu->transport_data_length < (int)sizeof(struct sockaddr_in6))
		return;
	bmc_address_format(sa, sizeof(struct sockaddr_in6), ret, size);
}

static const struct sn_entry *entry_of(const netsnmp_pdu *pdu)
{
	if (pdu->version == SNMP_VERSION_3)
		return pdu->securityName ? sn_access_user(pdu->securityName) : NULL;
	for (size_t i = 0; i < n_entries; i++) {
		const struct sn_entry *e = &entries[i];
		if (!e->v3 && strlen(e->community) == pdu->community_len &&
		    memcmp(e->community, pdu->community, pdu->community_len) == 0)
			return e;
	}
	return NULL;
}

void sn_access_actor(const netsnmp_pdu *pdu, struct bmc_actor *ret)
{
	const struct sn_entry *e = entry_of(pdu);

	*ret = (struct bmc_actor){ .fresh = true };
	bmc_copy(ret->origin, sizeof(ret->origin), "snmp");
	sn_access_client(pdu, ret->client, sizeof(ret->client));
	if (!e)
		return;
	bmc_copy(ret->name, sizeof(ret->name), e->name);
	bmc_copy(ret->role, sizeof(ret->role), roles[e->role].word);
	ret->privileges = roles[e->role].privileges;
}
