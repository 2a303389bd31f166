// SPDX-License-Identifier: Apache-2.0
// Certificates that users brought, see core/ports/certificates.h: the handler of the
// actions on them. One change at a time, so that two don't take the last place; stored
// first, then shown. Those who trust them follow the rows. Main thread, but for check.
#include "certificates/certificates.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificates/rules.h"
#include "core/actions/action.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/ports/action-handler.h"
#include "core/ports/reset.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"

struct change {
	struct change *next;
	uint64_t serial;
	const struct bmc_action *act;
	const struct bmc_actor *who;
	bmc_action_handler_done *done;
	void *arg;
	struct bmc_certificate row;
};

static struct change *queue; /* the first one is under way */
static uint64_t last_serial;
static _Atomic uint32_t last_number;

const struct bmc_certificate_ops *bmc_certificates;

/* ---- rows and records ---- */

static struct bmc_record record(enum bmc_record_type type, const char *id)
{
	struct bmc_record r = { .type = type, .kind = BMC_CERTIFICATE };

	(void)bmc_copy(r.id, sizeof(r.id), id);
	return r;
}

static void drop_record(const char *id)
{
	struct bmc_record r = record(BMC_REC_ROW_GONE, id);

	if (bmc_store)
		(void)bmc_store->write(&r, 1, NULL, NULL);
}

/* Without its owner's row it has no parent, so it is nowhere and no login. */
static bool show(struct bmc_certificate *row)
{
	enum bmc_kind kind = cert_owner_kind(row->purpose);

	row->row.kind = BMC_CERTIFICATE;
	row->row.status = BMC_ENABLED;
	row->row.health = BMC_OK_HEALTH;
	row->row.parent =
		kind == BMC_N_KINDS ? 0 : bmc_inventory_find(kind, row->owner);
	if (bmc_inventory_upsert(&row->row))
		return true;
	log_limited(LOG_WARNING, "certificate %s: not shown, out of memory",
		    row->row.id);
	return false;
}

static const struct bmc_certificate *row_of(const char *id)
{
	return (const struct bmc_certificate *)bmc_inventory_row(
		bmc_inventory_find(BMC_CERTIFICATE, id));
}

static void new_id(char ret[BMC_ID_MAX], uint32_t *ret_index)
{
	*ret_index = atomic_fetch_add(&last_number, 1) + 1;
	(void)snprintf(ret, BMC_ID_MAX, "%" PRIu32, *ret_index);
}

/* ---- owners ---- */

static void renamed(enum bmc_kind kind, const char *from, const char *to)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_CERTIFICATE, &rows);

	for (size_t i = 0; i < n; i++) {
		struct bmc_certificate row = *(const struct bmc_certificate *)rows[i];
		struct bmc_record r = record(BMC_REC_ROW, row.row.id);
		if (cert_owner_kind(row.purpose) != kind ||
		    strcmp(row.owner, from) != 0)
			continue;
		(void)bmc_copy(row.owner, sizeof(row.owner), to);
		r.row = &row.row;
		if (bmc_store)
			(void)bmc_store->write(&r, 1, NULL, NULL);
		(void)show(&row);
	}
	bmc_inventory_publish();
}

/* An owner of the same name that was made anew is another one: it has another row. */
static void follow_owner(const struct bmc_certificate *is, enum bmc_kind kind)
{
	uint32_t owner = bmc_inventory_find(kind, is->owner);
	struct bmc_certificate row = *is;

	if (owner && owner == is->row.parent)
		return;
	if (owner && !is->row.parent) {
		(void)show(&row);
		return;
	}
	log_notice("certificate %s: removed with %s", row.row.id, row.owner);
	bmc_inventory_remove(row.row.handle);
	drop_record(row.row.id);
}

static void listed(enum bmc_kind kind)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_CERTIFICATE, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_certificate *row =
			(const struct bmc_certificate *)rows[i];
		if (cert_owner_kind(row->purpose) == kind)
			follow_owner(row, kind);
	}
}

/* ---- what is asked for ---- */

static const struct bmc_certificate *given(const struct bmc_action *act)
{
	return (const struct bmc_certificate *)bmc_params_row(act->params,
							      BMC_CERTIFICATE);
}

static bool is_whole(const struct bmc_certificate *row)
{
	return row && row->purpose >= BMC_CERTIFICATE_CLIENT_CA &&
	       row->purpose <= BMC_CERTIFICATE_USER && row->pem[0] &&
	       row->configured == 0 &&
	       (row->owner[0] != '\0') ==
		       (cert_owner_kind(row->purpose) != BMC_N_KINDS);
}

static int check_in(const struct bmc_snapshot *s, const struct bmc_action *act,
		    const struct bmc_actor *who, struct bmc_error *err)
{
	const struct bmc_row *is = bmc_snapshot_find(s, BMC_CERTIFICATE, act->id);
	const struct bmc_certificate *row =
		act->op == BMC_ACT_ADD ? given(act)
				       : (const struct bmc_certificate *)is;
	int code;

	if (act->op != BMC_ACT_ADD && act->op != BMC_ACT_REMOVE)
		return bmc_fail(err, BMC_EREADONLY, "a certificate can't be changed");
	if (!row)
		return bmc_fail(err, BMC_ENOTFOUND, "no such certificate");
	if (act->op == BMC_ACT_REMOVE && row->configured == 1)
		return bmc_fail(err, BMC_EREADONLY,
				"%s stands in a file that the configuration names: "
				"change it there",
				act->id);
	if (act->op == BMC_ACT_ADD && (!act->id[0] || !is_whole(row)))
		return bmc_fail(err, BMC_EINVAL, "a certificate has to be described");
	code = cert_check_rank(s, row, who, err);
	return code == BMC_OK && act->op == BMC_ACT_ADD ? cert_check_room(s, row, err)
							: code;
}

static int check(const struct bmc_action *act, const struct bmc_actor *who,
		 struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return check_in(s, act, who, err);
}

static int check_room(const struct bmc_certificate *row, struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return cert_check_room(s, row, err);
}

/* ---- one after the other ---- */

static void begin(void);

static void finish(int code, const struct bmc_error *err)
{
	struct change *c = queue;

	queue = c->next;
	c->done(c->arg, code, err);
	free(c);
	begin();
}

static void tell(const struct change *c)
{
	const char *what = c->act->op == BMC_ACT_ADD ? "added" : "removed";
	char text[64];

	if (c->row.purpose == BMC_CERTIFICATE_USER) {
		(void)snprintf(text, sizeof(text), "certificate %.24s %s", c->act->id,
			       what);
		bmc_event_raise("AccountChanged", 0, c->row.owner, text, c->who->name);
		return;
	}
	(void)snprintf(text, sizeof(text), "certificate %.24s (%s)", c->act->id, what);
	bmc_event_raise("SettingChanged", 0, text, "the authorities of clients",
			c->who->name);
}

/* The owner may have gone while it was being stored. */
static int apply(struct change *c, struct bmc_error *err)
{
	enum bmc_kind kind = cert_owner_kind(c->row.purpose);
	int code = BMC_OK;

	if (c->act->op == BMC_ACT_REMOVE)
		bmc_inventory_remove(bmc_inventory_find(BMC_CERTIFICATE, c->act->id));
	else if (kind != BMC_N_KINDS && !bmc_inventory_find(kind, c->row.owner))
		code = bmc_fail(err, BMC_ENOTFOUND, "%s is gone", c->row.owner);
	else if (!show(&c->row))
		code = bmc_fail(err, BMC_ENOMEM, "out of memory");
	if (code != BMC_OK)
		drop_record(c->act->id);
	else
		tell(c);
	bmc_inventory_publish();
	return code;
}

static void stored(void *arg, int code)
{
	struct bmc_error err = { 0 };

	if (!queue || queue->serial != (uint64_t)(uintptr_t)arg)
		return;
	if (code == BMC_OK)
		code = apply(queue, &err);
	else
		code = bmc_fail(&err, BMC_ENOSPC,
				"nothing was changed: the state database takes no "
				"writes");
	finish(code, &err);
}

static int store(const struct change *c)
{
	bool adds = c->act->op == BMC_ACT_ADD;
	struct bmc_record r = record(adds ? BMC_REC_ROW : BMC_REC_ROW_GONE, c->act->id);

	r.row = adds ? &c->row.row : NULL;
	if (!bmc_store)
		return BMC_EAGAIN;
	return bmc_store->write_or_drop(&r, 1, stored, (void *)(uintptr_t)c->serial);
}

/* Once more, as it is by now. */
static int prepare(struct change *c, struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	int code = check_in(s, c->act, c->who, err);

	if (code < 0)
		return code;
	c->row = c->act->op == BMC_ACT_ADD ? *given(c->act) : *row_of(c->act->id);
	c->row.row.kind = BMC_CERTIFICATE;
	(void)bmc_copy(c->row.row.id, sizeof(c->row.row.id), c->act->id);
	return BMC_OK;
}

static void begin(void)
{
	struct bmc_error err = { 0 };
	int code;

	if (!queue)
		return;
	bmc_inventory_publish(); /* what is checked is what there is now */
	code = bmc_reset_check(&err);
	if (code == BMC_OK)
		code = prepare(queue, &err);
	if (code == BMC_OK && (code = store(queue)) < 0)
		code = bmc_fail(&err, code, "not now: try again");
	if (code < 0)
		finish(code, &err);
}

static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	struct change *c = calloc(1, sizeof(*c)), **last = &queue;

	if (!c) {
		done(arg, BMC_ENOMEM, NULL);
		return;
	}
	*c = (struct change){ .serial = ++last_serial,
			      .act = act,
			      .who = who,
			      .done = done,
			      .arg = arg };
	while (*last)
		last = &(*last)->next;
	*last = c;
	if (queue == c)
		begin();
}

/* ---- of the configuration ---- */

static void hide_configured(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_CERTIFICATE, &rows);

	for (size_t i = 0; i < n; i++) {
		if (((const struct bmc_certificate *)rows[i])->configured == 1)
			bmc_inventory_remove(rows[i]->handle);
	}
}

void bmc_certificates_show_configured(const struct bmc_certificate *row)
{
	struct bmc_certificate copy;

	if (row) {
		copy = *row;
		copy.configured = 1;
		(void)show(&copy);
	} else {
		hide_configured();
	}
	bmc_inventory_publish();
}

/* ---- start and end ---- */

static const struct bmc_action_handler handler = { .check = check, .run = run };
static const struct bmc_certificate_ops ops = {
	.new_id = new_id, .check = check_room, .renamed = renamed, .listed = listed
};

static int load_one(void *arg, const struct bmc_record *r)
{
	struct bmc_certificate row;

	(void)arg;
	if (!r->row || !is_whole((const struct bmc_certificate *)r->row))
		return 0;
	row = *(const struct bmc_certificate *)r->row;
	last_number = MAX(last_number, row.row.index[0]);
	return show(&row) ? 0 : BMC_ENOMEM;
}

/* The list of accounts may not have come yet: then those of accounts wait for it. */
static void drop_orphans(void)
{
	size_t accounts;

	bmc_inventory_publish();
	(void)bmc_inventory_first(BMC_ACCOUNT, &accounts);
	if (accounts)
		listed(BMC_ACCOUNT);
	bmc_inventory_publish();
}

int bmc_certificates_init(struct bmc_error *err)
{
	int r = 0;

	last_number = 0;
	if (bmc_store)
		r = bmc_store->load(BMC_REC_ROW, BMC_CERTIFICATE, load_one, NULL);
	if (r < 0)
		return bmc_fail(err, r, "the certificates can't be read");
	drop_orphans();
	bmc_action_handler_register(BMC_CERTIFICATE, &handler);
	bmc_certificates = &ops;
	return BMC_OK;
}

void bmc_certificates_done(void)
{
	bmc_certificates = NULL;
	bmc_action_handler_register(BMC_CERTIFICATE, NULL);
	while (queue) {
		struct change *c = queue;

		queue = c->next;
		c->done(c->arg, BMC_ECANCELED, NULL);
		free(c);
	}
}
