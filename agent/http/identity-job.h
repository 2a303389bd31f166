// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/certificate.h"
#include "http/identity.h"

/** Where a certificate that takes the place of the self-made one lies: below
 *  `state_dir`; NULL: the configuration names the pair, which is not replaced. `own` is
 *  the pair that is used while there is none. Main thread. */
void http_identity_place(const char *state_dir, const struct http_pair *own);
