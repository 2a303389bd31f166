// SPDX-License-Identifier: Apache-2.0
// The file of roles, see roles-store.h. It has two places, each with a number and a
// keyed hash: the older one is written over, so a power cut leaves the former roles.
#include "priv/roles-store.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/map.h"
#include "priv/names.h"

#define MAC_SIZE 32

struct place {
	uint64_t number;
	uint32_t n, reserved;
	struct priv_role_args role[PRIV_ROLES_MAX];
	uint8_t mac[MAC_SIZE]; /* of all before it */
};

static int open_file(const struct priv_settings *s, struct bmc_error *err)
{
	char path[PATH_MAX + 16];
	bool is_new;

	(void)snprintf(path, sizeof(path), "%s/helper.roles", s->state_dir);
	return priv_open_fixed(path, 2 * sizeof(struct place), (uid_t)-1, &is_new, err);
}

static bool make_mac(const struct priv_settings *s, const struct place *p,
		     uint8_t mac[MAC_SIZE])
{
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, s->stamp_key, sizeof(s->stamp_key),
				p, offsetof(struct place, mac), mac) == 0;
}

static bool role_ok(const struct priv_role_args *r)
{
	return priv_role_ok(r->role) && !priv_role_is_own(r->role) &&
	       r->privileges <= BMC_PRIV_ALL;
}

static bool is_good(const struct priv_settings *s, const struct place *p)
{
	uint8_t mac[MAC_SIZE];

	if (p->number == 0 || p->n > PRIV_ROLES_MAX || !make_mac(s, p, mac) ||
	    memcmp(mac, p->mac, sizeof(mac)) != 0)
		return false;
	for (uint32_t i = 0; i < p->n; i++) {
		if (!role_ok(&p->role[i]))
			return false;
	}
	return true;
}

/* The place with the highest number that is good; *ret is all zero without one.
 * Returns its index, or -1. */
static int newest(const struct priv_settings *s, int fd, struct place *ret)
{
	struct place p;
	int at = -1;

	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < 2; i++) {
		if (pread(fd, &p, sizeof(p), i * (off_t)sizeof(p)) !=
			    (ssize_t)sizeof(p) ||
		    !is_good(s, &p) || p.number <= ret->number)
			continue;
		*ret = p;
		at = i;
	}
	return at;
}

size_t priv_roles_load(const struct priv_settings *s,
		       struct priv_role_args ret[PRIV_ROLES_MAX])
{
	struct bmc_error err = { 0 };
	struct place p;
	auto_fd int fd = open_file(s, &err);

	if (fd < 0) {
		log_limited(LOG_WARNING, "roles: %s", err.what);
		return 0;
	}
	if (newest(s, fd, &p) < 0)
		return 0;
	memcpy(ret, p.role, p.n * sizeof(p.role[0]));
	return p.n;
}

bool priv_roles_find(const struct priv_settings *s, const char *role,
		     struct priv_role_args *ret)
{
	struct priv_role_args all[PRIV_ROLES_MAX];
	size_t n = priv_roles_load(s, all);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].role, role) == 0) {
			*ret = all[i];
			return true;
		}
	}
	return false;
}

int priv_roles_save(const struct priv_settings *s, const struct priv_role_args *roles,
		    size_t n, struct bmc_error *err)
{
	struct place was, p = { .n = (uint32_t)n };
	auto_fd int fd = open_file(s, err);

	if (fd < 0)
		return fd;
	int at = newest(s, fd, &was) == 0 ? 1 : 0;
	p.number = was.number + 1;
	memcpy(p.role, roles, n * sizeof(*roles));
	if (!make_mac(s, &p, p.mac))
		return bmc_fail(err, BMC_EIO, "no HMAC");
	if (pwrite(fd, &p, sizeof(p), at * (off_t)sizeof(p)) != (ssize_t)sizeof(p) ||
	    fdatasync(fd) < 0)
		return bmc_fail(err, bmc_from_errno(errno),
				"the roles can't be "
				"written: %s",
				strerror(errno));
	return 0;
}
