// SPDX-License-Identifier: Apache-2.0
// The table of sessions, see sessions.h. Rows and records follow the table: they are
// made on the main thread, in the order of what happened.
#include "auth/sessions.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/auth.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/audit.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/ports/reset.h"
#include "core/ports/store.h"

#define TOKEN_BYTES 20
#define HASH_BYTES  32

struct session {
	bool used, shown; /* shown: its row is in the inventory */
	uint8_t hash[HASH_BYTES];
	struct bmc_session row;
	uint64_t stamp; /* of its account: another password or role, and it is over */
	int64_t last_used, opened; /* `opened` 0: before this start, so not fresh */
};

static struct {
	pthread_mutex_t mutex;
	int64_t timeout, configured;
	bool timeout_set; /* by a user, not by the configuration */
	uint32_t last_index;
	struct session session[BMC_AUTH_SESSIONS];
	bool ended; /* rows have to be removed */
	struct bmc_message changed;
} table = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* ---- rows and records ---- */

/* Adds the rows of new sessions. Main thread. */
static void show_new(void)
{
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		struct session *s = &table.session[i];
		struct bmc_session row;
		bool added;

		(void)pthread_mutex_lock(&table.mutex);
		added = s->used && !s->shown;
		s->shown = s->used;
		row = s->row;
		(void)pthread_mutex_unlock(&table.mutex);
		if (added)
			(void)bmc_inventory_upsert(&row.row);
	}
}

static bool exists(const char *id)
{
	bool found = false;

	(void)pthread_mutex_lock(&table.mutex);
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++)
		found = found || (table.session[i].used &&
				  strcmp(table.session[i].row.row.id, id) == 0);
	(void)pthread_mutex_unlock(&table.mutex);
	return found;
}

/* Removes the rows of ended sessions. Main thread. */
static void remove_ended(void)
{
	auto_snapshot struct bmc_snapshot *now = NULL;
	const struct bmc_row *const *rows;
	size_t n;

	bmc_inventory_publish(); /* one may have been opened a moment ago */
	now = bmc_snapshot_get();
	n = bmc_snapshot_rows(now, BMC_SESSION, &rows);
	for (size_t i = 0; i < n; i++) {
		if (!exists(rows[i]->id))
			bmc_inventory_remove(rows[i]->handle);
	}
}

static void sync_rows(void *arg)
{
	bool ended;

	(void)arg;
	(void)pthread_mutex_lock(&table.mutex);
	ended = table.ended;
	table.ended = false;
	(void)pthread_mutex_unlock(&table.mutex);
	show_new();
	if (ended)
		remove_ended();
	bmc_inventory_publish(); /* what waits in the loop behind this may show it */
}

static void record(struct bmc_record *rec, enum bmc_record_type type, const char *id)
{
	memset(rec, 0, sizeof(*rec));
	rec->type = type;
	rec->kind = BMC_SESSION;
	(void)bmc_copy(rec->id, sizeof(rec->id), id);
}

static void save(const struct session *s)
{
	char hex[HASH_BYTES * 2 + 1];
	struct bmc_record rec;

	bmc_hex(s->hash, HASH_BYTES, hex);
	record(&rec, BMC_REC_ROW, s->row.row.id);
	rec.row = &s->row.row;
	rec.secret = hex;
	rec.num = (int64_t)s->stamp;
	if (bmc_store && bmc_store->write(&rec, 1, NULL, NULL) < 0)
		log_warning("session %s will not survive a restart: the state takes no "
			    "writes",
			    s->row.row.id);
}

/* With the table locked. */
static void end(struct session *s)
{
	struct bmc_record rec;

	record(&rec, BMC_REC_ROW_GONE, s->row.row.id);
	if (bmc_store)
		(void)bmc_store->write(&rec, 1, NULL, NULL);
	bmc_wipe(s, sizeof(*s));
	table.ended = true;
	bmc_loop_send(&table.changed, sync_rows, NULL);
}

/* ---- opening ---- */

static bool hash_token(const char *token, uint8_t hash[HASH_BYTES])
{
	return gnutls_hash_fast(GNUTLS_DIG_SHA256, token, strlen(token), hash) == 0;
}

/* Its user learns why the token is not taken any more. */
static void give_way(struct session *s, const char *why)
{
	bmc_event_raise("SessionEnded", 0, s->row.user, s->row.client, why);
	end(s);
}

/* A free place; when this user or all have too many, that of the one idle longest (the
 * user's own when the user has too many, else of any user). With the table locked. */
static struct session *make_room(const char *user)
{
	struct session *oldest = NULL, *oldest_own = NULL;
	unsigned own = 0;

	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		struct session *s = &table.session[i];
		if (!s->used)
			continue;
		if (!oldest || s->last_used < oldest->last_used)
			oldest = s;
		if (strcmp(s->row.user, user) != 0)
			continue;
		own++;
		if (!oldest_own || s->last_used < oldest_own->last_used)
			oldest_own = s;
	}
	if (own >= BMC_AUTH_SESSIONS_A_USER)
		give_way(oldest_own, "the user has opened too many");
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		if (!table.session[i].used)
			return &table.session[i];
	}
	give_way(oldest, "too many are open");
	return oldest;
}

static void fill(struct session *s, const struct bmc_actor *who)
{
	uint8_t id[9];

	memset(s, 0, sizeof(*s));
	s->used = true;
	s->opened = s->last_used = bmc_now();
	s->stamp = who->stamp;
	s->row = (struct bmc_session){ .row = { .kind = BMC_SESSION,
						.status = BMC_ENABLED,
						.health = BMC_OK_HEALTH,
						.index = { ++table.last_index, 0 } },
				       .created = s->opened };
	bmc_random(id, sizeof(id));
	bmc_hex(id, sizeof(id), s->row.row.id);
	(void)bmc_copy(s->row.user, sizeof(s->row.user), who->name);
	(void)bmc_copy(s->row.role, sizeof(s->row.role), who->role);
	(void)bmc_copy(s->row.client, sizeof(s->row.client), who->client);
}

int bmc_session_open(const struct bmc_actor *who, char ret_id[BMC_ID_MAX],
		     char ret_token[BMC_TOKEN_MAX], struct bmc_error *err)
{
	uint8_t random[TOKEN_BYTES], hash[HASH_BYTES];
	struct session *s;

	bmc_random(random, sizeof(random));
	bmc_hex(random, sizeof(random), ret_token);
	bmc_wipe(random, sizeof(random));
	if (!hash_token(ret_token, hash))
		return bmc_fail(err, BMC_EIO, "no SHA-256");
	(void)pthread_mutex_lock(&table.mutex);
	/* a change ends the sessions after the stamp, with the table locked */
	if (bmc_accounts_stamp(who->name) != who->stamp) {
		(void)pthread_mutex_unlock(&table.mutex);
		bmc_wipe(ret_token, BMC_TOKEN_MAX);
		return bmc_fail(err, BMC_EAUTH,
				"the account was changed meanwhile: log in again");
	}
	s = make_room(who->name);
	fill(s, who);
	memcpy(s->hash, hash, sizeof(hash));
	memcpy(ret_id, s->row.row.id, BMC_ID_MAX);
	bmc_loop_send(&table.changed, sync_rows, NULL);
	save(s);
	(void)pthread_mutex_unlock(&table.mutex);
	bmc_audit(who, "Login", ret_id, "by a session", true);
	bmc_event_raise("LoginSucceeded", 0, who->name, who->client, "a session");
	return 0;
}

/* ---- using ---- */

static bool idle_too_long(const struct session *s, int64_t now)
{
	return now - s->last_used > table.timeout * 1000;
}

/* Hashes are compared, so the time this takes reveals nothing about a token. With the
 * table locked. */
static struct session *by_hash(const uint8_t hash[HASH_BYTES])
{
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		struct session *s = &table.session[i];
		if (s->used && memcmp(s->hash, hash, HASH_BYTES) == 0)
			return s;
	}
	return NULL;
}

bool bmc_session_find(const char *token, const char *client, struct bmc_actor *ret,
		      char ret_id[BMC_ID_MAX])
{
	uint8_t hash[HASH_BYTES];
	int64_t now = bmc_now();
	bool ok = strlen(token) < BMC_TOKEN_MAX && hash_token(token, hash);

	if (!ok)
		return false;
	(void)pthread_mutex_lock(&table.mutex);
	struct session *s = by_hash(hash);
	ok = s && !idle_too_long(s, now) &&
	     bmc_accounts_stamp(s->row.user) == s->stamp &&
	     bmc_accounts_actor(s->row.user, ret);
	if (ok) {
		s->last_used = now;
		ret->fresh = s->opened && now - s->opened < BMC_AUTH_FRESH_MS;
		(void)bmc_copy(ret->client, sizeof(ret->client), client);
		memcpy(ret_id, s->row.row.id, BMC_ID_MAX);
	}
	(void)pthread_mutex_unlock(&table.mutex);
	return ok;
}

/* ---- ending ---- */

int bmc_session_end(const char *id)
{
	int r = BMC_ENOTFOUND;

	(void)pthread_mutex_lock(&table.mutex);
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		struct session *s = &table.session[i];
		if (s->used && strcmp(s->row.row.id, id) == 0) {
			end(s);
			r = BMC_OK;
		}
	}
	(void)pthread_mutex_unlock(&table.mutex);
	return r;
}

void bmc_sessions_end_user(const char *user)
{
	(void)pthread_mutex_lock(&table.mutex);
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		struct session *s = &table.session[i];
		if (s->used && strcmp(s->row.user, user) == 0)
			end(s);
	}
	(void)pthread_mutex_unlock(&table.mutex);
}

void bmc_sessions_expire(void)
{
	int64_t now = bmc_now();

	(void)pthread_mutex_lock(&table.mutex);
	for (size_t i = 0; i < BMC_AUTH_SESSIONS; i++) {
		struct session *s = &table.session[i];
		if (s->used && idle_too_long(s, now))
			end(s);
	}
	(void)pthread_mutex_unlock(&table.mutex);
}

/* ---- the time-out ---- */

int64_t bmc_session_timeout(void)
{
	(void)pthread_mutex_lock(&table.mutex);
	int64_t timeout = table.timeout;
	(void)pthread_mutex_unlock(&table.mutex);
	return timeout;
}

static bool set_timeout(int64_t seconds, bool by_user)
{
	if (seconds < BMC_SESSION_TIMEOUT_MIN || seconds > BMC_SESSION_TIMEOUT_MAX)
		return false;
	(void)pthread_mutex_lock(&table.mutex);
	if (!by_user)
		table.configured = seconds;
	if (by_user || !table.timeout_set)
		table.timeout = seconds;
	table.timeout_set = table.timeout_set || by_user;
	(void)pthread_mutex_unlock(&table.mutex);
	return true;
}

bool bmc_session_timeout_apply(int64_t seconds)
{
	return set_timeout(seconds, true);
}

void bmc_sessions_configure(int64_t seconds)
{
	(void)set_timeout(seconds, false);
}

static size_t reset_records(struct bmc_record *ret)
{
	if (!ret)
		return 1;
	*ret = (struct bmc_record){ .type = BMC_REC_META, .kind = BMC_SESSION };
	(void)bmc_copy(ret->field, sizeof(ret->field), BMC_SESSION_TIMEOUT_META);
	return 1;
}

static void end_reset(int code)
{
	if (code != BMC_OK)
		return;
	(void)pthread_mutex_lock(&table.mutex);
	table.timeout = table.configured;
	table.timeout_set = false;
	(void)pthread_mutex_unlock(&table.mutex);
}

static const struct bmc_reset_part reset_part = { reset_records, end_reset };

/* ---- after a restart ---- */

static bool parse_hash(const char *hex, uint8_t hash[HASH_BYTES])
{
	size_t n = HASH_BYTES;

	return hex && strlen(hex) == HASH_BYTES * 2 &&
	       gnutls_hex2bin(hex, HASH_BYTES * 2, hash, &n) == 0 && n == HASH_BYTES;
}

/* One whose account was changed meanwhile does not come back. */
static bool take_stored(struct session *s, const struct bmc_record *rec)
{
	uint64_t is;

	if (!rec->row || !parse_hash(rec->secret, s->hash))
		return false;
	s->row = *(const struct bmc_session *)rec->row;
	s->stamp = (uint64_t)rec->num;
	s->last_used = bmc_now();
	is = bmc_accounts_stamp(s->row.user);
	s->used = is == s->stamp || is == 0; /* 0: the helper has not listed it yet */
	return s->used;
}

static int load_session(void *arg, const struct bmc_record *rec)
{
	struct session *s = table.session, *end_of = table.session + BMC_AUTH_SESSIONS;
	struct bmc_record gone;

	(void)arg;
	while (s < end_of && s->used)
		s++;
	if (s < end_of && take_stored(s, rec)) {
		table.last_index = MAX(table.last_index, s->row.row.index[0]);
		s->shown = true;
		(void)bmc_inventory_upsert(&s->row.row);
		return 0;
	}
	if (s < end_of)
		bmc_wipe(s, sizeof(*s));
	record(&gone, BMC_REC_ROW_GONE, rec->id);
	(void)bmc_store->write(&gone, 1, NULL, NULL);
	return 0;
}

static int load_meta(void *arg, const struct bmc_record *rec)
{
	(void)arg;
	if (rec->kind == BMC_SESSION &&
	    strcmp(rec->field, BMC_SESSION_TIMEOUT_META) == 0)
		(void)set_timeout(rec->num, true);
	return 0;
}

int bmc_sessions_init(int64_t timeout, struct bmc_error *err)
{
	memset(table.session, 0, sizeof(table.session));
	table.last_index = 0;
	table.timeout_set = false;
	if (!set_timeout(timeout, false))
		return bmc_fail(err, BMC_ERANGE, "session_timeout: %d..%d seconds",
				BMC_SESSION_TIMEOUT_MIN, BMC_SESSION_TIMEOUT_MAX);
	bmc_reset_register(&reset_part);
	if (!bmc_store)
		return 0;
	(void)bmc_store->load(BMC_REC_META, BMC_SESSION, load_meta, NULL);
	int r = bmc_store->load(BMC_REC_ROW, BMC_SESSION, load_session, NULL);
	return r < 0 ? bmc_fail(err, r, "the sessions can't be read") : 0;
}

void bmc_sessions_done(void)
{
	bmc_reset_unregister(&reset_part);
	(void)pthread_mutex_lock(&table.mutex);
	bmc_wipe(table.session, sizeof(table.session));
	(void)pthread_mutex_unlock(&table.mutex);
}
