// SPDX-License-Identifier: Apache-2.0
/* Receivers that users have subscribed: from rows and what is secret of them to what
 * receiver.c and access.c take, beside those of the config. Called by the engine. */
#include <stdlib.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/service.h"
#include "core/ports/subscriptions.h"
#include "core/snapshot/snapshot.h"
#include "snmp/receiver.h"

/* A view without subtrees: who sends notifications need not read anything. */
#define NOTHING   "-"
#define READ_ONLY 2u /* the role, as access.c numbers them */

/* clang-format off */
static const struct { enum bmc_snmp_auth value; const char *token; } auths[] = {
	{ BMC_SNMP_AUTH_SHA1, "SHA" }, { BMC_SNMP_AUTH_SHA224, "SHA-224" },
	{ BMC_SNMP_AUTH_SHA256, "SHA-256" }, { BMC_SNMP_AUTH_SHA384, "SHA-384" },
	{ BMC_SNMP_AUTH_SHA512, "SHA-512" },
};
static const struct { enum bmc_snmp_priv value; const char *token; } privs[] = {
	{ BMC_SNMP_PRIV_AES128, "AES" }, { BMC_SNMP_PRIV_AES192, "AES-192" },
	{ BMC_SNMP_PRIV_AES256, "AES-256" },
};
/* clang-format on */

static const char *auth_token(int64_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(auths); i++) {
		if (auths[i].value == value)
			return auths[i].token;
	}
	return NULL;
}

static const char *priv_token(int64_t value)
{
	for (size_t i = 0; i < ARRAY_SIZE(privs); i++) {
		if (privs[i].value == value)
			return privs[i].token;
	}
	return NULL;
}

/* The value of a line "NAME VALUE" of what is secret. */
static void secret_of(const char *secrets, const char *name, char *to, size_t size)
{
	size_t n = strlen(name);

	*to = '\0';
	for (const char *at = secrets; at && *at;) {
		size_t len = strcspn(at, "\n");
		if (strncmp(at, name, n) == 0 && at[n] == ' ')
			(void)bmc_copy(to, MIN(size, len - n), at + n + 1);
		at += len + (at[len] == '\n');
	}
}

/* A user of the config sends as it is there; another one is added, without any right to
 * read. */
static bool take_user(struct sn_receiver *r, const struct bmc_subscription *row,
		      const char *name, const char *secrets, struct sn_access *access)
{
	const struct sn_entry *is = sn_access_user(access, name);
	struct sn_entry e = { .v3 = true, .role = READ_ONLY };

	(void)bmc_copy(e.name, sizeof(e.name), name);
	(void)bmc_copy(e.view, sizeof(e.view), NOTHING);
	e.auth = auth_token(row->snmp_auth);
	e.priv = priv_token(row->snmp_priv);
	secret_of(secrets, BMC_SECRET_AUTH_KEY, e.auth_passphrase,
		  sizeof(e.auth_passphrase));
	secret_of(secrets, BMC_SECRET_PRIV_KEY, e.priv_passphrase,
		  sizeof(e.priv_passphrase));
	bool own = e.auth && e.auth_passphrase[0];
	bool ok = own ? !is || sn_access_same_keys(is, &e) : is != NULL;
	if (ok && !is && access->n_entries < SN_ENTRIES_MAX)
		access->entries[access->n_entries++] = e;
	else
		ok = ok && is;
	r->user = own ? e : is ? *is : e;
	bmc_wipe(&e, sizeof(e));
	return ok;
}

static bool fill(struct sn_receiver *r, const struct bmc_subscription *row,
		 struct sn_access *access)
{
	struct bmc_snmp_uri uri;
	bool ok = bmc_snmp_uri_parse(row->destination, &uri);
	char *secrets =
		bmc_subscriptions ? bmc_subscriptions->secrets(row->row.id) : NULL;

	(void)bmc_copy(r->host, sizeof(r->host), uri.host);
	(void)bmc_copy(r->id, sizeof(r->id), row->row.id);
	r->port = uri.port;
	r->inform = row->type == BMC_SUBSCRIBER_SNMP_INFORM;
	r->v3 = row->protocol == BMC_EVENTS_SNMP_V3;
	if (r->v3)
		ok = ok && take_user(r, row, uri.user, secrets, access);
	else
		secret_of(secrets, BMC_SECRET_COMMUNITY, r->community,
			  sizeof(r->community));
	if (secrets)
		bmc_wipe(secrets, strlen(secrets));
	free(secrets);
	return ok;
}

void sn_receivers_add_rows(struct sn_receivers *all, struct sn_access *access,
			   const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_SUBSCRIPTION, &rows);

	for (size_t i = 0; i < n && all->n < SN_RECEIVERS_MAX; i++) {
		const struct bmc_subscription *row =
			(const struct bmc_subscription *)rows[i];
		struct sn_receiver *r = &all->one[all->n];
		if ((row->type != BMC_SUBSCRIBER_SNMP_TRAP &&
		     row->type != BMC_SUBSCRIBER_SNMP_INFORM) ||
		    row->configured == 1 || row->suspended == 1)
			continue;
		memset(r, 0, sizeof(*r));
		if (fill(r, row, access))
			all->n++;
		else
			log_warning("snmp: subscription %s sends nothing: its user has "
				    "no keys, or others than the configuration's",
				    row->row.id);
	}
}

/* ---- those of the config, as rows ---- */

static void show(const struct sn_receiver *r, struct bmc_subscription *row)
{
	bool v6 = strchr(r->host, ':') != NULL;

	row->type = r->inform ? BMC_SUBSCRIBER_SNMP_INFORM : BMC_SUBSCRIBER_SNMP_TRAP;
	row->protocol = r->v3   ? BMC_EVENTS_SNMP_V3
			: r->v1 ? BMC_EVENTS_SNMP_V1
				: BMC_EVENTS_SNMP_V2C;
	row->snmp_auth = r->v3 ? BMC_SNMP_AUTH_NONE : BMC_SNMP_AUTH_COMMUNITY;
	row->snmp_priv = BMC_SNMP_PRIV_NONE;
	for (size_t i = 0; r->user.auth && i < ARRAY_SIZE(auths); i++) {
		if (strcmp(auths[i].token, r->user.auth) == 0)
			row->snmp_auth = auths[i].value;
	}
	for (size_t i = 0; r->user.priv && i < ARRAY_SIZE(privs); i++) {
		if (strcmp(privs[i].token, r->user.priv) == 0)
			row->snmp_priv = privs[i].value;
	}
	(void)snprintf(row->destination, sizeof(row->destination),
		       "snmp://%s%s%s%s%s:%d", r->v3 ? r->user.name : "",
		       r->v3 ? "@" : "", v6 ? "[" : "", r->host, v6 ? "]" : "",
		       r->port);
}

void sn_receivers_each_row(const struct sn_receivers *all,
			   void (*each)(const struct bmc_subscription *row))
{
	for (size_t i = 0; i < all->n; i++) {
		struct bmc_subscription row = { .row = { .kind = BMC_SUBSCRIPTION } };
		if (all->one[i].master) /* its receivers are not ours */
			continue;
		row.policy = BMC_RETRY_UNKNOWN;
		row.verify = row.heartbeat_minutes = BMC_UNKNOWN;
		row.row.index[0] = (1U << 30) + (uint32_t)i; /* behind all others */
		(void)snprintf(row.row.id, sizeof(row.row.id), "snmp%zu", i + 1);
		show(&all->one[i], &row);
		each(&row);
	}
}
