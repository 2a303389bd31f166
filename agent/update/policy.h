// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* Which images are taken, and from where: the section `update` of the configuration.
 * Static after upd_policy_init. */

/* Which servers may be asked, by their address. Never one for many, or for none. */
enum upd_addresses {
	UPD_ADDRESSES_PUBLIC,  /* of the Internet only                             */
	UPD_ADDRESSES_PRIVATE, /* those of a site too: RFC 1918, RFC 4193, RFC 6598 */
	UPD_ADDRESSES_ANY,     /* loopback and link-local ones too                 */
};

struct image_keys;

struct upd_policy {
	bool unsigned_allowed;
	struct image_keys *keys; /* trusted, owned */
	enum upd_addresses addresses;
	char schemes[64];      /* as libcurl's list: "http,https" */
	unsigned redirects;    /* 0: none are followed */
	bool verify;           /* servers show who they are */
	char ca[256];          /* file, "": the system's authorities */
	char known_hosts[256]; /* file of SSH host keys, "": none */
	int64_t timeout_ms;    /* without progress */
	uint64_t unpacked;     /* bytes that an image may unpack to */
};
extern struct upd_policy upd_policy;

/** Takes the section over; reads the trusted keys. Main thread. */
int upd_policy_init(const struct bmc_conf *update, struct bmc_error *err);
void upd_policy_done(void);

/** Whether an image may be fetched from there, as far as the address's text says it.
 * BMC_EPERM: not by the policy; BMC_EINVAL: it is no address. Any thread. */
int upd_policy_uri(const char *uri, struct bmc_error *err);
/** Whether a server with this address may be asked. Any thread. */
bool upd_policy_address(const struct sockaddr *sa, enum upd_addresses allowed);
