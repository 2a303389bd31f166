// SPDX-License-Identifier: Apache-2.0
/* Serial number and MAC addresses in a board's vendor storage, through its system:
 * Rockchip's own tool `vendor_storage` there makes the kernel's ioctl. What it prints
 * is looked through for "data = 0x..."; what was written counts when it is read back.
 */
#include "adb.h"

#define AGAIN_MS 600000 /* between two readings of one start */
#define ANSWER   4096
#define MAC_LEN  6

/* clang-format off */
static const struct {
	const char *field, *name; /* ours, the tool's */
	size_t offset;
	bool mac; /* six bytes; else text */
} items[ADB_VENDOR_ITEMS] = {
	{ "vendor_serial", "VENDOR_SN_ID",       offsetof(struct bmc_board, vendor_serial), false },
	{ "lan_mac",       "VENDOR_LAN_MAC_ID",  offsetof(struct bmc_board, lan_mac),       true },
	{ "wifi_mac",      "VENDOR_WIFI_MAC_ID", offsetof(struct bmc_board, wifi_mac),      true },
	{ "bt_mac",        "VENDOR_BT_MAC_ID",   offsetof(struct bmc_board, bt_mac),        true },
};
/* clang-format on */

/* ---- what the tool prints ---- */

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The bytes behind "data = 0x", up to `size` and then none: a longer item is none of
 * ours. */
static size_t bytes_of(const char *answer, unsigned char *ret, size_t size)
{
	const char *p = strstr(answer, "data = 0x");
	size_t n = 0;

	for (p = p ? p + strlen("data = 0x") : ""; hex(p[0]) >= 0 && hex(p[1]) >= 0;
	     p += 2) {
		if (n == size)
			return 0;
		ret[n++] = (unsigned char)(hex(p[0]) << 4 | hex(p[1]));
	}
	return n;
}

/* As the field shows it, "" for what is none. */
static void format(size_t i, const char *answer, char text[ADB_VENDOR_TEXT])
{
	unsigned char b[ADB_VENDOR_TEXT];
	size_t n = bytes_of(answer, b, sizeof(b));

	text[0] = '\0';
	if (items[i].mac && n == MAC_LEN)
		(void)snprintf(text, ADB_VENDOR_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x",
			       b[0], b[1], b[2], b[3], b[4], b[5]);
	if (items[i].mac)
		return;
	while (n > 0 && b[n - 1] == '\0')
		n--; /* some tools store the end of the text too */
	for (size_t k = 0; k < n; k++) {
		if (b[k] <= ' ' || b[k] > '~')
			return;
	}
	if (n < ADB_VENDOR_TEXT) {
		memcpy(text, b, n);
		text[n] = '\0';
	}
}

static int read_item(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		     size_t i, char text[ADB_VENDOR_TEXT], struct bmc_error *err)
{
	char command[120], answer[ANSWER];
	ssize_t n;

	(void)snprintf(command, sizeof(command),
		       "vendor_storage -r %s -t hex -i /dev/null 2>/dev/null",
		       items[i].name);
	n = adb_run(a, call, b, command, answer, sizeof(answer), err);
	if (n < 0)
		return (int)n;
	answer[n < ANSWER ? n : ANSWER - 1] = '\0';
	format(i, answer, text);
	return BMC_OK;
}

/* ---- with the probe ---- */

static const char script[] =
	"for i in VENDOR_SN_ID VENDOR_LAN_MAC_ID VENDOR_WIFI_MAC_ID "
	"VENDOR_BT_MAC_ID;do echo;echo @@$i;"
	"vendor_storage -r $i -t hex -i /dev/null 2>/dev/null;done";

/* The part of the answer behind an item's line, up to the next one. */
static void part_of(const char *answer, size_t i, char ret[ANSWER])
{
	char line[40], *end;
	const char *at;

	(void)snprintf(line, sizeof(line), "@@%s", items[i].name);
	at = strstr(answer, line);
	(void)snprintf(ret, ANSWER, "%s", at ? at + strlen(line) : "");
	end = strstr(ret, "\n@@");
	if (end)
		*end = '\0';
}

static int read_all(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		    char texts[ADB_VENDOR_ITEMS][ADB_VENDOR_TEXT],
		    struct bmc_error *err)
{
	char answer[ANSWER], part[ANSWER];
	ssize_t n = adb_run(a, call, b, script, answer, sizeof(answer), err);

	if (n < 0)
		return (int)n;
	answer[n < ANSWER ? n : ANSWER - 1] = '\0';
	for (size_t i = 0; i < ADB_VENDOR_ITEMS; i++) {
		part_of(answer, i, part);
		format(i, part, texts[i]);
	}
	return BMC_OK;
}

/* Once for each start of its system, and now and then: each item is a process there. */
void adb_vendor_probe(struct adb *a, struct bmc_call *call, struct adb_board *b,
		      uint64_t transport)
{
	struct bmc_value v[ADB_VENDOR_ITEMS];
	char texts[ADB_VENDOR_ITEMS][ADB_VENDOR_TEXT];
	struct bmc_error err;
	bool known;

	(void)pthread_mutex_lock(&a->lock);
	known = b->vendor_of == transport && b->vendor_at + AGAIN_MS > a->ops->now();
	memcpy(texts, b->vendor, sizeof(texts));
	(void)pthread_mutex_unlock(&a->lock);
	if (!known && read_all(a, call, b, texts, &err) < 0)
		return;
	for (size_t i = 0; i < ADB_VENDOR_ITEMS; i++) {
		v[i] = (struct bmc_value){ .offset = items[i].offset,
					   .text = texts[i] };
	}
	(void)pthread_mutex_lock(&a->lock);
	if (!known) {
		b->vendor_of = transport;
		b->vendor_at = a->ops->now();
		memcpy(b->vendor, texts, sizeof(texts));
	}
	(void)pthread_mutex_unlock(&a->lock);
	(void)a->ops->put(a->host, BMC_BOARD, b->id, v, ADB_VENDOR_ITEMS);
}

/* ---- writing ---- */

/* The value as the tool takes it; it goes through a shell. */
static int argument(size_t i, const char *value, char *ret, size_t size)
{
	size_t n = 0;

	for (; *value && n + 1 < size; value++) {
		if (items[i].mac ? hex(*value) < 0 && *value != ':'
				 : *value <= ' ' || *value > '~' || *value == '\'')
			return BMC_EINVAL;
		if (!items[i].mac || *value != ':')
			ret[n++] = *value;
	}
	ret[n] = '\0';
	return *value || n == 0 || (items[i].mac && n != 12) ? BMC_EINVAL : BMC_OK;
}

static int write_as(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		    size_t i, const char *type, const char *arg, struct bmc_error *err)
{
	char command[160], answer[ANSWER], said[100];
	ssize_t n;

	(void)snprintf(command, sizeof(command),
		       "vendor_storage -w %s -t %s -i '%s' 2>&1", items[i].name, type,
		       arg);
	n = adb_run(a, call, b, command, answer, sizeof(answer), err);
	if (n < 0)
		return (int)n;
	adb_clean(said, sizeof(said), answer, (size_t)n);
	if (strstr(said, "not found") || strstr(said, "inaccessible"))
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: its system has no program vendor_storage: use its "
				"loader",
				b->id);
	return BMC_OK;
}

/* Versions of the tool differ in what they make of a MAC address: the reading tells. */
static int store(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		 size_t i, const char *value, struct bmc_error *err)
{
	static const char *const types[] = { "hex", "string" };
	char arg[ADB_VENDOR_TEXT], back[ADB_VENDOR_TEXT] = "";
	int code = argument(i, value, arg, sizeof(arg));

	if (code < 0)
		return bmc_fail(err, code, "%s: no value for %s", b->id,
				items[i].field);
	for (size_t k = items[i].mac ? 0 : 1; k < 2; k++) {
		code = write_as(a, call, b, i, types[k], arg, err);
		if (code == BMC_OK)
			code = read_item(a, call, b, i, back, err);
		if (code < 0 || strcmp(back, value) == 0)
			return code;
	}
	return bmc_fail(err, BMC_EIO, "%s: its flash did not keep %s", b->id,
			items[i].field);
}

static int set(struct adb *a, struct bmc_call *call, struct adb_board *b, size_t i,
	       const char *value, struct bmc_error *err)
{
	int code = adb_become_root(a, call, b, err);

	if (code == BMC_OK)
		code = store(a, call, b, i, value, err);
	if (code < 0)
		return code;
	const struct bmc_value v = { .offset = items[i].offset, .text = value };
	(void)pthread_mutex_lock(&a->lock);
	(void)snprintf(b->vendor[i], sizeof(b->vendor[i]), "%s", value);
	(void)pthread_mutex_unlock(&a->lock);
	return a->ops->put(a->host, BMC_BOARD, b->id, &v, 1);
}

int adb_vendor_set(void *self, struct bmc_call *call, const struct bmc_args *args,
		   struct bmc_error *err)
{
	struct adb *a = self;
	struct adb_board *b = adb_find(a, a->ops->target_id(call));
	uint64_t transport;

	if (!b || a->ops->target_kind(call) != BMC_BOARD)
		return bmc_fail(err, BMC_ENOTSUP, "%s is no board of adb's",
				a->ops->target_id(call));
	if (adb_state(a, b, &transport) != BMC_ADB_DEVICE)
		return bmc_fail(
			err, BMC_ESTATE,
			"%s: its system does not answer over adb: wait for it, or "
			"start its loader",
			b->id);
	for (size_t i = 0; args->text && i < ADB_VENDOR_ITEMS; i++) {
		size_t len = strlen(items[i].field);

		if (strncmp(args->text, items[i].field, len) == 0 &&
		    args->text[len] == ' ')
			return set(a, call, b, i, args->text + len + 1, err);
	}
	return bmc_fail(err, BMC_EINVAL, "%s: no such item of vendor storage", b->id);
}
