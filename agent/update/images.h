// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/images.h"

/* What the core and the frontends call, see core/ports/images.h. */
extern const struct bmc_images_ops upd_images_ops;
