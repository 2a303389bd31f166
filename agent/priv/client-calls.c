// SPDX-License-Identifier: Apache-2.0
// What the daemon asks of the root helper, one function each: the core's hardware
// operations, those of accounts for agent/auth, those of the system for the frontends.
#include "priv/client-calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/util.h"
#include "priv/client-edges.h"
#include "priv/client.h"
#include "priv/pwms.h"
#include "priv/smartctl.h"

const struct bmc_name priv_role_names[] = {
	{ PRIV_ADMINISTRATOR, PRIV_ROLE_ADMINISTRATOR },
	{ PRIV_OPERATOR, PRIV_ROLE_OPERATOR },
	{ PRIV_READONLY, PRIV_ROLE_READONLY },
	{ 0, NULL },
};

static int call_line(enum priv_number op, const struct priv_line *line,
		     int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = op, .u.line = *line };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	if (r < 0)
		return r;
	return op == PRIV_LINE_READ || op == PRIV_LINE_WAS_PULSED ? rp.u.number == 1
								  : 0;
}

static int line_set(uint64_t job, uint32_t line, bool active, int64_t deadline,
		    struct bmc_error *err)
{
	const struct priv_line l = { .job = job, .line = line, .active = active };

	return call_line(PRIV_LINE_SET, &l, deadline, err);
}

static int line_pulse(uint64_t job, uint32_t line, int64_t deadline,
		      struct bmc_error *err)
{
	const struct priv_line l = { .job = job, .line = line };

	return call_line(PRIV_LINE_PULSE, &l, deadline, err);
}

static int line_read(uint32_t line, int64_t deadline, struct bmc_error *err)
{
	const struct priv_line l = { .line = line };

	return call_line(PRIV_LINE_READ, &l, deadline, err);
}

static int line_was_pulsed(uint64_t job, int64_t deadline, struct bmc_error *err)
{
	const struct priv_line l = { .job = job };
	int r = call_line(PRIV_LINE_WAS_PULSED, &l, deadline, err);

	if (r == 0 && priv_client_pulses_lost())
		return bmc_fail(err, BMC_ENOTFOUND,
				"the root helper has lost its memory of pulses since");
	return r;
}

static int pwm_set(uint32_t pwm, int64_t duty, uint32_t hold_ms, int64_t deadline,
		   struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_PWM_SET };
	struct priv_reply rp;

	if (duty < 0 || duty > PRIV_DUTY_FULL)
		return bmc_fail(err, BMC_ERANGE, "a duty is 0 to 100 percent");
	rq.u.pwm = (struct priv_pwm){ pwm, (int32_t)duty, hold_ms };
	return priv_call(&rq, &rp, deadline, err);
}

static int pwm_read(uint32_t pwm, int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_PWM_READ, .u.pwm = { .pwm = pwm } };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	if (r == 0 && (rp.u.number < 0 || rp.u.number > PRIV_DUTY_FULL))
		r = bmc_fail(err, BMC_ECORRUPT, "the root helper's duty is malformed");
	return r < 0 ? r : (int)rp.u.number;
}

static int storage_open(uint32_t storage, bool write, int64_t deadline,
			struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_STORAGE_OPEN,
				   .u.storage = { storage, write } };
	struct priv_reply rp;
	int fd;
	int r = priv_call_fd(&rq, &rp, &fd, deadline, err);

	if (r == 0 && fd < 0)
		r = bmc_fail(err, BMC_ECORRUPT, "the root helper sent no descriptor");
	return r < 0 ? r : fd;
}

static int decode(int fd, struct bmc_smart *ret, struct bmc_error *err)
{
	auto_free char *text = malloc(PRIV_SMARTCTL_OUTPUT);
	ssize_t n = text ? pread(fd, text, PRIV_SMARTCTL_OUTPUT, 0) : -1;

	if (n < 0)
		return bmc_fail(err, BMC_ENOMEM, "smartctl's output can't be read");
	return smartctl_decode(text, (size_t)n, ret, err);
}

/* BMC_ENOTSUP: smartctl is not installed. */
static int run_smartctl(const struct priv_disk *disk, struct bmc_smart *ret,
			int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_SMARTCTL_RUN, .u.disk = *disk };
	struct priv_reply rp;
	int got;
	int r = priv_call_fd(&rq, &rp, &got, deadline, err);

	if (r < 0)
		return r;
	auto_fd int fd = got;
	return fd < 0 ? bmc_fail(err, BMC_ECORRUPT,
				 "the root helper sent no descriptor")
		      : decode(fd, ret, err);
}

static int smart(unsigned dev_major, unsigned dev_minor, struct bmc_smart *ret,
		 int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_SMART,
				   .u.disk = { dev_major, dev_minor } };
	struct priv_reply rp;
	int r = run_smartctl(&rq.u.disk, ret, deadline, err);

	if (r != BMC_ENOTSUP)
		return r;
	r = priv_call(&rq, &rp, deadline, err);
	if (r == 0)
		*ret = rp.u.smart;
	return r;
}

static int clock_set(int64_t wall_ms, int64_t deadline, struct bmc_error *err)
{
	const struct priv_system what = { .number = wall_ms };

	return priv_change_system(PRIV_CLOCK, &what, deadline, err);
}

static int ntp_set(const char *servers, int enabled, int64_t deadline,
		   struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_NTP };
	struct priv_reply rp;

	if (!bmc_copy(rq.u.ntp.servers, sizeof(rq.u.ntp.servers), servers))
		return bmc_fail(err, BMC_ERANGE, "the list of servers is too long");
	rq.u.ntp.set_servers = servers != NULL;
	rq.u.ntp.enabled = (int8_t)enabled;
	return priv_call(&rq, &rp, deadline, err);
}

static int address_set(const char *interface, uint32_t address, unsigned prefix,
		       uint32_t gateway, int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_ADDRESS };
	struct priv_address *a = &rq.u.address;
	struct priv_reply rp;

	if (!bmc_copy(a->interface, sizeof(a->interface), interface) || prefix > 32)
		return bmc_fail(err, BMC_EINVAL, "no such interface or prefix");
	a->address = address;
	a->gateway = gateway;
	a->prefix = (uint8_t)prefix;
	a->automatic = address == 0;
	return priv_call(&rq, &rp, deadline, err);
}

static int restart(int64_t deadline, struct bmc_error *err)
{
	return priv_change_system(PRIV_REBOOT, NULL, deadline, err);
}

const struct bmc_hardware_ops priv_hardware_ops = {
	.line_set = line_set,
	.line_pulse = line_pulse,
	.line_read = line_read,
	.line_was_pulsed = line_was_pulsed,
	.watch = priv_edges_watch,
	.pwm_set = pwm_set,
	.pwm_read = pwm_read,
	.storage_open = storage_open,
	.address_set = address_set,
	.clock_set = clock_set,
	.ntp_set = ntp_set,
	.restart = restart,
	.smart = smart,
};

int priv_account_args_init(struct priv_account_args *p, const char *user,
			   const char *secret, struct bmc_error *err)
{
	memset(p, 0, sizeof(*p));
	if (!bmc_copy(p->user, sizeof(p->user), user) ||
	    !bmc_copy(p->secret, sizeof(p->secret), secret))
		return bmc_fail(err, BMC_EINVAL,
				"the name or the password is too long");
	return 0;
}

/* A request that the helper never got can be made again: nothing was asked of PAM. */
static int unless_sent(const struct priv_request *rq, int r, struct bmc_error *err)
{
	if (r == 0 || rq->id != 0)
		return r;
	if (err)
		err->code = BMC_EAGAIN;
	return BMC_EAGAIN;
}

int priv_change_account(enum priv_number op, const struct priv_account_args *who,
			int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = op, .u.args = *who };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	r = unless_sent(&rq, r, err);
	bmc_wipe(&rq, sizeof(rq));
	return r;
}

int priv_change_role(enum priv_number op, const char *role, uint32_t privileges,
		     int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = op, .u.role.privileges = privileges };
	struct priv_reply rp;

	if (!bmc_copy(rq.u.role.role, sizeof(rq.u.role.role), role))
		return bmc_fail(err, BMC_EINVAL, "the role's name is too long");
	return unless_sent(&rq, priv_call(&rq, &rp, deadline, err), err);
}

int priv_authenticate(const struct priv_account_args *who, struct priv_account *ret,
		      int64_t deadline, struct bmc_error *err)
{
	struct priv_request rq = { .op = PRIV_AUTHENTICATE, .u.args = *who };
	struct priv_reply rp;
	int r = priv_call(&rq, &rp, deadline, err);

	r = unless_sent(&rq, r, err);
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
	if (rp.u.accounts.n > PRIV_ACCOUNTS_MAX ||
	    rp.u.accounts.n_roles > PRIV_ROLES_MAX)
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
