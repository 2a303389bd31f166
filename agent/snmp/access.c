// SPDX-License-Identifier: Apache-2.0
/* The communities, users and roles that are in force, and who sent a request. Called by
 * the engine and by SET. */
#include "snmp/access.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/util.h"

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
static const struct { const char *token; const oid *id; size_t len; } protocols[] = {
	{ "SHA",     PROTOCOL(usmHMACSHA1AuthProtocol) },
	{ "SHA-224", PROTOCOL(usmHMAC128SHA224AuthProtocol) },
	{ "SHA-256", PROTOCOL(usmHMAC192SHA256AuthProtocol) },
	{ "SHA-384", PROTOCOL(usmHMAC256SHA384AuthProtocol) },
	{ "SHA-512", PROTOCOL(usmHMAC384SHA512AuthProtocol) },
	{ "AES",     PROTOCOL(usmAESPrivProtocol) },
	{ "AES-192", PROTOCOL(usmAES192PrivProtocol) },
	{ "AES-256", PROTOCOL(usmAES256PrivProtocol) },
};
/* clang-format on */

static struct sn_access *in_force;

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

bool sn_access_writes(const struct sn_entry *e)
{
	return roles[e->role].writes;
}

void sn_access_use(struct sn_access *a)
{
	struct sn_access *was = in_force;

	in_force = a;
	sn_vacm_apply(a, was);
	sn_access_free(was);
}

void sn_access_done(void)
{
	sn_access_free(in_force);
	in_force = NULL;
}

void sn_access_switch(bool v2c, bool v3)
{
	bool communities = in_force && in_force->n_communities > 0;

	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V1, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V2c,
			       !v2c || !communities);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_V3, !v3);
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
	if (!in_force)
		return NULL;
	if (pdu->version == SNMP_VERSION_3)
		return pdu->securityName ? sn_access_user(in_force, pdu->securityName)
					 : NULL;
	for (size_t i = 0; i < in_force->n_communities; i++) {
		const struct sn_entry *e = &in_force->entries[i];
		if (strlen(e->community) == pdu->community_len &&
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
