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
/* What every user may read when no view is named: the system and snmp groups, the network
 * interfaces, the engine's and USM's counters, and the MIB itself. Not the tables of users and access rights. */
static const char *const common_view[] = {
	".1.3.6.1.2.1.1", ".1.3.6.1.2.1.2.2", ".1.3.6.1.2.1.4.20", ".1.3.6.1.2.1.11",
	".1.3.6.1.2.1.31.1.1", ".1.3.6.1.6.3.1", ".1.3.6.1.6.3.10.2",
	".1.3.6.1.6.3.11.2", ".1.3.6.1.6.3.15.1.1", NULL,
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

/* A subtree of a view; for writing it is cut down to the MIB. */
static void add_subtree(const struct sn_subtree *s, const char *name, bool writing)
{
	size_t shared = MIN(s->at.len, sn_base.len);
	bool related = netsnmp_oid_equals(s->at.id, shared, sn_base.id, shared) == 0;
	bool whole = writing && s->included && s->at.len < sn_base.len;
	char at[1024];

	if (writing && s->included && !related)
		return;
	snprint_objid(at, sizeof(at), whole ? sn_base.id : s->at.id,
		      whole ? sn_base.len : s->at.len);
	configure("view %s %s %s", name, s->included ? "included" : "excluded", at);
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

static void add_rights(const struct sn_access *a, size_t i)
{
	const struct sn_entry *e = &a->entries[i];
	const char *level = !e->v3 ? "noauth" : e->priv ? "priv" : "auth";
	char name[80], writing[24] = "none";

	if (sn_access_writes(e))
		snprintf(writing, sizeof(writing), "w%zu", i);
	configure("group g%zu %s %s", i, e->v3 ? "usm" : "v2c",
		  quoted(e->name, name, sizeof(name)));
	configure("access g%zu \"\" %s %s exact r%zu %s none", i, e->v3 ? "usm" : "v2c",
		  level, i, writing);
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
		if (!e->v3)
			add_community(e);
		else if (!same_keys(e, was))
			add_user(e);
		add_views(a, i);
		add_rights(a, i);
	}
}
