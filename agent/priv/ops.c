// SPDX-License-Identifier: Apache-2.0
// The table of all that the helper does, and the first checks of a packet. The pins'
// operations are here, the others in asroot-people.c, asroot-disk.c, asroot-system.c.
#include "priv/helper.h"

#include <string.h>

#include "core/base/util.h"

#define EMPTY                   PRIV_REQUEST_EMPTY, PRIV_REPLY_EMPTY
#define ASKS(member)            PRIV_REQUEST_SIZE(member), PRIV_REPLY_EMPTY
#define ASKS_GETS(member, gets) PRIV_REQUEST_SIZE(member), PRIV_REPLY_SIZE(gets)

/* clang-format off */
const struct priv_op priv_ops[PRIV_N_NUMBERS] = {
	[PRIV_HELLO]           = { PRIV_HERE,   ASKS_GETS(hello, welcome),  asroot_hello },
	[PRIV_PIN_SET]         = { PRIV_HERE,   ASKS(pin),                  asroot_pin_set },
	[PRIV_PIN_PULSE]       = { PRIV_HERE,   ASKS(pin),                  asroot_pin_pulse },
	[PRIV_PIN_READ]        = { PRIV_HERE,   ASKS_GETS(pin, number),     asroot_pin_read },
	[PRIV_PIN_WAS_PULSED]  = { PRIV_HERE,   ASKS_GETS(pin, number),     asroot_pin_was_pulsed },
	[PRIV_AUTHENTICATE]    = { PRIV_LOGIN,  ASKS_GETS(person, account), asroot_authenticate, true },
	[PRIV_PASSWORD_CHANGE] = { PRIV_CHANGE, ASKS(person),               asroot_password_change, true },
	[PRIV_PASSWORD_RESET]  = { PRIV_CHANGE, ASKS(person),               asroot_password_reset },
	[PRIV_ACCOUNT_ADD]     = { PRIV_CHANGE, ASKS(person),               asroot_account_add },
	[PRIV_ACCOUNT_REMOVE]  = { PRIV_CHANGE, ASKS(person),               asroot_account_remove },
	[PRIV_ACCOUNT_ENABLE]  = { PRIV_CHANGE, ASKS(person),               asroot_account_enable },
	[PRIV_ACCOUNT_ROLE]    = { PRIV_CHANGE, ASKS(person),               asroot_account_role },
	[PRIV_ACCOUNT_MARK]    = { PRIV_CHANGE, ASKS(person),               asroot_account_mark },
	[PRIV_ACCOUNT_LIST]    = { PRIV_LIST,   PRIV_REQUEST_EMPTY, PRIV_REPLY_SIZE(accounts), asroot_account_list },
	[PRIV_SMART]           = { PRIV_DISK,   ASKS_GETS(disk, smart),     asroot_smart },
	[PRIV_HOSTNAME]        = { PRIV_CHANGE, ASKS(system),               asroot_hostname },
	[PRIV_NTP]             = { PRIV_CHANGE, ASKS(system),               asroot_ntp },
	[PRIV_CLOCK]           = { PRIV_CHANGE, ASKS(system),               asroot_clock },
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
	if (len != op->request_size) {
		(void)bmc_fail(err, BMC_EINVAL, "request %u: wrong length", rq->op);
		return NULL;
	}
	if (!h->greeted && rq->op != PRIV_HELLO) {
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

	rp->u.welcome.version = PRIV_VERSION;
	if (hello->version != PRIV_VERSION)
		return bmc_fail(
			&rp->err, BMC_ENOTSUP,
			"clusterbmc-priv is another version: restart its service");
	h->greeted = true;
	h->same_platform = hello->digest == h->settings->platform->digest;
	if (!h->pins)
		return 0;
	r = priv_pins_epoch(h->pins, hello->epoch, &rp->err);
	rp->u.welcome.cookie = priv_pins_cookie(h->pins);
	return r;
}

/* Board numbers mean the same boards only when both read the same platform file. */
static int need_pins(const struct priv_helper *h, struct bmc_error *err)
{
	if (!h->same_platform)
		return bmc_fail(err, BMC_ESTATE,
				"clusterbmc-priv has read another platform file: "
				"restart its service");
	if (!h->pins)
		return bmc_fail(err, BMC_ENOTSUP, "no pins");
	return 0;
}

int asroot_pin_set(struct priv_helper *h, const struct priv_request *rq,
		   struct priv_reply *rp)
{
	int r = need_pins(h, &rp->err);

	return r < 0 ? r : priv_pins_set(h->pins, &rq->u.pin, &rp->err);
}

int asroot_pin_pulse(struct priv_helper *h, const struct priv_request *rq,
		     struct priv_reply *rp)
{
	int r = need_pins(h, &rp->err);

	return r < 0 ? r : priv_pins_pulse(h->pins, &rq->u.pin, rq->id, &rp->err);
}

int asroot_pin_read(struct priv_helper *h, const struct priv_request *rq,
		    struct priv_reply *rp)
{
	int r = need_pins(h, &rp->err);

	if (r == 0)
		r = priv_pins_read(h->pins, &rq->u.pin, &rp->err);
	rp->u.number = r;
	return MIN(r, 0);
}

int asroot_pin_was_pulsed(struct priv_helper *h, const struct priv_request *rq,
			  struct priv_reply *rp)
{
	int r = need_pins(h, &rp->err);

	if (r == 0)
		rp->u.number = priv_pins_was_pulsed(h->pins, rq->u.pin.job);
	return r;
}
