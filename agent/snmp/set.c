// SPDX-License-Identifier: Apache-2.0
/* SET: collects the varbinds of a PDU over all tables and takes them through the door
 * as one ticket. Called by the table handler for each phase, in SNMP's thread. */
#include "snmp/set.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "snmp/access.h"
#include "snmp/handler.h"
#include "snmp/transport.h"

/* A varbind whose object is no plain field. */
struct special_step {
	netsnmp_request_info *request;
	const struct sn_special *special;
	const struct bmc_row *row;
	long value;
};

struct sn_set {
	const netsnmp_agent_session *asp; /* whose PDU; NULL: none under way    */
	struct bmc_actor who;
	struct bmc_action *actions;
	netsnmp_request_info **requests; /* of each action */
	size_t n, room;
	struct special_step specials[16];
	size_t n_specials;
	int done_mode; /* the last phase that was done for the whole PDU */
	struct bmc_transaction *ticket;
};

static struct sn_set set;

/* The answer to a commit; shared with the main thread, freed by whoever lets go last.
 */
struct answer {
	pthread_mutex_t lock;
	pthread_cond_t came;
	bool answered, alone;
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

const struct bmc_actor *sn_set_actor(const struct sn_set *s)
{
	return &s->who;
}

static void reset(void)
{
	bmc_transaction_release(set.ticket);
	set.ticket = NULL;
	set.asp = NULL;
	set.n = 0;
	set.n_specials = 0;
	set.done_mode = -1;
}

static bool grow(void)
{
	if (set.n < set.room)
		return true;
	if (set.n >= SN_SET_MAX)
		return false;
	size_t room = set.room ? set.room * 2 : 16;
	void *actions = realloc(set.actions, room * sizeof(*set.actions));
	if (!actions)
		return false;
	set.actions = actions;
	void *requests = realloc(set.requests, room * sizeof(netsnmp_request_info *));
	if (!requests)
		return false;
	set.requests = requests;
	set.room = room;
	return true;
}

static int take_text(const struct bmc_field *f, const netsnmp_variable_list *vb,
		     struct bmc_action *a)
{
	if (vb->val_len >= sizeof(a->text) || (int64_t)vb->val_len > f->max)
		return SNMP_ERR_WRONGLENGTH;
	if (memchr(vb->val.string, '\0', vb->val_len))
		return SNMP_ERR_WRONGVALUE;
	memcpy(a->text, vb->val.string, vb->val_len);
	a->text[vb->val_len] = '\0';
	if (bmc_field_check(f, 0, a->text, NULL) == 0)
		return SNMP_ERR_NOERROR;
	return (int64_t)vb->val_len < f->min ? SNMP_ERR_WRONGLENGTH
					     : SNMP_ERR_WRONGVALUE;
}

static int take_number(const struct bmc_field *f, long n, struct bmc_action *a)
{
	a->num = n;
	if (f->type == BMC_BOOL) {
		if (n != 1 && n != 2)
			return SNMP_ERR_WRONGVALUE;
		a->num = n == 1;
	}
	if (f->type == BMC_ENUM) {
		a->num = n - 1;
		if (a->num <= 0)
			return SNMP_ERR_WRONGVALUE;
	}
	return bmc_field_check(f, a->num, NULL, NULL) == 0 ? SNMP_ERR_NOERROR
							   : SNMP_ERR_WRONGVALUE;
}

static int take_operation(long n, struct bmc_action *a)
{
	if (n - 1 < BMC_ACT_ON || n - 1 > BMC_ACT_POWER_CYCLE)
		return SNMP_ERR_WRONGVALUE;
	a->op = (enum bmc_action_op)(n - 1);
	return SNMP_ERR_NOERROR;
}

static int stage_special(const struct sn_special *special, const struct bmc_row *row,
			 netsnmp_request_info *request)
{
	long value = *request->requestvb->val.integer;

	if (set.n_specials == ARRAY_SIZE(set.specials))
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	int status = special->check(&set, row, value);
	if (status == SNMP_ERR_NOERROR)
		set.specials[set.n_specials++] =
			(struct special_step){ request, special, row, value };
	return status;
}

static int stage_action(const struct sn_cell *cell, const struct bmc_row *row,
			netsnmp_request_info *request)
{
	const netsnmp_variable_list *vb = request->requestvb;
	int status;

	if (!grow())
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	struct bmc_action *a = &set.actions[set.n];
	*a = (struct bmc_action){ .op = BMC_ACT_SET,
				  .kind = row->kind,
				  .field = cell->field };
	bmc_copy(a->id, sizeof(a->id), row->id);
	if (cell->column->form == SN_ACTION)
		status = take_operation(*vb->val.integer, a);
	else if (cell->field->type == BMC_TEXT)
		status = take_text(cell->field, vb, a);
	else
		status = take_number(cell->field, *vb->val.integer, a);
	if (cell->column->form == SN_ACTION)
		a->field = NULL;
	if (status == SNMP_ERR_NOERROR)
		set.requests[set.n++] = request;
	return status;
}

/* One varbind: from its name and value to an action. */
static int stage(const struct sn_table *t, netsnmp_request_info *request)
{
	const struct sn_cell *cell;
	const struct bmc_row *row = sn_find(t, request->requestvb, &cell);

	if (!cell || !sn_cell_writable(cell))
		return SNMP_ERR_NOTWRITABLE;
	if (!row)
		return SNMP_ERR_NOCREATION;
	if (request->requestvb->type != sn_value_type(cell))
		return SNMP_ERR_WRONGTYPE;
	if (cell->column->special)
		return stage_special(cell->column->special, row, request);
	return stage_action(cell, row, request);
}

static void stage_all(const struct sn_table *t, netsnmp_request_info *requests)
{
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		int status = r->processed ? SNMP_ERR_NOERROR : stage(t, r);
		if (status != SNMP_ERR_NOERROR)
			netsnmp_request_set_error(r, status);
	}
}

static void refuse(netsnmp_request_info *request, int code, const struct bmc_error *err)
{
	log_limited(LOG_NOTICE, "snmp: set by %s from %s refused: %s", set.who.name,
		    set.who.client, err->what);
	netsnmp_request_set_error(request, sn_error_status(code));
}

static void reserve(netsnmp_request_info *requests)
{
	struct bmc_error err = { 0 };
	size_t bad = 0;

	(void)requests;
	if (!set.n)
		return;
	int r = bmc_action_reserve(&set.who, set.actions, set.n, &set.ticket, &bad,
				   &err);
	if (r < 0)
		refuse(set.requests[MIN(bad, set.n - 1)], r, &err);
}

static void act(netsnmp_request_info *requests)
{
	struct bmc_error err = { 0 };

	sn_transport_flush();
	int r = set.ticket ? bmc_transaction_ready(set.ticket, SN_SET_WAIT_MS, &err)
			   : 0;

	if (r < 0) {
		refuse(requests, r, &err);
		return;
	}
	for (size_t i = 0; i < set.n_specials; i++) {
		const struct special_step *s = &set.specials[i];
		int status = s->special->apply(&set, s->row, s->value);
		if (status != SNMP_ERR_NOERROR) {
			netsnmp_request_set_error(s->request, status);
			return;
		}
	}
}

/* Lets go of an answer: the second of the two parties frees it. */
static void let_go(struct answer *a)
{
	bool last = a->alone;

	a->alone = true;
	pthread_mutex_unlock(&a->lock);
	if (!last)
		return;
	pthread_cond_destroy(&a->came);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static void on_done(void *arg, const struct bmc_result *result)
{
	struct answer *a = arg;

	pthread_mutex_lock(&a->lock);
	a->answered = true;
	a->code = result->code;
	pthread_cond_signal(&a->came);
	let_go(a);
}

static struct answer *answer_new(void)
{
	struct answer *a = calloc(1, sizeof(*a));
	pthread_condattr_t attr;

	if (!a)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&a->came, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

/* What came of it within a second; BMC_ETIMEDOUT when it still runs then. */
static int await(struct answer *a)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SN_SET_WAIT_MS / 1000;
	pthread_mutex_lock(&a->lock);
	while (!a->answered && r == 0)
		r = pthread_cond_timedwait(&a->came, &a->lock, &until);
	int code = a->answered ? a->code : BMC_ETIMEDOUT;
	let_go(a);
	return code;
}

/* Whether all is done as soon as the database has answered: no hardware is waited for.
 */
static bool only_stored(void)
{
	for (size_t i = 0; i < set.n; i++) {
		if (!set.actions[i].field || set.actions[i].field->verb)
			return false;
	}
	return true;
}

static void commit(netsnmp_request_info *requests)
{
	struct bmc_transaction *t = set.ticket;

	if (!t)
		return;
	set.ticket = NULL;
	struct answer *a = answer_new();
	bmc_transaction_commit(t, a ? on_done : NULL, a);
	int code = a ? await(a) : 0;
	if (code == BMC_ETIMEDOUT) /* hardware may go on; a silent disk is an error */
		code = only_stored() ? BMC_EIO : 0;
	if (code < 0)
		netsnmp_request_set_error(requests, code == BMC_EIO
							    ? SNMP_ERR_GENERR
							    : SNMP_ERR_COMMITFAILED);
}

/* A phase is done once for the whole PDU, when it reaches the first of its tables. */
static void once(int mode, void (*phase)(netsnmp_request_info *),
		 netsnmp_request_info *requests)
{
	if (set.done_mode == mode)
		return;
	set.done_mode = mode;
	phase(requests);
}

int sn_write(const struct sn_table *t, netsnmp_agent_request_info *info,
	     netsnmp_request_info *requests)
{
	switch (info->mode) {
	case MODE_SET_RESERVE1:
		if (set.asp != info->asp || set.done_mode != MODE_SET_RESERVE1) {
			reset();
			set.asp = info->asp;
			set.done_mode = MODE_SET_RESERVE1;
			sn_access_actor(info->asp->pdu, &set.who);
		}
		stage_all(t, requests);
		break;
	case MODE_SET_RESERVE2:
		once(info->mode, reserve, requests);
		break;
	case MODE_SET_ACTION:
		once(info->mode, act, requests);
		break;
	case MODE_SET_COMMIT:
		once(info->mode, commit, requests);
		break;
	default: /* FREE, UNDO */
		reset();
		break;
	}
	return SNMP_ERR_NOERROR;
}
