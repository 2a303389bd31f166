// SPDX-License-Identifier: Apache-2.0
/* SETs over AgentX (RFC 2741, 7.2.4). The master's phases become those of set.h:
 * TestSet checks and reserves, CommitSet commits and awaits what is stored and
 * published, never a verb. A transaction that the master forgets is released after
 * AX_TESTED_MS. Called by client.c. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/agentx/session.h"
#include "snmp/engine.h"
#include "snmp/set-request.h"

#define AX_SETS_MAX  32
#define AX_TESTED_MS 30000

enum state { TESTING, TESTED, COMMITTING, COMMITTED };

/* What became of a commit; shared with the main thread, freed by the last of the two.
 */
struct outcome {
	_Atomic unsigned refs;
	_Atomic bool known; /* set after `code` */
	int code;
};

struct ax_set {
	struct ax_set *next;
	uint32_t transaction, packet; /* of the PDU that is answered next */
	enum state state;
	int64_t deadline;
	struct sn_set *set; /* owned */
	struct outcome *outcome;
};

static struct ax_set *sets;
static size_t n_sets;

static struct ax_set *find(uint32_t transaction)
{
	struct ax_set *s = sets;

	while (s && s->transaction != transaction)
		s = s->next;
	return s;
}

static void outcome_drop(struct outcome *o)
{
	if (o && atomic_fetch_sub(&o->refs, 1) == 1)
		free(o);
}

static void end(struct ax_set *s)
{
	struct ax_set **at = &sets;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	n_sets--;
	outcome_drop(s->outcome);
	sn_set_free(s->set);
	free(s);
}

static void answer(const struct ax_set *s, int status, long index)
{
	ax_respond(s->transaction, s->packet, status, index);
}

static void refuse(struct ax_set *s, int status, long index)
{
	answer(s, status, index);
	end(s);
}

/* ---- TestSet ---- */

/* The value of a varbind, for net-snmp's list of them. */
static void add_value(struct ax_in *in, unsigned type, const struct ax_oid *name,
		      netsnmp_variable_list **list)
{
	oid id[AX_OID_MAX], value[AX_OID_MAX];
	struct counter64 big;
	struct ax_oid other;
	const void *data = NULL;
	size_t len = 0;
	uint64_t n;
	long number;

	for (size_t i = 0; i < name->len; i++)
		id[i] = name->id[i];
	switch (type) {
	case ASN_NULL:
		break;
	case ASN_OBJECT_ID:
		ax_get_oid(in, &other);
		for (size_t i = 0; i < other.len; i++)
			value[i] = other.id[i];
		data = value;
		len = other.len * sizeof(oid);
		break;
	case ASN_OCTET_STR:
	case ASN_IPADDRESS:
	case ASN_OPAQUE:
		data = ax_get_octets(in, &len);
		break;
	case ASN_COUNTER64:
		n = ax_get_u64(in);
		big = (struct counter64){ .high = n >> 32, .low = n & UINT32_MAX };
		data = &big;
		len = sizeof(big);
		break;
	case ASN_INTEGER:
	case ASN_COUNTER:
	case ASN_UNSIGNED:
	case ASN_TIMETICKS:
		number = type == ASN_INTEGER ? (long)(int32_t)ax_get_u32(in)
					     : (long)ax_get_u32(in);
		data = &number;
		len = sizeof(number);
		break;
	default:
		in->failed = true;
	}
	if (!in->failed && !snmp_varlist_add_variable(list, id, name->len,
						      (unsigned char)type, data, len))
		in->failed = true;
}

static netsnmp_pdu *read_varbinds(struct ax_in *in)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_SET);
	struct ax_oid name;

	if (!pdu)
		return NULL;
	pdu->version = SNMP_VERSION_2c;
	pdu->flags |= UCD_MSG_FLAG_ALWAYS_IN_VIEW; /* the master has looked */
	for (size_t n = 0; in->at < in->end && !in->failed; n++) {
		unsigned type = ax_get_u16(in);
		(void)ax_get_u16(in);
		ax_get_oid(in, &name);
		in->failed |= n == SN_SET_MAX;
		if (!in->failed)
			add_value(in, type, &name, &pdu->variables);
	}
	if (!in->failed && pdu->variables)
		return pdu;
	snmp_free_pdu(pdu);
	return NULL;
}

static struct ax_set *set_new(const struct ax_header *h, struct ax_in *in,
			      const struct bmc_actor *who)
{
	struct ax_set *s = calloc(1, sizeof(*s));
	struct sn_set *set = calloc(1, sizeof(*set));

	if (s && set)
		set->pdu = read_varbinds(in);
	if (!s || !set || !set->pdu) {
		free(set);
		free(s);
		return NULL;
	}
	set->who = *who;
	*s = (struct ax_set){ .next = sets,
			      .transaction = h->transaction,
			      .packet = h->packet,
			      .deadline = bmc_now() + SN_SET_WAIT_MS,
			      .set = set };
	sets = s;
	n_sets++;
	return s;
}

static void tested(struct ax_set *s)
{
	s->state = TESTED;
	s->deadline = bmc_now() + AX_TESTED_MS;
	answer(s, SNMP_ERR_NOERROR, 0);
}

static void reserve(struct ax_set *s)
{
	struct sn_set *set = s->set;
	struct bmc_error err = { 0 };
	size_t bad = 0;
	int r = bmc_action_reserve(&set->who, set->actions, set->n, &set->transaction,
				   &bad, &err);

	if (r < 0) {
		log_limited(LOG_NOTICE, "snmp: set by %s refused: %s", set->who.name,
			    err.what);
		refuse(s, sn_error_status(r), set->varbinds[MIN(bad, set->n - 1)]);
		return;
	}
	bmc_transaction_on_ready(set->transaction, sn_wake);
}

static void test(const struct ax_header *h, struct ax_in *in,
		 const struct bmc_actor *who)
{
	struct ax_set *s = find(h->transaction);

	if (s) { /* the master asks again */
		s->packet = h->packet;
		if (s->state == TESTED)
			answer(s, SNMP_ERR_NOERROR, 0);
		return;
	}
	if (!*who->role) {
		ax_respond(h->transaction, h->packet, SNMP_ERR_NOTWRITABLE, 1);
		return;
	}
	if (n_sets == AX_SETS_MAX) {
		ax_respond(h->transaction, h->packet, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
		return;
	}
	s = set_new(h, in, who);
	if (!s)
		ax_respond(h->transaction, h->packet, AX_PARSE_ERROR, 0);
	else if (!sn_set_check(s->set))
		refuse(s, s->set->status, s->set->index);
	else if (s->set->n)
		reserve(s);
	else
		tested(s);
}

/* ---- CommitSet and after ---- */

static void on_stored(void *arg, const struct bmc_result *result)
{
	struct outcome *o = arg;

	o->code = result->code;
	o->known = true;
	sn_wake();
	outcome_drop(o);
}

static void committed(struct ax_set *s)
{
	s->state = COMMITTED;
	s->deadline = bmc_now() + AX_TESTED_MS;
	sn_set_take_steps(s->set);
	answer(s, SNMP_ERR_NOERROR, 0);
}

static void commit(struct ax_set *s)
{
	struct bmc_transaction *t = s->set->transaction;

	if (s->state != TESTED) {
		answer(s, s->state == COMMITTED ? 0 : AX_PROCESSING, 0);
		return;
	}
	if (!t) {
		committed(s);
		return;
	}
	s->outcome = calloc(1, sizeof(*s->outcome));
	if (!s->outcome) {
		refuse(s, SNMP_ERR_COMMITFAILED, s->set->varbinds[0]);
		return;
	}
	s->outcome->refs = 2;
	s->set->transaction = NULL;
	s->state = COMMITTING;
	s->deadline = bmc_now() + SN_SET_WAIT_MS;
	bmc_transaction_commit_stored(t, on_stored, s->outcome);
}

/* What is committed stays: a power cycle has no opposite. */
static void undo(struct ax_set *s)
{
	bool done = s->state == COMMITTING || s->state == COMMITTED;

	refuse(s, done ? SNMP_ERR_UNDOFAILED : SNMP_ERR_NOERROR, done);
}

void ax_set_take(const struct ax_header *h, struct ax_in *in,
		 const struct bmc_actor *who)
{
	struct ax_set *s;

	if (h->type == AX_TESTSET) {
		test(h, in, who);
		ax_sets_tick(); /* what has no journal is reserved at once */
		return;
	}
	s = find(h->transaction);
	if (h->type == AX_CLEANUPSET) { /* has no answer */
		if (s)
			end(s);
		return;
	}
	if (!s) {
		ax_respond(h->transaction, h->packet, AX_PROCESSING, 0);
		return;
	}
	s->packet = h->packet;
	if (h->type == AX_COMMITSET)
		commit(s);
	else
		undo(s);
}

static void advance_testing(struct ax_set *s, bool late)
{
	struct bmc_error err = { 0 };
	int r = bmc_transaction_ready(s->set->transaction, 0, &err);

	if (r >= 0)
		tested(s);
	else if (late)
		refuse(s, sn_error_status(r), s->set->varbinds[0]);
}

static void advance_committing(struct ax_set *s, bool late)
{
	if (s->outcome->known && s->outcome->code >= 0)
		committed(s);
	else if (s->outcome->known)
		refuse(s, SNMP_ERR_COMMITFAILED, s->set->varbinds[0]);
	else if (late) /* it may still happen: a silent disk is an error */
		refuse(s, SNMP_ERR_GENERR, s->set->varbinds[0]);
}

void ax_sets_tick(void)
{
	struct ax_set *next;

	for (struct ax_set *s = sets; s; s = next) {
		bool late = bmc_now() >= s->deadline;
		next = s->next;
		if (s->state == TESTING)
			advance_testing(s, late);
		else if (s->state == COMMITTING)
			advance_committing(s, late);
		else if (late)
			end(s);
	}
}

int64_t ax_sets_deadline(void)
{
	int64_t first = INT64_MAX;

	for (const struct ax_set *s = sets; s; s = s->next)
		first = MIN(first, s->deadline);
	return first;
}

void ax_sets_drop(void)
{
	while (sets)
		end(sets);
}
