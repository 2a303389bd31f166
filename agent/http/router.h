// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/conn.h"
#include "http/http.h"

/** The handler of a decoded path on a connection of this group, or NULL. Any thread. */
const struct http_handler *http_route(enum http_group group, const char *path);
/** The one handler (static) of a place apart. Before http_start. */
void http_route_apart(enum http_place place, const struct http_handler *handler);
