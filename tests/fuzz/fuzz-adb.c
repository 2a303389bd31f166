// SPDX-License-Identifier: Apache-2.0
// Fuzz target: what boards and the adb server send. Input: a byte that says which, then
// the bytes. Whatever they are, what is taken over is bounded, printable and in range.
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

/* the plugin's own header needs nothing of the core */
#include "../../plugins/adb/adb.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_text(const char *text, size_t size)
{
	size_t n = strnlen(text, size);

	require(n < size);
	for (size_t i = 0; i < n; i++)
		require(text[i] >= ' ' && text[i] < 0x7f);
}

/* ---- the list of devices ---- */

static void device(void *arg, const struct adb_device *d)
{
	unsigned *n = arg;

	(*n)++;
	require(strnlen(d->where, sizeof(d->where)) < sizeof(d->where));
	require(d->where[0] || d->transport);
	require(d->state >= BMC_ADB_NONE && d->state <= BMC_ADB_RECOVERY);
}

static void list(const uint8_t *data, size_t size)
{
	unsigned n = 0;

	adb_list_parse((const char *)data, size, device, &n);
	require(n <= size + 1);
}

/* ---- a probe's answer ---- */

static void nic(const struct adb_nic *n)
{
	struct in_addr in;

	require(n->name[0] && n->name[0] != '-' && n->name[0] != '.');
	require_text(n->name, sizeof(n->name));
	require(!strpbrk(n->name, " ;$`'\"\\/&|"));
	require_text(n->mac, sizeof(n->mac));
	require(!n->ipv4[0] || inet_pton(AF_INET, n->ipv4, &in) == 1);
	require(!n->gateway[0] || inet_pton(AF_INET, n->gateway, &in) == 1);
	require(n->speed == BMC_UNKNOWN || (n->speed > 0 && n->speed <= 1000000));
	require(n->ipv6_prefix == BMC_UNKNOWN ||
		(n->ipv6_prefix >= 0 && n->ipv6_prefix <= 128));
	require(n->rx_bytes == BMC_UNKNOWN || n->rx_bytes >= 0);
}

static void facts(const uint8_t *data, size_t size)
{
	static struct adb_facts f;

	adb_facts_parse((const char *)data, size, &f);
	require_text(f.os_version, sizeof(f.os_version));
	require_text(f.hw_version, sizeof(f.hw_version));
	require_text(f.serial, sizeof(f.serial));
	require_text(f.model, sizeof(f.model));
	require_text(f.kernel, sizeof(f.kernel));
	require_text(f.hostname, sizeof(f.hostname));
	require_text(f.cpu_model, sizeof(f.cpu_model));
	require_text(f.architecture, sizeof(f.architecture));
	require_text(f.dns[0], sizeof(f.dns[0]));
	require(f.os >= BMC_OS_UNKNOWN && f.os <= BMC_OS_LINUX);
	require(f.cpu_busy <= f.cpu_total);
	require(f.memory_used == BMC_UNKNOWN || f.memory_used >= 0);
	require(f.storage_bytes == BMC_UNKNOWN || f.storage_bytes > 0);
	require(f.uptime == BMC_UNKNOWN || f.uptime >= 0);
	require(f.n_nics <= ADB_NICS_MAX);
	for (size_t i = 0; i < f.n_nics; i++)
		nic(&f.nics[i]);
}

/* ---- the server's answers ---- */

static int64_t now(void)
{
	return 1;
}

static int no_wait(struct bmc_host *host, int fd, short events, int64_t ms)
{
	(void)host;
	(void)fd;
	(void)events;
	(void)ms;
	return BMC_ETIMEDOUT;
}

/* What a request, a block and the rest make of the bytes of a server that then ends. */
static void server(const uint8_t *data, size_t size)
{
	static const struct bmc_host_ops ops = { .now = now, .wait = no_wait };
	static char buf[ADB_LIST_MAX + 1];
	struct adb a = { .ops = &ops, .address = "127.0.0.1", .port = 1 };
	struct adb_link l = { .adb = &a, .until = 2 };
	struct bmc_error err = { 0 };
	int ends[2];

	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	size = size < 65536 ? size : 65536;
	require(send(ends[1], data, size, 0) == (ssize_t)size || !size);
	require(shutdown(ends[1], SHUT_WR) == 0);
	l.fd = ends[0];
	if (adb_request(&l, &err, "host:devices-l") == BMC_OK) {
		ssize_t n = adb_block(&l, buf, &err);
		if (n >= 0) {
			require(n <= ADB_LIST_MAX && buf[n] == '\0');
			list((const uint8_t *)buf, (size_t)n);
			(void)adb_all(&l, buf, 1000, &err);
		}
	}
	if (err.what[0])
		require_text(err.what, sizeof(err.what));
	adb_close(&l);
	(void)close(ends[1]);
}

unsigned fuzz_variants = 1000; /* more than 10,000 of all seeds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 3) {
	case 0:
		list(data + 1, size - 1);
		break;
	case 1:
		facts(data + 1, size - 1);
		break;
	default:
		server(data + 1, size - 1);
		break;
	}
	return 0;
}
