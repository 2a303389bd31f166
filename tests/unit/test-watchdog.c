// SPDX-License-Identifier: Apache-2.0
/* The plugin `watchdog` against an emulated /dev/watchdog: umockdev answers its ioctls
 * and takes what is written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/watchdog.h>
#include <umockdev.h>

#include "below-umockdev.h"
#include "plugin-fixture.h"

extern const struct bmc_plugin bmc_plugin_watchdog;

#define NODE "/dev/watchdog0"

/* umockdev's thread drives it, the tests look. */
static struct {
	atomic_uint fed, letters;
	atomic_int timeout, pretimeout, round, options, boot, fail;
} dog;

struct emulator {
	UMockdevIoctlBase parent;
};
struct emulator_class {
	UMockdevIoctlBaseClass parent;
};
typedef struct emulator Emulator;
typedef struct emulator_class EmulatorClass;
GType emulator_get_type(void);
G_DEFINE_TYPE(Emulator, emulator, UMOCKDEV_TYPE_IOCTL_BASE)

static int answer(unsigned long request, void *data)
{
	int *number = data;

	switch (request) {
	case WDIOC_GETSUPPORT:
		((struct watchdog_info *)data)->options = (uint32_t)dog.options;
		return 0;
	case WDIOC_SETTIMEOUT:
		dog.timeout = *number = dog.round ? dog.round : *number;
		return 0;
	case WDIOC_GETTIMEOUT:
		*number = dog.timeout;
		return 0;
	case WDIOC_SETPRETIMEOUT:
		dog.pretimeout = *number;
		return 0;
	case WDIOC_GETBOOTSTATUS:
		*number = dog.boot;
		return 0;
	default:
		return ENOTTY;
	}
}

static int keep_alive(void)
{
	dog.fed += !dog.fail;
	return dog.fail;
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
	unsigned long request = umockdev_ioctl_client_get_request(client);
	UMockdevIoctlData *data = NULL;
	int e;

	(void)base;
	if (request == WDIOC_KEEPALIVE) { /* has no argument */
		e = keep_alive();
	} else {
		data = umockdev_ioctl_data_resolve(
			umockdev_ioctl_client_get_arg(client), 0, _IOC_SIZE(request),
			NULL);
		e = data ? answer(request, data->data) : EFAULT;
	}
	umockdev_ioctl_client_complete(client, e ? -1 : 0, e);
	if (data)
		umockdev_ioctl_data_unref(data);
	return TRUE;
}

/* The argument holds the bytes themselves. */
static gboolean handle_write(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
	const UMockdevIoctlData *data = umockdev_ioctl_client_get_arg(client);

	(void)base;
	dog.letters += data->data_len == 1 && data->data[0] == 'V';
	umockdev_ioctl_client_complete(client, 1, 0);
	return TRUE;
}

static void emulator_class_init(EmulatorClass *class)
{
	class->parent.handle_ioctl = handle_ioctl;
	class->parent.handle_write = handle_write;
}

static void emulator_init(Emulator *e)
{
	(void)e;
}

static UMockdevTestbed *make_testbed(void)
{
	UMockdevTestbed *bed = umockdev_testbed_new();

	assert_true(umockdev_testbed_add_from_string(
		bed,
		"P: /devices/platform/dw_wdt/watchdog/watchdog0\nN: watchdog0\n"
		"E: SUBSYSTEM=watchdog\nE: DEVNAME=" NODE "\nE: MAJOR=249\nE: MINOR=0\n"
		"A: dev=249:0\\n\n",
		NULL));
	assert_true(umockdev_testbed_attach_ioctl(
		bed, NODE, g_object_new(emulator_get_type(), NULL), NULL));
	return bed;
}

/* ---- the tests ---- */

static int setup(void **state)
{
	(void)state;
	memset(&dog, 0, sizeof(dog));
	dog.options = WDIOF_SETTIMEOUT | WDIOF_KEEPALIVEPING | WDIOF_MAGICCLOSE |
		      WDIOF_PRETIMEOUT;
	return 0;
}

static struct fixture *begin(const char *settings)
{
	return fixture_new(&(struct fixture_conf){
		&bmc_plugin_watchdog, "platform: test\nchassis: [{id: enclosure}]\n",
		settings });
}

static void it_is_started_with_its_times_and_fed_at_each_poll(void **state)
{
	struct fixture *r;

	(void)state;
	r = begin("{device: " NODE ", timeout: 30s, pretimeout: 10s}");
	assert_int_equal(dog.timeout, 0); /* not before the first poll */
	fixture_poll(r);
	assert_int_equal(dog.timeout, 30);
	assert_int_equal(dog.pretimeout, 10);
	assert_int_equal(dog.fed, 1);
	fixture_poll(r);
	fixture_poll(r);
	assert_int_equal(dog.fed, 3);
	fixture_free(r);
}

static void it_starves_while_the_daemon_does_not_work(void **state)
{
	struct fixture *r;

	(void)state;
	r = begin("{device: " NODE "}");
	fixture_poll(r);
	fixture_daemon(r, false);
	assert_int_equal(fixture_try_poll(r), BMC_EBUSY);
	assert_int_equal(fixture_try_poll(r), BMC_EBUSY);
	assert_int_equal(dog.fed, 1);
	fixture_daemon(r, true);
	fixture_poll(r);
	assert_int_equal(dog.fed, 2);
	fixture_free(r);
}

static void it_runs_on_at_the_end_unless_configured(void **state)
{
	struct fixture *r;

	(void)state;
	r = begin("{device: " NODE "}");
	fixture_poll(r);
	fixture_free(r);
	assert_int_equal(dog.letters, 0);
	r = begin("{device: " NODE ", stop: true}");
	fixture_poll(r);
	assert_int_equal(dog.letters, 0);
	fixture_free(r);
	assert_int_equal(dog.letters, 1);
	r = begin("{device: " NODE ", stop: true}"); /* it was never opened */
	fixture_free(r);
	assert_int_equal(dog.letters, 1);
}

static void what_the_driver_makes_of_it_is_said(void **state)
{
	struct fixture *r;

	(void)state;
	dog.round = 22;
	dog.options = WDIOF_SETTIMEOUT;
	dog.boot = WDIOF_CARDRESET;
	r = begin("{device: " NODE ", timeout: 30s, pretimeout: 10s}");
	fixture_poll(r);
	assert_true(fixture_logged(r, "its timeout is 22 s, not 30 s"));
	assert_true(fixture_logged(r, "no pretimeout"));
	assert_true(fixture_logged(r, "restarted by its watchdog"));
	assert_int_equal(dog.fed, 1);
	fixture_free(r);
}

static void a_device_that_fails_is_opened_again(void **state)
{
	struct fixture *r;

	(void)state;
	r = begin("{device: " NODE "}");
	fixture_poll(r);
	dog.fail = EIO;
	assert_int_equal(fixture_try_poll(r), BMC_EIO);
	dog.fail = 0;
	dog.timeout = 0;
	fixture_poll(r);
	assert_int_equal(dog.timeout, 60);
	assert_int_equal(dog.fed, 2);
	fixture_free(r);
	r = begin("{device: /dev/no-watchdog}");
	assert_int_equal(fixture_try_poll(r), BMC_ENOTFOUND);
	assert_non_null(strstr(fixture_error(r), "/dev/no-watchdog: "));
	fixture_free(r);
}

int main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(it_is_started_with_its_times_and_fed_at_each_poll),
		T(it_starves_while_the_daemon_does_not_work),
		T(it_runs_on_at_the_end_unless_configured),
		T(what_the_driver_makes_of_it_is_said),
		T(a_device_that_fails_is_opened_again),
	};

	(void)argc;
	if (!below_umockdev(argv, "WATCHDOG_WRAPPED", false))
		return 0;
	UMockdevTestbed *bed = make_testbed();
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	g_object_unref(bed);
	return r;
}
