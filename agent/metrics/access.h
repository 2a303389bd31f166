// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/login.h"

/* Who may read: whom the config lets in without a login, and every account that has the
 * privilege Login and no password to change first. */

/* The key metrics.anonymous. */
enum mx_anonymous { MX_ANONYMOUS_NO, MX_ANONYMOUS_LOOPBACK, MX_ANONYMOUS_YES };

/** Whether this client reads without a login. */
bool mx_access_is_open(const struct http_request *q, enum mx_anonymous anonymous);
/** What a login is worth: 0, BMC_EAUTH, BMC_EPERM, or why it could not be found out. */
int mx_access_code(const struct http_login *l);
