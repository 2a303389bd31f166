// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/http.h"

/** The handler of a decoded path, or NULL. Any thread. */
const struct http_handler *http_route(const char *path);
