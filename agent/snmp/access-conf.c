// SPDX-License-Identifier: Apache-2.0
/* Communities, users and views: from the config to a copy of it, checked. Called by the
 * engine at start, and by main for a reload and for clusterbmcd -t. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/access.h"

/* In the order of access.c's roles. */
static const char *const roles[] = { "Administrator", "Operator", "ReadOnly" };

/* clang-format off */
static const struct { const char *word, *token; } protocols[] = {
	{ "sha1", "SHA" },       { "sha224", "SHA-224" }, { "sha256", "SHA-256" },
	{ "sha384", "SHA-384" }, { "sha512", "SHA-512" }, { "aes128", "AES" },
	{ "aes192", "AES-192" }, { "aes256", "AES-256" }, { "none", NULL },
};
/* clang-format on */

static const char *protocol_token(const struct bmc_conf *c, const char *key)
{
	const char *word = bmc_conf_text(c, key, "");

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(protocols[i].word, word) == 0)
			return protocols[i].token;
	}
	return NULL;
}

static unsigned role_of(const struct bmc_conf *c)
{
	const char *word = bmc_conf_text(c, "role", "");

	for (unsigned i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(roles[i], word) == 0)
			return i;
	}
	return ARRAY_SIZE(roles) - 1; /* the one that may least */
}

static const struct sn_entry *find(const struct sn_access *a, const char *name, bool v3,
				   bool tls)
{
	for (size_t i = 0; i < a->n_entries; i++) {
		if (a->entries[i].v3 == v3 && a->entries[i].tls == tls &&
		    strcmp(a->entries[i].name, name) == 0)
			return &a->entries[i];
	}
	return NULL;
}

const struct sn_entry *sn_access_user(const struct sn_access *a, const char *name)
{
	return find(a, name, true, false);
}

const struct sn_entry *sn_access_tls(const struct sn_access *a, const char *name)
{
	return find(a, name, false, true);
}

/* 32 octets in hexadecimal digits, with or without colons. */
static bool parse_fingerprint(const char *text, uint8_t ret[SN_FINGERPRINT])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text; text++) {
		const char *digit = strchr(digits, *text >= 'A' ? *text | 0x20 : *text);
		if (*text == ':' && n > 0 && n % 2 == 0)
			continue;
		if (!digit || n == 2 * SN_FINGERPRINT)
			return false;
		ret[n / 2] = (uint8_t)(ret[n / 2] << 4 | (digit - digits));
		n++;
	}
	return n == 2 * SN_FINGERPRINT;
}

/* Two entries with one certificate would be one client with two names. */
static int check_fingerprint(const struct sn_access *a, const struct sn_entry *e,
			     const struct bmc_conf *c, struct bmc_error *err)
{
	uint8_t print[SN_FINGERPRINT] = { 0 };

	if (!parse_fingerprint(bmc_conf_text(c, "fingerprint", ""), print))
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "%s: the fingerprint is no SHA-256: 64 "
				     "hexadecimal digits",
				     e->name);
	for (size_t i = a->n_communities + a->n_users; i < a->n_entries; i++) {
		if (memcmp(a->entries[i].fingerprint, print, sizeof(print)) == 0)
			return bmc_conf_fail(c, err, BMC_EEXIST,
					     "%s and %s have one certificate",
					     a->entries[i].name, e->name);
	}
	return 0;
}

bool sn_access_same_keys(const struct sn_entry *a, const struct sn_entry *b)
{
	return a->auth == b->auth && a->priv == b->priv &&
	       strcmp(a->auth_passphrase, b->auth_passphrase) == 0 &&
	       strcmp(a->priv_passphrase, b->priv_passphrase) == 0;
}

/* A community is its own password, so the audit knows it by another name. */
static void name_entry(const struct bmc_conf *c, struct sn_entry *e, size_t number)
{
	bmc_copy(e->name, sizeof(e->name),
		 bmc_conf_text(c, e->v3 || e->tls ? "name" : "actor", ""));
	if (!*e->name)
		snprintf(e->name, sizeof(e->name), "community%zu", number);
}

static void fill(const struct bmc_conf *c, struct sn_entry *e)
{
	const char *auth = bmc_conf_text(c, "auth_passphrase", "");

	bmc_copy(e->view, sizeof(e->view), bmc_conf_text(c, "view", ""));
	if (e->tls)
		(void)parse_fingerprint(bmc_conf_text(c, "fingerprint", ""),
					e->fingerprint);
	if (e->tls)
		return;
	if (!e->v3) {
		bmc_copy(e->community, sizeof(e->community),
			 bmc_conf_text(c, "name", ""));
		return;
	}
	e->auth = protocol_token(c, "auth");
	e->priv = protocol_token(c, "priv");
	bmc_copy(e->auth_passphrase, sizeof(e->auth_passphrase), auth);
	bmc_copy(e->priv_passphrase, sizeof(e->priv_passphrase),
		 bmc_conf_text(c, "priv_passphrase", ""));
}

static int check_entry(const struct sn_access *a, const struct sn_entry *e,
		       const struct bmc_conf *c, struct bmc_error *err)
{
	bool seen = !*e->view;

	if (a->n_entries == SN_ENTRIES_MAX)
		return bmc_conf_fail(c, err, BMC_ENOSPC,
				     "at most %d communities, users and clients",
				     SN_ENTRIES_MAX);
	if (find(a, e->name, e->v3, e->tls))
		return bmc_conf_fail(c, err, BMC_EEXIST, "%s is there already",
				     e->name);
	for (size_t i = 0; i < a->n_subtrees && !seen; i++)
		seen = strcmp(a->subtrees[i].view, e->view) == 0;
	if (!seen)
		return bmc_conf_fail(c, err, BMC_ENOTFOUND, "there is no view %s",
				     e->view);
	if (e->v3 && (!e->auth || strlen(e->auth_passphrase) < 8 ||
		      (e->priv && strlen(e->priv_passphrase) < 8)))
		return bmc_conf_fail(c, err, BMC_ERANGE,
				     "%s: a passphrase of 8 characters or more is "
				     "wanted for authentication and, unless priv is "
				     "none, for encryption",
				     e->name);
	return e->tls ? check_fingerprint(a, e, c, err) : 0;
}

static int read_entries(struct sn_access *a, const struct bmc_conf *list,
			const struct sn_entry *kind, struct bmc_error *err)
{
	int r = 0;

	for (const struct bmc_conf *c = list ? list->child : NULL; c && r == 0;
	     c = c->next) {
		struct sn_entry e = *kind;
		e.role = role_of(c);
		name_entry(c, &e, a->n_entries + 1);
		fill(c, &e);
		r = check_entry(a, &e, c, err);
		if (r == 0)
			a->entries[a->n_entries++] = e;
		bmc_wipe(&e, sizeof(e));
	}
	return r;
}

static int read_subtrees(struct sn_access *a, const struct bmc_conf *view,
			 const char *key, struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(view, key);

	for (const struct bmc_conf *c = list ? list->child : NULL; c; c = c->next) {
		struct sn_subtree *more =
			reallocarray(a->subtrees, a->n_subtrees + 1, sizeof(*more));
		if (!more)
			return bmc_fail(err, BMC_ENOMEM, "out of memory");
		a->subtrees = more;
		more += a->n_subtrees;
		more->included = strcmp(key, "include") == 0;
		bmc_copy(more->view, sizeof(more->view),
			 bmc_conf_text(view, "name", ""));
		if (!c->text || !sn_oid_parse(c->text, &more->at))
			return bmc_conf_fail(c, err, BMC_EINVAL, "%s is no OID",
					     c->text ? c->text : "that");
		a->n_subtrees++;
	}
	return 0;
}

static int read_views(struct sn_access *a, const struct bmc_conf *views,
		      struct bmc_error *err)
{
	int r = 0;

	for (const struct bmc_conf *c = views ? views->child : NULL; c && r == 0;
	     c = c->next) {
		r = read_subtrees(a, c, "include", err);
		if (r == 0)
			r = read_subtrees(a, c, "exclude", err);
	}
	return r;
}

int sn_access_read(const struct bmc_conf *snmp, struct sn_access **ret,
		   struct bmc_error *err)
{
	static const struct sn_entry community = { 0 }, user = { .v3 = true },
				     client = { .tls = true };
	const struct bmc_conf *tls = bmc_conf_find(snmp, "tls");
	struct sn_access *a = calloc(1, sizeof(*a));

	if (!a)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	a->v1 = bmc_conf_num(snmp, "v1", 0) != 0;
	int r = read_views(a, bmc_conf_find(snmp, "views"), err);
	if (r == 0)
		r = read_entries(a, bmc_conf_find(snmp, "communities"), &community,
				 err);
	a->n_communities = a->n_entries;
	if (r == 0)
		r = read_entries(a, bmc_conf_find(snmp, "users"), &user, err);
	a->n_users = a->n_entries - a->n_communities;
	if (r == 0)
		r = read_entries(a, bmc_conf_find(tls, "clients"), &client, err);
	if (r == 0)
		*ret = a;
	else
		sn_access_free(a);
	return r;
}

struct sn_access *sn_access_copy(const struct sn_access *a)
{
	struct sn_access *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *a;
	copy->subtrees = NULL;
	if (!a->n_subtrees)
		return copy;
	copy->subtrees = calloc(a->n_subtrees, sizeof(*copy->subtrees));
	if (copy->subtrees) {
		memcpy(copy->subtrees, a->subtrees,
		       a->n_subtrees * sizeof(*copy->subtrees));
		return copy;
	}
	sn_access_free(copy);
	return NULL;
}

void sn_access_free(struct sn_access *a)
{
	if (!a)
		return;
	free(a->subtrees);
	bmc_wipe(a, sizeof(*a));
	free(a);
}
