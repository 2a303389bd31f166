// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdio.h>

#include "redfish/resource.h"

#define RF_DMTF "http://redfish.dmtf.org/schemas/v1/"

/** Calls `each` with every Oem type ("ClusterBmcFan.v1_0_0.Fan") and a resource that
 * has it. */
void rf_oem_each(void (*each)(void *arg, const char *type,
			      const struct rf_resource *res),
		 void *arg);
/** Writes the CSDL of one. */
void rf_oem_write(FILE *out, const char *type, const struct rf_resource *res);
