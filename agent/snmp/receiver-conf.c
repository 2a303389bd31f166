// SPDX-License-Identifier: Apache-2.0
/* Receivers of notifications: from the config to a copy of it, checked. Called by the
 * engine at start, and by main for a reload and for clusterbmcd -t. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/ports/subscriptions.h"
#include "snmp/agentx/agentx.h"
#include "snmp/receiver.h"

/* The same for the same receiver, wherever it stands in the list: FNV-1a of what it is.
 */
static void make_id(struct sn_receiver *r)
{
	char text[SN_HOST_MAX + BMC_ID_MAX + 32];
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	(void)snprintf(text, sizeof(text), "%s %d %d %d %s", r->host, r->port,
		       r->v1 ? 2 : r->v3, r->inform, r->user.name);
	for (const char *p = text; *p; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	(void)snprintf(r->id, sizeof(r->id), BMC_CONFIGURED_PREFIX "%016" PRIx64, hash);
}

static int read_user(const struct bmc_conf *c, const struct sn_access *access,
		     struct sn_receiver *r, struct bmc_error *err)
{
	const char *user = bmc_conf_text(c, "user", "");
	const struct sn_entry *e = sn_access_user(access, user);

	if (!e)
		return bmc_conf_fail(c, err, BMC_ENOTFOUND,
				     "there is no user %s in snmp.users to send as",
				     user);
	r->user = *e;
	return 0;
}

static int read_one(const struct bmc_conf *c, const struct sn_access *access,
		    struct sn_receiver *r, struct bmc_error *err)
{
	bmc_copy(r->host, sizeof(r->host), bmc_conf_text(c, "host", ""));
	r->port = (int)bmc_conf_num(c, "port", 0);
	r->inform = bmc_conf_num(c, "inform", 0) == 1;
	r->v3 = strcmp(bmc_conf_text(c, "version", ""), "v3") == 0;
	r->v1 = strcmp(bmc_conf_text(c, "version", ""), "v1") == 0;
	if (r->v1 && r->inform)
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "v1 has no informs: send traps, or v2c");
	if (!r->v3) {
		bmc_copy(r->community, sizeof(r->community),
			 bmc_conf_text(c, "community", ""));
		return 0;
	}
	return read_user(c, access, r, err);
}

static void add_master(struct sn_receiver *r)
{
	r->master = true;
	bmc_copy(r->host, sizeof(r->host), "AgentX master");
	make_id(r);
}

int sn_receivers_read(const struct bmc_conf *snmp, const struct sn_access *access,
		      struct sn_receivers **ret, struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(snmp, "receivers");
	struct sn_receivers *all = calloc(1, sizeof(*all));
	int r = 0;

	if (!all)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	for (const struct bmc_conf *c = list ? list->child : NULL; c && r == 0;
	     c = c->next) {
		if (all->n == SN_CONFIGURED_MAX)
			r = bmc_conf_fail(c, err, BMC_ENOSPC, "at most %d receivers",
					  SN_CONFIGURED_MAX);
		else
			r = read_one(c, access, &all->one[all->n++], err);
		if (r == 0)
			make_id(&all->one[all->n - 1]);
	}
	if (r == 0 && sn_agentx_notifies(snmp))
		add_master(&all->one[all->n++]);
	if (r == 0)
		*ret = all;
	else
		sn_receivers_free(all);
	return r;
}

void sn_receivers_free(struct sn_receivers *all)
{
	if (!all)
		return;
	bmc_wipe(all, sizeof(*all));
	free(all);
}
