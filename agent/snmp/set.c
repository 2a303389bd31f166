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
#include "core/events/audit.h"
#include "core/model/field.h"
#include "snmp/access.h"
#include "snmp/build.h"
#include "snmp/encoding.h"
#include "snmp/engine.h"
#include "snmp/refusals.h"
#include "snmp/set-request.h"

static struct sn_set *pending;
static size_t n_pending;

/* What became of a commit; shared with the main thread, freed by the last of the two.
 */
struct sn_set_answer {
	_Atomic unsigned refs;
	_Atomic bool answered; /* set after the others */
	bool partly;           /* `code` is an error, and some of it has been done */
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
	{ BMC_ECONFLICT, SNMP_ERR_INCONSISTENTVALUE },
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

bool sn_set_is_private(const struct sn_set *set)
{
	return set->pdu->version == SNMP_VERSION_3 &&
	       set->pdu->securityLevel == SNMP_SEC_LEVEL_AUTHPRIV;
}

/* ---- the answer ---- */

/* RFC 3584, 4.4. */
static int v1_status(int status)
{
	switch (status) {
	case SNMP_ERR_WRONGVALUE:
	case SNMP_ERR_WRONGENCODING:
	case SNMP_ERR_WRONGTYPE:
	case SNMP_ERR_WRONGLENGTH:
	case SNMP_ERR_INCONSISTENTVALUE:
		return SNMP_ERR_BADVALUE;
	case SNMP_ERR_NOACCESS:
	case SNMP_ERR_NOTWRITABLE:
	case SNMP_ERR_NOCREATION:
	case SNMP_ERR_INCONSISTENTNAME:
	case SNMP_ERR_AUTHORIZATIONERROR:
		return SNMP_ERR_NOSUCHNAME;
	case SNMP_ERR_RESOURCEUNAVAILABLE:
	case SNMP_ERR_COMMITFAILED:
	case SNMP_ERR_UNDOFAILED:
		return SNMP_ERR_GENERR;
	default:
		return status;
	}
}

static void respond(const struct sn_origin *origin, netsnmp_session *session,
		    netsnmp_pdu *pdu, struct sn_result result)
{
	pdu->command = SNMP_MSG_RESPONSE;
	pdu->errstat = pdu->version == SNMP_VERSION_1 ? v1_status(result.status)
						      : result.status;
	pdu->errindex = result.index;
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
void sn_set_free(struct sn_set *set)
{
	while (set->n_steps) {
		const struct sn_step *s = &set->steps[--set->n_steps];
		if (s->column->special->release)
			s->column->special->release(set);
	}
	bmc_transaction_release(set->transaction);
	answer_drop(set->answer);
	snmp_free_pdu(set->pdu);
	free(set->rows);
	bmc_params_unref(set->params);
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

/* The action API knows of actions only. */
static void audit_step(const struct sn_set *set, const struct sn_step *s,
		       const struct bmc_row *row)
{
	char target[BMC_ID_MAX + 64], value[96];

	(void)snprintf(target, sizeof(target), "%s %s", bmc_kind(row->kind)->name,
		       row->id);
	(void)snprintf(value, sizeof(value), "%s = %ld", s->column->name, s->value);
	bmc_audit(&set->who, bmc_name_word(bmc_action_names, BMC_ACT_SET), target,
		  value, true);
}

/* Steps are taken in the order of their varbinds. */
void sn_set_take_steps(struct sn_set *set)
{
	for (size_t i = 0; i < set->n_steps; i++) {
		const struct sn_step *s = &set->steps[i];
		const struct bmc_row *row = bmc_snapshot_row(sn_pinned(), s->handle);
		if (!row)
			continue;
		s->column->special->apply(set, row, s->value);
		audit_step(set, s, row);
	}
}

static void finish(struct sn_set *set, int status, long index)
{
	const struct sn_result result = { status, index };

	if (status == SNMP_ERR_NOERROR)
		sn_set_take_steps(set);
	/* who may not write can't have what others were answered forgotten */
	if (status != SNMP_ERR_NOACCESS && status != SNMP_ERR_AUTHORIZATIONERROR &&
	    status != SNMP_ERR_TOOBIG)
		sn_recent_add(&set->fingerprint, result, bmc_now());
	respond(&set->origin, set->session, set->pdu, result);
	set->pdu = NULL;
	sn_set_free(set);
}

/* Of the varbind at that position, or of the first. */
static void name_of(const netsnmp_pdu *pdu, long index, char *ret, size_t size)
{
	const netsnmp_variable_list *v = pdu->variables;
	size_t len = 0;

	while (v && v->next_variable && --index > 0)
		v = v->next_variable;
	*ret = '\0';
	for (size_t i = 0; v && i < v->name_length && len < size; i++)
		len += (size_t)snprintf(ret + len, size - len, i ? ".%lu" : "%lu",
					v->name[i]);
}

static void refuse(struct sn_set *set, int code, const struct bmc_error *err,
		   long index)
{
	log_limited(LOG_NOTICE, "snmp: set by %s from %s refused: %s", set->who.name,
		    set->who.client, err->what);
	finish(set, sn_error_status(code), index);
}

/* A client that may not write can send as many SETs as it likes. */
static void audit_refused(const struct sn_set *set, int status, const char *object,
			  const char *word)
{
	char detail[96];
	unsigned before = 0;

	if ((status == SNMP_ERR_NOACCESS || status == SNMP_ERR_TOOBIG) &&
	    !sn_refusal_due(set->who.name, bmc_now(), &before))
		return;
	size_t n = (size_t)snprintf(detail, sizeof(detail), "%s", word);
	if (before)
		(void)snprintf(detail + n, sizeof(detail) - n,
			       "; %u before it are left out", before);
	bmc_audit(&set->who, bmc_name_word(bmc_action_names, BMC_ACT_SET), object,
		  detail, false);
}

/* One that is refused before the action API sees it. */
static void refuse_checked(struct sn_set *set, int status, long index)
{
	char object[BMC_NAME_MAX], word[32];

	bmc_copy(word, sizeof(word), snmp_errstring(status));
	word[strcspn(word, " ")] = '\0'; /* net-snmp explains it in brackets */
	name_of(set->pdu, index, object, sizeof(object));
	log_limited(LOG_NOTICE, "snmp: set by %s from %s refused: %s of %s",
		    set->who.name, set->who.client, word, object);
	audit_refused(set, status, object, word);
	finish(set, status, index);
}

/* ---- reserve and commit ---- */

static void on_stored(void *arg, const struct bmc_result *result)
{
	struct sn_set_answer *a = arg;

	a->code = result->code;
	a->partly = result->partly;
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

/* What could not be stored is undone; what was stored and then done is not. */
static void finish_committed(struct sn_set *set)
{
	const struct sn_set_answer *a = set->answer;

	if (a->code >= 0)
		finish(set, SNMP_ERR_NOERROR, 0);
	else if (a->partly)
		finish(set, SNMP_ERR_UNDOFAILED, 0);
	else
		finish(set, SNMP_ERR_COMMITFAILED, set->varbinds[0]);
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
		finish_committed(set);
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

	if (r < 0) { /* it is in the log and in the audit already */
		finish(set, sn_error_status(r), set->varbinds[MIN(bad, set->n - 1)]);
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
		sn_set_free(set);
		return true;
	}
	if (!r)
		return false;
	respond(&set->origin, set->session, set->pdu, *r);
	set->pdu = NULL;
	sn_set_free(set);
	return true;
}

/* A response repeats its request; what would not fit is not done either. An error that
 * comes later has the index of a varbind. */
static bool too_big(const struct sn_set *set)
{
	netsnmp_pdu *pdu = set->pdu;

	pdu->errindex = (long)count_varbinds(pdu->variables);
	return sn_build_size(set->session, pdu) > sn_build_room(pdu);
}

static void start(struct sn_set *set)
{
	if (too_big(set))
		refuse_checked(set, SNMP_ERR_TOOBIG, 0);
	else if (!sn_set_check(set))
		refuse_checked(set, set->status, set->index);
	else if (n_pending == SN_SET_PENDING)
		refuse_checked(set, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
	else if (set->n)
		reserve(set);
	else
		finish(set, SNMP_ERR_NOERROR, 0);
}

bool sn_set_take(netsnmp_session *session, netsnmp_pdu *pdu)
{
	struct bmc_actor who;

	sn_access_actor(pdu, &who);
	if (!*who.name)
		return false;
	struct sn_set *set = set_new(session, pdu);
	if (!set)
		return true; /* as a datagram that was lost */
	set->who = who;
	set->bad_encoding = sn_encoding_bad(&set->bad_type);
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
		sn_set_free(set);
	}
	n_pending = 0;
}
