// SPDX-License-Identifier: Apache-2.0
/* What a config says of communities, users and views, in net-snmp's tables. Most of it
 * is given in net-snmp's own configuration language, line by line. Called by access.c.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/access.h"

/* The library's headers name the first two for its transports only. */
void netsnmp_udp_com2SecList_free(void);
void netsnmp_udp6_com2Sec6List_free(void);

/* clang-format off */
/* What every user may read when no view is named: the standard MIBs about the machine and
 * the agent, the engine's and USM's counters, and the MIB itself. Not the tables of users
 * and access rights: so neither who sends to the receivers of notifications
 * (snmpTargetParamsTable) nor snmpCommunityTable. */
static const char *const common_view[] = {
	".1.3.6.1.2.1.1", ".1.3.6.1.2.1.2", ".1.3.6.1.2.1.4.20", ".1.3.6.1.2.1.11",
	".1.3.6.1.2.1.25", ".1.3.6.1.2.1.31", ".1.3.6.1.2.1.47", ".1.3.6.1.2.1.92", ".1.3.6.1.2.1.99",
	".1.3.6.1.2.1.118", ".1.3.6.1.2.1.131", ".1.3.6.1.2.1.229",
	".1.3.6.1.6.3.1", ".1.3.6.1.6.3.10.2", ".1.3.6.1.6.3.11.2",
	".1.3.6.1.6.3.12.1.2", ".1.3.6.1.6.3.12.1.4", ".1.3.6.1.6.3.12.1.5", ".1.3.6.1.6.3.13.1.1", ".1.3.6.1.6.3.15.1.1", NULL,
};
/* What can be written besides the MIB itself: sysContact, sysName, sysLocation,
 * snmpEnableAuthenTraps, entPhysicalEntry. */
static const char *const common_writable[] = {
	"1.3.6.1.2.1.1.4", "1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.6",
	"1.3.6.1.2.1.11.30", "1.3.6.1.2.1.47.1.1.1.1", NULL,
};
/* clang-format on */

/* Gives net-snmp one line of its own configuration language. */
__attribute__((format(printf, 1, 2))) static void configure(const char *fmt, ...)
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

static void configure_view(const char *name, bool included, const struct sn_oid *at)
{
	char text[1024];

	snprint_objid(text, sizeof(text), at->id, at->len);
	configure("view %s %s %s", name, included ? "included" : "excluded", text);
}

/* A subtree of a view for writing: cut down to one of the roots that can be written. */
static void add_writable(const struct sn_subtree *s, const char *name,
			 const struct sn_oid *root)
{
	size_t shared = MIN(s->at.len, root->len);

	if (netsnmp_oid_equals(s->at.id, shared, root->id, shared) != 0)
		return;
	configure_view(name, s->included,
		       s->included && s->at.len < root->len ? root : &s->at);
}

/* A subtree of a view. */
static void add_subtree(const struct sn_subtree *s, const char *name, bool writing)
{
	struct sn_oid standard;

	if (!writing || !s->included) {
		configure_view(name, s->included, &s->at);
		return;
	}
	add_writable(s, name, &sn_base);
	for (const char *const *common = common_writable; *common; common++) {
		(void)sn_oid_parse(*common, &standard);
		add_writable(s, name, &standard);
	}
}

/* Makes views r<i> and w<i> of entry i. */
static void add_views(const struct sn_access *a, size_t i)
{
	const char *own = a->entries[i].view;
	char name[2][24], root[128];

	snprintf(name[0], sizeof(name[0]), "r%zu", i);
	snprintf(name[1], sizeof(name[1]), "w%zu", i);
	for (size_t k = 0; *own && k < a->n_subtrees; k++) {
		if (strcmp(a->subtrees[k].view, own) != 0)
			continue;
		add_subtree(&a->subtrees[k], name[0], false);
		add_subtree(&a->subtrees[k], name[1], true);
	}
	if (*own)
		return;
	snprint_objid(root, sizeof(root), sn_base.id, sn_base.len);
	for (const char *const *common = common_view; *common; common++)
		configure("view %s included %s", name[0], *common);
	configure("view %s included %s", name[0], root);
	configure("view %s included %s", name[1], root);
	for (const char *const *common = common_writable; *common; common++)
		configure("view %s included %s", name[1], *common);
}

static void add_community(const struct sn_entry *e)
{
	char name[80], secret[300];

	quoted(e->name, name, sizeof(name));
	quoted(e->community, secret, sizeof(secret));
	configure("com2sec %s default %s", name, secret);
	configure("com2sec6 %s default %s", name, secret);
	bmc_wipe(secret, sizeof(secret));
}

/* The security model by which an entry is known, in the library's word. */
static const char *model_of(const struct sn_entry *e)
{
	return e->tls ? "tsm" : e->v3 ? "usm" : "v2c";
}

static const char *level_of(const struct sn_entry *e)
{
	if (e->tls)
		return "priv";
	return !e->v3 ? "noauth" : e->priv ? "priv" : "auth";
}

static void add_rights(const struct sn_access *a, size_t i)
{
	const struct sn_entry *e = &a->entries[i];
	const char *level = level_of(e);
	char name[80], writing[24] = "none";

	if (sn_access_writes(e))
		snprintf(writing, sizeof(writing), "w%zu", i);
	configure("group g%zu %s %s", i, model_of(e),
		  quoted(e->name, name, sizeof(name)));
	configure("access g%zu \"\" %s %s exact r%zu %s none", i, model_of(e), level, i,
		  writing);
	if (!a->v1 || e->v3 || e->tls)
		return;
	configure("group o%zu v1 %s", i, name); /* and writes nothing */
	configure("access o%zu \"\" v1 noauth exact r%zu none none", i, i);
}

/* ---- users ---- */

static void add_user(const struct sn_entry *e)
{
	char name[80], auth[300], priv[300], line[800];

	snprintf(line, sizeof(line), "%s %s %s %s %s",
		 quoted(e->name, name, sizeof(name)), e->auth,
		 quoted(e->auth_passphrase, auth, sizeof(auth)), e->priv ? e->priv : "",
		 e->priv ? quoted(e->priv_passphrase, priv, sizeof(priv)) : "");
	usm_parse_create_usmUser("createUser", line);
	bmc_wipe(line, sizeof(line));
	bmc_wipe(auth, sizeof(auth));
	bmc_wipe(priv, sizeof(priv));
}

/* Whether a user has the keys that it had. */
static bool same_keys(const struct sn_entry *e, const struct sn_access *was)
{
	const struct sn_entry *old = was ? sn_access_user(was, e->name) : NULL;

	return old && sn_access_same_keys(old, e);
}

/* Removes users that are gone or have other keys: here, and as the library knows them
 * at the engines of receivers. */
static void remove_users(const struct sn_access *a, const struct sn_access *was)
{
	struct usmUser *next;

	for (struct usmUser *u = usm_get_userList(); u; u = next) {
		const char *name = u->secName ? u->secName : "";
		const struct sn_entry *e = sn_access_user(a, name);
		next = u->next;
		if (!*name || (e && same_keys(e, was)))
			continue; /* without a name: the library's own, for discovery */
		usm_remove_user(u);
		usm_free_user(u);
	}
}

void sn_vacm_apply(const struct sn_access *a, const struct sn_access *was)
{
	vacm_destroyAllViewEntries();
	vacm_destroyAllGroupEntries();
	vacm_destroyAllAccessEntries();
	netsnmp_udp_com2SecList_free();
	netsnmp_udp6_com2Sec6List_free();
	remove_users(a, was);
	for (size_t i = 0; i < a->n_entries; i++) {
		const struct sn_entry *e = &a->entries[i];
		if (!e->v3 && !e->tls)
			add_community(e);
		else if (e->v3 && !same_keys(e, was))
			add_user(e);
		add_views(a, i);
		add_rights(a, i);
	}
}
