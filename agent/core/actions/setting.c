// SPDX-License-Identifier: Apache-2.0
/* Settings that users make: names, thresholds, the locating light, fans. They are
 * stored first: what the database does not take changes nothing. Then hardware carries
 * out what has a verb, and the value overlays the sources'. The inventory loads the
 * values at start; the hardware hears of them again from here. */
#include <stdlib.h>
#include <string.h>

#include "core/access/policy.h"
#include "core/actions/transaction.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/plugin/instance.h"

static bool same(const struct bmc_row *row, const struct bmc_action *act)
{
	const struct bmc_field *f = act->field;

	if (f->type == BMC_TEXT)
		return strcmp(bmc_field_text(row, f), act->text) == 0;
	return bmc_field_known(row, f) && bmc_field_num(row, f) == act->num;
}

static bool absent(const struct bmc_row *row)
{
	const struct bmc_field *present = bmc_field_find(row->kind, "present");

	return row->status == BMC_ABSENT ||
	       (present && bmc_field_num(row, present) == 0);
}

int bmc_setting_check(const struct bmc_row *row, const struct bmc_action *act,
		      struct bmc_error *err)
{
	const struct bmc_field *f = act->field;
	int code;

	if (!f)
		return bmc_fail(err, BMC_EINVAL, "no field was named");
	if (!(f->flags & BMC_SETTING))
		return bmc_fail(err, BMC_EREADONLY, "%s can't be set", f->name);
	code = bmc_field_check(f, act->num, act->text, err);
	if (code < 0)
		return code;
	if (f->offset == offsetof(struct bmc_board, boot_target) &&
	    row->kind == BMC_BOARD && act->num != BMC_BOOT_NONE) {
		code = bmc_mode_check((const struct bmc_board *)row, act->num, err);
		if (code < 0)
			return code;
	}
	if (f->offset == offsetof(struct bmc_nic, ipv4_static) &&
	    row->kind == BMC_NIC) {
		code = bmc_static_address_check(row, act, err);
		if (code < 0)
			return code;
	}
	if (f->verb && absent(row))
		return bmc_fail(err, BMC_EABSENT,
				"slot %s is empty: nothing there can be set", row->id);
	if (f->verb && !bmc_verb_bound(row->kind, row->id, f->verb))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s can't be set here: no plugin does %s for %s",
				f->name, f->verb, row->id);
	if (act->duration_ms && f->flags & BMC_IDENTITY)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s can't be set for a time: the "
				"hardware keeps it",
				f->name);
	if (act->duration_ms && (act->duration_ms < BMC_SETTING_LIMIT_MIN ||
				 act->duration_ms > BMC_SETTING_LIMIT_MAX))
		return bmc_fail(err, BMC_ERANGE,
				"%s can be set for 1 second to 30 days", f->name);
	/* A board keeps a text by itself, and may have lost it. */
	if (f->verb && f->type == BMC_TEXT && !(f->flags & BMC_IDENTITY))
		return 0;
	/* the same value is a change where only one of them ends by itself */
	if (act->duration_ms || bmc_setting_limited(row->kind, row->id, f))
		return 0;
	return same(row, act);
}

/* ---- carrying out ---- */

static struct bmc_record record_of(const struct bmc_action *act)
{
	struct bmc_record rec = { .type = BMC_REC_SETTING,
				  .kind = act->kind,
				  .num = act->num };

	(void)bmc_copy(rec.id, sizeof(rec.id), act->id);
	(void)bmc_copy(rec.field, sizeof(rec.field), act->field->name);
	(void)bmc_copy(rec.text, sizeof(rec.text), act->text);
	return rec;
}

/* One record, or two where a limited setting gives way to one that lasts. */
static size_t records_of(const struct bmc_operation *operation,
			 struct bmc_record recs[2])
{
	const struct bmc_action *act = operation->act;
	const struct bmc_value v = { .num = act->num, .text = act->text };

	if (act->duration_ms) {
		recs[0] = bmc_setting_new_limit(operation->handle, act->field, &v,
						bmc_now() + act->duration_ms);
		return 1;
	}
	recs[0] = record_of(act);
	if (!bmc_setting_limited(act->kind, act->id, act->field))
		return 1;
	recs[1] = bmc_setting_limit_record(act->kind, act->id, act->field);
	recs[1].num = 0;
	recs[1].text[0] = '\0';
	return 2;
}

/* Without any store (a core on its own) settings hold as long as the process. */
void bmc_settings_store(struct bmc_transaction *t, bmc_store_done *done)
{
	auto_free struct bmc_record *recs =
		calloc(2 * t->n_operations + 1, sizeof(*recs));
	int code = recs ? BMC_OK : BMC_ENOMEM;
	size_t n = 0;

	for (size_t i = 0; recs && i < t->n_operations; i++) {
		if (t->operations[i].how == BMC_OPERATION_SETTING &&
		    !(t->operations[i].act->field->flags & BMC_IDENTITY))
			n += records_of(&t->operations[i], &recs[n]);
	}
	if (n && bmc_store) {
		code = bmc_store->write_or_drop(recs, n, done, t);
		if (code == BMC_OK)
			return;
	}
	t->result.durable = t->result.durable && (!n || bmc_store);
	done(t, code);
}

void bmc_setting_take_back(const struct bmc_operation *operation)
{
	const struct bmc_action *act = operation->act;
	const struct bmc_record recs[] = {
		bmc_setting_record(act->kind, act->id, act->field),
		bmc_setting_limit_record(act->kind, act->id, act->field),
	};

	if (act->field->flags & BMC_IDENTITY)
		return;
	if (bmc_store && bmc_store->write(recs, 2, NULL, NULL) < 0)
		log_warning("%s of %s: stored, though it could not be set",
			    act->field->name, act->id);
}

static void failed(struct bmc_operation *operation, int code,
		   const struct bmc_error *err)
{
	bmc_setting_take_back(operation);
	bmc_operation_unclaim(operation);
	bmc_transaction_part(operation->transaction, code, err);
}

/* What the hardware keeps has been put by the plugin that wrote it. */
static int overlay(const struct bmc_operation *operation)
{
	const struct bmc_action *act = operation->act;

	if (act->field->flags & BMC_IDENTITY)
		return BMC_OK;
	return act->duration_ms ? bmc_inventory_set_until(operation->handle, act->field,
							  act->num, act->text,
							  bmc_now() + act->duration_ms)
				: bmc_inventory_set(operation->handle, act->field,
						    act->num, act->text);
}

static void apply(struct bmc_operation *operation)
{
	const struct bmc_action *act = operation->act;
	struct bmc_error err;
	int code = overlay(operation);

	if (code < 0) {
		(void)bmc_fail(&err, code, "%s of %s: %s", act->field->name, act->id,
			       bmc_strerror(code));
		failed(operation, code, &err);
		return;
	}
	if (operation->claimed)
		bmc_inventory_publish(); /* before the field is free, see reserve.c */
	bmc_operation_unclaim(operation);
	bmc_event_raise("SettingChanged", operation->handle, act->field->name, act->id,
			operation->transaction->who.name);
	bmc_transaction_part(operation->transaction, BMC_OK, NULL);
}

static void verb_done(void *arg, int code, const struct bmc_error *err)
{
	struct bmc_operation *operation = arg;

	operation->transaction->verbs--;
	if (code < 0)
		failed(operation, code, err);
	else
		apply(operation);
}

void bmc_setting_run(struct bmc_operation *operation)
{
	const struct bmc_action *act = operation->act;
	struct bmc_verb_request call = { .kind = act->kind,
					 .verb = act->field->verb,
					 .args.num = act->num,
					 .args.text = act->field->type == BMC_TEXT
							      ? act->text
							      : NULL,
					 .step = bmc_step_number(),
					 .done = verb_done,
					 .ctx = operation };
	char text[BMC_NAME_MAX + 80];
	struct bmc_error err;
	uint64_t run;
	int code;

	if (!act->field->verb) {
		apply(operation);
		return;
	}
	if (act->field->flags & BMC_IDENTITY) {
		bmc_identity_args(act, text, sizeof(text));
		call.args.text = text;
	}
	(void)bmc_copy(call.id, sizeof(call.id), act->id);
	code = bmc_verb_run(&call, &run, &err);
	if (code < 0)
		verb_done(operation, code, &err);
}

/* ---- at start ---- */

struct restored {
	char what[BMC_ID_MAX + 40];
};

static void restored(void *arg, int code, const struct bmc_error *err)
{
	struct restored *r = arg;

	if (code < 0)
		log_warning("%s: the stored setting could not be made again: %s",
			    r->what, err->what);
	free(r);
}

/* Has the hardware carry out a setting that is in force already. */
static void carry_out(void *arg, enum bmc_kind kind, const char *id,
		      const struct bmc_field *f, int64_t num)
{
	struct bmc_verb_request call = { .kind = kind,
					 .args.num = num,
					 .done = restored };
	struct restored *r;
	struct bmc_error err;
	uint64_t run;

	(void)arg;
	/* what is a text the board itself keeps */
	if (!f->verb || f->type == BMC_TEXT || num == BMC_UNKNOWN ||
	    !bmc_verb_bound(kind, id, f->verb))
		return;
	r = malloc(sizeof(*r));
	if (!r)
		return;
	(void)snprintf(r->what, sizeof(r->what), "%s of %s", f->name, id);
	(void)bmc_copy(call.id, sizeof(call.id), id);
	call.verb = f->verb;
	call.step = bmc_step_number();
	call.ctx = r;
	if (bmc_verb_run(&call, &run, &err) < 0)
		restored(r, err.code, &err);
}

static void expired(enum bmc_kind kind, const char *id, const struct bmc_field *f,
		    int64_t num)
{
	carry_out(NULL, kind, id, f, num);
	bmc_event_raise("SettingChanged", bmc_inventory_find(kind, id), f->name, id,
			"its time limit");
}

void bmc_settings_restore(void)
{
	bmc_settings_on_expiry(expired);
	bmc_settings_each(carry_out, NULL);
}
