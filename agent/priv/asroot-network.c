// SPDX-License-Identifier: Apache-2.0
// The static address of an interface, through systemd-networkd: one file of its own for
// each interface in /etc/systemd/network, which sorts before the administrator's. The
// helper needs no right on the network for it. Needs `helper.system: allow`.
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/util.h"
#include "priv/helper.h"
#include "priv/run.h"

#define FOLDER "/etc/systemd/network"

/* As the kernel's dev_valid_name(), and what a file's name and networkd's [Match] take
 * as it is. */
static bool interface_ok(const char name[PRIV_INTERFACE_MAX])
{
	if (!priv_text_ends(name, PRIV_INTERFACE_MAX) ||
	    !isalpha((unsigned char)name[0]) || strcmp(name, "lo") == 0)
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && !strchr("_.-", *name))
			return false;
	}
	return true;
}

/* IPv4 only: that of a host in a unicast network. */
static int check_address(const struct priv_address *a, struct bmc_error *err)
{
	uint32_t ip = ntohl(a->address), gateway = ntohl(a->gateway);
	uint32_t mask =
		a->prefix >= 1 && a->prefix <= 32 ? UINT32_MAX << (32 - a->prefix) : 0;

	if (a->prefix < 1 || a->prefix > 32)
		return bmc_fail(err, BMC_ERANGE, "a prefix has 1 to 32 bits");
	if (ip >> 24 == 0 || ip >> 24 == 127 || ip >> 24 >= 224)
		return bmc_fail(err, BMC_EINVAL, "no address of a host");
	if (a->prefix < 31 && ((ip & ~mask) == 0 || (ip & ~mask) == ~mask))
		return bmc_fail(err, BMC_EINVAL,
				"the first and the last address of a network are no "
				"host's");
	if (gateway != 0 && ((gateway ^ ip) & mask || gateway == ip))
		return bmc_fail(err, BMC_EINVAL,
				"the gateway is not another host of the same network");
	return 0;
}

int priv_write_text(const char *path, const char *text)
{
	auto_fd int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, 0644) < 0)
		return -1;
	return fsync(fd);
}

static void describe(const struct priv_address *a, char *text, size_t size)
{
	char ip[INET_ADDRSTRLEN], gateway[INET_ADDRSTRLEN], line[64] = "";

	(void)inet_ntop(AF_INET, &a->address, ip, sizeof(ip));
	(void)inet_ntop(AF_INET, &a->gateway, gateway, sizeof(gateway));
	if (a->gateway)
		(void)snprintf(line, sizeof(line), "Gateway=%s\n", gateway);
	(void)snprintf(text, size,
		       "# Written by clusterbmc-priv.\n[Match]\nName=%s\n\n"
		       "[Network]\nAddress=%s/%u\n%s",
		       a->interface, ip, a->prefix, line);
}

static int apply(const char *interface, struct bmc_error *err)
{
	const char *const reload[] = { "/usr/bin/networkctl", "reload", NULL };
	const char *const reconfigure[] = { "/usr/bin/networkctl", "reconfigure",
					    interface, NULL };
	int r = priv_run(reload, err);

	return r < 0 ? r : priv_run(reconfigure, err);
}

/* The file of before comes back when networkd does not take the new one. */
static int replace(const struct priv_address *a, const char *path,
		   struct bmc_error *err)
{
	char fresh[96], old[96], text[256];

	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)snprintf(old, sizeof(old), "%s.old", path);
	(void)unlink(old);
	bool had = link(path, old) == 0;
	describe(a, text, sizeof(text));
	int r = a->automatic ? unlink(path) < 0 && errno != ENOENT ? -1 : 0
			     : priv_write_text(fresh, text);
	if (r == 0 && !a->automatic)
		r = rename(fresh, path);
	if (r < 0) {
		int e = errno;
		(void)unlink(fresh);
		(void)unlink(old);
		return bmc_fail(err, bmc_from_errno(e), "%s: %s", path, strerror(e));
	}
	r = apply(a->interface, err);
	if (r == 0 || !had) {
		if (r < 0)
			(void)unlink(path);
		(void)unlink(old);
	} else {
		(void)rename(old, path);
	}
	if (r < 0)
		(void)apply(a->interface, NULL);
	return r;
}

int asroot_address(struct priv_helper *h, const struct priv_request *rq,
		   struct priv_reply *rp)
{
	const struct priv_address *a = &rq->u.address;
	char path[80];
	int r = priv_system_allowed(h, &rp->err);

	if (r < 0)
		return r;
	if (!interface_ok(a->interface))
		return bmc_fail(&rp->err, BMC_EINVAL, "no such interface");
	if (a->automatic > 1)
		return bmc_fail(&rp->err, BMC_EINVAL,
				"an address is automatic (1) or static (0)");
	r = a->automatic ? 0 : check_address(a, &rp->err);
	if (r < 0)
		return r;
	if (access("/usr/bin/networkctl", X_OK) < 0 || access(FOLDER, W_OK) < 0)
		return bmc_fail(
			&rp->err, BMC_ENOTSUP,
			"the network is not systemd-networkd's here: use the tools of "
			"what it is");
	(void)snprintf(path, sizeof(path), FOLDER "/05-clusterbmc-%s.network",
		       a->interface);
	return replace(a, path, &rp->err);
}
