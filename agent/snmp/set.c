// SPDX-License-Identifier: Apache-2.0
/* The life of a SET request, see set.h. Called by the engine for each request and after
 * each pass. */
#include "snmp/set.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/access.h"
#include "snmp/engine.h"
#include "snmp/set-request.h"

static struct sn_set *pending;
static size_t n_pending;

/* What became of a commit; shared with the main thread, freed by the last of the two.
 */
struct sn_set_answer {
	_Atomic unsigned refs;
	_Atomic bool answered; /* set after `code` */
	int code;
};

/* clang-format off */
static const struct { int code, status; } statuses[] = {
	{ BMC_EINVAL, SNMP_ERR_WRONGVALUE },
	{ BMC_ERANGE, SNMP_ERR_WRONGVALUE },
	{ BMC_ENOTFOUND, SNMP_ERR_NOCREATION },
	{ BMC_EABSENT, SNMP_ERR_INCONSISTENTVALUE },
	{ BMC_EBUSY, SNMP_ERR_INCONSISTENTVALUE },
	{ BMC_ESTATE, SNMP_ERR_INCONSISTENTVALUE },
	{ BMC_EEXIST, SNMP_ERR_INCONSISTENTVALUE },
	{ BMC_EQUARANTINED, SNMP_ERR_INCONSISTENTVALUE },
	{ BMC_EPERM, SNMP_ERR_AUTHORIZATIONERROR },
	{ BMC_EAUTH, SNMP_ERR_AUTHORIZATIONERROR },
	{ BMC_EMUSTCHANGE, SNMP_ERR_AUTHORIZATIONERROR },
	{ BMC_ENOTSUP, SNMP_ERR_WRONGVALUE },
	{ BMC_EREADONLY, SNMP_ERR_NOTWRITABLE },
	{ BMC_ETIMEDOUT, SNMP_ERR_RESOURCEUNAVAILABLE },
	{ BMC_ENOMEM, SNMP_ERR_RESOURCEUNAVAILABLE },
	{ BMC_ENOSPC, SNMP_ERR_RESOURCEUNAVAILABLE },
	{ BMC_EAGAIN, SNMP_ERR_RESOURCEUNAVAILABLE },
};
/* clang-format on */

int sn_error_status(int code)
{
	if (code >= 0)
		return SNMP_ERR_NOERROR;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].code == code)
			return statuses[i].status;
	}
	return SNMP_ERR_GENERR;
}

const struct bmc_actor *sn_set_actor(const struct sn_set *set)
{
	return &set->who;
}

/* ---- the answer ---- */

static void respond(const struct sn_origin *origin, netsnmp_session *session,
		    netsnmp_pdu *pdu, struct sn_result result)
{
	pdu->command = SNMP_MSG_RESPONSE;
	pdu->errstat = result.status;
	pdu->errindex = result.index;
	if (result.status == SNMP_ERR_TOOBIG) {
		snmp_free_varbind(pdu->variables);
		pdu->variables = NULL;
	}
	if (result.status == SNMP_ERR_NOERROR)
		snmp_increment_statistic_by(STAT_SNMPINTOTALSETVARS,
					    (int)count_varbinds(pdu->variables));
	snmp_increment_statistic(STAT_SNMPOUTPKTS);
	snmp_increment_statistic(STAT_SNMPOUTGETRESPONSES);
	sn_transport_answer(origin, session, pdu);
}

/* ---- the state of a request ---- */

static void answer_drop(struct sn_set_answer *a)
{
	if (a && atomic_fetch_sub(&a->refs, 1) == 1)
		free(a);
}

/* Steps end in the opposite order; taken ones are released, too. */
static void set_free(struct sn_set *set)
{
	while (set->n_steps) {
		const struct sn_step *s = &set->steps[--set->n_steps];
		if (s->special->release)
			s->special->release(set);
	}
	bmc_transaction_release(set->transaction);
	answer_drop(set->answer);
	snmp_free_pdu(set->pdu);
	free(set->rows);
	free(set->actions);
	free(set->varbinds);
	free(set);
}

static struct sn_set *set_new(netsnmp_session *session, netsnmp_pdu *pdu)
{
	struct sn_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->session = session;
	set->pdu = snmp_clone_pdu(pdu);
	set->origin = *sn_transport_origin();
	if (set->pdu)
		return set;
	free(set);
	return NULL;
}

static void take_steps(struct sn_set *set)
{
	for (size_t i = 0; i < set->n_steps; i++) {
		const struct sn_step *s = &set->steps[i];
		const struct bmc_row *row = bmc_snapshot_row(sn_pinned(), s->handle);
		if (row)
			s->special->apply(set, row, s->value);
	}
}

static void finish(struct sn_set *set, int status, long index)
{
	const struct sn_result result = { status, index };

	if (status == SNMP_ERR_NOERROR)
		take_steps(set);
	sn_recent_add(&set->fingerprint, result, bmc_now());
	respond(&set->origin, set->session, set->pdu, result);
	set->pdu = NULL;
	set_free(set);
}

static void refuse(struct sn_set *set, int code, const struct bmc_error *err,
		   long index)
{
	log_limited(LOG_NOTICE, "snmp: set by %s from %s refused: %s", set->who.name,
		    set->who.client, err->what);
	finish(set, sn_error_status(code), index);
}

/* ---- reserve and commit ---- */

static void on_stored(void *arg, const struct bmc_result *result)
{
	struct sn_set_answer *a = arg;

	a->code = result->code;
	a->answered = true;
	sn_wake();
	answer_drop(a);
}

static void commit(struct sn_set *set)
{
	struct bmc_transaction *t = set->transaction;
	struct sn_set_answer *a = calloc(1, sizeof(*a));

	if (!a)
		return; /* stays reserved: tried again until its deadline */
	a->refs = 2;
	set->transaction = NULL;
	set->answer = a;
	set->deadline = bmc_now() + SN_SET_WAIT_MS;
	bmc_transaction_commit_stored(t, on_stored, a);
}

/* Does what can be done now; true: the request has been answered and is gone. */
static bool advance(struct sn_set *set)
{
	bool late = bmc_now() >= set->deadline;
	struct bmc_error err = { 0 };

	if (set->transaction) {
		int r = bmc_transaction_ready(set->transaction, 0, &err);
		if (r < 0 && !late)
			return false;
		if (r < 0) {
			refuse(set, r, &err, set->varbinds[0]);
			return true;
		}
		commit(set);
		late = false;
	}
	if (set->answer && set->answer->answered) {
		int code = set->answer->code;
		finish(set, code < 0 ? SNMP_ERR_COMMITFAILED : SNMP_ERR_NOERROR,
		       code < 0 ? set->varbinds[0] : 0);
		return true;
	}
	if (late && set->answer) /* it may still happen: a silent disk is an error */
		finish(set, SNMP_ERR_GENERR, set->varbinds[0]);
	else if (late)
		finish(set, SNMP_ERR_RESOURCEUNAVAILABLE, set->varbinds[0]);
	return late;
}

static void reserve(struct sn_set *set)
{
	struct bmc_error err = { 0 };
	size_t bad = 0;
	int r = bmc_action_reserve(&set->who, set->actions, set->n, &set->transaction,
				   &bad, &err);

	if (r < 0) {
		refuse(set, r, &err, set->varbinds[MIN(bad, set->n - 1)]);
		return;
	}
	bmc_transaction_on_ready(set->transaction, sn_wake);
	set->deadline = bmc_now() + SN_SET_WAIT_MS;
	set->next = pending;
	pending = set;
	n_pending++;
	sn_sets_tick(); /* what has no journal is committed at once */
}

/* ---- requests ---- */

static bool in_view(netsnmp_pdu *pdu)
{
	for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
		if (in_a_view(v->name, &v->name_length, pdu, v->type) != VACM_SUCCESS)
			return false;
	}
	return pdu->variables != NULL;
}

/* Whether the request was sent before; its copy is answered in its place. */
static bool retransmitted(struct sn_set *set)
{
	const struct sn_result *r = sn_recent_find(&set->fingerprint, bmc_now());

	for (struct sn_set *s = pending; s && !r; s = s->next) {
		if (!sn_fingerprint_same(&s->fingerprint, &set->fingerprint))
			continue;
		snmp_free_pdu(s->pdu);
		s->pdu = set->pdu;
		s->origin = set->origin;
		set->pdu = NULL;
		set_free(set);
		return true;
	}
	if (!r)
		return false;
	respond(&set->origin, set->session, set->pdu, *r);
	set->pdu = NULL;
	set_free(set);
	return true;
}

/* A response repeats its request; what would not fit is not done either. */
static bool too_big(const struct sn_set *set)
{
	size_t max = (size_t)netsnmp_max_send_msg_size();

	if (set->pdu->version == SNMP_VERSION_3)
		max = MIN(max, (size_t)MAX(set->pdu->msgMaxSize, 0));
	return set->origin.limited.len > max;
}

static void start(struct sn_set *set)
{
	if (too_big(set))
		finish(set, SNMP_ERR_TOOBIG, 0);
	else if (n_pending == SN_SET_PENDING)
		finish(set, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
	else if (!sn_set_check(set))
		finish(set, set->status, set->index);
	else if (set->n)
		reserve(set);
	else
		finish(set, SNMP_ERR_NOERROR, 0);
}

bool sn_set_take(netsnmp_session *session, netsnmp_pdu *pdu)
{
	struct bmc_actor who;

	sn_access_actor(pdu, &who);
	if (!*who.name || !in_view(pdu))
		return false;
	struct sn_set *set = set_new(session, pdu);
	if (!set)
		return true; /* as a datagram that was lost */
	set->who = who;
	snmp_increment_statistic(STAT_SNMPINSETREQUESTS);
	sn_fingerprint_of(pdu, &set->fingerprint);
	if (!retransmitted(set))
		start(set);
	return true;
}

void sn_sets_tick(void)
{
	struct sn_set **at = &pending;

	while (*at) {
		struct sn_set *set = *at, *next = set->next;
		if (advance(set)) {
			*at = next;
			n_pending--;
		} else {
			at = &set->next;
		}
	}
}

int64_t sn_sets_deadline(void)
{
	int64_t first = INT64_MAX;

	for (const struct sn_set *s = pending; s; s = s->next)
		first = MIN(first, s->deadline);
	return first;
}

void sn_sets_done(void)
{
	while (pending) {
		struct sn_set *set = pending;
		pending = set->next;
		set_free(set);
	}
	n_pending = 0;
}
