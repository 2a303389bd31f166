// SPDX-License-Identifier: Apache-2.0
/* Tables of every form, served by the real agent: rows of several kinds, indexes of
 * strings and of several parts, rows that SETs create and destroy. This program has a
 * list of tables of its own; its rows are accounts, which it keeps itself. */
#include "snmp-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action-fixture.h"
#include "core/ports/action-handler.h"
#include "core/snapshot/build.h"
#include "snmp-message.h"
#include "snmp/cursor.h"
#include "snmp/set.h"

static const char config[] = "communities:\n"
			     "  - {name: public}\n"
			     "  - {name: private, role: Operator}\n"
			     "  - {name: root, role: Administrator}\n";

#define ROOT_SET "-v2c -c root"
#define MIXED    ROOT ".90.1"
#define IMPLIED  ROOT ".91.1"
#define EMPTY    ROOT ".92.1"
#define LIMITS   ROOT ".93.1"
#define REPEATED ROOT ".94.1"
#define OWN      ROOT ".95.1"
#define SCALAR   ROOT ".96.7"
enum { NO_ERROR, WRONG_VALUE = 10, NO_CREATION, INCONSISTENT };

/* ---- the tables ---- */

static bool by_name_and_number(const struct bmc_row *row, struct sn_key *ret)
{
	ret->part[0].text = row->id;
	ret->part[1].number = row->index[0];
	return true;
}

static bool by_kind_and_name(const struct bmc_row *row, struct sn_key *ret)
{
	ret->part[0].number = row->kind;
	ret->part[1].text = row->id;
	return true;
}

static bool by_nothing(const struct bmc_row *row, struct sn_key *ret)
{
	(void)row;
	(void)ret;
	return false;
}

static bool by_extremes(const struct bmc_row *row, struct sn_key *ret)
{
	static const uint32_t numbers[] = { 0,           1,           127,        128,
					    2147483648u, 4294967294u, 4294967295u };

	ret->part[0].number = numbers[row->index[0] % ARRAY_SIZE(numbers)];
	ret->part[1].number = numbers[row->index[0] / ARRAY_SIZE(numbers) % 7];
	return true;
}

static bool by_one_number(const struct bmc_row *row, struct sn_key *ret)
{
	(void)row;
	ret->part[0].number = 5;
	return true;
}

static bool get_number(const struct bmc_row *row, struct sn_value *ret)
{
	sn_value_number(ret, ASN_UNSIGNED, (long)row->index[0]);
	return true;
}

static const struct sn_special number = {
	.syntax = "Unsigned32",
	.type = ASN_UNSIGNED,
	.get = get_number,
};

static int create(struct sn_set *set, const struct sn_row_request *r, size_t *ret_bad)
{
	struct bmc_action a = { .kind = BMC_ACCOUNT,
				.op = r->row ? BMC_ACT_REMOVE : BMC_ACT_ADD };

	if (!bmc_copy(a.id, sizeof(a.id), r->index->part[0].text) || !*a.id)
		return SNMP_ERR_NOCREATION;
	a.num = r->index->part[1].number;
	for (size_t i = 0; i < r->n_values; i++) {
		*ret_bad = i;
		if (r->values[i].len >= BMC_ID_MAX || r->values[i].len < 3)
			return SNMP_ERR_WRONGLENGTH;
		memcpy(a.text, r->values[i].text, r->values[i].len);
	}
	*ret_bad = r->n_values;
	if (!r->row && !*a.text)
		return SNMP_ERR_INCONSISTENTVALUE;
	return sn_set_add(set, &a) ? SNMP_ERR_NOERROR : SNMP_ERR_RESOURCEUNAVAILABLE;
}

static const struct sn_column mixed_columns[] = {
	SN_COLUMN(3, "tNumber", NULL, .special = &number),
	SN_COLUMN(4, "tRole", "role", .create = true),
	SN_COLUMN(5, "tStatus", NULL, .form = SN_ROW_STATUS, .create = true),
};
static const struct sn_column name_columns[] = {
	SN_COLUMN(3, "tId", "id"),
	SN_COLUMN(4, "tModel", "model"),
};
static const struct sn_column id_column[] = { SN_COLUMN(3, "tId", "id") };

#define COLUMNS(c) .columns = (c), .n_columns = ARRAY_SIZE(c)
static const struct sn_table mixed = {
	.name = "mixed",
	.arc = 90,
	.kind = BMC_ACCOUNT,
	.n_index = 2,
	.index = { { "tName", SN_PART_TEXT }, { "tNumber" } },
	.index_of = by_name_and_number,
	.create = create,
	COLUMNS(mixed_columns),
};
static const struct sn_table several_kinds = {
	.name = "severalKinds",
	.arc = 91,
	.kind = BMC_BOARD,
	.others = UINT64_C(1) << BMC_ACCOUNT | UINT64_C(1) << BMC_BLADE,
	.n_index = 2,
	.index = { { "tKind" }, { "tName", SN_PART_IMPLIED } },
	.index_of = by_kind_and_name,
	COLUMNS(name_columns),
};
static const struct sn_table empty = {
	.name = "empty",
	.arc = 92,
	.kind = BMC_BOARD,
	.n_index = 1,
	.index = { { "tNumber" } },
	.index_of = by_nothing,
	COLUMNS(id_column),
};
static const struct sn_table extremes = {
	.name = "extremes",
	.arc = 93,
	.kind = BMC_ACCOUNT,
	.n_index = 2,
	.index = { { "tOne" }, { "tTwo" } },
	.index_of = by_extremes,
	COLUMNS(id_column),
};
static const struct sn_table repeated = {
	.name = "repeated",
	.arc = 94,
	.kind = BMC_BOARD,
	.n_index = 1,
	.index = { { "tNumber" } },
	.index_of = by_one_number,
	COLUMNS(id_column),
};

/* Rows that no snapshot has, with indexes of several lengths. */
static size_t own_rows(const struct sn_ordered **ret)
{
	static const struct bmc_row row[] = {
		{ .kind = BMC_CHASSIS, .index = { 1 } },
		{ .kind = BMC_CHASSIS, .index = { 2 } },
		{ .kind = BMC_CHASSIS, .index = { 3 } },
		{ .kind = BMC_CHASSIS, .index = { 4 } },
	};
	static const struct sn_ordered all[] = {
		{ &row[0], { 1, { 1 } } },
		{ &row[1], { 3, { 1, 0, 4294967295u } } },
		{ &row[2], { 2, { 1, 1 } } },
		{ &row[3], { 2, { 4294967295u, 0 } } },
	};

	*ret = all;
	return ARRAY_SIZE(all);
}

static int take_text(struct sn_set *set, const struct bmc_row *row, const char *text,
		     size_t len)
{
	struct bmc_action a = { .kind = BMC_ACCOUNT, .op = BMC_ACT_ADD };

	if (row->index[0] != 2)
		return SNMP_ERR_NOTWRITABLE;
	if (len < 3 || len >= sizeof(a.id))
		return SNMP_ERR_WRONGLENGTH;
	memcpy(a.id, text, len);
	bmc_copy(a.text, sizeof(a.text), "ReadOnly");
	a.num = 400;
	return sn_set_add(set, &a) ? SNMP_ERR_NOERROR : SNMP_ERR_RESOURCEUNAVAILABLE;
}

static bool get_text(const struct bmc_row *row, struct sn_value *ret)
{
	(void)row;
	ret->type = ASN_OCTET_STR;
	ret->data = "text";
	ret->len = 4;
	return true;
}

static const struct sn_special own_text = {
	.type = ASN_OCTET_STR,
	.get = get_text,
	.take = take_text,
};
static const struct sn_column own_columns[] = {
	SN_COLUMN(2, "tNumber", NULL, .special = &number),
	SN_COLUMN(3, "tText", NULL, .special = &own_text),
};
static const struct sn_table own = {
	.name = "own",
	.at = OWN,
	.kind = BMC_CHASSIS,
	.n_index = 1,
	.rows = own_rows,
	COLUMNS(own_columns),
};
static const struct sn_column instance[] = {
	SN_COLUMN(0, "tNumber", NULL, .special = &number),
};
static const struct sn_table scalar = {
	.name = "scalar",
	.at = SCALAR,
	.kind = BMC_ACCOUNT,
	COLUMNS(instance),
};

const struct sn_table *const sn_tables[] = {
	&sn_board_table,
	&sn_event_table,
	&sn_manager_table,
	&mixed,
	&several_kinds,
	&empty,
	&extremes,
	&repeated,
	&scalar,
	&own,
	NULL,
};

/* ---- the rows ---- */

static void add_account(const char *name, uint32_t index, const char *role)
{
	struct bmc_account row;

	bmc_row_clear(&row.row, BMC_ACCOUNT);
	bmc_copy(row.row.id, sizeof(row.row.id), name);
	bmc_copy(row.role, sizeof(row.role), role);
	row.row.index[0] = index;
	row.row.status = BMC_ENABLED;
	assert_int_not_equal(bmc_inventory_upsert(&row.row), 0);
}

/* The action API's way to the rows: what an account's own module does. */
static void run(const struct bmc_action *act, const struct bmc_actor *who,
		bmc_action_handler_done *done, void *arg)
{
	(void)who;
	if (act->op == BMC_ACT_ADD) {
		add_account(act->id, (uint32_t)act->num, act->text);
	} else if (act->op == BMC_ACT_REMOVE) {
		auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
		bmc_inventory_remove(
			bmc_snapshot_find(s, BMC_ACCOUNT, act->id)->handle);
	}
	done(arg, BMC_OK, NULL);
}

static const struct bmc_action_handler handler = { .run = run };

/* Names that sort otherwise as strings than as lengths and strings. */
static const char *const names[] = { "a",  "b",   "z",  "aa", "ab",  "zz",  "aaa",
				     "ba", "z.",  "A",  "~",  "a-b", "a.b", "abc",
				     "b1", "b10", "b2", "B",  "z1",  "zzz" };

static void step(void)
{
	bmc_loop_step(5);
}

static int fd;

static int set_up(void **state)
{
	fixture_set_up(state);
	bmc_action_handler_register(BMC_ACCOUNT, &handler);
	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++)
		add_account(names[i], i, "ReadOnly");
	bmc_inventory_publish();
	snmp_fixture_serve(config);
	snmp_fixture_meanwhile = step;
	fd = message_socket("127.0.0.1", "127.0.0.1", snmp_fixture_port());
	return fd < 0;
}

static int tear_down(void **state)
{
	close(fd);
	snmp_fixture_end();
	return fixture_tear_down(state);
}

/* ---- order ---- */

#define NAMES_MAX 512

struct walked {
	struct message_answer at[NAMES_MAX];
	size_t n;
};

/* What follows an object, by GETNEXT. */
static struct message_answer after(const char *object)
{
	static unsigned id = 1;
	struct message_value v = { object, 0, NULL };
	struct message_answer a = { 0 };
	struct message m;

	message_make(&m, MESSAGE_NEXT, "public", ++id, &v, 1);
	assert_true(message_send(fd, &m));
	assert_true(message_receive(fd, 5000, &a));
	assert_int_equal(a.request_id, id);
	return a;
}

static const char *written(const unsigned long *name, size_t n)
{
	static char text[2048];
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%lu",
				       i ? "." : "", name[i]);
	return text;
}

static int order(const struct message_answer *a, const unsigned long *name, size_t n)
{
	for (size_t i = 0; i < MIN(a->name_len, n); i++) {
		if (a->name[i] != name[i])
			return a->name[i] < name[i] ? -1 : 1;
	}
	return a->name_len == n ? 0 : a->name_len < n ? -1 : 1;
}

static bool is_below(const struct message_answer *a, const char *root)
{
	size_t n = strlen(root);
	const char *name = written(a->name, a->name_len);

	return strncmp(name, root, n) == 0 && name[n] == '.';
}

static void walk(const char *root, struct walked *w)
{
	struct message_answer a = after(root);

	w->n = 0;
	for (; is_below(&a, root); a = after(written(a.name, a.name_len))) {
		assert_in_range(w->n, 0, NAMES_MAX - 1);
		if (w->n)
			assert_true(order(&a, w->at[w->n - 1].name,
					  w->at[w->n - 1].name_len) > 0);
		w->at[w->n++] = a;
	}
}

/* From any name, GETNEXT gives the first of the walk that is above it. */
static void next_is_right_after(const struct walked *w, const unsigned long *name,
				size_t n, const char *root)
{
	struct message_answer a = after(written(name, n));
	size_t i = 0;

	while (i < w->n && order(&w->at[i], name, n) <= 0)
		i++;
	if (i < w->n)
		assert_int_equal(order(&a, w->at[i].name, w->at[i].name_len), 0);
	else
		assert_false(is_below(&a, root));
}

/* Names near those of the table: cut off, one more or less, longer, at the limits. */
static void every_name_near_is_in_order(const char *root)
{
	static struct walked w;
	unsigned long name[130];

	walk(root, &w);
	for (size_t i = 0; i < w.n; i++) {
		const struct message_answer *a = &w.at[i];
		size_t n = a->name_len;
		memcpy(name, a->name, n * sizeof(*name));
		for (size_t cut = 11; cut <= n; cut++)
			next_is_right_after(&w, name, cut, root);
		for (size_t k = 11; k < n; k++) {
			unsigned long is = name[k];
			name[k] = is ? is - 1 : UINT32_MAX;
			next_is_right_after(&w, name, n, root);
			name[k] = is < UINT32_MAX ? is + 1 : 0;
			next_is_right_after(&w, name, k + 1, root);
			name[k] = UINT32_MAX;
			next_is_right_after(&w, name, n, root);
			name[k] = is;
		}
		name[n] = 0;
		next_is_right_after(&w, name, n + 1, root);
	}
}

static unsigned lines_of_both_walks(const char *root)
{
	char *next = strdup(snmp_fixture_run("snmpwalk", V2C_READ, root));
	unsigned n = 0;

	assert_string_equal(next,
			    snmp_fixture_run("snmpbulkwalk -Cr7", V2C_READ, root));
	for (const char *p = next; (p = strchr(p, '\n')); p++)
		n++;
	free(next);
	return n;
}

static void a_string_index_is_in_the_order_of_its_sub_identifiers(void **state)
{
	static struct walked w;

	(void)state;
	walk(MIXED ".3", &w);
	assert_int_equal(w.n, ARRAY_SIZE(names));
	/* by length first: A, B, a, b, z, ~, then those of two letters */
	assert_string_equal(written(w.at[0].name + 12, w.at[0].name_len - 12),
			    "1.65.9");
	assert_string_equal(written(w.at[6].name + 12, w.at[6].name_len - 12),
			    "2.97.97.3");
	every_name_near_is_in_order(MIXED ".3");
	assert_int_equal(lines_of_both_walks(MIXED), 3 * ARRAY_SIZE(names));
}

static void an_implied_index_over_several_kinds_is_in_order(void **state)
{
	static struct walked w;

	(void)state;
	walk(IMPLIED ".3", &w);
	/* 7 boards, 2 blades, the accounts; of models only where the kind has one */
	assert_int_equal(w.n, FIXTURE_BOARDS + 2 + ARRAY_SIZE(names));
	assert_int_equal(w.at[0].name[12], BMC_BLADE);
	assert_int_equal(w.at[w.n - 1].name[12], BMC_ACCOUNT);
	every_name_near_is_in_order(IMPLIED ".3");
	assert_true(lines_of_both_walks(IMPLIED) >= w.n);
}

static void numbers_at_the_limits_are_in_order(void **state)
{
	(void)state;
	assert_int_equal(lines_of_both_walks(LIMITS), ARRAY_SIZE(names));
	every_name_near_is_in_order(LIMITS ".3");
}

static void rows_under_their_own_numbers_are_in_order(void **state)
{
	(void)state;
	every_name_near_is_in_order(ROOT ".3.1.3");
}

static void an_empty_table_is_passed_over(void **state)
{
	(void)state;
	assert_true(is_below(&(struct message_answer){ .name_len = 0 }, EMPTY) ==
		    false);
	struct message_answer a = after(EMPTY);
	assert_true(is_below(&a, LIMITS));
	assert_non_null(strstr(snmp_fixture_run("snmpget", V2C_READ, EMPTY ".3.1"),
			       "No Such Instance"));
}

static void of_rows_with_one_index_one_is_shown(void **state)
{
	(void)state;
	assert_int_equal(lines_of_both_walks(REPEATED), 1);
}

static const char *get(const char *object)
{
	return snmp_fixture_run("snmpget -Oqv", V2C_READ, object);
}

static void an_index_of_the_wrong_length_names_nothing(void **state)
{
	static const char *const wrong[] = {
		MIXED ".3",        MIXED ".3.1",
		MIXED ".3.1.97",   MIXED ".3.1.97.0.0",
		MIXED ".3.2.97.0", MIXED ".3.97.0",
		MIXED ".3.1.97.1", MIXED ".3.0.0",
		MIXED ".2.1.97.0", MIXED ".3.1.97.4294967295",
	};

	(void)state;
	assert_string_equal(get(MIXED ".3.1.97.0"), "0\n");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_non_null(strstr(get(wrong[i]), "No Such"));
}

/* ---- rows that come and go ---- */

static struct message_answer do_set(const char *community,
				    const struct message_value *values, size_t n)
{
	static unsigned id = 5000;
	struct message_answer a = { 0 };
	struct message m;

	message_make(&m, MESSAGE_SET, community, ++id, values, n);
	assert_true(message_send(fd, &m));
	for (int i = 0; i < 2000; i++) {
		step();
		if (message_receive(fd, 5, &a))
			return a;
	}
	fail_msg("no answer");
	return a;
}

/* Sets RowStatus, and the role where there is one; "new",3 is the row. */
static int row_status(long status, const char *role)
{
	const struct message_value v[] = {
		{ MIXED ".5.3.110.101.119.3", status, NULL },
		{ MIXED ".4.3.110.101.119.3", 0, role },
	};

	return do_set("root", v, role ? 2 : 1).status;
}

static void a_row_is_created_and_destroyed(void **state)
{
	(void)state;
	assert_int_equal(row_status(SNMP_ROW_CREATEANDGO, "Operator"), NO_ERROR);
	assert_string_equal(get(MIXED ".4.3.110.101.119.3"), "\"Operator\"\n");
	assert_string_equal(get(MIXED ".5.3.110.101.119.3"), "1\n");
	assert_string_equal(get(MIXED ".3.3.110.101.119.3"), "3\n");
	assert_int_equal(row_status(SNMP_ROW_ACTIVE, NULL), NO_ERROR);
	assert_int_equal(row_status(SNMP_ROW_CREATEANDGO, "Operator"), INCONSISTENT);
	assert_int_equal(row_status(SNMP_ROW_DESTROY, "Operator"), INCONSISTENT);
	assert_int_equal(row_status(SNMP_ROW_DESTROY, NULL), NO_ERROR);
	assert_non_null(strstr(get(MIXED ".5.3.110.101.119.3"), "No Such"));
	assert_int_equal(row_status(SNMP_ROW_DESTROY, NULL), NO_ERROR);
}

static void the_order_of_the_varbinds_does_not_matter(void **state)
{
	const struct message_value v[] = {
		{ MIXED ".4.3.110.101.119.3", 0, "ReadOnly" },
		{ MIXED ".4.1.113.8", 0, "Operator" },
		{ MIXED ".5.1.113.8", SNMP_ROW_CREATEANDGO, NULL },
		{ MIXED ".5.3.110.101.119.3", SNMP_ROW_CREATEANDGO, NULL },
	};

	(void)state;
	assert_int_equal(do_set("root", v, 4).status, NO_ERROR);
	assert_string_equal(get(MIXED ".4.1.113.8"), "\"Operator\"\n");
	assert_string_equal(get(MIXED ".4.3.110.101.119.3"), "\"ReadOnly\"\n");
	assert_int_equal(row_status(SNMP_ROW_DESTROY, NULL), NO_ERROR);
}

static void states_that_a_row_can_not_have_are_refused(void **state)
{
	(void)state;
	assert_int_equal(row_status(SNMP_ROW_CREATEANDWAIT, "Operator"), WRONG_VALUE);
	assert_int_equal(row_status(SNMP_ROW_NOTINSERVICE, NULL), WRONG_VALUE);
	assert_int_equal(row_status(SNMP_ROW_NOTREADY, NULL), WRONG_VALUE);
	assert_int_equal(row_status(0, NULL), WRONG_VALUE);
	assert_int_equal(row_status(7, NULL), WRONG_VALUE);
	assert_int_equal(row_status(SNMP_ROW_ACTIVE, NULL), INCONSISTENT);
	assert_non_null(strstr(get(MIXED ".5.3.110.101.119.3"), "No Such"));
}

static void what_is_wrong_is_named(void **state)
{
	const struct message_value short_role[] = {
		{ MIXED ".5.3.110.101.119.3", SNMP_ROW_CREATEANDGO, NULL },
		{ MIXED ".4.3.110.101.119.3", 0, "no" },
	};
	const struct message_value no_index = { MIXED ".5.3.110.101.3",
						SNMP_ROW_CREATEANDGO, NULL };
	const struct message_value no_row = { MIXED ".4.3.110.101.119.3", 0,
					      "Operator" };
	const struct message_value read_only[] = {
		{ MIXED ".5.3.110.101.119.3", SNMP_ROW_CREATEANDGO, NULL },
		{ MIXED ".3.3.110.101.119.3", 3, NULL },
	};

	(void)state;
	struct message_answer a = do_set("root", short_role, 2);
	assert_int_equal(a.status, SNMP_ERR_WRONGLENGTH);
	assert_int_equal(a.index, 2);
	assert_int_equal(row_status(SNMP_ROW_CREATEANDGO, NULL), INCONSISTENT);
	assert_int_equal(do_set("root", &no_index, 1).status, NO_CREATION);
	assert_int_equal(do_set("root", &no_row, 1).status, SNMP_ERR_INCONSISTENTNAME);
	a = do_set("root", read_only, 2);
	assert_int_equal(a.status, SNMP_ERR_NOTWRITABLE);
	assert_int_equal(a.index, 2);
	/* the role of who asks is the action API's to look at */
	assert_int_equal(do_set("private", short_role, 1).status, INCONSISTENT);
	const struct message_value whole[] = {
		{ MIXED ".5.3.110.101.119.3", SNMP_ROW_CREATEANDGO, NULL },
		{ MIXED ".4.3.110.101.119.3", 0, "Operator" },
	};
	assert_int_equal(do_set("private", whole, 2).status,
			 SNMP_ERR_AUTHORIZATIONERROR);
	assert_non_null(strstr(get(MIXED ".5.3.110.101.119.3"), "No Such"));
}

static void rows_of_a_table_are_in_order(void **state)
{
	const struct message_value taken = { OWN ".3.1.0.4294967295", 0, "written" };
	const struct message_value refused = { OWN ".3.1.1", 0, "written" };
	const struct message_value nowhere = { OWN ".3.9", 0, "written" };
	const struct message_value too_short = { OWN ".3.1.0.4294967295", 0, "ab" };
	const struct message_value number_of = { OWN ".3.1.0.4294967295", 5, NULL };
	static struct walked w;

	(void)state;
	walk(OWN, &w);
	assert_int_equal(w.n, 8);
	every_name_near_is_in_order(OWN);
	assert_string_equal(get(OWN ".2.1.0.4294967295"), "2\n");
	assert_non_null(strstr(get(OWN ".2.1.0"), "No Such Instance"));
	assert_non_null(strstr(get(OWN ".4.1"), "No Such Object"));
	assert_int_equal(do_set("root", &refused, 1).status, SNMP_ERR_NOTWRITABLE);
	assert_int_equal(do_set("root", &nowhere, 1).status, NO_CREATION);
	assert_int_equal(do_set("root", &too_short, 1).status, SNMP_ERR_WRONGLENGTH);
	assert_int_equal(do_set("root", &number_of, 1).status, SNMP_ERR_WRONGTYPE);
	assert_int_equal(do_set("root", &taken, 1).status, NO_ERROR);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_non_null(bmc_snapshot_find(s, BMC_ACCOUNT, "written"));
}

static void a_scalar_of_its_own_has_one_instance(void **state)
{
	static struct walked w;

	(void)state;
	walk(SCALAR, &w);
	assert_int_equal(w.n, 1);
	assert_string_equal(written(w.at[0].name, w.at[0].name_len), SCALAR ".0");
	every_name_near_is_in_order(SCALAR);
	assert_string_equal(get(SCALAR ".0"), "0\n");
	assert_non_null(strstr(get(SCALAR ".0.0"), "No Such"));
	assert_non_null(strstr(get(SCALAR ".1"), "No Such"));
	assert_non_null(strstr(get(SCALAR), "No Such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_index_is_in_the_order_of_its_sub_identifiers),
		cmocka_unit_test(an_implied_index_over_several_kinds_is_in_order),
		cmocka_unit_test(numbers_at_the_limits_are_in_order),
		cmocka_unit_test(rows_under_their_own_numbers_are_in_order),
		cmocka_unit_test(an_empty_table_is_passed_over),
		cmocka_unit_test(of_rows_with_one_index_one_is_shown),
		cmocka_unit_test(an_index_of_the_wrong_length_names_nothing),
		cmocka_unit_test(a_row_is_created_and_destroyed),
		cmocka_unit_test(the_order_of_the_varbinds_does_not_matter),
		cmocka_unit_test(states_that_a_row_can_not_have_are_refused),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(rows_of_a_table_are_in_order),
		cmocka_unit_test(a_scalar_of_its_own_has_one_instance),
	};

	if (system("command -v snmpget >/dev/null 2>&1") != 0) {
		puts("1..0 # SKIP snmpget is not here (apt install snmp)");
		return 0;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
