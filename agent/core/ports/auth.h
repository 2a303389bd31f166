// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/action.h"

/* Authentication. agent/auth implements it through the root helper and PAM; the
 * frontends see only this. Account, role and session rows are in the snapshot like any
 * other row; changes to them are actions (BMC_ACT_ADD, SET, PASSWORD, REMOVE). */

#define BMC_TOKEN_MAX 48 /* with the NUL; 160 random bits in hexadecimal */

/* Seconds. */
#define BMC_SESSION_TIMEOUT_MIN 30
#define BMC_SESSION_TIMEOUT_MAX 86400

/** The answer to a check: `code` 0 and the actor, or BMC_EAUTH, BMC_EAGAIN (too many
 * failures from this client: ask later), BMC_ETIMEDOUT, BMC_EIO. On a thread of
 * agent/auth, which must not be kept waiting. */
typedef void bmc_auth_done(void *arg, int code, const struct bmc_actor *who);

struct bmc_auth_limits {
	unsigned failures; /* wrong passwords of a client before it has to wait */
	unsigned wait_s;   /* the longest wait, after many of them */
	unsigned password_min, password_max; /* bytes */
	bool basic;                          /* a request may bring name and password */
	unsigned sessions, sessions_a_user;  /* open at a time */
};

struct bmc_auth_ops {
	/** Answers from the last minute's successful checks (a keyed hash): true and
	 * `ret` filled, or false: ask `check`. Never waits. Any thread. */
	bool (*cached)(const char *user, const char *password, const char *client,
		       struct bmc_actor *ret);
	/** Asks PAM, in a helper's worker, with a deadline of 10 s. Returns 0 when
	 * `done` will be called (once), or BMC_EAGAIN at once when this client has to
	 * wait or the queue is full. */
	int (*check)(const char *user, const char *password, const char *client,
		     bmc_auth_done *done, void *arg);
	/** The caller that gave `arg` to `check` is gone. True when `done` will not be
	 * called; a check without a caller is dropped unless PAM is being asked
	 * already. Any thread. */
	bool (*abandon)(const void *arg);
	/** Opens a session for an actor that was just checked: fills the row's id and
	 * the token (both owned by the caller), journals and publishes the row. The
	 * oldest idle session of the same user goes when there are too many (64 in all,
	 * 16 a user). BMC_EAUTH when the account was changed since the check. The row
	 * is published before a message that the caller posts to the loop afterwards.
	 */
	int (*session_open)(const struct bmc_actor *who, char ret_id[BMC_ID_MAX],
			    char ret_token[BMC_TOKEN_MAX], struct bmc_error *err);
	/** The actor of a live session, and its idle time starts again. Never waits. */
	bool (*session_find)(const char *token, const char *client,
			     struct bmc_actor *ret, char ret_id[BMC_ID_MAX]);
	/** Idle seconds after which a session ends. */
	int64_t (*session_timeout)(void);
	/** Waits until it is stored, 2 s at most; nothing has changed on an error but
	 * BMC_ETIMEDOUT. Not on the main thread. */
	int (*set_session_timeout)(int64_t seconds);
	/** The stamp of an account: another one after its password or role has changed;
	 * 0 when it is not known. Never waits. Any thread. */
	uint64_t (*stamp)(const char *user);
	/** Whether another role may have this name: 0, BMC_EINVAL, or BMC_EPERM where
	 * it could be taken for one of Redfish's own. Any thread. */
	int (*role_name)(const char *name);
	/** What holds for logins and new passwords. Any thread. */
	void (*limits)(struct bmc_auth_limits *ret);
};

/** Set once by bmc_auth_init (main thread, before the frontends start). */
extern const struct bmc_auth_ops *bmc_auth;
