// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "core/platform/platform.h"
#include "core/ports/hardware.h"
#include "priv/proto.h"

/* The daemon's end of the root helper: one connection, one reader thread, calls from
 * any thread but main, each with its own deadline (BMC_TIME). The connection is made
 * again when the helper's service restarts; calls under way then fail with BMC_EIO. */

/** The roles whose privileges the daemon knows. */
enum priv_role {
	PRIV_NO_ROLE,
	PRIV_ADMINISTRATOR,
	PRIV_OPERATOR,
	PRIV_READONLY,
	PRIV_N_ROLES
};
/** Their names: "Administrator", "Operator", "ReadOnly". */
extern const struct bmc_name priv_role_names[];

/** For the demo: starts `program` (absolute) --config `config` with a socket to this
 * process. Before any thread and before privileges are dropped. The descriptor is the
 * caller's. */
int priv_spawn(const char *program, const char *config, int *ret_fd, pid_t *ret_pid,
	       struct bmc_error *err);

struct priv_client_conf {
	const char *socket; /* the service's; unused when there is an fd */
	int fd;             /* from priv_spawn, stolen; -1 none          */
	uint64_t digest;    /* bmc_platform.digest                       */
	/* for init only: whose inputs are read again when edges are lost; NULL: edges
	 * are dropped */
	const struct bmc_platform *platform;
};

/** Starts the reader and sets bmc_hardware. Does not wait for the helper. Main thread,
 * after the state's init. */
int priv_client_init(const struct priv_client_conf *conf, struct bmc_error *err);
/** Ends it; calls under way fail. */
void priv_client_done(void);

/** Waits until the helper has answered the hello of this connection. */
int priv_client_wait(int64_t deadline, struct bmc_error *err);

/** Fails the calls about accounts that are under way (BMC_ECANCELED): the service ends.
 */
void priv_client_hurry(void);

/** From now on nothing waits for a helper that is not there (BMC_ECANCELED): the
 * service ends, and a call that still waited would count as one that never came back.
 * Calls that the helper has are not touched. Until the next priv_client_init. Any
 * thread. */
void priv_client_no_wait(void);

/** Sends one request and waits for the reply. `rq->id` is 0 afterwards when the request
 * was never sent. */
int priv_call(struct priv_request *rq, struct priv_reply *ret, int64_t deadline,
	      struct bmc_error *err);

/** The same for a request whose answer carries a descriptor, which the caller closes.
 */
int priv_call_fd(struct priv_request *rq, struct priv_reply *ret, int *ret_fd,
		 int64_t deadline, struct bmc_error *err);

/** Fills the request for what is done to an account; texts that are too long are
 * BMC_EINVAL. */
int priv_account_args_init(struct priv_account_args *p, const char *user,
			   const char *secret, struct bmc_error *err);
/** PRIV_PASSWORD_CHANGE .. PRIV_ACCOUNT_RENAME. The caller wipes `who`. BMC_EAGAIN
 * as below. */
int priv_change_account(enum priv_number op, const struct priv_account_args *who,
			int64_t deadline, struct bmc_error *err);
/** PRIV_ROLE_SET, PRIV_ROLE_REMOVE. BMC_EAGAIN as below. */
int priv_change_role(enum priv_number op, const char *role, uint32_t privileges,
		     int64_t deadline, struct bmc_error *err);
/** PAM's word on a password: 0 and the account, BMC_EAUTH; BMC_EAGAIN: PAM was not
 * asked, as there was no helper to ask or it was busy with this account; other codes:
 * it was asked and its answer is not known. */
int priv_authenticate(const struct priv_account_args *who, struct priv_account *ret,
		      int64_t deadline, struct bmc_error *err);
int priv_list_accounts(struct priv_accounts *ret, int64_t deadline,
		       struct bmc_error *err);

/** PRIV_HOSTNAME, PRIV_CLOCK, PRIV_REBOOT (`what` may be NULL then). */
int priv_change_system(enum priv_number op, const struct priv_system *what,
		       int64_t deadline, struct bmc_error *err);
