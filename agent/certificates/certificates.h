// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/certificates.h"

/** Loads the stored certificates and registers the handler of actions on them. After
 * the init of what has their owners: accounts. Main thread. */
int bmc_certificates_init(struct bmc_error *err);
/** Shows one that the configuration names, which can't be changed, or removes these
 * (NULL: all of them). Main thread. */
void bmc_certificates_show_configured(const struct bmc_certificate *row);
/** Main thread. */
void bmc_certificates_done(void);
