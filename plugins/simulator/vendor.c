// SPDX-License-Identifier: Apache-2.0
/* A simulated board's vendor storage: its serial number and MAC addresses, written
 * through its system as adb does it. */
#include <stdio.h>

#include "sim.h"

/* clang-format off */
static const struct {
	const char *name;
	size_t offset, size;
} items[] = {
	{ "vendor_serial", offsetof(struct bmc_board, vendor_serial), sizeof(((struct bmc_board *)0)->vendor_serial) },
	{ "lan_mac",       offsetof(struct bmc_board, lan_mac),       sizeof(((struct bmc_board *)0)->lan_mac) },
	{ "wifi_mac",      offsetof(struct bmc_board, wifi_mac),      sizeof(((struct bmc_board *)0)->wifi_mac) },
	{ "bt_mac",        offsetof(struct bmc_board, bt_mac),        sizeof(((struct bmc_board *)0)->bt_mac) },
};
/* clang-format on */

static int store(struct bmc_board *row, const char *text)
{
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		size_t len = strlen(items[i].name);

		if (strncmp(text, items[i].name, len) != 0 || text[len] != ' ' ||
		    strlen(text + len + 1) >= items[i].size)
			continue;
		(void)snprintf((char *)row + items[i].offset, items[i].size, "%s",
			       text + len + 1);
		return BMC_OK;
	}
	return BMC_EINVAL;
}

int sim_vendor_set(struct sim *s, struct sim_board *b, const char *text,
		   struct bmc_error *err)
{
	if (!text || store(b->row->now, text) < 0)
		return bmc_fail(err, BMC_EINVAL, "%s: no such item of vendor storage",
				b->row->id);
	return sim_row_report(b->row, &s->reporter, SIM_REPORT_QUICK);
}
