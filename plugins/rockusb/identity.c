// SPDX-License-Identifier: Apache-2.0
/* Serial number and MAC addresses of a board in a loader: items of its vendor storage.
 */
#include <stdlib.h>
#include <string.h>

#include "rockusb.h"

#define MAC_LEN  6
#define TEXT_MAX 32

/* clang-format off */
static const struct {
	const char *field;
	size_t offset;
	uint16_t id;
	bool mac; /* six bytes; else text */
} items[] = {
	{ "vendor_serial", offsetof(struct bmc_board, vendor_serial), RK_VENDOR_SN,   false },
	{ "lan_mac",       offsetof(struct bmc_board, lan_mac),       RK_VENDOR_LAN,  true },
	{ "wifi_mac",      offsetof(struct bmc_board, wifi_mac),      RK_VENDOR_WIFI, true },
	{ "bt_mac",        offsetof(struct bmc_board, bt_mac),        RK_VENDOR_BT,   true },
};
/* clang-format on */
#define N_ITEMS (sizeof(items) / sizeof(items[0]))

/* What the flash has, as a field shows it; "" for what is none. */
static void format(size_t i, const unsigned char *data, size_t len, char text[TEXT_MAX])
{
	text[0] = '\0';
	if (items[i].mac) {
		if (len == MAC_LEN)
			(void)snprintf(text, TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x",
				       data[0], data[1], data[2], data[3], data[4],
				       data[5]);
		return;
	}
	while (len > 0 && data[len - 1] == '\0')
		len--; /* some tools store the end of the text too */
	if (len >= TEXT_MAX)
		return;
	for (size_t k = 0; k < len; k++) {
		if (data[k] < ' ' || data[k] > '~')
			return;
	}
	memcpy(text, data, len);
	text[len] = '\0';
}

/* The item's bytes for a value; their number, 0: it is none. */
static size_t parse(size_t i, const char *value, unsigned char data[TEXT_MAX])
{
	unsigned b[MAC_LEN];
	char rest;

	if (!items[i].mac) {
		size_t len = strlen(value);

		if (len < TEXT_MAX)
			memcpy(data, value, len);
		return len < TEXT_MAX ? len : 0;
	}
	if (strlen(value) != 17 ||
	    sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &rest) != MAC_LEN)
		return 0;
	for (size_t k = 0; k < MAC_LEN; k++)
		data[k] = (unsigned char)b[k];
	return MAC_LEN;
}

/* "" for an item that is not there. */
static int read_item(struct rk_link *l, size_t i, char text[TEXT_MAX],
		     struct bmc_error *err)
{
	unsigned char data[RK_VENDOR_MAX];
	int n = rk_vendor_read(l, items[i].id, data, sizeof(data), err);

	text[0] = '\0';
	if (n > 0)
		format(i, data, (size_t)n, text);
	return n == BMC_ENOTFOUND || n == BMC_ECORRUPT || n > 0 ? BMC_OK : n;
}

int rockusb_identity_put(struct rockusb *r, struct rk_link *l, const struct rk_board *b,
			 struct bmc_error *err)
{
	struct bmc_value values[N_ITEMS];
	char texts[N_ITEMS][TEXT_MAX];
	uint64_t can;
	int code = rk_capability(l, &can, err);

	if (code < 0 || !(can & RK_CAP_VENDOR))
		return code;
	for (size_t i = 0; i < N_ITEMS; i++) {
		code = read_item(l, i, texts[i], err);
		if (code < 0)
			return code;
		values[i] = (struct bmc_value){ .offset = items[i].offset,
						.text = texts[i] };
	}
	return r->ops->put(r->host, BMC_BOARD, b->id, values, N_ITEMS);
}

/* Writes and reads back. */
static int store(struct rk_link *l, size_t i, const char *value, struct bmc_error *err)
{
	unsigned char data[TEXT_MAX];
	size_t len = parse(i, value, data);
	char back[TEXT_MAX];
	int code;

	if (!len)
		return bmc_fail(err, BMC_EINVAL, "%s: no value for %s", l->board,
				items[i].field);
	code = rk_vendor_write(l, items[i].id, data, len, err);
	if (code == BMC_OK)
		code = read_item(l, i, back, err);
	if (code == BMC_OK && strcmp(back, value) != 0)
		return bmc_fail(err, BMC_EIO, "%s: its flash did not keep %s", l->board,
				items[i].field);
	return code;
}

int rockusb_identity_set(struct rockusb *r, struct rk_link *l, const struct rk_board *b,
			 const char *text, struct bmc_error *err)
{
	for (size_t i = 0; text && i < N_ITEMS; i++) {
		size_t len = strlen(items[i].field);
		int code;

		if (strncmp(text, items[i].field, len) != 0 || text[len] != ' ')
			continue;
		code = store(l, i, text + len + 1, err);
		if (code < 0)
			return code;
		const struct bmc_value v = { .offset = items[i].offset,
					     .text = text + len + 1 };
		return r->ops->put(r->host, BMC_BOARD, b->id, &v, 1);
	}
	return bmc_fail(err, BMC_EINVAL, "%s: no such item of vendor storage", b->id);
}
