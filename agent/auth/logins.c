// SPDX-License-Identifier: Apache-2.0
// Logins, see logins.h. PAM is asked on the work queue's threads (the helper's children
// do the waiting); a slow PAM delays logins only.
#include "auth/logins.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/auth.h"
#include "auth/login-queue.h"
#include "auth/sessions.h"
#include "auth/throttle-table.h"
#include "core/base/address.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/base/work-queue.h"
#include "core/events/audit.h"
#include "core/events/event.h"
#include "priv/client.h"

#define LOGIN_MS        11000 /* the helper kills its worker after 10 s */
#define LIST_MS         5000
#define EVENTS_A_MINUTE 20 /* of refused logins: attackers make them */

static struct {
	pthread_mutex_t mutex;
	struct login *under_way;
	struct bmc_login_queue queue;
	struct bmc_work_queue *calls;
	_Atomic int64_t refused_minute;
	_Atomic unsigned refused;
} logins = { .mutex = PTHREAD_MUTEX_INITIALIZER };

struct waiter {
	struct waiter *next;
	bmc_auth_done *done;
	void *arg;
};

/* One question to PAM. Many requests with the same password at once (a client that
 * opens ten connections) wait for one answer. */
struct login {
	struct login *next;
	struct bmc_login_place place; /* in the queue, until it is served */
	bool waits;
	struct priv_account_args who;
	bool too_long; /* then it is no account's name or password */
	char client[48];
	struct waiter *waiters;
};

/* What attackers cause is not raised without end. */
static bool may_raise(void)
{
	int64_t minute = bmc_now() / 60000;

	if (atomic_exchange(&logins.refused_minute, minute) != minute)
		atomic_store(&logins.refused, 0);
	return atomic_fetch_add(&logins.refused, 1) < EVENTS_A_MINUTE;
}

static void audit(const struct login *l, bool accepted)
{
	struct bmc_actor who = { .origin = "" };

	(void)bmc_copy(who.name, sizeof(who.name), l->who.user);
	(void)bmc_copy(who.client, sizeof(who.client), l->client);
	bmc_audit(&who, "Login", NULL, "by a password", accepted);
}

static void raise_refused(const struct login *l)
{
	log_limited(LOG_NOTICE, "login as %s from %s refused", l->who.user, l->client);
	if (!may_raise())
		return;
	audit(l, false);
	bmc_event_raise("LoginFailed", 0, l->who.user, l->client, "a password");
}

static bool list_confirms(const struct priv_account *a)
{
	auto_free struct priv_accounts *all = malloc(sizeof(*all));
	bool same = false;

	if (!all || priv_list_accounts(all, bmc_now() + LIST_MS, NULL) < 0)
		return false;
	for (uint32_t i = 0; i < all->n && i < PRIV_ACCOUNTS_MAX; i++)
		same = same ||
		       (all->account[i].stamp == a->stamp &&
			strncmp(all->account[i].user, a->user, BMC_ID_MAX) == 0);
	return same;
}

/* PAM's answer is about the account as it was at a->stamp. An account that is unknown,
 * or known with another stamp, was made or changed: by another tool before PAM was
 * asked, then the helper lists it with the stamp of the answer; or while PAM was asked,
 * then the answer may be about the old password and is worth nothing. */
static bool is_present(const struct login *l, const struct priv_account *a,
		       struct bmc_actor *ret)
{
	uint64_t known = bmc_accounts_stamp(l->who.user);

	if (known == a->stamp && bmc_accounts_actor(l->who.user, ret))
		return true;
	if (!list_confirms(a) || !bmc_accounts_update(a, known))
		return false;
	bmc_auth_refresh();
	if (known)
		bmc_sessions_end_user(l->who.user);
	return bmc_accounts_actor(l->who.user, ret);
}

static int accepted(const struct login *l, const struct priv_account *a,
		    struct bmc_actor *ret)
{
	if (!is_present(l, a, ret)) {
		log_limited(LOG_WARNING,
			    "login as %s from %s refused: PAM accepts it, but the "
			    "account has changed meanwhile",
			    l->who.user, l->client);
		return BMC_EAUTH;
	}
	ret->stamp = a->stamp;
	ret->must_change = ret->must_change || a->must_change;
	ret->fresh = true;
	(void)bmc_copy(ret->client, sizeof(ret->client), l->client);
	bmc_accounts_remember(l->who.user, l->who.secret, a->stamp);
	if (bmc_accounts_logged_in(l->who.user, l->client)) {
		audit(l, true);
		bmc_event_raise("LoginSucceeded", 0, l->who.user, l->client,
				"a password");
	}
	return 0;
}

static int ask(const struct login *l, struct bmc_actor *ret)
{
	struct priv_account a;
	struct bmc_error err = { 0 };
	int r = l->too_long
			? BMC_EAUTH
			: priv_authenticate(&l->who, &a, bmc_now() + LOGIN_MS, &err);

	if (r == 0)
		return accepted(l, &a, ret);
	if (r == BMC_EAUTH) {
		raise_refused(l);
		return r;
	}
	log_limited(LOG_ERR, "logins: %s", err.what);
	return r == BMC_ETIMEDOUT || r == BMC_EAGAIN ? r : BMC_EIO;
}

static void note_result(const struct login *l, enum bmc_attempt was)
{
	if (bmc_throttle_result(l->who.user, l->client, l->place.class, bmc_now(),
				was) &&
	    may_raise())
		bmc_event_raise("LoginLocked", 0, l->who.user, l->client, NULL);
}

enum bmc_attempt bmc_login_attempt(int code)
{
	switch (code) {
	case 0:
		return BMC_ATTEMPT_RIGHT;
	case BMC_EAUTH:
		return BMC_ATTEMPT_WRONG;
	case BMC_EAGAIN:
		return BMC_ATTEMPT_NOT_ASKED;
	default:
		return BMC_ATTEMPT_UNKNOWN;
	}
}

/* From here on it can't be joined or abandoned. With the mutex held. */
static void take_off(const struct login *l)
{
	struct login **at = &logins.under_way;

	while (*at && *at != l)
		at = &(*at)->next;
	if (*at)
		*at = l->next;
}

static void free_login(struct login *l)
{
	while (l->waiters) {
		struct waiter *w = l->waiters;
		l->waiters = w->next;
		free(w);
	}
	bmc_wipe(l, sizeof(*l));
	free(l);
}

static void run_login(struct login *l, bool stopping)
{
	struct bmc_actor who = { 0 };
	int r = stopping ? BMC_EIO : ask(l, &who);

	note_result(l, stopping ? BMC_ATTEMPT_NOT_ASKED : bmc_login_attempt(r));
	(void)pthread_mutex_lock(&logins.mutex);
	take_off(l);
	bmc_login_queue_ended(&logins.queue, &l->place);
	(void)pthread_mutex_unlock(&logins.mutex);
	for (const struct waiter *w = l->waiters; w; w = w->next)
		w->done(w->arg, r, r == 0 ? &who : NULL);
	free_login(l);
}

static struct login *next_login(bool stopping)
{
	struct login *l = NULL;

	(void)pthread_mutex_lock(&logins.mutex);
	struct bmc_login_place *p = bmc_login_queue_next(&logins.queue, stopping);
	if (p) {
		l = (struct login *)(void *)((char *)p - offsetof(struct login, place));
		l->waits = false;
	}
	(void)pthread_mutex_unlock(&logins.mutex);
	return l;
}

/* One whose share of the threads is used up is served by the thread that ends of it. */
static void serve(void *arg, bool stopping)
{
	struct login *l;

	(void)arg;
	while ((l = next_login(stopping)))
		run_login(l, stopping);
}

static bool same(const struct login *a, const struct login *b)
{
	return bmc_equal_const_time(&a->who, &b->who, sizeof(a->who)) &&
	       strcmp(a->client, b->client) == 0 && a->too_long == b->too_long;
}

/* Joins the same question if it is under way. With the mutex held. */
static bool join(struct login *l)
{
	struct login *is = logins.under_way;

	while (is && !same(is, l))
		is = is->next;
	if (!is)
		return false;
	l->waiters->next = is->waiters;
	is->waiters = l->waiters;
	l->waiters = NULL;
	return true;
}

/* With the mutex held. */
static int enqueue(struct login *l)
{
	int r = bmc_login_queue_add(&logins.queue, &l->place);

	if (r < 0)
		return r;
	r = bmc_work_queue_submit(logins.calls, serve, NULL);
	if (r < 0) {
		bmc_login_queue_drop(&logins.queue, &l->place);
		return r;
	}
	l->waits = true;
	l->next = logins.under_way;
	logins.under_way = l;
	return 0;
}

static int start_login(struct login *l)
{
	bool matches = bmc_accounts_matches(l->who.user, l->who.secret);
	int r;

	l->place.client = bmc_address_client_of(l->client);
	l->place.class = bmc_throttle_admit(l->who.user, l->client, matches, bmc_now());
	if (l->place.class == BMC_LOGIN_REFUSED)
		return BMC_EAGAIN;
	r = enqueue(l);
	if (r < 0)
		note_result(l, BMC_ATTEMPT_NOT_ASKED);
	return r;
}

int bmc_login_check(const char *user, const char *password, const char *client,
		    bmc_auth_done *done, void *arg)
{
	struct login *l = calloc(1, sizeof(*l));
	struct waiter *w = calloc(1, sizeof(*w));
	int r = 0;

	if (!l || !w) {
		free(l);
		free(w);
		return BMC_EAGAIN;
	}
	*w = (struct waiter){ .done = done, .arg = arg };
	l->waiters = w;
	l->too_long = priv_account_args_init(&l->who, user, password, NULL) < 0;
	(void)bmc_copy(l->client, sizeof(l->client), client);
	/* the queue's thread takes the same mutex before it ends, so the list is in
	 * order */
	(void)pthread_mutex_lock(&logins.mutex);
	bool joined = join(l);
	if (!joined)
		r = start_login(l);
	(void)pthread_mutex_unlock(&logins.mutex);
	if (joined || r < 0)
		free_login(l);
	return r;
}

/* With the mutex held. */
static struct login *leave(const void *arg, bool *ret_found)
{
	for (struct login *l = logins.under_way; l; l = l->next) {
		struct waiter **at = &l->waiters;
		while (*at && (*at)->arg != arg)
			at = &(*at)->next;
		struct waiter *w = *at;
		if (!w)
			continue;
		*at = w->next;
		free(w);
		*ret_found = true;
		return l;
	}
	return NULL;
}

bool bmc_login_abandon(const void *arg)
{
	bool found = false;

	(void)pthread_mutex_lock(&logins.mutex);
	struct login *l = leave(arg, &found);
	bool drop = l && !l->waiters && l->waits;
	if (drop) {
		take_off(l);
		bmc_login_queue_drop(&logins.queue, &l->place);
	}
	(void)pthread_mutex_unlock(&logins.mutex);
	if (drop) {
		note_result(l, BMC_ATTEMPT_NOT_ASKED);
		free_login(l);
	}
	return found;
}

bool bmc_login_cached(const char *user, const char *password, const char *client,
		      struct bmc_actor *ret)
{
	if (!bmc_accounts_remembers(user, password, ret) ||
	    !bmc_throttle_right(user, client, bmc_now()))
		return false;
	ret->fresh = true;
	return true;
}

int bmc_logins_init(void)
{
	bmc_login_queue_init(&logins.queue);
	logins.calls = bmc_work_queue_new("login", BMC_LOGIN_THREADS, BMC_LOGIN_QUEUE);
	return logins.calls ? 0 : BMC_ENOMEM;
}

void bmc_logins_exit(void)
{
	logins.calls = bmc_work_queue_free(logins.calls, priv_client_hurry);
}
