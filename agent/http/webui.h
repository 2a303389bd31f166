// SPDX-License-Identifier: Apache-2.0
#pragma once

/* The web pages: files of one folder, served without a login. "/" is its index.html,
 * /ui/NAME the file of that name; nothing below it is served. A file NAME.gz beside
 * NAME goes to clients that prefer it. */

#define HTTP_WEBUI_OFF "off"

/** Opens the folder, whose owner may be another than the daemon's later user; "off":
 * none. Another folder that takes its place later is served from then on. Main thread,
 * before http_start. */
void http_webui_open(const char *dir);
/** For server.c: registers the pages, if the folder has an index.html; they replace
 * what is registered for "/". Main thread. */
void http_webui_register(void);
/** For server.c. Main thread, after the serving threads have ended. */
void http_webui_close(void);
