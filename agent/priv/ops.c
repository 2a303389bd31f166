// SPDX-License-Identifier: Apache-2.0
// The table of all that the helper does, and the first checks of a packet. Those on
// lines and pwms are here, the others in asroot-*.c.
#include "priv/helper.h"

#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"

#define PRIV_HELLO_LEAST (PRIV_REQUEST_EMPTY + sizeof(uint32_t)) /* its version */

#define EMPTY                   PRIV_REQUEST_EMPTY, PRIV_REPLY_EMPTY
#define ASKS(member)            PRIV_REQUEST_SIZE(member), PRIV_REPLY_EMPTY
#define ASKS_GETS(member, gets) PRIV_REQUEST_SIZE(member), PRIV_REPLY_SIZE(gets)

/* clang-format off */
const struct priv_op priv_ops[PRIV_N_NUMBERS] = {
	[PRIV_HELLO]           = { PRIV_HERE,   ASKS_GETS(hello, hello),    asroot_hello },
	[PRIV_LINE_SET]        = { PRIV_HERE,   ASKS(line),                 asroot_line_set },
	[PRIV_LINE_PULSE]      = { PRIV_HERE,   ASKS(line),                 asroot_line_pulse },
	[PRIV_LINE_READ]       = { PRIV_HERE,   ASKS_GETS(line, number),    asroot_line_read },
	[PRIV_LINE_WAS_PULSED] = { PRIV_HERE,   ASKS_GETS(line, number),    asroot_line_was_pulsed },
	[PRIV_PWM_SET]         = { PRIV_HERE,   ASKS(pwm),                  asroot_pwm_set },
	[PRIV_PWM_READ]        = { PRIV_HERE,   ASKS_GETS(pwm, number),     asroot_pwm_read },
	[PRIV_STORAGE_OPEN]    = { PRIV_DISK,   ASKS(storage),              asroot_storage_open },
	[PRIV_AUTHENTICATE]    = { PRIV_LOGIN,  ASKS_GETS(args, account),   asroot_authenticate, true },
	[PRIV_PASSWORD_CHANGE] = { PRIV_CHANGE, ASKS(args),                 asroot_password_change, true },
	[PRIV_PASSWORD_RESET]  = { PRIV_CHANGE, ASKS(args),                 asroot_password_reset },
	[PRIV_ACCOUNT_ADD]     = { PRIV_CHANGE, ASKS(args),                 asroot_account_add },
	[PRIV_ACCOUNT_REMOVE]  = { PRIV_CHANGE, ASKS(args),                 asroot_account_remove },
	[PRIV_ACCOUNT_ENABLE]  = { PRIV_CHANGE, ASKS(args),                 asroot_account_enable },
	[PRIV_ACCOUNT_ROLE]    = { PRIV_CHANGE, ASKS(args),                 asroot_account_role },
	[PRIV_ACCOUNT_MUST_CHANGE]    = { PRIV_CHANGE, ASKS(args),                 asroot_account_must_change },
	[PRIV_ACCOUNT_RENAME]  = { PRIV_CHANGE, ASKS(args),                 asroot_account_rename },
	[PRIV_ROLE_SET]        = { PRIV_CHANGE, ASKS(role),                 asroot_role_set },
	[PRIV_ROLE_REMOVE]     = { PRIV_CHANGE, ASKS(role),                 asroot_role_remove },
	[PRIV_ACCOUNT_LIST]    = { PRIV_LIST,   PRIV_REQUEST_EMPTY, PRIV_REPLY_SIZE(accounts), asroot_account_list },
	[PRIV_SMART]           = { PRIV_DISK,   ASKS_GETS(disk, smart),     asroot_smart },
	[PRIV_SMARTCTL_RUN]    = { PRIV_DISK,   ASKS(disk),                 asroot_smartctl },
	[PRIV_HOSTNAME]        = { PRIV_CHANGE, ASKS(system),               asroot_hostname },
	[PRIV_NTP]             = { PRIV_CHANGE, ASKS(ntp),                  asroot_ntp },
	[PRIV_CLOCK]           = { PRIV_CHANGE, ASKS(system),               asroot_clock },
	[PRIV_ADDRESS]         = { PRIV_CHANGE, ASKS(address),              asroot_address },
	[PRIV_REBOOT]          = { PRIV_CHANGE, EMPTY,                      asroot_reboot },
};
/* clang-format on */

bool priv_text_ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

const struct priv_op *priv_admit(const struct priv_helper *h,
				 const struct priv_request *rq, size_t len,
				 struct bmc_error *err)
{
	const struct priv_op *op;

	if (len < PRIV_REQUEST_EMPTY || rq->op >= PRIV_N_NUMBERS ||
	    !priv_ops[rq->op].run) {
		(void)bmc_fail(err, BMC_ENOTSUP,
			       "the helper does not know this request");
		return NULL;
	}
	op = &priv_ops[rq->op];
	/* a hello of another version may have another length: it is answered with ours
	 */
	if (rq->op == PRIV_HELLO && len >= PRIV_HELLO_LEAST &&
	    rq->u.hello.version != PRIV_VERSION)
		return op;
	if (len != op->request_size) {
		(void)bmc_fail(err, BMC_EINVAL, "request %u: wrong length", rq->op);
		return NULL;
	}
	if (!h->handshaken && rq->op != PRIV_HELLO) {
		(void)bmc_fail(err, BMC_ESTATE, "say hello first");
		return NULL;
	}
	return op;
}

int asroot_hello(struct priv_helper *h, const struct priv_request *rq,
		 struct priv_reply *rp)
{
	const struct priv_hello *hello = &rq->u.hello;
	int r;

	rp->u.hello.version = PRIV_VERSION;
	if (hello->version != PRIV_VERSION) {
		log_limited(LOG_ERR,
			    "clusterbmcd speaks protocol %u, this is protocol %u: "
			    "restart the older of the two",
			    hello->version, PRIV_VERSION);
		return bmc_fail(&rp->err, BMC_ENOTSUP,
				"clusterbmc-priv speaks protocol %u, clusterbmcd %u: "
				"restart the older of the two",
				PRIV_VERSION, hello->version);
	}
	h->handshaken = true;
	h->same_platform = hello->digest == h->settings->platform->digest;
	if (!h->lines)
		return 0;
	r = priv_lines_epoch(h->lines, hello->epoch, &rp->err);
	rp->u.hello.instance = priv_lines_instance(h->lines);
	return r;
}

int priv_need_platform(const struct priv_helper *h, struct bmc_error *err)
{
	if (h->same_platform)
		return 0;
	return bmc_fail(err, BMC_ESTATE,
			"clusterbmc-priv has read another platform file: "
			"restart its service");
}

static int need_lines(const struct priv_helper *h, struct bmc_error *err)
{
	int r = priv_need_platform(h, err);

	if (r == 0 && (!h->lines || !h->pwms))
		r = bmc_fail(err, BMC_ENOTSUP, "no lines");
	return r;
}

int asroot_line_set(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp)
{
	int r = need_lines(h, &rp->err);

	return r < 0 ? r : priv_lines_set(h->lines, &rq->u.line, &rp->err);
}

int asroot_line_pulse(struct priv_helper *h, const struct priv_request *rq,
		      struct priv_reply *rp)
{
	int r = need_lines(h, &rp->err);

	return r < 0 ? r : priv_lines_pulse(h->lines, &rq->u.line, rq->id, &rp->err);
}

int asroot_line_read(struct priv_helper *h, const struct priv_request *rq,
		     struct priv_reply *rp)
{
	int r = need_lines(h, &rp->err);

	if (r == 0)
		r = priv_lines_read(h->lines, &rq->u.line, &rp->err);
	rp->u.number = r;
	return MIN(r, 0);
}

int asroot_line_was_pulsed(struct priv_helper *h, const struct priv_request *rq,
			   struct priv_reply *rp)
{
	int r = need_lines(h, &rp->err);

	if (r == 0)
		rp->u.number = priv_lines_was_pulsed(h->lines, rq->u.line.job);
	return r;
}

int asroot_pwm_set(struct priv_helper *h, const struct priv_request *rq,
		   struct priv_reply *rp)
{
	int r = need_lines(h, &rp->err);

	return r < 0 ? r : priv_pwms_set(h->pwms, &rq->u.pwm, &rp->err);
}

int asroot_pwm_read(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp)
{
	int r = need_lines(h, &rp->err);

	if (r == 0)
		r = priv_pwms_read(h->pwms, rq->u.pwm.pwm, &rp->err);
	rp->u.number = r;
	return MIN(r, 0);
}
