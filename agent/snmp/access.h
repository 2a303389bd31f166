// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/conf.h"
#include "core/actions/action.h"

/* Who may see and do what over SNMP: the config's communities and users become
 * net-snmp's USM and VACM entries in memory (never a file), and a request's security
 * name becomes the actor that the door asks about. SNMP's thread, but for
 * sn_access_init. */

#define SN_ENTRIES_MAX 64

/** A community or a user of the config. Texts are borrowed from it. */
struct sn_entry {
	char name[BMC_ID_MAX]; /* in the audit; of a user, what it calls itself */
	const char *community, *auth, *auth_passphrase, *priv, *priv_passphrase, *view;
	unsigned role;
	bool v3;
};

/** Before init_snmp: turns off the protocol versions that nobody is let in by. */
int sn_access_init(const struct bmc_conf *snmp, struct bmc_error *err);

/** After init_snmp: makes users, groups and views. */
int sn_access_apply(struct bmc_error *err);

/** How many communities and users the config has. */
void sn_access_count(unsigned *ret_communities, unsigned *ret_users);

/** Which versions are answered; one without a community or user in the config never is.
 */
void sn_access_switch(bool v2c, bool v3);

/** The actor of a request. Name and role are empty for one that nobody knows. */
void sn_access_actor(const netsnmp_pdu *pdu, struct bmc_actor *ret);

/** The user of this name, or NULL. */
const struct sn_entry *sn_access_user(const char *name);

/** net-snmp's OID of an entry's `auth` or `priv`; NULL for none. Borrowed, static. */
const oid *sn_access_protocol(const char *token, size_t *ret_len);

/** The peer's address of a datagram as text. */
void sn_access_client(const netsnmp_pdu *pdu, char *ret, size_t size);
