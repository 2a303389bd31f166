// SPDX-License-Identifier: Apache-2.0
/* The place where agent/update puts itself for the core; see images.h. */
#include "core/ports/images.h"

const struct bmc_images_ops *bmc_images;
