// SPDX-License-Identifier: Apache-2.0
/* The engine id and the count of starts, in one file below the state folder. Called
 * once by the engine's init. */
#include "snmp/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/util.h"

#define FILE_NAME "engine"
#define BOOTS_MAX                                                          \
	INT32_MAX /* RFC 3414: stays there; the engine needs a new id then \
		   */

static size_t from_hex(const char *text, unsigned char *ret, size_t size)
{
	size_t n = 0;

	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	for (; n < size && text[0] && text[1]; text += 2, n++) {
		if (sscanf(text, "%2hhx", &ret[n]) != 1)
			return 0;
	}
	return *text ? 0 : n;
}

/* RFC 3411, SnmpEngineID: enterprise with the top bit set, 5 = octets, and up to 27 of
 * them. */
static void make_id(const struct sn_identity_seed *seed, struct sn_identity *ret)
{
	for (int i = 0; i < 4; i++)
		ret->id[i] = (unsigned char)(seed->enterprise >> (24 - 8 * i));
	ret->id[0] |= 0x80;
	size_t n = seed->unique ? MIN(strlen(seed->unique), SN_ENGINE_ID_MAX - 5u) : 0;
	ret->id[4] = n ? 4 : 5; /* 4: text */
	if (n)
		memcpy(ret->id + 5, seed->unique, n);
	else
		bmc_random(ret->id + 5, n = 12);
	ret->len = 5 + n;
}

static bool read_file(int dir, struct sn_identity *ret)
{
	char text[256], hex[2 * SN_ENGINE_ID_MAX + 1];
	auto_fd int fd = openat(dir, FILE_NAME, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	if (sscanf(text, "id %64[0-9a-f]\nboots %u\n", hex, &ret->boots) != 2)
		return false;
	ret->len = from_hex(hex, ret->id, sizeof(ret->id));
	return ret->len >= 5;
}

static int write_all(int dir, const char *text, size_t len)
{
	(void)unlinkat(dir, FILE_NAME ".new", 0); /* whatever it is */
	auto_fd int fd = openat(dir, FILE_NAME ".new",
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fsync(fd) < 0)
		return -errno;
	if (renameat(dir, FILE_NAME ".new", dir, FILE_NAME) < 0 || fsync(dir) < 0)
		return -errno;
	return 0;
}

static int write_file(int dir, const struct sn_identity *id, struct bmc_error *err)
{
	char hex[2 * SN_ENGINE_ID_MAX + 1] = "", text[256];

	bmc_hex(id->id, id->len, hex);
	int n = snprintf(text, sizeof(text), "id %s\nboots %u\n", hex, id->boots);
	int r = write_all(dir, text, (size_t)n);
	if (r < 0)
		return bmc_fail(
			err, BMC_EIO,
			"SNMP engine: its count of starts could not be kept: %s",
			strerror(-r));
	return 0;
}

int sn_identity_load(const char *dir, const struct sn_identity_seed *seed,
		     struct sn_identity *ret, struct bmc_error *err)
{
	struct sn_identity kept = { 0 }, wanted = { 0 };
	const char *configured = seed->configured ? seed->configured : "";
	auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	wanted.len = from_hex(configured, wanted.id, sizeof(wanted.id));
	if (*configured && (wanted.len < 5 || wanted.len > SN_ENGINE_ID_MAX))
		return bmc_fail(
			err, BMC_EINVAL,
			"snmp.engine_id: 5 to 32 octets as hex digits are wanted");
	bool known = fd >= 0 && read_file(fd, &kept);
	if (!wanted.len && known)
		wanted = kept;
	else if (!wanted.len)
		make_id(seed, &wanted);
	bool same = known && kept.len == wanted.len &&
		    memcmp(kept.id, wanted.id, kept.len) == 0;
	wanted.boots = same ? kept.boots : 0;
	wanted.boots = wanted.boots < BOOTS_MAX ? wanted.boots + 1 : BOOTS_MAX;
	*ret = wanted;
	if (fd < 0)
		return bmc_fail(err, BMC_EIO, "%s: %s", dir, strerror(errno));
	return write_file(fd, ret, err);
}
