// SPDX-License-Identifier: Apache-2.0
// What the role resources do: roles beside Redfish's own three are made, changed and
// removed. Called through the tables in resources/roles.c.
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "core/ports/auth.h"
#include "redfish/accounts.h"
#include "redfish/list.h"
#include "redfish/values.h"

static const struct bmc_name words[] = {
	{ BMC_PRIV_LOGIN, "Login" },
	{ BMC_PRIV_CONFIGURE_MANAGER, "ConfigureManager" },
	{ BMC_PRIV_CONFIGURE_USERS, "ConfigureUsers" },
	{ BMC_PRIV_CONFIGURE_COMPONENTS, "ConfigureComponents" },
	{ BMC_PRIV_CONFIGURE_SELF, "ConfigureSelf" },
	{ 0, NULL },
};

json_t *rf_privilege_words(uint32_t privileges)
{
	json_t *list = json_array();

	for (const struct bmc_name *w = words; w->word; w++) {
		if (privileges & (uint32_t)w->value)
			(void)json_array_append_new(list, json_string(w->word));
	}
	return list;
}

/* BMC_EINVAL for what is no array of texts; a word that is none is said here. */
static int take_privileges(struct rf_request *q, const json_t *value, int64_t *ret)
{
	const json_t *v;
	size_t i;

	*ret = 0;
	if (!json_is_array(value))
		return BMC_EINVAL;
	/* const in all but jansson's iterator */
	json_array_foreach ((json_t *)(uintptr_t)value, i, v) {
		if (!json_is_string(v))
			return BMC_EINVAL;
		int one = bmc_name_value(words, json_string_value(v));
		if (one <= 0) {
			rf_message_about(rf_message_add(&q->messages,
							RF_PROPERTY_NOT_IN_LIST,
							json_string_value(v),
							"AssignedPrivileges", NULL),
					 "AssignedPrivileges", "");
			return BMC_ENOTFOUND;
		}
		*ret |= one;
	}
	return 0;
}

int rf_role_set_privileges(struct rf_request *q, const json_t *value,
			   struct bmc_action *act)
{
	if (((const struct bmc_role *)q->row)->predefined)
		return BMC_EREADONLY;
	act->op = BMC_ACT_SET;
	act->field = bmc_field_at(BMC_ROLE, offsetof(struct bmc_role, privileges));
	return take_privileges(q, value, &act->num);
}

static const char *name_of(const struct rf_request *q)
{
	return json_string_value(json_object_get(q->parsed, "RoleId"));
}

static int created(struct rf_request *q)
{
	const struct bmc_result *r = &q->result;

	if (r->code == BMC_EEXIST) {
		(void)rf_message_add(&q->messages, RF_ALREADY_EXISTS, "Role", "RoleId",
				     name_of(q));
		return rf_answer_messages(q, 0);
	}
	if (r->code == BMC_ENOSPC)
		return rf_answer_message(q, RF_CREATE_LIMIT, NULL);
	if (r->code < 0)
		return rf_answer_error(q, r->code, &r->err);
	rf_refresh(q);
	const struct bmc_row *row = bmc_snapshot_find(q->snap, BMC_ROLE, name_of(q));
	if (row)
		return rf_answer_created(q, &rf_role, row);
	q->status = 201;
	return RF_DONE;
}

static void check_name(struct rf_request *q, const char *name)
{
	static const char rule[] =
		"a role's name has up to 20 letters, digits, '-' and "
		"'_' and begins with a letter";
	struct rf_messages *m = &q->messages;

	if (bmc_snapshot_find(q->snap, BMC_ROLE, name))
		rf_message_about(
			rf_message_add(m, RF_ALREADY_EXISTS, "Role", "RoleId", name),
			"RoleId", "");
	else if (bmc_auth->role_name(name) == BMC_EPERM)
		rf_message_about(
			rf_message_add(m, RF_RESTRICTED_ROLE, name, NULL, NULL),
			"RoleId", "");
	else if (bmc_auth->role_name(name) < 0)
		rf_message_about(
			rf_message_add(m, RF_PROPERTY_FORMAT, name, "RoleId", NULL),
			"RoleId", rule);
}

/* `args` in the order of create_params. */
int rf_role_create(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_ADD, .kind = BMC_ROLE };
	const char *name = json_string_value(args[0]);

	check_name(q, name);
	if (take_privileges(q, args[1], &act.num) == BMC_EINVAL)
		rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_TYPE, "[...]",
						"AssignedPrivileges", NULL),
				 "AssignedPrivileges", "");
	if (args[2] && json_array_size(args[2]) > 0)
		rf_message_about(rf_message_add(&q->messages, RF_PROPERTY_NOT_IN_LIST,
						"[...]", "OemPrivileges", NULL),
				 "OemPrivileges",
				 "this service has no privileges of its own");
	(void)bmc_copy(act.id, sizeof(act.id), name);
	return q->messages.n ? rf_answer_messages(q, 0)
			     : rf_submit(q, &act, 1, created);
}

static int removed(struct rf_request *q)
{
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	q->status = 204;
	return RF_DONE;
}

int rf_role_remove(struct rf_request *q)
{
	struct bmc_action act = { .op = BMC_ACT_REMOVE, .kind = BMC_ROLE };

	if (((const struct bmc_role *)q->row)->predefined)
		return rf_answer_message(q, RF_CANNOT_DELETE, NULL);
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	return rf_submit(q, &act, 1, removed);
}
