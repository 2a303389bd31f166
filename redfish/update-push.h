// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Images that clients send (DSP0266, "HTTP push software update"): handlers of the HTTP
 * server beside the one of all resources, for these bodies are never in memory. */

#define RF_PUSH_URI      "/redfish/v1/UpdateService/update"
#define RF_MULTIPART_URI "/redfish/v1/UpdateService/update-multipart"

/** Registers them. Main thread, before http_start. */
void rf_update_push_init(void);
