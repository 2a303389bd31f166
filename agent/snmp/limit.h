// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "snmp/budget.h"

/* What a source address that may be forged can have us send. An answer to v1, v2c or an
 * unauthenticated v3 request that is longer than SN_LIMIT_FACTOR times its request is
 * paid for from the source's budget (budget.h). A GETBULK gets what is left of it; when
 * that is little, one repetition. An answer that is too long all the same is not sent:
 * a manager that is real repeats its request and finds the budget refilled. Requests of
 * sources whose v3 requests do not authenticate are slowed down. SNMP's thread;
 * sn_limit_init before it runs. */

#define SN_LIMIT_FACTOR 3u
#define SN_LIMIT_LITTLE 1472u /* octets of budget: less than one Ethernet frame */
#define SN_EXEMPT_MAX   64u

/** Reads `source_rate`, `source_burst`, `exempt` and `max_message`. BMC_EINVAL: no
 * network. */
int sn_limit_init(const struct bmc_conf *snmp, struct bmc_error *err);

/** Whether sn_limit_init could use it; changes nothing. Any thread. */
int sn_limit_check(const struct bmc_conf *snmp, struct bmc_error *err);

/** What is remembered of a request until it is answered. */
struct sn_limited {
	struct sn_source source;
	bool is_exempt, is_v3, failing;
	size_t len;        /* of the datagram                                */
	size_t room;       /* octets that its answer may have                */
	unsigned failures; /* the library's count of them before the request */
};

/** Whether the library shall see the request. A GETBULK in `data` is changed when its
 *  source has used its budget. */
bool sn_limit_request(const struct sockaddr *from, unsigned char *data, size_t len,
		      struct sn_limited *ret);

/** Whether the answer to that request may be sent. */
bool sn_limit_answer(const struct sn_limited *request, const unsigned char *data,
		     size_t len);
