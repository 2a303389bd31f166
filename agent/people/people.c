// SPDX-License-Identifier: Apache-2.0
// Logins, and the life of the people's module: see people.h. PAM is asked on the
// threads of `logins` (the helper's children do the waiting); a slow PAM holds up those
// who log in and nobody else. The list of accounts is read on the one thread of
// `changes`.
#include "people/people.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "core/inventory.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/util.h"
#include "people/accounts.h"
#include "people/guard.h"
#include "people/owner.h"
#include "people/pool.h"
#include "people/sessions.h"

#define LOGIN_THREADS   4
#define LOGIN_QUEUE     64
#define CHANGE_QUEUE    64
#define LOGIN_MS        11000 /* the helper kills its worker after 10 s */
#define FIRST_LIST_MS   3000
#define LIST_MS         5000
#define EVENTS_A_MINUTE 20 /* of refused logins: strangers make them */

const struct bmc_people_ops *bmc_people;

static struct {
	pthread_mutex_t mutex;
	struct login *under_way;
	struct bmc_people_pool *logins, *changes;
	struct bmc_timer *timer;
	_Atomic int64_t refused_minute;
	_Atomic unsigned refused;
} people = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* ---- logins
 * --------------------------------------------------------------------------- */

struct waiter {
	struct waiter *next;
	bmc_people_done *done;
	void *arg;
};

/* One question to PAM. Many requests with the same password at once (a client that
 * opens ten connections) wait for one answer. */
struct login {
	struct login *next;
	struct priv_person who;
	bool too_long; /* then nobody has this name or password */
	char client[48];
	struct waiter *waiters;
};

static void raise_refused(const struct login *l)
{
	int64_t minute = bmc_now() / 60000;

	if (atomic_exchange(&people.refused_minute, minute) != minute)
		atomic_store(&people.refused, 0);
	log_limited(LOG_NOTICE, "login as %s from %s refused", l->who.user, l->client);
	if (atomic_fetch_add(&people.refused, 1) < EVENTS_A_MINUTE)
		bmc_event_raise("LoginFailed", 0, l->who.user, l->client, "a password");
}

static void run_list(void *arg, bool stopping);

/* The list is up to BMC_PEOPLE_POLL_MS old. What PAM accepts and the list does not know
 * yet was made or enabled by another tool since: the helper's reply has the account as
 * it is now. */
static int actor_of(const struct login *l, const struct priv_account *a,
		    struct bmc_actor *ret)
{
	int r;

	if (bmc_accounts_actor(l->who.user, ret))
		return 0;
	r = strcmp(a->user, l->who.user) == 0 ? bmc_accounts_take(a) : BMC_EIO;
	(void)bmc_people_pool_submit(people.changes, run_list, NULL);
	if (r == 0 && bmc_accounts_actor(l->who.user, ret))
		return 0;
	r = r == 0 ? BMC_ESTATE : r;
	log_limited(LOG_WARNING,
		    "login as %s from %s refused: PAM accepts it, the list of "
		    "accounts can not take it: %s",
		    l->who.user, l->client, bmc_strerror(r));
	return BMC_EAUTH;
}

static int accepted(const struct login *l, const struct priv_account *a,
		    struct bmc_actor *ret)
{
	if (actor_of(l, a, ret) < 0)
		return BMC_EAUTH;
	ret->must_change = ret->must_change || a->must_change;
	ret->fresh = true;
	(void)bmc_copy(ret->client, sizeof(ret->client), l->client);
	bmc_accounts_remember(l->who.user, l->who.secret, a->stamp);
	if (bmc_accounts_logged_in(l->who.user, l->client))
		bmc_event_raise("LoginSucceeded", 0, l->who.user, l->client,
				"a password");
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
	return r == BMC_ETIMEDOUT ? BMC_ETIMEDOUT : BMC_EIO;
}

static void note_result(const struct login *l, int r)
{
	enum bmc_guess was = r == 0           ? BMC_GUESS_RIGHT
			     : r == BMC_EAUTH ? BMC_GUESS_WRONG
					      : BMC_GUESS_UNKNOWN;

	if (bmc_guard_result(l->who.user, l->client, bmc_now(), was))
		bmc_event_raise("LoginLocked", 0, l->who.user, l->client, NULL);
}

/* From here on nobody can join it. */
static void take_off(const struct login *l)
{
	struct login **at = &people.under_way;

	(void)pthread_mutex_lock(&people.mutex);
	while (*at && *at != l)
		at = &(*at)->next;
	if (*at)
		*at = l->next;
	(void)pthread_mutex_unlock(&people.mutex);
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

static void run_login(void *arg, bool stopping)
{
	struct login *l = arg;
	struct bmc_actor who = { 0 };
	int r = stopping ? BMC_EIO : ask(l, &who);

	note_result(l, r);
	take_off(l);
	for (const struct waiter *w = l->waiters; w; w = w->next)
		w->done(w->arg, r, r == 0 ? &who : NULL);
	free_login(l);
}

static bool same(const struct login *a, const struct login *b)
{
	return bmc_equal_const_time(&a->who, &b->who, sizeof(a->who)) &&
	       strcmp(a->client, b->client) == 0 && a->too_long == b->too_long;
}

/* Joins the same question if it is under way. With the mutex held. */
static bool join(struct login *l)
{
	struct login *is = people.under_way;

	while (is && !same(is, l))
		is = is->next;
	if (!is)
		return false;
	l->waiters->next = is->waiters;
	is->waiters = l->waiters;
	l->waiters = NULL;
	return true;
}

static int start_login(struct login *l)
{
	int r = BMC_EAGAIN;

	if (bmc_guard_admit(l->who.user, l->client, bmc_now()))
		r = bmc_people_pool_submit(people.logins, run_login, l);
	else
		return r;
	if (r < 0) {
		(void)bmc_guard_result(l->who.user, l->client, bmc_now(),
				       BMC_GUESS_UNKNOWN);
		return r;
	}
	l->next = people.under_way;
	people.under_way = l;
	return 0;
}

static int check(const char *user, const char *password, const char *client,
		 bmc_people_done *done, void *arg)
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
	l->too_long = priv_person_init(&l->who, user, password, NULL) < 0;
	(void)bmc_copy(l->client, sizeof(l->client), client);
	/* the pool's thread takes the same mutex before it ends, so the list is in
	 * order */
	(void)pthread_mutex_lock(&people.mutex);
	bool joined = join(l);
	if (!joined)
		r = start_login(l);
	(void)pthread_mutex_unlock(&people.mutex);
	if (joined || r < 0)
		free_login(l);
	return r;
}

static bool cached(const char *user, const char *password, const char *client,
		   struct bmc_actor *ret)
{
	if (!bmc_accounts_remembers(user, password) || !bmc_accounts_actor(user, ret) ||
	    !bmc_guard_right(user, client, bmc_now()))
		return false;
	ret->fresh = true;
	return true;
}

static const struct bmc_people_ops ops = {
	.cached = cached,
	.check = check,
	.session_open = bmc_session_open,
	.session_find = bmc_session_find,
	.session_timeout = bmc_session_timeout,
	.set_session_timeout = bmc_set_session_timeout,
};

/* ---- the list of accounts
 * --------------------------------------------------------------- */

static void tick(void *arg);

static void take_list(void *arg)
{
	bmc_accounts_apply(arg, bmc_sessions_end_user);
	bmc_wipe(arg, sizeof(struct priv_accounts));
	free(arg);
}

static void run_list(void *arg, bool stopping)
{
	struct priv_accounts *all = stopping ? NULL : malloc(sizeof(*all));
	struct bmc_error err = { 0 };

	(void)arg;
	if (!all)
		return;
	if (priv_list_accounts(all, bmc_now() + LIST_MS, &err) < 0)
		log_limited(LOG_WARNING, "accounts: %s", err.what);
	else if (bmc_loop_post(take_list, all) == 0)
		return;
	free(all);
}

static void start_timer(void)
{
	people.timer = bmc_timer_new(bmc_now() + BMC_PEOPLE_POLL_MS, tick, NULL);
	if (!people.timer)
		log_err("accounts: changes by other tools are not seen any more: out "
			"of memory");
}

static void tick(void *arg)
{
	(void)arg;
	bmc_sessions_expire();
	(void)bmc_people_pool_submit(people.changes, run_list, NULL);
	start_timer();
}

/* Once, before anybody can ask: sessions of the last run are good from the first
 * request on. */
static void first_list(void)
{
	struct priv_accounts all;
	struct bmc_error err = { 0 };

	if (priv_list_accounts(&all, bmc_now() + FIRST_LIST_MS, &err) < 0)
		log_err("nobody can log in yet: %s", err.what);
	else
		bmc_accounts_apply(&all, bmc_sessions_end_user);
}

int bmc_people_init(int64_t session_timeout, struct bmc_error *err)
{
	int r = bmc_accounts_init();

	if (r < 0)
		return bmc_fail(err, r, "out of memory");
	bmc_guard_init();
	first_list();
	r = bmc_sessions_init(session_timeout, err);
	if (r < 0)
		return r;
	people.logins = bmc_people_pool_new(LOGIN_THREADS, LOGIN_QUEUE);
	people.changes = bmc_people_pool_new(1, CHANGE_QUEUE);
	if (!people.logins || !people.changes) {
		bmc_people_exit();
		return bmc_fail(err, BMC_ENOMEM, "people: no threads");
	}
	bmc_people_own(people.changes);
	start_timer();
	bmc_people = &ops;
	return 0;
}

void bmc_people_exit(void)
{
	people.timer = bmc_timer_cancel(people.timer);
	bmc_people_disown();
	people.logins = bmc_people_pool_free(people.logins, priv_client_hurry);
	people.changes = bmc_people_pool_free(people.changes, priv_client_hurry);
	bmc_sessions_done();
	bmc_accounts_done();
}

void bmc_people_reload(int64_t session_timeout)
{
	bmc_sessions_configure(session_timeout);
}
