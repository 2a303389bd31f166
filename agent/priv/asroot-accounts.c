// SPDX-License-Identifier: Apache-2.0
// The operations on accounts on the root side: every request is checked here in full,
// whatever the daemon checked before, and every new password is proved by asking PAM
// for it afterwards.
#include <gnutls/crypto.h>
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "priv/accounts.h"
#include "priv/hash.h"
#include "priv/helper.h"
#include "priv/names.h"
#include "priv/password-policy.h"
#include "priv/roles-store.h"

/* A refusal takes this long, so that its time does not tell whether the account exists.
 */
#define REFUSAL_NS INT64_C(250000000)

const struct priv_backend *priv_backend(const struct priv_settings *s)
{
	return s->unix_backend ? &priv_accounts_unix : &priv_accounts_file;
}

uint64_t priv_stamp(const struct priv_settings *s, const char *text)
{
	uint8_t mac[32];
	uint64_t stamp;

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, s->stamp_key, sizeof(s->stamp_key),
			     text, strlen(text), mac) < 0)
		return 0;
	memcpy(&stamp, mac, sizeof(stamp));
	return stamp;
}

/* Names that every account tool and PAM module takes, and that are no number. */
bool priv_user_ok(const char user[BMC_ID_MAX])
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz_",
			  rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

	return priv_text_ends(user, BMC_ID_MAX) && user[0] && strchr(first, user[0]) &&
	       user[strspn(user, rest)] == '\0';
}

static int secret_check(const char secret[BMC_SECRET_MAX], size_t min,
			struct bmc_error *err)
{
	size_t len = strnlen(secret, BMC_SECRET_MAX);

	if (len == BMC_SECRET_MAX || !bmc_text_ok(secret, len))
		return bmc_fail(err, BMC_EPASSWORD,
				"a password is text of up to %d bytes without control "
				"characters",
				BMC_SECRET_MAX - 1);
	if (len < min)
		return bmc_fail(err, BMC_EPASSWORD,
				"the password is shorter than %zu characters", min);
	return 0;
}

static int bad_user(struct bmc_error *err)
{
	return bmc_fail(err, BMC_EINVAL, BMC_USER_RULE);
}

static int find_account(const struct priv_settings *s, const char *user,
			struct priv_account *ret, struct bmc_error *err)
{
	struct priv_accounts all;
	int r = priv_backend(s)->list(s, &all, err);

	for (uint32_t i = 0; r == 0 && i < all.n; i++) {
		if (strcmp(all.account[i].user, user) == 0) {
			*ret = all.account[i];
			return 0;
		}
	}
	return r < 0 ? r : bmc_fail(err, BMC_ENOTFOUND, "no such account");
}

/* The account of a request that changes one. */
static int existing(const struct priv_helper *h, const struct priv_account_args *p,
		    struct bmc_error *err)
{
	struct priv_account a;

	return priv_user_ok(p->user) ? find_account(h->settings, p->user, &a, err)
				     : bad_user(err);
}

/* The last way in stays open, whatever the daemon asks for: `user` loses the role of an
 * enabled Administrator. */
static int keep_an_admin(const struct priv_settings *s, const char *user,
			 struct bmc_error *err)
{
	struct priv_accounts all;
	unsigned others = 0;
	bool is_admin = false;
	int r = priv_backend(s)->list(s, &all, err);

	for (uint32_t i = 0; r == 0 && i < all.n; i++) {
		const struct priv_account *a = &all.account[i];
		if (!a->enabled || strcmp(a->role, PRIV_ROLE_ADMINISTRATOR) != 0)
			continue;
		if (strcmp(a->user, user) == 0)
			is_admin = true;
		else
			others++;
	}
	if (r == 0 && is_admin && others == 0)
		r = bmc_fail(err, BMC_ESTATE,
			     "%s is the last enabled Administrator: make another one "
			     "first",
			     user);
	return r;
}

static int check_password(const struct priv_settings *s, const char *user,
			  const char *secret, struct bmc_error *err)
{
	return priv_backend(s)->check(s, user, secret, err);
}

static int refuse_slowly(int64_t start, struct bmc_error *err)
{
	int64_t left = start + REFUSAL_NS - priv_now();
	const struct timespec ts = { .tv_nsec = (long)MAX(left, 0) };

	(void)nanosleep(&ts, NULL);
	return bmc_fail(err, BMC_EAUTH, "wrong name or password");
}

/* What a hash costs a known name, an unknown one costs too: on a slow machine that is
 * more than the time of a refusal. */
static void refuse_as_long(const struct priv_account_args *p)
{
	char secret[BMC_SECRET_MAX];

	(void)snprintf(secret, sizeof(secret), "%.*s", (int)sizeof(p->secret) - 1,
		       p->secret);
	(void)priv_hash_refuse(secret, NULL);
	bmc_wipe(secret, sizeof(secret));
}

/* PAM is never asked about accounts that are not clusterbmc's: the service is no place
 * to guess root's password. */
int asroot_authenticate(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	struct priv_account *a = &rp->u.account;
	int64_t start = priv_now();
	size_t len = strnlen(p->secret, sizeof(p->secret));
	int r = BMC_EAUTH;

	if (priv_user_ok(p->user) && len > 0 && len < sizeof(p->secret) &&
	    bmc_text_ok(p->secret, len))
		r = find_account(h->settings, p->user, a, &rp->err);
	if (r == 0 && !a->enabled)
		r = BMC_EAUTH;
	if (r == 0) {
		h->asked = true;
		r = check_password(h->settings, p->user, p->secret, &rp->err);
	} else if (r == BMC_EAUTH || r == BMC_ENOTFOUND) {
		refuse_as_long(p);
	}
	if (r == BMC_EAUTH || r == BMC_ENOTFOUND) {
		memset(a, 0, sizeof(*a));
		return refuse_slowly(start, &rp->err);
	}
	if (r == PRIV_PAM_MUST_CHANGE)
		a->must_change = 1;
	return MIN(r, 0);
}

/* Our own rules; PAM has more. */
static int new_secret_check(const struct priv_account_args *p, bool by_rules,
			    struct bmc_error *err)
{
	int r = secret_check(p->secret, by_rules ? PRIV_SECRET_MIN : 1, err);

	if (r == 0 && by_rules)
		r = priv_password_check(p->user, p->secret, err);
	return r;
}

/* What PAM's modules stored is what was sent, to the byte. The hash is the proof: a
 * login is refused for other reasons too (a disabled account, pam_time). Without a hash
 * (accounts of a directory) PAM has to be asked. */
static bool is_stored(const struct priv_settings *s, const struct priv_account_args *p,
		      const char *before)
{
	char now[PRIV_HASH_MAX] = "";
	bool same;

	if (priv_backend(s)->hash(s, p->user, now, NULL) < 0)
		return false;
	same = strcmp(now, before) == 0;
	if (same || !priv_hash_ok(now))
		same = check_password(s, p->user, p->secret, NULL) >= 0;
	else
		same = priv_hash_check(p->secret, now, NULL) == 0;
	bmc_wipe(now, sizeof(now));
	return same;
}

/* Stores it, or leaves the account as it was. */
static int replace_password(const struct priv_settings *s,
			    const struct priv_account_args *p,
			    const struct priv_account *was, bool by_rules,
			    struct bmc_error *err)
{
	const struct priv_backend *b = priv_backend(s);
	char before[PRIV_HASH_MAX] = "";
	int r = b->hash(s, p->user, before, err);

	if (r == 0)
		r = b->password(s, p, by_rules, err);
	if (r == 0 && !is_stored(s, p, before)) {
		r = bmc_fail(err, BMC_EIO,
			     "the new password was not taken, the old one stays: see "
			     "PAM's log");
		if (priv_hash_ok(before) && b->restore(s, p->user, before, NULL) < 0)
			r = bmc_fail(
				err, BMC_EIO,
				"the new password was not taken and the old one is "
				"lost: set another one");
		else if (was->must_change)
			(void)b->must_change(s, p->user, true, NULL);
	}
	bmc_wipe(before, sizeof(before));
	return r;
}

static int store_password(const struct priv_settings *s,
			  const struct priv_account_args *p, bool by_rules,
			  struct bmc_error *err)
{
	struct priv_account was;
	int r = new_secret_check(p, by_rules, err);

	if (r == 0)
		r = find_account(s, p->user, &was, err);
	return r < 0 ? r : replace_password(s, p, &was, by_rules, err);
}

int asroot_password_change(struct priv_helper *h, const struct priv_request *rq,
			   struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int64_t start = priv_now();
	int r = existing(h, p, &rp->err);

	if (r == 0 && !priv_text_ends(p->old_secret, sizeof(p->old_secret)))
		r = bmc_fail(&rp->err, BMC_EINVAL, "the old password is too long");
	if (r == 0) {
		h->asked = true;
		r = check_password(h->settings, p->user, p->old_secret, &rp->err);
	}
	if (r == BMC_EAUTH) {
		(void)refuse_slowly(start, NULL);
		return bmc_fail(&rp->err, BMC_EAUTH, "the old password is wrong");
	}
	if (r >= 0 && strcmp(p->old_secret, p->secret) == 0)
		return bmc_fail(&rp->err, BMC_EPASSWORD,
				"the new password is the old one");
	return r < 0 ? r : store_password(h->settings, p, true, &rp->err);
}

int asroot_password_reset(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int r = existing(h, p, &rp->err);

	if (r == 0)
		r = store_password(h->settings, p, true, &rp->err);
	if (r == 0 && p->flag)
		r = priv_backend(h->settings)
			    ->must_change(h->settings, p->user, true, &rp->err);
	return r;
}

static int role_check(const struct priv_settings *s, const char role[BMC_ID_MAX],
		      struct bmc_error *err)
{
	struct priv_role_args ignored;

	if (priv_role_ok(role) &&
	    (priv_role_is_own(role) || priv_roles_find(s, role, &ignored)))
		return 0;
	return bmc_fail(err, BMC_EINVAL, "no such role");
}

/* An account that could not get its password goes again. */
static int add(const struct priv_settings *s, const struct priv_account_args *p,
	       bool by_rules, struct bmc_error *err)
{
	const struct priv_backend *b = priv_backend(s);
	int r = new_secret_check(p, by_rules, err);

	if (r == 0)
		r = b->add(s, p, err);
	if (r < 0)
		return r;
	r = store_password(s, p, by_rules, err);
	if (r == 0 && p->disabled)
		r = b->enable(s, p->user, false, err);
	if (r == 0 && p->flag)
		r = b->must_change(s, p->user, true, err);
	if (r < 0)
		(void)b->remove(s, p->user, NULL);
	return r;
}

int priv_first_admin(const struct priv_settings *s, const struct priv_account_args *p,
		     struct bmc_error *err)
{
	struct priv_accounts all;
	int r = priv_backend(s)->list(s, &all, err);

	if (r == 0 && all.n > 0)
		r = bmc_fail(err, BMC_EEXIST, "there are accounts already");
	if (r == 0 && !priv_user_ok(p->user))
		r = bad_user(err);
	return r < 0 ? r : add(s, p, false, err);
}

/* More would not be listed, and those of the system would fill /etc. */
static int room_for_one(const struct priv_settings *s, struct bmc_error *err)
{
	struct priv_accounts all;
	int r = priv_backend(s)->list(s, &all, err);

	if (r == 0 && all.n >= PRIV_ACCOUNTS_MAX)
		r = bmc_fail(err, BMC_ENOSPC, "there are %u accounts already",
			     PRIV_ACCOUNTS_MAX);
	return r;
}

int asroot_account_add(struct priv_helper *h, const struct priv_request *rq,
		       struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int r = existing(h, p, &rp->err);

	if (r == 0)
		return bmc_fail(&rp->err, BMC_EEXIST,
				"there is an account of this name");
	if (r != BMC_ENOTFOUND)
		return r;
	r = role_check(h->settings, p->role, &rp->err);
	if (r == 0)
		r = room_for_one(h->settings, &rp->err);
	return r < 0 ? r : add(h->settings, p, true, &rp->err);
}

int asroot_account_remove(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int r = existing(h, p, &rp->err);

	if (r == 0)
		r = keep_an_admin(h->settings, p->user, &rp->err);
	return r < 0 ? r
		     : priv_backend(h->settings)
			       ->remove(h->settings, p->user, &rp->err);
}

int asroot_account_enable(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int r = existing(h, p, &rp->err);

	if (r == 0 && !p->flag)
		r = keep_an_admin(h->settings, p->user, &rp->err);
	return r < 0 ? r
		     : priv_backend(h->settings)
			       ->enable(h->settings, p->user, p->flag != 0, &rp->err);
}

int asroot_account_role(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int r = existing(h, p, &rp->err);

	if (r == 0)
		r = role_check(h->settings, p->role, &rp->err);
	if (r == 0 && strcmp(p->role, PRIV_ROLE_ADMINISTRATOR) != 0)
		r = keep_an_admin(h->settings, p->user, &rp->err);
	return r < 0 ? r
		     : priv_backend(h->settings)
			       ->set_role(h->settings, p->user, p->role, &rp->err);
}

int asroot_account_must_change(struct priv_helper *h, const struct priv_request *rq,
			       struct priv_reply *rp)
{
	const struct priv_account_args *p = &rq->u.args;
	int r = existing(h, p, &rp->err);

	return r < 0 ? r
		     : priv_backend(h->settings)
			       ->must_change(h->settings, p->user, p->flag != 0,
					     &rp->err);
}

int asroot_account_rename(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp)
{
	const struct priv_backend *b = priv_backend(h->settings);
	const struct priv_account_args *p = &rq->u.args;
	struct priv_account a;
	int r = existing(h, p, &rp->err);

	if (r == 0 && !priv_user_ok(p->new_user))
		r = bad_user(&rp->err);
	if (r < 0)
		return r;
	r = find_account(h->settings, p->new_user, &a, &rp->err);
	if (r == 0)
		return bmc_fail(&rp->err, BMC_EEXIST,
				"there is an account of this name");
	if (r == BMC_ENOTFOUND)
		r = b->name_free ? b->name_free(p->new_user, &rp->err) : 0;
	return r < 0 || p->flag
		       ? r
		       : b->rename(h->settings, p->user, p->new_user, &rp->err);
}

int asroot_account_list(struct priv_helper *h, const struct priv_request *rq,
			struct priv_reply *rp)
{
	struct priv_accounts *all = &rp->u.accounts;
	int r = priv_backend(h->settings)->list(h->settings, all, &rp->err);

	(void)rq;
	if (r == 0)
		all->n_roles = (uint32_t)priv_roles_load(h->settings, all->role);
	return r;
}
