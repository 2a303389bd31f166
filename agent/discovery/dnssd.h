// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* DNS-SD (RFC 6763) by way of Avahi, which publishes the services that files in
 * /etc/avahi/services describe (avahi.service(5)): the agent keeps one of them. Main
 * thread. */

#define DNSSD_FILE_MAX 2048

struct dnssd_service {
	unsigned port;
	const char *path, *uuid, *version, *model; /* of its TXT record */
	const char *start;                         /* RFC 3339          */
};

/** The file's text. 0: it does not fit. */
size_t dnssd_write(const struct dnssd_service *s, char ret[DNSSD_FILE_MAX]);

/** Makes `file` say that; NULL: that there is none. It is written in place, as the
 * agent may write to the file but not to its folder. False: errno says why. */
bool dnssd_publish(const char *file, const struct dnssd_service *s);
