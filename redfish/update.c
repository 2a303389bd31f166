// SPDX-License-Identifier: Apache-2.0
// Updates of firmware as Redfish asks for them: targets become boards, the Oem object a
// plan, and both one transaction. Called through the table of the update service and
// by the handlers that take images.
#include "redfish/update.h"

#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "core/ports/images.h"
#include "redfish/aggregates.h"
#include "redfish/list.h"

static const struct {
	const char *name;
	enum bmc_param key;
	int64_t scale; /* of the parameter's unit */
} plan[] = {
	{ "BatchSize", BMC_PARAM_BATCH, 1 },
	{ "CanarySize", BMC_PARAM_CANARY, 1 },
	{ "DelayBetweenBatchesInSeconds", BMC_PARAM_DELAY_MS, 1000 },
	{ "MaxFailed", BMC_PARAM_MAX_FAILED, 1 },
	{ "MaxPerBlade", BMC_PARAM_PER_BLADE, 1 },
	{ "Priority", BMC_PARAM_PRIORITY, 1 },
};
static const struct bmc_name verify_names[] = {
	{ BMC_VERIFY_NONE, "None" },
	{ BMC_VERIFY_SAMPLED, "Sampled" },
	{ BMC_VERIFY_FULL, "Full" },
	{ 0, NULL },
};
/* What Redfish calls a scheme. */
static const struct {
	const char *word, *scheme;
} protocols[] = {
	{ "HTTP", "http" }, { "HTTPS", "https" }, { "TFTP", "tftp" },
	{ "SFTP", "sftp" }, { "SCP", "scp" },
};

bool rf_update_enabled(void)
{
	return bmc_images != NULL;
}

/* ---- refusals ---- */

/* `secret`: the value is not repeated. */
static bool refuse(struct rf_request *q, enum rf_message_id id, const json_t *v,
		   const char *parameter, bool secret)
{
	char word[RF_ARG_MAX] = "***";

	if (!secret)
		rf_format_value(v, word);
	(void)rf_message_add(&q->messages, id, word, parameter, q->action->name);
	(void)rf_answer_messages(q, 0);
	return false;
}

static bool fail(struct rf_request *q, int code, const struct bmc_error *err)
{
	(void)rf_answer_error(q, code, err);
	return false;
}

static bool param_failed(struct rf_request *q, int code, const json_t *v,
			 const char *parameter, bool secret)
{
	return code == BMC_ENOMEM ? fail(q, code, NULL)
				  : refuse(q,
					   code == BMC_ERANGE && json_is_number(v)
						   ? RF_PARAMETER_OUT_OF_RANGE
						   : RF_PARAMETER_FORMAT,
					   v, parameter, secret);
}

/* ---- the plan ---- */

static bool take_number(struct rf_request *q, struct rf_set *set, size_t i,
			const json_t *v)
{
	int r;

	if (!json_is_integer(v))
		return refuse(q, RF_PARAMETER_TYPE, v, plan[i].name, false);
	r = rf_set_number(set, plan[i].key, plan[i].scale, json_integer_value(v));
	return r == 0 || param_failed(q, r, v, plan[i].name, false);
}

static bool take_verify(struct rf_request *q, struct rf_set *set, const json_t *v)
{
	int64_t n = json_is_string(v)
			    ? bmc_name_value(verify_names, json_string_value(v))
			    : -1;

	if (n < 0)
		return refuse(q,
			      json_is_string(v) ? RF_PARAMETER_NOT_IN_LIST
						: RF_PARAMETER_TYPE,
			      v, "Verify", false);
	int r = bmc_params_set_num(set->params, BMC_PARAM_VERIFY, n, NULL);
	return r == 0 || fail(q, r, NULL);
}

static bool take_dry_run(struct rf_request *q, struct rf_set *set, const json_t *v)
{
	if (!json_is_boolean(v))
		return refuse(q, RF_PARAMETER_TYPE, v, "DryRun", false);
	int r = json_is_true(v)
			? bmc_params_set_num(set->params, BMC_PARAM_DRY_RUN, 1, NULL)
			: 0;
	return r == 0 || fail(q, r, NULL);
}

static bool take_planned(struct rf_request *q, struct rf_set *set, const char *key,
			 const json_t *v)
{
	if (strcmp(key, "Verify") == 0)
		return take_verify(q, set, v);
	if (strcmp(key, "DryRun") == 0)
		return take_dry_run(q, set, v);
	for (size_t i = 0; i < ARRAY_SIZE(plan); i++) {
		if (strcmp(key, plan[i].name) == 0)
			return take_number(q, set, i, v);
	}
	(void)rf_message_add(&q->messages, RF_PARAMETER_UNKNOWN, q->action->name, key,
			     NULL);
	(void)rf_answer_messages(q, 0);
	return false;
}

static bool take_oem(struct rf_request *q, struct rf_set *set, const json_t *oem)
{
	const json_t *own = json_object_get(oem, "ClusterBmc");
	bool ok = true;
	const char *key;
	json_t *v;

	if (oem && (!json_is_object(own) || json_object_size(oem) != 1))
		return refuse(q, RF_PARAMETER_FORMAT, oem, "Oem", false);
	/* const in all but jansson's macro */
	json_object_foreach ((json_t *)(uintptr_t)own, key, v) {
		ok = strchr(key, '@') || take_planned(q, set, key, v);
		if (!ok)
			break;
	}
	return ok;
}

/* ---- targets ---- */

/* A board that the request names is refused when it can't be updated; of blades,
 * chassis and sets those that can are. */
static int add_row(struct rf_request *q, struct rf_set *set, const struct bmc_row *row)
{
	const struct bmc_row *board;

	if (!row)
		return BMC_ENOTFOUND;
	switch (row->kind) {
	case BMC_BOARD:
		return rf_set_name(set, row);
	case BMC_BLADE:
	case BMC_CHASSIS:
		return rf_set_add(set, q, row);
	case BMC_AGGREGATE:
		return rf_aggregate_gather(q, row, set);
	case BMC_FIRMWARE:
		board = bmc_snapshot_row(q->snap, row->parent);
		return board && board->kind == BMC_BOARD ? rf_set_name(set, board)
							 : BMC_ENOTFOUND;
	default:
		return BMC_ENOTFOUND;
	}
}

static bool add_all(struct rf_request *q, struct rf_set *set, const json_t *list,
		    const char *parameter)
{
	const struct bmc_row *row;
	size_t i;
	json_t *v;

	json_array_foreach (list, i, v) {
		row = NULL;
		if (json_is_string(v))
			(void)rf_target(q, v, &row);
		int r = add_row(q, set, row);
		if (r == BMC_ENOTFOUND)
			return refuse(q,
				      json_is_string(v) ? RF_PARAMETER_NOT_IN_LIST
							: RF_PARAMETER_TYPE,
				      v, parameter, false);
		if (r < 0)
			return fail(q, r, NULL);
	}
	return true;
}

static const struct bmc_board *board_of(const struct rf_request *q,
					const struct bmc_action *act)
{
	return (const struct bmc_board *)bmc_snapshot_find(q->snap, BMC_BOARD, act->id);
}

static bool is_in(const struct rf_set *set, const char *id)
{
	for (size_t i = 0; i < set->n; i++) {
		if (strcmp(set->acts[i].id, id) == 0)
			return true;
	}
	return false;
}

/* The board on which this runs is never one of many, as in SNMP. */
static void drop(const struct rf_request *q, struct rf_set *set,
		 const struct rf_set *excluded)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct bmc_action *act = &set->acts[i];
		const struct bmc_board *b = board_of(q, act);
		if (is_in(excluded, act->id) || (act->in_set && b && b->is_main == 1))
			continue;
		if (n != i)
			set->acts[n] = *act;
		n++;
	}
	set->n = n;
}

/* An image does not say for which of many boards it is: none named is a mistake. */
static bool none_named(struct rf_request *q)
{
	struct rf_message *m = rf_message_add(&q->messages, RF_PARAMETER_MISSING,
					      q->action->name, "Targets", NULL);

	rf_message_about(m, "",
			 "Name what is to be updated: systems, blades, the enclosure, "
			 "aggregates or members of FirmwareInventory");
	(void)rf_answer_messages(q, 0);
	return false;
}

static bool none_left(struct rf_request *q)
{
	(void)rf_answer_message(q, RF_NO_OPERATION, NULL);
	return false;
}

bool rf_update_take(struct rf_request *q, struct rf_set *set, const json_t *const *args)
{
	struct rf_set excluded = { .op = BMC_ACT_UPDATE };
	bool ok;

	if (json_array_size(args[RF_UPDATE_TARGETS]) == 0)
		return none_named(q);
	if (json_is_true(args[RF_UPDATE_FORCE])) /* no check of ours may be left out */
		return refuse(q, RF_PARAMETER_NOT_IN_LIST, args[RF_UPDATE_FORCE],
			      "ForceUpdate", false);
	set->op = BMC_ACT_UPDATE;
	if (!set->params && !(set->params = bmc_params_new()))
		return fail(q, BMC_ENOMEM, NULL);
	ok = add_all(q, set, args[RF_UPDATE_TARGETS], "Targets") &&
	     add_all(q, &excluded, args[RF_UPDATE_EXCLUDE], "ExcludeTargets");
	if (ok)
		drop(q, set, &excluded);
	rf_set_done(&excluded);
	if (ok && !set->n)
		return none_left(q);
	return ok && take_oem(q, set, args[RF_UPDATE_OEM]);
}

static int board_error(const struct bmc_board *b)
{
	if (!b)
		return BMC_ENOTFOUND;
	if (b->action_state == BMC_TASK_NEW || b->action_state == BMC_TASK_RUNNING)
		return BMC_EBUSY;
	if (bmc_action_allowed(&b->row) & 1U << BMC_ACT_UPDATE)
		return 0;
	return b->row.status == BMC_ABSENT ? BMC_EABSENT : BMC_ENOTSUP;
}

/* `op`: what a busy board is busy with. */
static const char *why_not(int code, int64_t op, char *buf, size_t size)
{
	if (code == BMC_EBUSY)
		(void)snprintf(buf, size, "is busy with %s: wait for its task to end",
			       bmc_name_word(bmc_action_names, op));
	else if (code == BMC_EABSENT)
		(void)bmc_copy(buf, size, "is not in its slot");
	else if (code == BMC_ENOTSUP)
		(void)bmc_copy(buf, size,
			       "can't be updated: no flasher is bound to it");
	else
		(void)bmc_copy(buf, size, "can't be updated now");
	return buf;
}

static bool refuse_board(struct rf_request *q, const char *id, int code)
{
	const struct bmc_board *b =
		(const struct bmc_board *)bmc_snapshot_find(q->snap, BMC_BOARD, id);
	struct bmc_error err = { 0 };
	struct rf_message *m;
	char why[80];

	(void)bmc_fail(&err, code, "%s %s", id,
		       why_not(code, b ? b->action : 0, why, sizeof(why)));
	m = rf_add_error(q, code, &err);
	if (m && code == BMC_ENOTSUP)
		(void)bmc_copy(m->args[0], sizeof(m->args[0]), q->action->name);
	else if (m && !m->args[0][0])
		(void)snprintf(m->args[0], sizeof(m->args[0]), "/redfish/v1/Systems/%s",
			       id);
	(void)rf_answer_messages(q, 0);
	return false;
}

bool rf_update_possible(struct rf_request *q, const struct rf_set *set)
{
	const struct bmc_action *first = NULL;
	bool any = false;
	int code = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct bmc_action *act = &set->acts[i];
		int r = board_error(board_of(q, act));
		if (r < 0 && !act->in_set)
			return refuse_board(q, act->id, r);
		any |= r == 0;
		first = r < 0 && !first ? act : first;
		code = r < 0 && !code ? r : code;
	}
	return any || refuse_board(q, first->id, code);
}

/* ---- SimpleUpdate ---- */

enum { IMAGE_URI = RF_UPDATE_N, PROTOCOL, USERNAME, PASSWORD };

/* clang-format off */
const struct rf_param rf_simple_update_params[] = {
	RF_UPDATE_PARAMS,
	{ "ImageURI", JSON_STRING, true },
	{ "TransferProtocol", JSON_STRING, false },
	{ "Username", JSON_STRING, false }, { "Password", JSON_STRING, false },
	{ .name = NULL },
};
/* clang-format on */

static bool set_text(struct rf_request *q, struct rf_set *set, enum bmc_param key,
		     const json_t *v, const char *parameter)
{
	struct bmc_error err = { 0 };
	int r = v ? bmc_params_set_text(set->params, key, json_string_value(v), &err)
		  : 0;

	return r == 0 || param_failed(q, r, v, parameter, key == BMC_PARAM_CREDENTIAL);
}

/* Its scheme; http where neither the URI nor the request says (DMTF's schema, of
 * ImageURI). NULL: answered. */
static const char *scheme_of(struct rf_request *q, const json_t *protocol)
{
	if (!protocol)
		return "http";
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(json_string_value(protocol), protocols[i].word) == 0)
			return protocols[i].scheme;
	}
	(void)refuse(q, RF_PARAMETER_NOT_IN_LIST, protocol, "TransferProtocol", false);
	return NULL;
}

/* A member of LocalImageStore. */
static bool set_id(struct rf_request *q, struct rf_set *set, const char *id)
{
	int r = bmc_params_set_text(set->params, BMC_PARAM_IMAGE, id, NULL);

	return r == 0 || fail(q, r, NULL);
}

static bool take_uri(struct rf_request *q, struct rf_set *set, const json_t *uri,
		     const json_t *protocol)
{
	const char *text = json_string_value(uri), *scheme = scheme_of(q, protocol);
	const struct bmc_row *stored;
	json_t *whole;
	bool ok;

	if (!scheme)
		return false;
	if (rf_target(q, uri, &stored) == &rf_stored_image)
		return set_id(q, set, stored->id);
	if (text[0] == '/' || !text[0]) /* no host's */
		return refuse(q, RF_PARAMETER_FORMAT, uri, "ImageURI", false);
	if (strstr(text, "://"))
		return set_text(q, set, BMC_PARAM_URI, uri, "ImageURI");
	whole = json_sprintf("%s://%s", scheme, text);
	ok = whole ? set_text(q, set, BMC_PARAM_URI, whole, "ImageURI")
		   : fail(q, BMC_ENOMEM, NULL);
	json_decref(whole);
	return ok;
}

int rf_simple_update(struct rf_request *q, const json_t *const *args)
{
	struct rf_set set = { .op = BMC_ACT_UPDATE };

	if (!rf_update_enabled())
		return rf_answer_error(q, BMC_ENOTSUP, NULL);
	if (rf_update_take(q, &set, args) &&
	    take_uri(q, &set, args[IMAGE_URI], args[PROTOCOL]) &&
	    set_text(q, &set, BMC_PARAM_USER, args[USERNAME], "Username") &&
	    set_text(q, &set, BMC_PARAM_CREDENTIAL, args[PASSWORD], "Password"))
		return rf_set_submit(q, &set);
	rf_set_done(&set);
	return RF_DONE;
}

/* ---- what it takes, in words ---- */

json_t *rf_update_protocols(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		(void)json_array_append_new(list, json_string(protocols[i].word));
	return list;
}

static const char *data_type(json_type type)
{
	switch (type) {
	case JSON_ARRAY:
		return "StringArray";
	case JSON_OBJECT:
		return "Object";
	case JSON_TRUE:
		return "Boolean";
	default:
		return "String";
	}
}

json_t *rf_simple_update_info(struct rf_render *r)
{
	json_t *list = json_array();

	(void)r;
	for (const struct rf_param *p = rf_simple_update_params; p->name; p++) {
		bool required = p->required || strcmp(p->name, "Targets") == 0;
		json_t *o = json_pack("{ss sb ss}", "Name", p->name, "Required",
				      required, "DataType", data_type(p->type));
		if (strcmp(p->name, "TransferProtocol") == 0)
			(void)json_object_set_new(o, "AllowableValues",
						  rf_update_protocols());
		if (strcmp(p->name, "Oem") == 0)
			(void)json_object_set_new(o, "ObjectDataType",
						  json_string("#" RF_UPDATE_OPTIONS));
		(void)json_array_append_new(list, o);
	}
	return list;
}
