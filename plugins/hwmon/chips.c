// SPDX-License-Identifier: Apache-2.0
/* Which chips there are: /sys/class/hwmon and /sys/bus/w1/devices. A number (hwmon3)
 * means nothing: the device's path below /sys/devices, to which the class's link
 * points, is what a chip is. Called by poll. */
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "hwmon.h"

#define HWMON_CLASS "/sys/class/hwmon"
#define W1_DEVICES  "/sys/bus/w1/devices"

/* "../../devices/platform/fan/hwmon/hwmon3" is "platform/fan". */
static void take_device(struct hwmon_chip *c, const char *link)
{
	const char *from = strstr(link, "devices/");
	char own[48];
	size_t len, n;

	from = from ? from + strlen("devices/") : link;
	len = strlen(from);
	n = (size_t)snprintf(own, sizeof(own), "/hwmon/%s", c->entry);
	if (len > n && strcmp(from + len - n, own) == 0)
		len -= n;
	(void)snprintf(c->device, sizeof(c->device), "%.*s",
		       (int)(len < sizeof(c->device) ? len : sizeof(c->device) - 1),
		       from);
}

static void take_name(struct hwmon_chip *c)
{
	char path[HWMON_PATH_MAX], buf[64];

	if (!hwmon_chip_attribute(c, "name", path) ||
	    hwmon_slurp(path, buf, sizeof(buf)) < 0)
		return;
	hwmon_clean(buf);
	(void)snprintf(c->name, sizeof(c->name), "%.31s", buf);
}

static bool is_ours(const char *entry, bool w1)
{
	return w1 ? strlen(entry) > 3 && entry[2] == '-'
		  : strncmp(entry, "hwmon", 5) == 0;
}

static const struct hwmon_chip *same(const struct hwmon_chips *chips,
				     const struct hwmon_chip *c)
{
	for (size_t i = 0; i < chips->n; i++) {
		const struct hwmon_chip *o = &chips->list[i];

		if (o->w1 == c->w1 && strcmp(o->entry, c->entry) == 0 &&
		    strcmp(o->device, c->device) == 0)
			return o;
	}
	return NULL;
}

/* A chip whose name could not be read yet is asked again. */
static void add(struct hwmon_chips *now, const struct hwmon_chips *before,
		const char *folder, const char *entry, bool w1)
{
	struct hwmon_chip *c = &now->list[now->n];
	const struct hwmon_chip *known;
	char path[HWMON_PATH_MAX], link[256];
	ssize_t n;

	if (now->n == HWMON_CHIPS_MAX || strlen(entry) >= sizeof(c->entry))
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, entry);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return;
	link[n] = '\0';
	*c = (struct hwmon_chip){ .w1 = w1 };
	(void)snprintf(c->entry, sizeof(c->entry), "%s", entry);
	take_device(c, link);
	known = same(before, c);
	if (known && known->name[0])
		*c = *known;
	else if (!w1)
		take_name(c);
	now->n++;
}

static void list(struct hwmon_chips *now, const struct hwmon_chips *before,
		 const char *folder, bool w1)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		if (is_ours(e->d_name, w1))
			add(now, before, folder, e->d_name, w1);
	}
	if (d)
		(void)closedir(d);
}

static int by_entry(const void *a, const void *b)
{
	const struct hwmon_chip *x = a, *y = b;

	return x->w1 != y->w1 ? x->w1 - y->w1 : strverscmp(x->entry, y->entry);
}

bool hwmon_chips_scan(struct hwmon_chips *chips)
{
	struct hwmon_chips *now = calloc(1, sizeof(*now));
	bool changed;

	if (!now)
		return false;
	list(now, chips, HWMON_CLASS, false);
	list(now, chips, W1_DEVICES, true);
	qsort(now->list, now->n, sizeof(now->list[0]), by_entry);
	changed = now->n != chips->n ||
		  memcmp(now->list, chips->list, now->n * sizeof(now->list[0])) != 0;
	if (changed)
		*chips = *now;
	free(now);
	return changed;
}

bool hwmon_chip_attribute(const struct hwmon_chip *c, const char *attribute,
			  char ret[HWMON_PATH_MAX])
{
	static const char *const folders[] = { "", "device/" };

	if (c->w1) {
		(void)snprintf(ret, HWMON_PATH_MAX, "%s/%s/%s", W1_DEVICES, c->entry,
			       attribute);
		return access(ret, F_OK) == 0;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(ret, HWMON_PATH_MAX, "%s/%s/%s%s", HWMON_CLASS, c->entry,
			       folders[i], attribute);
		if (access(ret, F_OK) == 0)
			return true;
	}
	return false;
}

bool hwmon_path_is(const char *path, const char *glob)
{
	for (; path; path = strchr(path, '/')) {
		path += *path == '/';
		if (fnmatch(glob, path, 0) == 0)
			return true;
	}
	return false;
}
