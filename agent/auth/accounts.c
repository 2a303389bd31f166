// SPDX-License-Identifier: Apache-2.0
// Accounts and roles, see accounts.h. Nothing here grants anything by itself: the
// helper's list decides, and it is read again every few seconds and after each
// change.
#include "auth/accounts.h"

#include <gnutls/crypto.h>
#include <pthread.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/roles.h"
#include "auth/throttle.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/ports/certificates.h"

#define MAC_SIZE      32
#define SAME_LOGIN_MS 600000

struct account {
	struct priv_account is;
	uint32_t index, handle;
	bool seen;
	bool has_mac;
	uint8_t mac[MAC_SIZE]; /* of the password that was last right */
	int64_t mac_until;     /* so long it need not be asked about again */
	char last_client[48];
	int64_t last_login;
};

static struct {
	pthread_mutex_t mutex;
	uint8_t key[MAC_SIZE]; /* random at each start */
	unsigned updates;
	size_t n;
	struct account account[PRIV_ACCOUNTS_MAX];
} table = { .mutex = PTHREAD_MUTEX_INITIALIZER };

int bmc_accounts_init(void)
{
	memset(table.account, 0, sizeof(table.account));
	table.n = 0;
	bmc_random(table.key, sizeof(table.key));
	return bmc_roles_init();
}

void bmc_accounts_done(void)
{
	(void)pthread_mutex_lock(&table.mutex);
	bmc_wipe(table.key, sizeof(table.key));
	bmc_wipe(table.account, sizeof(table.account));
	table.n = 0;
	(void)pthread_mutex_unlock(&table.mutex);
	bmc_roles_done();
}

/* ---- the list ---- */

static struct account *find(const char *user)
{
	for (size_t i = 0; i < table.n; i++) {
		if (strcmp(table.account[i].is.user, user) == 0)
			return &table.account[i];
	}
	return NULL;
}

static void drop_password(struct account *a)
{
	a->mac_until = 0;
	a->has_mac = false;
	bmc_wipe(a->mac, sizeof(a->mac));
}

static uint32_t free_index(void)
{
	uint32_t index = 1;

	for (size_t i = 0; i < table.n;) {
		if (table.account[i].index == index) {
			index++;
			i = 0;
		} else {
			i++;
		}
	}
	return index;
}

/* True when logins as this account do not count any more. */
static bool merge(const struct priv_account *is)
{
	struct account *a = find(is->user);
	bool changed;

	if (!a) {
		uint32_t index = free_index();
		a = &table.account[table.n++];
		*a = (struct account){ .is = *is, .index = index, .seen = true };
		return false;
	}
	changed = a->is.stamp != is->stamp || strcmp(a->is.role, is->role) != 0 ||
		  a->is.enabled != is->enabled;
	if (changed)
		drop_password(a);
	a->is = *is;
	a->seen = true;
	return changed;
}

/* The row's times are of bmc_now(). */
static int64_t expiry(const struct priv_account *a)
{
	return a->expires ? a->expires * 1000 - bmc_wall(0) : BMC_UNKNOWN;
}

static void show(struct account *a)
{
	struct bmc_account row = { .row = { .kind = BMC_ACCOUNT,
					    .index = { a->index, 0 },
					    .health = BMC_OK_HEALTH,
					    .status = a->is.enabled ? BMC_ENABLED
								    : BMC_DISABLED },
				   .enabled = a->is.enabled,
				   .locked = 0,
				   .must_change = a->is.must_change,
				   .password_expires = expiry(&a->is) };

	(void)bmc_copy(row.row.id, sizeof(row.row.id), a->is.user);
	(void)bmc_copy(row.role, sizeof(row.role), a->is.role);
	a->handle = bmc_inventory_upsert(&row.row);
}

/* One whose role is not known could do nothing. */
static bool account_ok(const struct priv_account *a)
{
	uint32_t ignored;

	return memchr(a->user, 0, sizeof(a->user)) &&
	       memchr(a->role, 0, sizeof(a->role)) && bmc_role_find(a->role, &ignored);
}

struct changes {
	size_t n;
	char user[PRIV_ACCOUNTS_MAX * 2][BMC_ID_MAX];
};

static void note(struct changes *c, const char *user)
{
	(void)bmc_copy(c->user[c->n++], BMC_ID_MAX, user);
}

/* Those that are not in the list any more. */
static void drop_unseen(struct changes *c)
{
	for (size_t i = table.n; i-- > 0;) {
		struct account *a = &table.account[i];
		if (a->seen)
			continue;
		note(c, a->is.user);
		bmc_inventory_remove(a->handle);
		*a = table.account[--table.n];
		bmc_wipe(&table.account[table.n], sizeof(table.account[0]));
	}
}

static void mark_listed(const struct priv_accounts *all)
{
	for (size_t i = 0; i < table.n; i++)
		table.account[i].seen = false;
	for (uint32_t i = 0; i < all->n; i++) {
		struct account *a = account_ok(&all->account[i])
					    ? find(all->account[i].user)
					    : NULL;
		if (a)
			a->seen = true;
	}
}

void bmc_accounts_apply(const struct priv_accounts *all,
			void (*changed)(const char *user))
{
	struct changes c = { 0 };

	if (all->n > PRIV_ACCOUNTS_MAX || all->n_roles > PRIV_ROLES_MAX)
		return;
	bmc_roles_apply(all);
	(void)pthread_mutex_lock(&table.mutex);
	mark_listed(all);
	drop_unseen(&c);
	for (uint32_t i = 0; i < all->n; i++) {
		if (account_ok(&all->account[i]) && merge(&all->account[i]))
			note(&c, all->account[i].user);
	}
	for (size_t i = 0; i < table.n; i++)
		show(&table.account[i]);
	(void)pthread_mutex_unlock(&table.mutex);
	bmc_throttle_accounts(all);
	for (size_t i = 0; i < c.n; i++)
		changed(c.user[i]);
	if (bmc_certificates)
		bmc_certificates->listed(BMC_ACCOUNT);
}

/* ---- look-ups ---- */

static bool fill_actor(const struct account *a, struct bmc_actor *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!a || !a->is.enabled)
		return false;
	(void)bmc_copy(ret->name, sizeof(ret->name), a->is.user);
	(void)bmc_copy(ret->role, sizeof(ret->role), a->is.role);
	(void)bmc_role_find(a->is.role, &ret->privileges);
	ret->must_change = a->is.must_change != 0;
	ret->stamp = a->is.stamp;
	return true;
}

bool bmc_accounts_actor(const char *user, struct bmc_actor *ret)
{
	(void)pthread_mutex_lock(&table.mutex);
	bool ok = fill_actor(find(user), ret);
	(void)pthread_mutex_unlock(&table.mutex);
	return ok;
}

uint32_t bmc_accounts_privileges(const char *user)
{
	uint32_t privileges = 0;

	(void)pthread_mutex_lock(&table.mutex);
	const struct account *a = find(user);
	if (a)
		(void)bmc_role_find(a->is.role, &privileges);
	(void)pthread_mutex_unlock(&table.mutex);
	return privileges;
}

uint64_t bmc_accounts_stamp(const char *user)
{
	(void)pthread_mutex_lock(&table.mutex);
	const struct account *a = find(user);
	uint64_t stamp = a ? a->is.stamp : 0;
	(void)pthread_mutex_unlock(&table.mutex);
	return stamp;
}

static bool make_mac(const char *user, const char *password, uint8_t mac[MAC_SIZE])
{
	char text[BMC_ID_MAX + BMC_SECRET_MAX];
	size_t nu = strlen(user), np = strlen(password);
	bool ok;

	if (nu >= BMC_ID_MAX || np >= BMC_SECRET_MAX)
		return false;
	memcpy(text, user, nu + 1);
	memcpy(text + nu + 1, password, np);
	ok = gnutls_hmac_fast(GNUTLS_MAC_SHA256, table.key, sizeof(table.key), text,
			      nu + 1 + np, mac) == 0;
	bmc_wipe(text, sizeof(text));
	return ok;
}

bool bmc_accounts_update(const struct priv_account *is, uint64_t expected)
{
	bool ok;

	if (!account_ok(is))
		return false;
	(void)pthread_mutex_lock(&table.mutex);
	struct account *a = find(is->user);
	ok = a ? a->is.stamp == expected : expected == 0 && table.n < PRIV_ACCOUNTS_MAX;
	if (ok && a)
		drop_password(a);
	if (ok) {
		(void)merge(is);
		table.updates++;
	}
	(void)pthread_mutex_unlock(&table.mutex);
	return ok;
}

unsigned bmc_accounts_updates(void)
{
	(void)pthread_mutex_lock(&table.mutex);
	unsigned updates = table.updates;
	(void)pthread_mutex_unlock(&table.mutex);
	return updates;
}

/* With the table locked. */
static bool has_password(const struct account *a, const uint8_t mac[MAC_SIZE])
{
	return a && a->has_mac && a->is.enabled &&
	       bmc_equal_const_time(mac, a->mac, MAC_SIZE);
}

bool bmc_accounts_remembers(const char *user, const char *password,
			    struct bmc_actor *ret)
{
	uint8_t mac[MAC_SIZE];
	bool ok = make_mac(user, password, mac);

	(void)pthread_mutex_lock(&table.mutex);
	const struct account *a = find(user);
	ok = ok && has_password(a, mac) && bmc_now() < a->mac_until &&
	     fill_actor(a, ret);
	(void)pthread_mutex_unlock(&table.mutex);
	return ok;
}

bool bmc_accounts_matches(const char *user, const char *password)
{
	uint8_t mac[MAC_SIZE];
	bool ok = make_mac(user, password, mac);

	(void)pthread_mutex_lock(&table.mutex);
	ok = ok && has_password(find(user), mac);
	(void)pthread_mutex_unlock(&table.mutex);
	return ok;
}

void bmc_accounts_remember(const char *user, const char *password, uint64_t stamp)
{
	uint8_t mac[MAC_SIZE];
	bool ok = make_mac(user, password, mac);

	(void)pthread_mutex_lock(&table.mutex);
	struct account *a = find(user);
	if (ok && a && a->is.stamp == stamp) {
		memcpy(a->mac, mac, sizeof(mac));
		a->has_mac = true;
		a->mac_until = bmc_now() + BMC_AUTH_REMEMBER_MS;
	}
	(void)pthread_mutex_unlock(&table.mutex);
}

void bmc_accounts_drop(const char *user)
{
	(void)pthread_mutex_lock(&table.mutex);
	struct account *a = find(user);
	if (a) {
		drop_password(a);
		a->is.stamp = 0; /* a check that is under way knew it as it was */
	}
	(void)pthread_mutex_unlock(&table.mutex);
}

bool bmc_accounts_logged_in(const char *user, const char *client)
{
	bool worth = true;

	(void)pthread_mutex_lock(&table.mutex);
	struct account *a = find(user);
	if (a) {
		worth = a->last_login == 0 ||
			bmc_now() - a->last_login > SAME_LOGIN_MS ||
			strcmp(a->last_client, client) != 0;
		a->last_login = bmc_now();
		(void)bmc_copy(a->last_client, sizeof(a->last_client), client);
	}
	(void)pthread_mutex_unlock(&table.mutex);
	return worth;
}

bool bmc_accounts_last_admin(const char *user, const struct priv_accounts *all)
{
	unsigned admins = 0;
	bool mine = false;

	(void)pthread_mutex_lock(&table.mutex);
	size_t n = all ? all->n : table.n;
	for (size_t i = 0; i < n; i++) {
		const struct priv_account *a =
			all ? &all->account[i] : &table.account[i].is;
		if (strcmp(a->role, PRIV_ROLE_ADMINISTRATOR) != 0 || !a->enabled)
			continue;
		admins++;
		mine = mine || strcmp(a->user, user) == 0;
	}
	(void)pthread_mutex_unlock(&table.mutex);
	return mine && admins == 1;
}
