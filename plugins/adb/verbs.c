// SPDX-License-Identifier: Apache-2.0
/* What adb can do to a board: restart it, also into another mode, shut it down, make
 * its adb daemon root and its system writable. The server's OKAY says that it has taken
 * the request; that the board has left is what counts. */
#include <stdlib.h>

#include "adb.h"

#define LOOK_MS 50
#define SAID    512 /* bytes of a daemon's answer */

/* Until the board's device is another one than `transport`, or none. */
static int wait_left(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		     uint64_t transport, const char *what, struct bmc_error *err)
{
	uint64_t is;

	while (adb_state(a, b, &is) == BMC_ADB_DEVICE && is == transport) {
		int code = a->ops->sleep(call, LOOK_MS);

		if (code < 0)
			return bmc_fail(
				err, code,
				"%s: adb: it took the request to %s and did not "
				"leave",
				b->id, what);
	}
	return BMC_OK;
}

/* Until it is a device again, as another transport than before. */
static int wait_back(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		     uint64_t transport, struct bmc_error *err)
{
	uint64_t is;

	while (adb_state(a, b, &is) != BMC_ADB_DEVICE || is == transport) {
		int code = a->ops->sleep(call, LOOK_MS);

		if (code < 0)
			return bmc_fail(
				err, code,
				"%s: adb: it did not come back; reset the board",
				b->id);
	}
	return BMC_OK;
}

static int target(struct adb *a, struct bmc_call *call, struct adb_board **ret,
		  struct bmc_error *err)
{
	const char *id = a->ops->target_id(call);

	*ret = a->ops->target_kind(call) == BMC_BOARD ? adb_find(a, id) : NULL;
	return *ret ? BMC_OK
		    : bmc_fail(err, BMC_ENOTSUP,
			       "%s has neither `usb` nor `adb` in the platform file",
			       id);
}

/* Asks for a service, reads what it says, closes. */
static int ask(struct adb *a, struct bmc_call *call, const struct adb_board *b,
	       const char *service, char *said, size_t size, struct bmc_error *err)
{
	struct adb_link l = { .adb = a, .call = call, .until = a->ops->deadline(call) };
	char raw[SAID];
	int code = adb_service(&l, b, err, service);
	ssize_t n;

	if (code < 0)
		return code;
	n = adb_all(&l, raw, sizeof(raw), err);
	adb_close(&l);
	if (n < 0)
		return (int)n;
	adb_clean(said, size, raw, (size_t)n);
	return BMC_OK;
}

/* Requests a restart: `service` is "reboot:MODE". */
static int restart(void *self, struct bmc_call *call, const char *service,
		   struct bmc_error *err)
{
	struct adb *a = self;
	struct adb_board *b;
	char said[100] = "";
	uint64_t transport;
	int code = target(a, call, &b, err);

	if (code < 0)
		return code;
	(void)adb_state(a, b, &transport);
	code = ask(a, call, b, service, said, sizeof(said), err);
	/* a board that goes down takes the connection with it, before or after it said
	 * so */
	if (code < 0 && code != BMC_EIO)
		return code;
	if (said[0])
		return bmc_fail(err, BMC_EIO, "%s: adb: %s", b->id, said);
	if (code < 0 && adb_state(a, b, &(uint64_t){ 0 }) == BMC_ADB_DEVICE) {
		struct bmc_error why = *err;

		(void)a->ops->sleep(call, 4 * LOOK_MS);
		if (adb_state(a, b, &(uint64_t){ 0 }) == BMC_ADB_DEVICE) {
			*err = why;
			return code;
		}
	}
	return wait_left(a, call, b, transport, "restart", err);
}

static int verb_reboot(void *self, struct bmc_call *call, const struct bmc_args *args,
		       struct bmc_error *err)
{
	(void)args;
	return restart(self, call, "reboot:", err);
}

static int verb_recovery(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	(void)args;
	return restart(self, call, "reboot:recovery", err);
}

static int verb_mode(void *self, struct bmc_call *call, const struct bmc_args *args,
		     struct bmc_error *err)
{
	switch (args->num) {
	case BMC_USB_ADB:
		return restart(self, call, "reboot:", err);
	case BMC_USB_LOADER:
		return restart(self, call, "reboot:loader", err);
	case BMC_USB_FASTBOOT:
		return restart(self, call, "reboot:bootloader", err);
	default:
		return bmc_fail(
			err, BMC_ENOTSUP,
			"%s: adb restarts a board into its system, its loader or "
			"fastboot",
			((struct adb *)self)->ops->target_id(call));
	}
}

static int verb_shutdown(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	struct adb *a = self;
	struct adb_board *b;
	char said[100] = "";
	uint64_t transport;
	int64_t os;
	int code = target(a, call, &b, err);

	(void)args;
	if (code < 0)
		return code;
	(void)adb_state(a, b, &transport);
	(void)pthread_mutex_lock(&a->lock);
	os = b->os;
	(void)pthread_mutex_unlock(&a->lock);
	code = ask(a, call, b,
		   os == BMC_OS_LINUX ? "shell:poweroff" : "shell:reboot -p", said,
		   sizeof(said), err);
	if (code < 0 && code != BMC_EIO)
		return code;
	code = wait_left(a, call, b, transport, "shut down", err);
	if (code < 0 && said[0])
		return bmc_fail(err, code, "%s: adb: %s", b->id, said);
	return code;
}

/* ---- root ---- */

static bool is_root(struct adb *a, struct bmc_call *call, const struct adb_board *b)
{
	char answer[64];
	struct bmc_error none;
	ssize_t n = adb_run(a, call, b, "id -u", answer, sizeof(answer), &none);

	return n > 0 && answer[0] == '0' && (answer[1] == '\r' || answer[1] == '\n');
}

int adb_become_root(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		    struct bmc_error *err)
{
	char said[100] = "";
	uint64_t transport;
	int code;

	if (is_root(a, call, b))
		return BMC_OK;
	(void)adb_state(a, b, &transport);
	code = ask(a, call, b, "root:", said, sizeof(said), err);
	if (code < 0 && code != BMC_EIO)
		return code;
	/* "restarting adbd as root", or why it does not */
	if (said[0] && !strstr(said, "restarting"))
		return bmc_fail(err, BMC_EPERM, "%s: adb: %s", b->id, said);
	code = wait_back(a, call, b, transport, err);
	if (code == BMC_OK && !is_root(a, call, b))
		return bmc_fail(err, BMC_EPERM, "%s: adb: its shell is not root",
				b->id);
	return code;
}

static int verb_root(void *self, struct bmc_call *call, const struct bmc_args *args,
		     struct bmc_error *err)
{
	struct adb_board *b;
	int code = target(self, call, &b, err);

	(void)args;
	return code < 0 ? code : adb_become_root(self, call, b, err);
}

int adb_remount(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		struct bmc_error *err)
{
	char said[100] = "";
	int code = ask(a, call, b, "remount:", said, sizeof(said), err);

	if (code == BMC_OK && !strstr(said, "remount succeeded"))
		return bmc_fail(err, BMC_EIO, "%s: adb: remount: %s", b->id,
				said[0] ? said : "no answer");
	return code;
}

static int verb_remount(void *self, struct bmc_call *call, const struct bmc_args *args,
			struct bmc_error *err)
{
	struct adb_board *b;
	int code = target(self, call, &b, err);

	(void)args;
	return code < 0 ? code : adb_remount(self, call, b, err);
}

const struct bmc_verb adb_verbs[] = {
	/* longer than the seed's 10 s, which are the recipe's */
	BMC_VERB("os_reboot", 0, 15000, verb_reboot),
	BMC_VERB("os_shutdown", BMC_VERB_REPEATABLE, 60000, verb_shutdown),
	BMC_VERB("usb_mode", 0, 15000, verb_mode),
	/* for rockusb, which does these for a board in its loader and asks here else */
	BMC_VERB("os_usb_mode", 0, 15000, verb_mode),
	BMC_VERB("vendor_set", BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 30000,
		 adb_vendor_set),
	BMC_VERB("os_vendor_set", BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 30000,
		 adb_vendor_set),
	BMC_VERB("watchdog", BMC_VERB_REPEATABLE, 30000, adb_watchdog),
	BMC_VERB("recovery", 0, 15000, verb_recovery),
	BMC_VERB("root", BMC_VERB_REPEATABLE, 30000, verb_root),
	BMC_VERB("remount", BMC_VERB_REPEATABLE, 30000, verb_remount),
	BMC_VERB("ipv4_static", BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 60000,
		 adb_set_address),
	{ .name = NULL },
};
