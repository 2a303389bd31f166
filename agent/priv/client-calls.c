// SPDX-License-Identifier: Apache-2.0
// What the daemon asks of the root helper, one function each: the core's hardware
// operations, and people's and the system's for agent/auth and the faces.
#include "priv/client-calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/util.h"
#include "priv/client.h"

const struct bmc_name priv_role_names[] = {
	{ PRIV_ADMINISTRATOR, "Administrator" },
	{ PRIV_OPERATOR, "Operator" },
	{ PRIV_READONLY, "ReadOnly" },
	{ 0, NULL },
};

static int call_pin(enum priv_number op, const struct priv_pin *pin, int64_t deadline,
		    struct bmc_error *err)
{
	struct priv_request rq = { .op = op, .u.pin = *pin };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	if (r < 0)
		return r;
	return op == PRIV_PIN_READ || op == PRIV_PIN_WAS_PULSED ? (int)rp.u.number : 0;
}

static int pin_set(uint64_t job, uint32_t board, enum bmc_pin pin, bool active,
		   int64_t deadline, struct bmc_error *err)
{
	const struct priv_pin p = {
		.job = job, .board = board, .pin = (uint16_t)pin, .active = active
	};

	return call_pin(PRIV_PIN_SET, &p, deadline, err);
}

static int pin_pulse(uint64_t job, uint32_t board, enum bmc_pin pin, int64_t deadline,
		     struct bmc_error *err)
{
	const struct priv_pin p = { .job = job, .board = board, .pin = (uint16_t)pin };

	return call_pin(PRIV_PIN_PULSE, &p, deadline, err);
}

static int pin_read(uint32_t board, enum bmc_pin pin, int64_t deadline,
		    struct bmc_error *err)
{
	const struct priv_pin p = { .board = board, .pin = (uint16_t)pin };

	return call_pin(PRIV_PIN_READ, &p, deadline, err);
}

static int pin_was_pulsed(uint64_t job, int64_t deadline, struct bmc_error *err)
{
	const struct priv_pin p = { .job = job };
	int r = call_pin(PRIV_PIN_WAS_PULSED, &p, deadline, err);

	if (r == 0 && priv_client_forgot())
		return bmc_fail(err, BMC_ENOTFOUND,
				"the root helper has lost its memory of pulses since");
	return r;
}

static int smart(unsigned dev_major, unsigned dev_minor, struct bmc_smart *ret,
		 int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_SMART,
				   .u.disk = { dev_major, dev_minor } };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	if (r == 0)
		*ret = rp.u.smart;
	return r;
}

static int clock_set(int64_t wall_ms, int64_t deadline, struct bmc_error *err)
{
	const struct priv_system what = { .number = wall_ms };

	return priv_change_system(PRIV_CLOCK, &what, deadline, err);
}

const struct bmc_hardware_ops priv_hardware_ops = {
	.pin_set = pin_set,
	.pin_pulse = pin_pulse,
	.pin_read = pin_read,
	.pin_was_pulsed = pin_was_pulsed,
	.clock_set = clock_set,
	.smart = smart,
};

int priv_person_init(struct priv_person *p, const char *user, const char *secret,
		     struct bmc_error *err)
{
	memset(p, 0, sizeof(*p));
	if (!bmc_copy(p->user, sizeof(p->user), user) ||
	    !bmc_copy(p->secret, sizeof(p->secret), secret))
		return bmc_fail(err, BMC_EINVAL,
				"the name or the password is too long");
	return 0;
}

int priv_change_person(enum priv_number op, const struct priv_person *who,
		       int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = op, .u.person = *who };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	bmc_wipe(&rq, sizeof(rq));
	return r;
}

int priv_authenticate(const struct priv_person *who, struct priv_account *ret,
		      int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_AUTHENTICATE, .u.person = *who };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	bmc_wipe(&rq, sizeof(rq));
	if (r == 0)
		*ret = rp.u.account;
	return r;
}

int priv_list_accounts(struct priv_accounts *ret, int64_t deadline,
		       struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_ACCOUNT_LIST };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	if (r < 0)
		return r;
	if (rp.u.accounts.n > PRIV_ACCOUNTS_MAX)
		return bmc_fail(err, BMC_ECORRUPT,
				"the root helper's account list is malformed");
	*ret = rp.u.accounts;
	return 0;
}

int priv_change_system(enum priv_number op, const struct priv_system *what,
		       int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = op };
	struct priv_reply rp;

	if (what)
		rq.u.system = *what;
	return priv_call(&rq, &rp, deadline, err);
}

int priv_spawn(const char *program, const char *config, int *ret_fd, pid_t *ret_pid,
	       struct bmc_error *err)
{
	char number[12];
	int sv[2];

	if (access(program, X_OK) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "root helper %s: %s",
				program, strerror(errno));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return bmc_fail(err, bmc_from_errno(errno), "socketpair: %s",
				strerror(errno));
	(void)snprintf(number, sizeof(number), "%d", sv[1]);
	pid_t pid = fork();
	if (pid == 0) {
		(void)fcntl(sv[1], F_SETFD, 0);
		(void)execl(program, program, "--config", config, "--fd", number,
			    (char *)NULL);
		_exit(127);
	}
	int e = errno;
	(void)close(sv[1]);
	if (pid < 0) {
		(void)close(sv[0]);
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", program, strerror(e));
	}
	*ret_fd = sv[0];
	*ret_pid = pid;
	return 0;
}
