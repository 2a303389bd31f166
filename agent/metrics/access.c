// SPDX-License-Identifier: Apache-2.0
// See access.h.
#include "metrics/access.h"

#include <string.h>

/* A proxy on this machine is not the client. */
static bool is_local(const struct http_request *q)
{
	if (http_header(q, "X-Forwarded-For") || http_header(q, "Forwarded"))
		return false;
	return q->peer.known || strncmp(q->client, "127.", 4) == 0 ||
	       strcmp(q->client, "::1") == 0;
}

bool mx_access_is_open(const struct http_request *q, enum mx_anonymous anonymous)
{
	return anonymous == MX_ANONYMOUS_YES ||
	       (anonymous == MX_ANONYMOUS_LOOPBACK && is_local(q));
}

int mx_access_code(const struct http_login *l)
{
	if (!l->known)
		return l->code ? l->code : BMC_EAUTH;
	return (l->actor.privileges & BMC_PRIV_LOGIN) && !l->actor.must_change
		       ? 0
		       : BMC_EPERM;
}
