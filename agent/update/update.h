// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/conf.h"

/* Firmware images: getting, storing and checking them (core/ports/images.h), and their
 * rows. Main thread. */

/** Opens the store in the folder `images` of the state folder. When it can't, or a
 * trusted key can't be read, that is logged and updates are left out: they are refused.
 * After the inventory and the action API, before tasks go on. */
void upd_init(const struct bmc_conf *update, const char *state_dir);
/** After the frontends and the tasks have ended. */
void upd_done(void);
