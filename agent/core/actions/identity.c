// SPDX-License-Identifier: Apache-2.0
/* Settings that are part of a board's identity and that its own flash keeps: a serial
 * number and MAC addresses. A zero, multicast or doubled one is refused before anything
 * is written, also against what others are writing now: what has passed is held here
 * until its operation has ended and the row shows it. Static addresses of interfaces
 * are held in the same way. Called by reserve.c, on any thread. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/actions/transaction.h"
#include "core/base/ipv4.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/snapshot/snapshot.h"

#define MAC_LEN     6
#define PENDING_MAX 512

/* clang-format off */
static const size_t macs[] = {
	offsetof(struct bmc_board, lan_mac), offsetof(struct bmc_board, wifi_mac),
	offsetof(struct bmc_board, bt_mac),
};
/* clang-format on */

struct identity {
	uint32_t handle;
	size_t offset; /* of the field, 0: a free entry */
	char text[32]; /* canonical */
};

static struct {
	pthread_mutex_t lock;
	struct identity held[PENDING_MAX];
	size_t n; /* entries that have ever been used */
} pending = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_mac(size_t offset)
{
	for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
		if (macs[i] == offset)
			return true;
	}
	return false;
}

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* As it is usually written: with colons, with dashes, or the digits alone. */
static bool parse_mac(const char *p, unsigned char mac[MAC_LEN])
{
	char separator = *p && digit(p[0]) >= 0 && digit(p[1]) >= 0 ? p[2] : '\0';
	bool separated = separator == ':' || separator == '-';

	for (size_t i = 0; i < MAC_LEN; i++) {
		if (i > 0 && separated && *p++ != separator)
			return false;
		if (digit(p[0]) < 0 || digit(p[1]) < 0)
			return false;
		mac[i] = (unsigned char)(digit(p[0]) << 4 | digit(p[1]));
		p += 2;
	}
	return *p == '\0';
}

static void format_mac(const unsigned char mac[MAC_LEN], char *buf, size_t size)
{
	(void)snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		       mac[2], mac[3], mac[4], mac[5]);
}

/* As it is compared and handed on; a MAC address that is none stays as it is. */
static void canonical(size_t offset, const char *text, char *buf, size_t size)
{
	unsigned char mac[MAC_LEN];

	if (is_mac(offset) && parse_mac(text, mac))
		format_mac(mac, buf, size);
	else
		(void)bmc_copy(buf, size, text);
}

void bmc_identity_args(const struct bmc_action *act, char *buf, size_t size)
{
	char value[BMC_NAME_MAX];

	canonical(act->field->offset, act->text, value, sizeof(value));
	(void)snprintf(buf, size, "%s %s", act->field->name, value);
}

static int check_value(const struct bmc_action *act, struct bmc_error *err)
{
	static const unsigned char zero[MAC_LEN];
	const char *name = act->field->name;
	unsigned char mac[MAC_LEN];

	if (!is_mac(act->field->offset)) {
		for (const char *p = act->text; *p; p++) {
			if (*p <= ' ' || *p > '~')
				return bmc_fail(err, BMC_EINVAL,
						"%s of %s takes printable ASCII "
						"without blanks",
						name, act->id);
		}
		return BMC_OK;
	}
	if (!parse_mac(act->text, mac))
		return bmc_fail(err, BMC_EINVAL,
				"%s of %s takes a MAC address, like ae:0e:fb:84:0f:c2",
				name, act->id);
	if (memcmp(mac, zero, sizeof(mac)) == 0)
		return bmc_fail(err, BMC_EINVAL, "%s of %s can't be all zero", name,
				act->id);
	if (mac[0] & 1)
		return bmc_fail(err, BMC_EINVAL,
				"%s of %s can't be a multicast address: its first byte "
				"has to be even",
				name, act->id);
	return BMC_OK;
}

/* ---- who has it ---- */

static bool same_text(size_t offset, const char *text, const char *value)
{
	char other[32];

	canonical(offset, text, other, sizeof(other));
	return strcmp(other, value) == 0;
}

/* A board's MAC addresses are one set, its serial number another: one board can't have
 * an address twice any more than two boards can. */
static bool board_has(const struct bmc_board *b, const struct identity *id)
{
	bool own = b->row.handle == id->handle;
	const char *at = (const char *)b;

	if (!is_mac(id->offset))
		return !own && (strcmp(b->vendor_serial, id->text) == 0 ||
				strcmp(b->serial, id->text) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
		if (!(own && macs[i] == id->offset) &&
		    same_text(macs[i], at + macs[i], id->text))
			return true;
	}
	return !own && same_text(id->offset, b->mac, id->text);
}

static const struct bmc_row *find_board(const struct bmc_snapshot *s,
					const struct identity *id)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_BOARD, &rows);

	for (size_t i = 0; i < n; i++) {
		if (board_has((const struct bmc_board *)rows[i], id))
			return rows[i];
	}
	return NULL;
}

/* A board's own interface shows the address that its flash gives it. */
static const struct bmc_row *find_nic(const struct bmc_snapshot *s,
				      const struct identity *id)
{
	const struct bmc_row *const *rows;
	size_t n = is_mac(id->offset) ? bmc_snapshot_rows(s, BMC_NIC, &rows) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_nic *nic = (const struct bmc_nic *)rows[i];

		if (nic->row.parent != id->handle &&
		    same_text(id->offset, nic->mac, id->text))
			return rows[i];
	}
	return NULL;
}

static bool is_address(const struct identity *id)
{
	return BMC_HANDLE_KIND(id->handle) == BMC_NIC;
}

/* Whether two values may not be the same. */
static bool same_set(const struct identity *a, const struct identity *b)
{
	return is_address(a) == is_address(b) &&
	       (is_address(a) || is_mac(a->offset) == is_mac(b->offset));
}

static bool is_pending(const struct identity *id)
{
	for (size_t i = 0; i < pending.n; i++) {
		const struct identity *p = &pending.held[i];

		if (p->offset && same_set(p, id) &&
		    (p->handle != id->handle || p->offset != id->offset) &&
		    strcmp(p->text, id->text) == 0)
			return true;
	}
	return false;
}

static bool hold(const struct identity *id)
{
	size_t i = 0;

	while (i < pending.n && pending.held[i].offset)
		i++;
	if (i == PENDING_MAX)
		return false;
	pending.held[i] = *id;
	pending.n = MAX(pending.n, i + 1);
	return true;
}

static int hold_free(const struct bmc_action *act, const struct identity *id,
		     struct bmc_error *err)
{
	if (is_pending(id))
		return bmc_fail(err, BMC_ECONFLICT,
				"%s of %s: %s is about to be another one's",
				act->field->name, act->id, id->text);
	return hold(id) ? BMC_OK
			: bmc_fail(err, BMC_EAGAIN, "too many identities at once");
}

/* Under the lock: what has left `held` is in a snapshot that is taken now. */
static int check_unique(const struct bmc_action *act, const struct identity *id,
			struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *has = find_board(s, id);

	if (!has)
		has = find_nic(s, id);
	if (has)
		return bmc_fail(err, BMC_ECONFLICT, "%s of %s: %s has %s already",
				act->field->name, act->id, has->id, id->text);
	return hold_free(act, id, err);
}

/* A static address was checked with the other settings; again here, for since then
 * another operation may have ended. */
static int check_address(const struct bmc_operation *operation, struct bmc_error *err)
{
	const struct bmc_action *act = operation->act;
	struct identity id = { .handle = operation->handle,
			       .offset = act->field->offset };
	struct bmc_ipv4_static want;

	if (!act->text[0])
		return BMC_OK;
	if (bmc_ipv4_static_parse(act->text, &want))
		return bmc_fail(err, BMC_EINVAL, "%s: no address", act->id);
	(void)bmc_copy(id.text, sizeof(id.text), want.address);
	(void)pthread_mutex_lock(&pending.lock);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_row(s, operation->handle);
	int code = row ? bmc_static_address_check(row, act, err)
		       : bmc_fail(err, BMC_ENOTFOUND, "%s is gone", act->id);

	if (code == BMC_OK)
		code = hold_free(act, &id, err);
	(void)pthread_mutex_unlock(&pending.lock);
	return code;
}

static int check_operation(const struct bmc_operation *operation, struct bmc_error *err)
{
	const struct bmc_action *act = operation->act;
	struct identity id = { .handle = operation->handle,
			       .offset = act->field->offset };
	int code = check_value(act, err);

	if (code < 0)
		return code;
	canonical(id.offset, act->text, id.text, sizeof(id.text));
	(void)pthread_mutex_lock(&pending.lock);
	code = check_unique(act, &id, err);
	(void)pthread_mutex_unlock(&pending.lock);
	return code;
}

static int check_if_unique(const struct bmc_operation *operation, struct bmc_error *err)
{
	const struct bmc_field *f = operation->act->field;

	if (operation->how != BMC_OPERATION_SETTING)
		return BMC_OK;
	if (BMC_HANDLE_KIND(operation->handle) == BMC_NIC &&
	    f->offset == offsetof(struct bmc_nic, ipv4_static))
		return check_address(operation, err);
	return f->flags & BMC_IDENTITY ? check_operation(operation, err) : BMC_OK;
}

int bmc_identity_check(const struct bmc_transaction *t, size_t *ret_bad,
		       struct bmc_error *err)
{
	for (size_t i = 0; i < t->n_operations; i++) {
		const struct bmc_operation *operation = &t->operations[i];
		int code = check_if_unique(operation, err);

		if (code < 0) {
			*ret_bad = (size_t)(operation->act - t->acts);
			return code;
		}
	}
	return BMC_OK;
}

void bmc_identity_drop(uint32_t handle, size_t offset)
{
	(void)pthread_mutex_lock(&pending.lock);
	for (size_t i = 0; i < pending.n; i++) {
		if (pending.held[i].handle == handle &&
		    pending.held[i].offset == offset)
			pending.held[i].offset = 0;
	}
	(void)pthread_mutex_unlock(&pending.lock);
}
