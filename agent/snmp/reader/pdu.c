// SPDX-License-Identifier: Apache-2.0
/* PDUs of the read engine, see reader.h: from a request's names through walks over our
 * tables to the list of a response. Called by the message layers, v2c's and v3's. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/reader/encode.h"
#include "snmp/reader/runs.h"
#include "snmp/reader/view.h"
#include "snmp/walk.h"

#define NAMES_MAX 128 /* of a request; one with more is net-snmp's */
#define PDU_HEAD  32  /* bytes of a response ahead of its list's contents */

struct request {
	uint8_t type;
	struct sn_ber id; /* the request-id, tag and length on */
	int32_t first,
		second; /* error-status and -index, or what a GETBULK has there */
	struct sn_ber names;
	size_t n;
	struct sn_view *view;
};

/* What a name of a request says. */
struct asked {
	struct sn_ber ber;
	oid id[MAX_OID_LEN];
	size_t len;
};

/* A walk through one table after the other. */
struct path {
	struct sn_walk walk;
	const struct sn_span *span;
	enum sn_seen seen;
	const struct sn_run *run; /* what is encoded of these rows of the column */
	size_t run_cell, run_number;
};

/* What comes of a step. */
enum step { STEP_DONE, STEP_FULL, STEP_REFUSED };

struct response {
	struct sn_list list;
	unsigned refused; /* asked for but hidden by the view, as VACM counts them */
};

/* ---- requests ---- */

static bool take_name(struct sn_ber *names, struct asked *ret)
{
	struct sn_ber varbind, null;

	if (!sn_ber_take(names, SN_BER_SEQUENCE, &varbind) ||
	    !sn_ber_take(&varbind, SN_BER_OID, &ret->ber) ||
	    !sn_ber_take(&varbind, SN_BER_NULL, &null) || null.at != null.end ||
	    varbind.at != varbind.end)
		return false;
	ret->len = sn_ber_oid(ret->ber, ret->id, MAX_OID_LEN);
	return ret->len != 0;
}

static bool count_names(struct sn_ber names, size_t *ret)
{
	struct sn_ber varbind;

	for (*ret = 0; names.at < names.end; ++*ret) {
		if (!sn_ber_take(&names, SN_BER_SEQUENCE, &varbind))
			return false;
	}
	return *ret > 0 && *ret <= NAMES_MAX;
}

static bool open_request(const struct sn_reader_pdu *pdu, struct request *ret)
{
	struct sn_ber in = { pdu->data, pdu->data + pdu->len }, body;
	int32_t id;

	*ret = (struct request){ .type = pdu->len ? *pdu->data : 0, .view = pdu->view };
	if (ret->type != SN_BER_GET && ret->type != SN_BER_GETNEXT &&
	    ret->type != SN_BER_GETBULK)
		return false;
	if (!sn_ber_take(&in, ret->type, &body) || in.at != in.end)
		return false;
	ret->id.at = body.at;
	if (!sn_ber_take_int(&body, &id))
		return false;
	ret->id.end = body.at;
	return sn_ber_take_int(&body, &ret->first) &&
	       sn_ber_take_int(&body, &ret->second) &&
	       sn_ber_take(&body, SN_BER_SEQUENCE, &ret->names) &&
	       body.at == body.end && count_names(ret->names, &ret->n);
}

/* ---- GET ---- */

static bool may_see(struct sn_view *view, const struct sn_span *span,
		    const struct asked *a, unsigned *refused)
{
	struct sn_oid name;

	if (sn_view_of(view, span) == SN_SEEN_WHOLE)
		return true;
	name.len = MIN(a->len, (size_t)SN_OID_MAX);
	memcpy(name.id, a->id, name.len * sizeof(oid));
	return sn_view_shows(view, &name, refused);
}

static enum step put(struct sn_list *list, const struct sn_name *name,
		     const struct sn_value *v)
{
	bool odd = false;

	return sn_encode_value(list, name, v, &odd) ? STEP_DONE
	       : odd                                ? STEP_REFUSED
						    : STEP_FULL;
}

static enum step get(const struct request *r, struct response *to,
		     const struct asked *a)
{
	const struct sn_span *span = sn_span_find(a->id, a->len);
	const struct sn_cell *cell = NULL;
	const struct bmc_row *row = NULL;
	struct sn_value v;
	struct sn_name name;

	if (!span || span->kind != SN_SPAN_TABLE || a->len > SN_OID_MAX ||
	    snmp_oid_compare(a->id, a->len, span->start, span->start_len) < 0)
		return STEP_REFUSED;
	name.len = (size_t)(a->ber.end - a->ber.at);
	memcpy(name.data, a->ber.at, name.len);
	if (may_see(r->view, span, a, &to->refused))
		row = sn_walk_find(span->table, a->id, a->len, &cell);
	if (row && cell && sn_value_get(cell, row, &v))
		return put(&to->list, &name, &v);
	return sn_encode_varbind(&to->list, name.data, name.len,
				 cell ? SN_BER_NO_INSTANCE : SN_BER_NO_OBJECT, NULL, 0)
		       ? STEP_DONE
		       : STEP_FULL;
}

/* ---- GETNEXT and GETBULK ---- */

/* At the first table, from this span on, of which something may be seen; false: another
 * one's comes first. */
static bool enter(const struct request *r, struct path *p, const struct sn_span *span)
{
	for (;; span++) {
		if (span->kind == SN_SPAN_FOREIGN)
			return false;
		if (span->kind == SN_SPAN_EMPTY)
			continue;
		p->seen = sn_view_of(r->view, span);
		if (p->seen != SN_SEEN_NONE)
			break;
	}
	p->span = span;
	p->run_cell = SIZE_MAX;
	sn_walk_open(&p->walk, span->table);
	if (span->part)
		sn_walk_seek(&p->walk, span->start, span->start_len, true);
	return true;
}

static bool start(const struct request *r, struct path *p, const struct asked *a)
{
	const struct sn_span *span = sn_span_find(a->id, a->len);

	if (!span || !enter(r, p, span))
		return false;
	if (p->span == span)
		sn_walk_seek(&p->walk, a->id, a->len, false);
	return true;
}

static bool shown(const struct request *r, const struct path *p)
{
	struct sn_oid name;
	unsigned passed_by = 0;

	if (p->seen == SN_SEEN_WHOLE)
		return true;
	sn_walk_name(&p->walk, &name);
	return sn_view_shows(r->view, &name, &passed_by);
}

static bool beyond(const struct path *p)
{
	struct sn_oid name;

	if (!p->span->part)
		return false;
	sn_walk_name(&p->walk, &name);
	return snmp_oid_compare(name.id, name.len, p->span->end, p->span->end_len) >= 0;
}

static void name_of(const struct path *p, struct sn_name *ret)
{
	const struct sn_walk *w = &p->walk;
	uint32_t column = w->at.table->columns[w->cell].column;
	const uint32_t *index;
	size_t n = sn_cursor_index(&w->at, w->row, &index);

	memcpy(ret->data, p->span->prefix, p->span->prefix_len);
	ret->len = p->span->prefix_len;
	sn_encode_subids(ret, &column, 1);
	sn_encode_subids(ret, index, n);
}

static enum step step(const struct request *r, struct response *to, struct path *p)
{
	struct sn_value v;
	struct sn_name name;

	for (;; sn_walk_step(&p->walk)) {
		while (!sn_walk_value(&p->walk, &v) || beyond(p)) {
			if (!enter(r, p, p->span + 1))
				return STEP_REFUSED;
		}
		if (shown(r, p))
			break;
	}
	name_of(p, &name);
	sn_walk_step(&p->walk);
	return put(&to->list, &name, &v);
}

static enum step next(const struct request *r, struct response *to,
		      const struct asked *a)
{
	struct path p;

	return start(r, &p, a) ? step(r, to, &p) : STEP_REFUSED;
}

/* Whether the place is at a row whose column may be copied. */
static bool at_row(struct path *p)
{
	struct sn_walk *w = &p->walk;

	if (p->seen != SN_SEEN_WHOLE || p->span->part)
		return false;
	if (w->row >= w->at.n_rows && w->cell < w->at.table->n_columns) {
		w->cell++;
		w->row = 0;
	}
	return w->cell < w->at.table->n_columns && w->row < w->at.n_rows;
}

/* Copies at most `most` varbinds that are encoded already; how many. */
static size_t copy(struct response *to, struct path *p, size_t most)
{
	struct sn_walk *w = &p->walk;
	size_t n = 0;

	while (!n && at_row(p)) {
		size_t row = w->row, number = row / SN_RUN_ROWS;
		if (p->run_cell != w->cell || p->run_number != number) {
			p->run_cell = w->cell;
			p->run_number = number;
			p->run = sn_run_ask(w, p->span);
		}
		if (p->run)
			n = sn_run_copy(p->run, &w->row, most, &to->list);
		if (w->row == row)
			break;
	}
	return n;
}

/* The response's size is all that limits the repetitions. */
static enum step repeat(const struct request *r, struct response *to,
			struct path *paths, size_t n)
{
	size_t left = n && r->second > 0 ? (size_t)r->second : 0, copied = 0;

	for (; left > 0; left -= MAX(copied, 1)) {
		for (size_t i = 0; i < n; i++) {
			copied = copy(to, &paths[i], n == 1 ? left : 1);
			enum step s = copied ? STEP_DONE : step(r, to, &paths[i]);
			if (s != STEP_DONE)
				return s;
		}
	}
	return STEP_DONE;
}

static enum step bulk(const struct request *r, struct response *to)
{
	static struct path paths[NAMES_MAX];
	size_t single = (size_t)MAX(0, r->first), n = 0;
	struct sn_ber names = r->names;
	struct asked a;

	for (size_t i = 0; i < r->n; i++) {
		if (!take_name(&names, &a))
			return STEP_REFUSED;
		if (i >= single && !start(r, &paths[n++], &a))
			return STEP_REFUSED;
		enum step s = i < single ? next(r, to, &a) : STEP_DONE;
		if (s != STEP_DONE)
			return s;
	}
	return repeat(r, to, paths, n);
}

/* ---- responses ---- */

static enum step fill(const struct request *r, struct response *to)
{
	struct sn_ber names = r->names;
	enum step s = STEP_DONE;
	struct asked a;

	if (r->type == SN_BER_GETBULK)
		return bulk(r, to);
	while (s == STEP_DONE && names.at < names.end) {
		if (!take_name(&names, &a))
			return STEP_REFUSED;
		s = r->type == SN_BER_GET ? get(r, to, &a) : next(r, to, &a);
	}
	return s == STEP_DONE ? s : STEP_REFUSED; /* tooBig is net-snmp's, too */
}

static void count(const struct request *r, const struct response *to)
{
	if (r->type == SN_BER_GET)
		snmp_increment_statistic(STAT_SNMPINGETREQUESTS);
	else if (r->type == SN_BER_GETNEXT)
		snmp_increment_statistic(STAT_SNMPINGETNEXTS);
	snmp_increment_statistic_by(STAT_SNMPINTOTALREQVARS, (int)to->list.n);
	snmp_increment_statistic_by(STAT_SNMPINBADCOMMUNITYUSES, (int)to->refused);
	snmp_increment_statistic(STAT_SNMPOUTPKTS);
	snmp_increment_statistic(STAT_SNMPOUTGETRESPONSES);
}

/* The greatest length of the list's contents. */
static size_t room_of(const struct sn_reader_pdu *pdu, const struct request *r)
{
	size_t rest = (size_t)(r->id.end - r->id.at) + 6; /* id, status, index */
	size_t body = sn_ber_fit(pdu->max);

	return body > rest ? MIN(sn_ber_fit(body - rest), (size_t)UINT16_MAX) : 0;
}

size_t sn_reader_pdu(const struct sn_reader_pdu *pdu, uint8_t *buf, uint8_t **ret)
{
	uint8_t *begin = buf + SN_READER_HEAD + PDU_HEAD, *at = begin;
	struct response to = { .list.at = begin };
	struct request r;

	if (!open_request(pdu, &r))
		return 0;
	to.list.end = begin + room_of(pdu, &r);
	if (fill(&r, &to) == STEP_REFUSED || !to.list.n)
		return 0;
	at = sn_ber_head(at, SN_BER_SEQUENCE, (size_t)(to.list.at - begin));
	at = sn_ber_put_int(at, 0);
	at = sn_ber_put_int(at, SNMP_ERR_NOERROR);
	at -= r.id.end - r.id.at;
	memcpy(at, r.id.at, (size_t)(r.id.end - r.id.at));
	at = sn_ber_head(at, SN_BER_RESPONSE, (size_t)(to.list.at - at));
	count(&r, &to);
	*ret = at;
	return (size_t)(to.list.at - at);
}
