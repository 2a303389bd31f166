// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Prometheus' HTTP service discovery: the last list, to each that asks. It has a thread
 * of its own; the functions are for one thread. */

/** Listens at "ADDRESS:PORT" or "[IPV6]:PORT". SCAN_EXIT_OK; _USAGE: that is no such
 * place, _FAILED: it can't listen there, and `why` says it. */
int scan_serve_start(const char *at, char why[160]);
/** `text`, stolen (malloc), is what is served from now on. */
void scan_serve_put(char *text);
void scan_serve_stop(void);
