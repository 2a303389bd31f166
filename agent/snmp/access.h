// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "bmc/conf.h"
#include "core/actions/action.h"
#include "snmp/value.h"

/* Who may see and do what over SNMP: the config's communities and users become
 * net-snmp's USM and VACM entries in memory (never a file), and a request's security
 * name becomes the actor that the action API asks about. What the config says is
 * copied, so that a reload can exchange it as a whole. SNMP's thread, but for reading a
 * config. */

#define SN_ENTRIES_MAX    64
#define SN_COMMUNITY_MAX  65 /* with the NUL, as the next */
#define SN_PASSPHRASE_MAX 129
#define SN_FINGERPRINT    32

/** A community, a user or a client over TLS of the config. Zeroed where nothing is
 * said. */
struct sn_entry {
	char name[BMC_ID_MAX]; /* in the audit; of a user, the USM user name */
	char view[BMC_ID_MAX];
	char community[SN_COMMUNITY_MAX];
	char auth_passphrase[SN_PASSPHRASE_MAX], priv_passphrase[SN_PASSPHRASE_MAX];
	const char *auth, *priv; /* net-snmp's words for the protocols; NULL: none */
	unsigned role;
	bool v3;
	bool tls; /* a client of the front over TLS, known by its certificate */
	uint8_t fingerprint[SN_FINGERPRINT]; /* that certificate's SHA-256 */
};

/** A part of a view. */
struct sn_subtree {
	char view[BMC_ID_MAX];
	struct sn_oid at;
	bool included;
};

struct sn_access {
	struct sn_entry entries[SN_ENTRIES_MAX];
	size_t n_entries, n_communities; /* communities first, then users */
	size_t n_users;
	bool v1; /* communities are answered over v1, too */
	struct sn_subtree *subtrees;
	size_t n_subtrees;
};

/** Reads and checks a config's `communities`, `users` and `views`; owned. Any thread.
 */
int sn_access_read(const struct bmc_conf *snmp, struct sn_access **ret,
		   struct bmc_error *err);
/** A copy, owned; NULL: out of memory. */
struct sn_access *sn_access_copy(const struct sn_access *a);
/** Wipes and frees. Accepts NULL. */
void sn_access_free(struct sn_access *a);
/** Of a config, or NULL. Any thread. */
const struct sn_entry *sn_access_user(const struct sn_access *a, const char *name);
const struct sn_entry *sn_access_tls(const struct sn_access *a, const char *name);

/** Puts a config in force, in the place of the one before; stolen. Users that have not
 *  changed keep their keys. After init_snmp. */
void sn_access_use(struct sn_access *a);
/** Frees what is in force. When net-snmp has been shut down. */
void sn_access_done(void);

/** Which versions are answered; one without a community or user in the config never is.
 */
void sn_access_switch(bool v2c, bool v3);

/** The communities in force, one after the other; NULL: no more. SNMP's thread. */
const struct sn_entry *sn_access_community(size_t i);

/** The actor of a request. Name and role are empty when it is not known. */
void sn_access_actor(const netsnmp_pdu *pdu, struct bmc_actor *ret);

/** An actor by the name of a protocol that does not say who asks, with a role's
 *  privileges; with another word for a role, with none. Any thread. */
void sn_access_actor_role(const char *name, const char *role, struct bmc_actor *ret);

/** net-snmp's OID of an entry's `auth` or `priv`; NULL for none. Borrowed, static. */
const oid *sn_access_protocol(const char *token, size_t *ret_len);

/** The peer of the request that is handled; borrowed from it, NULL: not known. */
const struct sockaddr *sn_access_peer(const netsnmp_pdu *pdu);

/** Its address as text. */
void sn_access_client(const netsnmp_pdu *pdu, char *ret, size_t size);

/** Whether two users have the same protocols and passphrases. Any thread. */
bool sn_access_same_keys(const struct sn_entry *a, const struct sn_entry *b);

/** Whether the role of an entry writes. Any thread. */
bool sn_access_writes(const struct sn_entry *e);

/** Makes net-snmp's tables say what `a` says; `was` (may be NULL) is what they said.
 * Used by sn_access_use. */
void sn_vacm_apply(const struct sn_access *a, const struct sn_access *was);
