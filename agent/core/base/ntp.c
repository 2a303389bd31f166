// SPDX-License-Identifier: Apache-2.0
// What systemd-timesyncd reads in its files, see ntp.h. Read anew each time: the
// administrator's tools change them as well.
#include "core/base/ntp.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/util.h"

#define UNIT      "systemd-timesyncd.service"
#define FILES_MAX 64

/* systemd's folders: a file hides those of its name in the later ones. */
static const char *const places[] = { "/etc/systemd", "/run/systemd",
				      "/usr/local/lib/systemd", "/usr/lib/systemd" };
static const char *top = "";

void bmc_ntp_below(const char *folder)
{
	top = folder;
}

/* ---- names ---- */

/* RFC 1123; the last label is no number, or it would be an address. */
static bool host_name_ok(const char *name)
{
	size_t label = 0;
	bool number = true;

	for (; *name; name++) {
		bool edge = label == 0 || !name[1] || name[1] == '.';
		if (*name == '.'
			    ? label == 0
			    : !isalnum((unsigned char)*name) && (edge || *name != '-'))
			return false;
		number = *name == '.' || (number && isdigit((unsigned char)*name) != 0);
		label = *name == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && !number;
}

bool bmc_ntp_server_ok(const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (strnlen(name, BMC_NTP_NAME_MAX + 1) > BMC_NTP_NAME_MAX)
		return false;
	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1 || host_name_ok(name);
}

bool bmc_ntp_list_ok(const char *list)
{
	char name[BMC_NTP_NAME_MAX + 1];
	unsigned n = 0;

	for (size_t len; *list; list += len) {
		list += n > 0; /* the space */
		len = strcspn(list, " ");
		if (n++ == BMC_NTP_SERVERS_MAX || len >= sizeof(name))
			return false;
		memcpy(name, list, len);
		name[len] = '\0';
		if (!bmc_ntp_server_ok(name))
			return false;
	}
	return true;
}

/* ---- timesyncd.conf ---- */

static void take_servers(struct bmc_ntp *ntp, char *value)
{
	char *rest = NULL, *word = strtok_r(value, " \t", &rest);
	size_t used;

	if (!word) /* an empty value takes back all before it */
		ntp->servers[0] = '\0';
	for (; word; word = strtok_r(NULL, " \t", &rest)) {
		used = strlen(ntp->servers);
		if (!bmc_ntp_server_ok(word) ||
		    used + 1 + strlen(word) >= sizeof(ntp->servers)) {
			ntp->servers_known = false;
			return;
		}
		(void)snprintf(ntp->servers + used, sizeof(ntp->servers) - used, "%s%s",
			       used ? " " : "", word);
	}
}

/* Returns whether [Time] goes on. */
static bool take_line(struct bmc_ntp *ntp, char *line, bool in_time)
{
	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '[')
		return strncmp(line, "[Time]", 6) == 0;
	if (!in_time || strncmp(line, "NTP", 3) != 0)
		return in_time;
	line += 3 + strspn(line + 3, " \t");
	if (*line == '=')
		take_servers(ntp, line + 1);
	return true;
}

/* False: it is not there. */
static bool read_file(struct bmc_ntp *ntp, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[BMC_NTP_LIST_MAX + 64];
	bool in_time = false;

	if (!f) {
		ntp->servers_known = ntp->servers_known && errno == ENOENT;
		return errno != ENOENT;
	}
	for (int n = 0; n < 1000 && fgets(line, sizeof(line), f); n++)
		in_time = take_line(ntp, line, in_time);
	if (!feof(f))
		ntp->servers_known = false;
	(void)fclose(f);
	return true;
}

struct file {
	char name[NAME_MAX + 1];
	size_t place;
};

struct files {
	size_t n;
	struct file list[FILES_MAX];
	bool more;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void add(struct files *files, const char *name, size_t place)
{
	size_t len = strlen(name);

	if (len < 6 || strcmp(name + len - 5, ".conf") != 0 || name[0] == '.')
		return;
	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(files->list[i].name, name) == 0)
			return;
	}
	files->more = files->n == FILES_MAX;
	if (files->more)
		return;
	(void)bmc_copy(files->list[files->n].name, sizeof(files->list[0].name), name);
	files->list[files->n++].place = place;
}

static void find(struct files *files, size_t place)
{
	char path[PATH_MAX];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "%s%s/timesyncd.conf.d", top, places[place]);
	DIR *d = opendir(path);
	if (!d) {
		files->more = files->more || (errno != ENOENT && errno != ENOTDIR);
		return;
	}
	while (!files->more && (e = readdir(d)))
		add(files, e->d_name, place);
	(void)closedir(d);
}

static void read_servers(struct bmc_ntp *ntp)
{
	auto_free struct files *files = calloc(1, sizeof(*files));
	char path[PATH_MAX];
	bool found = false;

	if (!files)
		return;
	ntp->servers_known = true;
	for (size_t i = 0; i < ARRAY_SIZE(places) && !found; i++) {
		(void)snprintf(path, sizeof(path), "%s%s/timesyncd.conf", top,
			       places[i]);
		found = read_file(ntp, path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		find(files, i);
	qsort(files->list, files->n, sizeof(files->list[0]), by_name);
	for (size_t i = 0; i < files->n; i++) {
		(void)snprintf(path, sizeof(path), "%s%s/timesyncd.conf.d/%s", top,
			       places[files->list[i].place], files->list[i].name);
		(void)read_file(ntp, path);
	}
	ntp->servers_known = ntp->servers_known && !files->more;
}

/* ---- the unit ---- */

static bool there(const char *path)
{
	char whole[PATH_MAX];
	struct stat st;

	(void)snprintf(whole, sizeof(whole), "%s%s", top, path);
	return lstat(whole, &st) == 0;
}

static bool masked(void)
{
	char path[PATH_MAX], to[16] = "";

	(void)snprintf(path, sizeof(path), "%s/etc/systemd/system/" UNIT, top);
	return readlink(path, to, sizeof(to) - 1) > 0 && strcmp(to, "/dev/null") == 0;
}

bool bmc_ntp_here(void)
{
	/* sd_booted(3) */
	return there("/run/systemd/system") && there("/usr/lib/systemd/system/" UNIT);
}

void bmc_ntp_read(struct bmc_ntp *ret)
{
	*ret = (struct bmc_ntp){ .enabled = -1 };
	if (!bmc_ntp_here())
		return;
	ret->enabled =
		!masked() && there("/etc/systemd/system/sysinit.target.wants/" UNIT);
	read_servers(ret);
}
