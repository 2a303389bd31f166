// SPDX-License-Identifier: Apache-2.0
// PATCH: each leaf of the body is looked up in the resource's table and becomes an
// action; what can't be set at all is reported property by property, and with a value
// that is refused nothing is done; else one transaction does it. Called by the
// dispatcher.
#include <math.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/accounts.h"
#include "redfish/auth.h"
#include "redfish/list.h"
#include "redfish/patch.h"
#include "redfish/render.h"
#include "redfish/request.h"
#include "redfish/values.h"

#define CHANGES_MAX 32
#define PATH_LEN    128

struct change {
	char path[RF_ARG_MAX];
	char value[RF_ARG_MAX];
};

/* Not through the action API. */
struct at_once {
	const struct rf_prop *prop;
	const json_t *value; /* of the request's body */
};

struct patch {
	struct rf_request *q;
	struct bmc_action acts[CHANGES_MAX];
	struct change changes[CHANGES_MAX];
	size_t n;
	struct at_once at_once[CHANGES_MAX];
	size_t n_at_once;
	bool later; /* settings only: nothing may be carried out at once */
};

/* ---- messages ---- */

/* Messages whose first argument is the value, the second the property. */
static bool names_value(enum rf_message_id id)
{
	return id == RF_PROPERTY_TYPE || id == RF_PROPERTY_NOT_IN_LIST ||
	       id == RF_PROPERTY_OUT_OF_RANGE || id == RF_PROPERTY_FORMAT;
}

static struct rf_message *complain(struct rf_request *q, enum rf_message_id id,
				   const char *path, const char *value)
{
	struct rf_message *m =
		rf_message_add(&q->messages, id, names_value(id) ? value : path,
			       names_value(id) ? path : NULL, NULL);

	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), path);
	return m;
}

static const struct {
	int code;
	enum rf_message_id id;
} by_error[] = {
	{ BMC_EINVAL, RF_PROPERTY_FORMAT },
	{ BMC_ERANGE, RF_PROPERTY_OUT_OF_RANGE },
	{ BMC_EREADONLY, RF_PROPERTY_NOT_WRITABLE },
	{ BMC_ENOTSUP, RF_PROPERTY_NOT_WRITABLE },
	{ BMC_ENOTFOUND, RF_PROPERTY_NOT_IN_LIST },
};

static void complain_error(struct rf_request *q, int code, const struct change *c,
			   const struct bmc_error *err)
{
	struct rf_message *m = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(by_error); i++) {
		if (by_error[i].code != code)
			continue;
		m = complain(q, by_error[i].id, c->path, c->value);
		if (m)
			(void)bmc_copy(m->detail, sizeof(m->detail), err->what);
		return;
	}
	m = rf_add_error(q, code, err);
	if (!m)
		return;
	(void)bmc_copy(m->property, sizeof(m->property), c->path);
	if (code == BMC_ECONFLICT) { /* with others of the same object */
		(void)bmc_copy(m->args[0], sizeof(m->args[0]), c->path);
		(void)snprintf(m->args[1], sizeof(m->args[1]), "%.*s",
			       (int)strcspn(c->path, "/"), c->path);
	}
}

/* ---- values ---- */

static int number_of(const struct bmc_field *f, const json_t *v, int64_t *ret)
{
	double n = json_number_value(v) * (double)rf_scale(f);

	if (!json_is_number(v))
		return BMC_EINVAL;
	if (!(fabs(n) < 9e15))
		return BMC_ERANGE;
	*ret = llround(n);
	return 0;
}

/* Fills num or text of the action. Returns the message that fits what is wrong. */
static enum rf_message_id value_of(const struct rf_prop *p, const struct bmc_field *f,
				   const json_t *v, struct bmc_action *act)
{
	const struct bmc_name *names = p->names ? p->names : f->names;

	if (f->type == BMC_TEXT) {
		/* an unknown text is shown as null, so null empties it */
		if (json_is_null(v) && !(p->flags & RF_OR_ID))
			return RF_SUCCESS;
		if (!json_is_string(v))
			return RF_PROPERTY_TYPE;
		return bmc_copy(act->text, MIN(sizeof(act->text), f->size),
				json_string_value(v))
			       ? RF_SUCCESS
			       : RF_STRING_TOO_LONG;
	}
	if (names) {
		if (!json_is_string(v))
			return RF_PROPERTY_TYPE;
		act->num = bmc_name_value(names, json_string_value(v));
		return act->num >= 0 ? RF_SUCCESS : RF_PROPERTY_NOT_IN_LIST;
	}
	if (f->type == BMC_BOOL) {
		act->num = json_is_true(v);
		return json_is_boolean(v) ? RF_SUCCESS : RF_PROPERTY_TYPE;
	}
	int r = number_of(f, v, &act->num);
	if (r == BMC_EINVAL)
		return RF_PROPERTY_TYPE;
	return r == 0 ? RF_SUCCESS : RF_PROPERTY_OUT_OF_RANGE;
}

static void too_long(struct rf_request *q, const struct bmc_field *f, const char *path,
		     const char *value)
{
	char limit[16];

	(void)snprintf(limit, sizeof(limit), "%zu", f->size - 1);
	struct rf_message *m =
		rf_message_add(&q->messages, RF_STRING_TOO_LONG, value, limit, NULL);
	if (m)
		(void)bmc_copy(m->property, sizeof(m->property), path);
}

static bool plain(struct patch *p, const struct rf_prop *prop, const json_t *v,
		  const struct change *c)
{
	struct bmc_action *act = &p->acts[p->n];
	const struct bmc_field *f =
		bmc_field_at((enum bmc_kind)p->q->row->kind, prop->offset);
	struct bmc_error err = { 0 };
	enum rf_message_id id = value_of(prop, f, v, act);

	if (id == RF_STRING_TOO_LONG)
		too_long(p->q, f, c->path, c->value);
	else if (id != RF_SUCCESS)
		(void)complain(p->q, id, c->path, c->value);
	if (id != RF_SUCCESS)
		return false;
	int r = bmc_field_check(f, act->num, f->type == BMC_TEXT ? act->text : NULL,
				&err);
	if (r < 0)
		complain_error(p->q, r, c, &err);
	act->op = BMC_ACT_SET;
	act->field = f;
	return r == 0;
}

/* Whether it can be one of many in a transaction: no account's, whose changes have an
 * order, and with no parameters, which a request has once. `r`: what set() said. */
static bool is_setting(const struct bmc_action *act, int r)
{
	return r == 0 && act->op == BMC_ACT_SET && act->kind != BMC_ACCOUNT &&
	       !act->params;
}

/* A leaf whose property can be set. */
static void leaf(struct patch *p, const struct rf_prop *prop, const char *path,
		 const json_t *v)
{
	if (p->n == CHANGES_MAX || p->n_at_once == CHANGES_MAX)
		return;
	struct bmc_action *act = &p->acts[p->n];
	struct change *c = &p->changes[p->n];
	struct bmc_error err = { 0 };

	memset(act, 0, sizeof(*act));
	(void)bmc_copy(c->path, sizeof(c->path), path);
	rf_format_value(v, c->value);
	if (strcmp(path, "Password") == 0)
		(void)bmc_copy(c->value, sizeof(c->value), "***");
	if (p->q->row) {
		act->kind = (enum bmc_kind)p->q->row->kind;
		(void)bmc_copy(act->id, sizeof(act->id), p->q->row->id);
	}
	if (!prop->set) {
		p->n += plain(p, prop, v, c);
		return;
	}
	size_t said = p->q->messages.added;
	int r = prop->set(p->q, v, act);
	if (p->q->messages.added > said)
		return; /* it has said itself what is wrong */
	if (r == BMC_EINVAL && (prop->flags & RF_CLOCK) && json_is_string(v))
		(void)complain(p->q, RF_PROPERTY_FORMAT, c->path, c->value);
	else if (r == BMC_EINVAL)
		(void)complain(p->q, RF_PROPERTY_TYPE, c->path, c->value);
	else if (r < 0)
		complain_error(p->q, r, c, &err);
	else if (p->later && !is_setting(act, r) && !(prop->flags & RF_ONE_VALUE))
		(void)complain(p->q, RF_PROPERTY_NOT_WRITABLE, c->path, NULL);
	else
		p->n += r == 0;
	if (r > 0 && !p->later)
		p->at_once[p->n_at_once++] = (struct at_once){ prop, v };
}

/* ---- the body ---- */

/* How a table's path relates to one of the body: 0 not, 1 the same, 2 above it. */
static int relates(const char *table, const char *path)
{
	while (*path && *table == *path) {
		table++;
		path++;
	}
	if (*path)
		return 0;
	if (*table == '[')
		return 1;
	return *table == 0 ? 1 : *table == '/' ? 2 : 0;
}

static const struct rf_prop *find(const struct rf_resource *res, const char *path,
				  int *ret)
{
	const struct rf_prop *hit = NULL;

	*ret = 0;
	for (const struct rf_prop *p = res->props; p && p->path; p++) {
		int how = p->shown && !p->shown() ? 0 : relates(p->path, path);
		if (how == 1 || (how && !hit)) {
			hit = p;
			*ret = how;
		}
		if (how == 1)
			break;
	}
	return hit;
}

static bool automatic(const char *path)
{
	static const char *const names[] = { "Id", "Name", "Actions", "Members" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(path, names[i]) == 0)
			return true;
	}
	return false;
}

static void walk(struct patch *p, const json_t *object, const char *above, int depth)
{
	char path[PATH_LEN], word[RF_ARG_MAX];
	const char *key;
	json_t *v;
	int how;

	/* const in all but jansson's iterator */
	json_object_foreach ((json_t *)(uintptr_t)object, key, v) {
		if (strchr(key, '@') || depth > 8)
			continue;
		(void)snprintf(path, sizeof(path), "%s%s%s", above, above[0] ? "/" : "",
			       key);
		const struct rf_prop *prop = find(p->q->res, path, &how);
		rf_format_value(v, word);
		if (!prop)
			(void)complain(p->q,
				       automatic(path) ? RF_PROPERTY_NOT_WRITABLE
						       : RF_PROPERTY_UNKNOWN,
				       path, NULL);
		else if (how == 2 && json_is_object(v))
			walk(p, v, path, depth + 1);
		else if (how == 2)
			(void)complain(p->q, RF_PROPERTY_TYPE, path, word);
		else if (!(prop->flags & RF_PATCH))
			(void)complain(p->q, RF_PROPERTY_NOT_WRITABLE, path, NULL);
		else
			leaf(p, prop, path, v);
	}
}

/* ---- carrying out ---- */

/* A refused value: what can never be set, or is not there, refuses nothing else. What
 * there was no room to say may be either. */
static bool refuses_all(const struct rf_request *q)
{
	if (q->messages.added > q->messages.n)
		return true;
	for (size_t i = 0; i < q->messages.n; i++) {
		enum rf_message_id id = q->messages.list[i].id;
		if (id != RF_PROPERTY_UNKNOWN && id != RF_PROPERTY_NOT_WRITABLE)
			return true;
	}
	return false;
}

/* A password first: PAM's rules can refuse it, and what follows is not done then. A
 * name last: what stands before it is about the old one. */
static int rank(const struct bmc_action *act)
{
	if (act->op == BMC_ACT_PASSWORD)
		return 0;
	return act->field && strcmp(act->field->name, "id") == 0 ? 2 : 1;
}

static void swap(struct patch *p, size_t i, size_t j)
{
	struct bmc_action act = p->acts[i];
	struct change c = p->changes[i];

	p->acts[i] = p->acts[j];
	p->changes[i] = p->changes[j];
	p->acts[j] = act;
	p->changes[j] = c;
	bmc_wipe(&act, sizeof(act));
}

static void put_in_order(struct patch *p)
{
	for (size_t i = 1; i < p->n; i++) {
		for (size_t j = i; j > 0 && rank(&p->acts[j]) < rank(&p->acts[j - 1]);
		     j--)
			swap(p, j, j - 1);
	}
}

/* Only the helper knows whether an account can have a name, and a password that was
 * changed before it is asked can't be changed back: so it is asked first. */
static void ask_first(struct patch *p)
{
	if (p->n < 2 || p->n == CHANGES_MAX || rank(&p->acts[p->n - 1]) != 2)
		return;
	for (size_t i = p->n++; i > 0; i--) {
		p->acts[i] = p->acts[i - 1];
		p->changes[i] = p->changes[i - 1];
	}
	p->acts[0] = p->acts[p->n - 1];
	p->changes[0] = p->changes[p->n - 1];
	p->acts[0].ask = true;
}

/* Takes change `i` out. */
static void leave_out(struct patch *p, size_t i)
{
	bmc_wipe(p->acts[i].secret, sizeof(p->acts[i].secret));
	memmove(&p->acts[i], &p->acts[i + 1], (p->n - i - 1) * sizeof(p->acts[0]));
	memmove(&p->changes[i], &p->changes[i + 1],
		(p->n - i - 1) * sizeof(p->changes[0]));
	p->n--;
}

/* Reserves what the action API takes; a refused change is reported and left out. */
static struct bmc_transaction *reserve(struct patch *p)
{
	struct bmc_transaction *t = NULL;

	while (p->n) {
		struct bmc_error err = { 0 };
		size_t bad = 0;
		int r = bmc_action_reserve(&p->q->login.actor, p->acts, p->n, &t, &bad,
					   &err);
		if (r == 0)
			return t;
		bad = MIN(bad, p->n - 1);
		complain_error(p->q, r, &p->changes[bad], &err);
		if (refuses_all(p->q))
			return NULL;
		leave_out(p, bad);
	}
	return NULL;
}

/* Returns how many have been done. */
static size_t act_at_once(struct patch *p)
{
	size_t done = 0;

	for (size_t i = 0; i < p->n_at_once; i++) {
		const struct at_once *a = &p->at_once[i];
		int r = a->prop->set(p->q, a->value, NULL);
		if (r < 0)
			(void)rf_add_error(p->q, r, NULL);
		done += r > 0;
	}
	return done;
}

static int answer_whole(struct rf_request *q)
{
	if (!q->messages.n)
		return rf_answer_resource(q);
	rf_refresh(q);
	json_t *root = q->res ? rf_render_once(q->snap, q->res, q->row, q->uri)
			      : json_object();
	rf_messages_annotate(&q->messages, root);
	return rf_answer(q, 200, root);
}

static int changed(struct rf_request *q)
{
	if (q->result.code < 0 && q->res == &rf_account)
		return rf_account_refused(q);
	if (q->result.code < 0)
		return rf_answer_error(q, q->result.code, &q->result.err);
	if (q->res == &rf_account)
		rf_account_follow(q);
	if (q->result.task)
		return rf_answer_task(q, q->result.task);
	return answer_whole(q);
}

size_t rf_patch_actions(struct rf_request *q, const json_t *body,
			struct bmc_action *acts, size_t max)
{
	struct patch *p = calloc(1, sizeof(*p));
	size_t n;

	if (!p) {
		(void)rf_add_error(q, BMC_ENOMEM, NULL);
		return 0;
	}
	p->q = q;
	p->later = true;
	walk(p, body, "", 0);
	n = p->n;
	if (n > max) {
		(void)rf_message_add(&q->messages, RF_PAYLOAD_TOO_LARGE, NULL, NULL,
				     NULL);
		n = 0;
	}
	memcpy(acts, p->acts, n * sizeof(acts[0]));
	bmc_wipe(p, sizeof(*p)); /* a password that was refused */
	free(p);
	return n;
}

int rf_patch(struct rf_request *q)
{
	if (q->deep)
		return rf_patch_deep(q);
	if (!rf_parse(q))
		return RF_DONE;
	struct patch *p = calloc(1, sizeof(*p));
	if (!p)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	p->q = q;
	walk(p, q->parsed, "", 0);
	put_in_order(p);
	ask_first(p);
	struct bmc_transaction *t = refuses_all(q) ? NULL : reserve(p);
	size_t done = refuses_all(q) ? 0 : act_at_once(p);
	bmc_wipe(p, sizeof(*p));
	free(p);
	if (t)
		return rf_commit(q, t, changed);
	if (done)
		return answer_whole(q);
	if (!q->messages.n)
		(void)rf_message_add(&q->messages, RF_NO_OPERATION, NULL, NULL, NULL);
	return rf_answer_messages(q, 0);
}
