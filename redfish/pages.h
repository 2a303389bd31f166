// SPDX-License-Identifier: Apache-2.0
#pragma once

/** Registers the pages for browsers with the HTTP server. Main thread. */
void rf_pages_init(void);
