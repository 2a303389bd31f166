// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>

#include "http/request.h"

/* A response as libmicrohttpd sends it. */
struct http_response {
	struct MHD_Response *mhd;
	bool secure;
};
