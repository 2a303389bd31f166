// SPDX-License-Identifier: Apache-2.0
/* The topology of the emulated USB world, and the lines that change it (usb-world.h).
 * One thread runs them in their order, also those that a model posts. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "usb-own.h"

/* ---- devices ---- */

struct usb_dev *usb_dev_find(struct usb_world *w, const char *path)
{
	for (struct usb_dev *d = w->devs; d; d = d->next) {
		if (!d->gone && strcmp(d->path, path) == 0)
			return d;
	}
	return NULL;
}

static bool is_root(const char *path)
{
	return strncmp(path, "usb", 3) == 0;
}

static unsigned bus_of(const char *path)
{
	return (unsigned)strtoul(path + (is_root(path) ? 3 : 0), NULL, 10);
}

static void parent_of(const char *path, char ret[PATH_LEN])
{
	const char *dot = strrchr(path, '.');

	if (dot)
		(void)snprintf(ret, PATH_LEN, "%.*s", (int)(dot - path), path);
	else
		(void)snprintf(ret, PATH_LEN, "usb%u", bus_of(path));
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	if (is_root(top))
		return bus_of(top) == bus_of(path);
	return strcmp(path, top) == 0 ||
	       (strncmp(path, top, len) == 0 && path[len] == '.');
}

/* Numbers are given in turn, as the kernel does. */
static unsigned number_for(struct usb_world *w, unsigned bus)
{
	for (unsigned i = 0; i < 127; i++) {
		unsigned n = w->last[bus] % 127 + 1;
		bool taken = false;

		w->last[bus] = n;
		for (const struct usb_dev *d = w->devs; d; d = d->next)
			taken |= !d->gone && d->bus == bus && d->number == n;
		if (!taken)
			return n;
	}
	return 0;
}

static void append_descriptors(const struct usb_dev *d, GString *text)
{
	for (size_t i = 0; i < d->desc_len; i++)
		g_string_append_printf(text, "%02X", d->desc[i]);
}

static void describe(const struct usb_dev *d, GString *text, const char *parent_sys)
{
	char serial[128], product[128];

	usb_word(d->spec, "serial", serial, sizeof(serial));
	usb_word(d->spec, "product", product, sizeof(product));
	g_string_printf(text, "P: %s/%s\nN: bus/usb/%03u/%03u=", parent_sys, d->path,
			d->bus, d->number);
	append_descriptors(d, text);
	g_string_append(text, "\n");
	g_string_append_printf(
		text,
		"E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=%s\n"
		"E: BUSNUM=%03u\nE: DEVNUM=%03u\nE: MAJOR=189\nE: MINOR=%u\n",
		d->node, d->bus, d->number, (d->bus - 1) * 128 + d->number - 1);
	g_string_append_printf(text,
			       "A: busnum=%u\\n\nA: devnum=%u\\n\nA: speed=480\\n\n"
			       "A: bConfigurationValue=1\\n\nA: dev=189:%u\\n\n",
			       d->bus, d->number, (d->bus - 1) * 128 + d->number - 1);
	if (*serial)
		g_string_append_printf(text, "A: serial=%s\\n\n", serial);
	if (*product)
		g_string_append_printf(text, "A: product=%s\\n\n", product);
	g_string_append(text, "H: descriptors=");
	append_descriptors(d, text);
	g_string_append(text, "\n\n");
}

/* umockdev sends an event to each socket that has this name, also by itself when a
 * device is added. */
static void hide(int dir, const char *name, bool off)
{
	char other[300];

	if (off && strncmp(name, "event", 5) == 0)
		(void)snprintf(other, sizeof(other), "hidden-%s", name);
	else if (!off && strncmp(name, "hidden-", 7) == 0)
		(void)snprintf(other, sizeof(other), "%s", name + 7);
	else
		return;
	(void)renameat(dir, name, dir, other);
}

static void hide_all(struct usb_world *w, bool off)
{
	char *root = umockdev_testbed_get_root_dir(w->bed);
	DIR *dir = opendir(root);
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		hide(dirfd(dir), e->d_name, off);
	if (dir)
		(void)closedir(dir);
	g_free(root);
}

/* The program may run as another user: only the device's node has rights to check. */
static void let_all_in(UMockdevTestbed *bed, const char *below)
{
	char *root = umockdev_testbed_get_root_dir(bed);
	char path[400];

	(void)snprintf(path, sizeof(path), "%.200s%.100s", root, below);
	(void)chmod(path, 0777);
	g_free(root);
}

/* Before its node is there: who opens that meanwhile finds a socket that does not
 * listen yet, for which umockdev's library ends the program. */
static void attach(struct usb_world *w, struct usb_dev *d)
{
	UMockdevIoctlBase *fs = usb_fs_new(d);
	char socket[PATH_LEN + 16];
	GError *error = NULL;

	(void)umockdev_testbed_detach_ioctl(w->bed, d->node, NULL);
	if (!umockdev_testbed_attach_ioctl(w->bed, d->node, fs, &error)) {
		(void)fprintf(stderr, "usb world: %s\n", error->message);
		g_clear_error(&error);
	}
	g_object_unref(fs);
	(void)snprintf(socket, sizeof(socket), "/ioctl%s", d->node);
	let_all_in(w->bed, socket);
}

static int enter(struct usb_world *w, struct usb_dev *d)
{
	GString *text = g_string_new(NULL);
	char up[PATH_LEN];
	const struct usb_dev *parent = NULL;
	GError *error = NULL;

	if (!is_root(d->path)) {
		parent_of(d->path, up);
		parent = usb_dev_find(w, up);
	}
	describe(d, text,
		 parent ? parent->sys + strlen("/sys") : "/devices/platform/hc");
	(void)snprintf(d->sys, sizeof(d->sys), "%.300s/%s",
		       parent ? parent->sys : "/sys/devices/platform/hc", d->path);
	attach(w, d);
	hide_all(w, true);
	if (!umockdev_testbed_add_from_string(w->bed, text->str, &error)) {
		(void)fprintf(stderr, "usb world: %s\n", error->message);
		g_clear_error(&error);
		g_string_free(text, TRUE);
		return -EINVAL;
	}
	g_string_free(text, TRUE);
	let_all_in(w->bed, d->node);
	hide_all(w, w->quiet);
	if (!w->quiet)
		umockdev_testbed_uevent(w->bed, d->sys, "add");
	return 0;
}

static int enter_new(struct usb_world *w, struct usb_dev *d)
{
	d->world = w;
	d->bus = bus_of(d->path);
	if (!d->bus || d->bus >= sizeof(w->last) / sizeof(w->last[0])) {
		free(d);
		return -EINVAL;
	}
	d->number = number_for(w, d->bus);
	(void)snprintf(d->node, sizeof(d->node), "/dev/bus/usb/%03u/%03u", d->bus,
		       d->number);
	(void)pthread_mutex_lock(&w->lock);
	d->next = w->devs;
	w->devs = d;
	(void)pthread_mutex_unlock(&w->lock);
	return enter(w, d);
}

static struct usb_dev *dev_new(const char *path, const char *mode, const char *spec)
{
	struct usb_dev *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	(void)snprintf(d->path, sizeof(d->path), "%s", path);
	(void)snprintf(d->mode, sizeof(d->mode), "%s", mode);
	(void)snprintf(d->spec, sizeof(d->spec), "%s", spec);
	return d;
}

static int plug(struct usb_world *w, const char *path, const char *mode,
		const char *spec);

static int make_way(struct usb_world *w, const char *path)
{
	char up[PATH_LEN];

	if (is_root(path))
		return 0;
	parent_of(path, up);
	return usb_dev_find(w, up)
		       ? 0
		       : plug(w, up, "hub", is_root(up) ? "15 none" : "7 individual");
}

static int plug(struct usb_world *w, const char *path, const char *mode,
		const char *spec)
{
	struct usb_dev *d;
	int code;

	if (usb_dev_find(w, path))
		return -EEXIST;
	code = make_way(w, path);
	if (code < 0)
		return code;
	d = dev_new(path, mode, spec);
	if (usb_desc_make(d, spec) < 0) {
		free(d);
		return -EINVAL;
	}
	usb_model_make(d, spec);
	return enter_new(w, d);
}

static void leave_one(struct usb_world *w, struct usb_dev *d)
{
	umockdev_testbed_uevent(w->bed, d->sys, "remove");
	umockdev_testbed_remove_device(w->bed, d->sys);
	(void)pthread_mutex_lock(&w->lock);
	d->gone = true;
	usb_fs_gone(d);
	if (d->ops && d->ops->done)
		d->ops->done(d->model);
	d->ops = NULL;
	(void)pthread_mutex_unlock(&w->lock);
}

/* The leaves first, as the kernel reports them. */
static int unplug(struct usb_world *w, const char *top, bool cut)
{
	int n = 0;

	for (struct usb_dev *deepest;; n++) {
		deepest = NULL;
		for (struct usb_dev *d = w->devs; d; d = d->next) {
			if (!d->gone && is_below(d->path, top) &&
			    (!deepest || strlen(d->path) > strlen(deepest->path)))
				deepest = d;
		}
		if (!deepest)
			return n ? 0 : -ENODEV;
		leave_one(w, deepest);
		deepest->cut = cut;
	}
}

/* ---- commands ---- */

static int do_plug(struct usb_world *w, const char *path, char *rest)
{
	char mode[16] = "";
	int used = 0;

	(void)sscanf(rest, "%15s%n", mode, &used);
	return plug(w, path, mode, rest + used + (rest[used] == ' '));
}

static int do_hub(struct usb_world *w, const char *path, char *rest)
{
	return plug(w, path, "hub", rest);
}

static int do_unplug(struct usb_world *w, const char *path, char *rest)
{
	(void)rest;
	return unplug(w, path, false);
}

static int do_mode(struct usb_world *w, const char *path, char *rest)
{
	struct usb_dev *d = usb_dev_find(w, path);
	char spec[sizeof(d->spec)];

	if (!d)
		return -ENODEV;
	(void)snprintf(spec, sizeof(spec), "%s", d->spec);
	(void)unplug(w, path, false);
	return plug(w, path, rest, spec);
}

static int do_raw(struct usb_world *w, const char *path, char *rest)
{
	struct usb_dev *d;
	unsigned byte;

	if (usb_dev_find(w, path))
		return -EEXIST;
	if (make_way(w, path) < 0)
		return -EINVAL;
	d = dev_new(path, "raw", "");
	for (; d->desc_len < DESC_MAX && sscanf(rest, "%2x", &byte) == 1; rest += 2)
		d->desc[d->desc_len++] = (unsigned char)byte;
	return enter_new(w, d);
}

static int do_fault(struct usb_world *w, const char *path, char *rest)
{
	static const char *const words[] = { "none",  "hang",  "eio",
					     "nodev", "stall", "noaccess" };
	struct usb_dev *d = usb_dev_find(w, path);
	char *root = umockdev_testbed_get_root_dir(w->bed), node[300];

	if (d)
		(void)snprintf(node, sizeof(node), "%s%s", root, d->node);
	g_free(root);
	for (unsigned i = 0; d && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(rest, words[i]) != 0)
			continue;
		(void)pthread_mutex_lock(&w->lock);
		d->fault = i;
		(void)pthread_mutex_unlock(&w->lock);
		(void)chmod(node, i == FAULT_NOACCESS ? 0 : 0666);
		return 0;
	}
	return d ? -EINVAL : -ENODEV;
}

static int do_option(struct usb_world *w, const char *path, char *rest)
{
	struct usb_dev *d = usb_dev_find(w, path);

	if (!d)
		return -ENODEV;
	return d->ops && d->ops->option ? d->ops->option(d->model, rest) : -EINVAL;
}

static int do_memory(struct usb_world *w, const char *bytes, char *rest)
{
	(void)rest;
	w->memory = strtoul(bytes, NULL, 10);
	return 0;
}

static int do_events(struct usb_world *w, const char *path, char *rest)
{
	(void)rest;
	w->quiet = strcmp(path, "off") == 0;
	hide_all(w, w->quiet);
	return 0;
}

/* What had power from there comes back, the hubs first. */
static int plug_again(struct usb_world *w, const char *top)
{
	for (;;) {
		struct usb_dev *first = NULL;

		for (struct usb_dev *d = w->devs; d; d = d->next) {
			if (d->cut && is_below(d->path, top) &&
			    (!first || strlen(d->path) < strlen(first->path)))
				first = d;
		}
		if (!first)
			return 0;
		first->cut = false;
		(void)plug(w, first->path, first->mode, first->spec);
	}
}

static int do_power(struct usb_world *w, const char *path, char *rest)
{
	char top[PATH_LEN], word[8] = "";
	unsigned port = 0;

	if (sscanf(rest, "%u %7s", &port, word) != 2)
		return -EINVAL;
	if (is_root(path))
		(void)snprintf(top, sizeof(top), "%u-%u", bus_of(path), port);
	else
		(void)snprintf(top, sizeof(top), "%.30s.%u", path, port);
	if (strcmp(word, "on") == 0)
		return plug_again(w, top);
	(void)unplug(w, top, true);
	return 0;
}

static const struct {
	const char *word;
	int (*run)(struct usb_world *w, const char *path, char *rest);
} commands[] = {
	{ "plug", do_plug },     { "hub", do_hub },       { "unplug", do_unplug },
	{ "mode", do_mode },     { "raw", do_raw },       { "fault", do_fault },
	{ "option", do_option }, { "memory", do_memory }, { "events", do_events },
	{ "power", do_power },
};

static int list(struct usb_world *w, char *answer, size_t size)
{
	size_t at = 0;

	for (const struct usb_dev *d = w->devs; d && at < size; d = d->next) {
		if (!d->gone)
			at += (size_t)snprintf(answer + at, size - at, "%s %s %u\n",
					       d->path, d->mode, d->number);
	}
	return 0;
}

static int take_log(struct usb_world *w, char *answer, size_t size)
{
	size_t at = 0;

	(void)pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n_log && at < size; i++)
		at += (size_t)snprintf(answer + at, size - at, "%s\n", w->log[i]);
	w->n_log = 0;
	(void)pthread_mutex_unlock(&w->lock);
	return 0;
}

static int run(struct usb_world *w, char *line, char *answer, size_t size)
{
	char word[16] = "", path[PATH_LEN] = "";
	int used = 0;

	line[strcspn(line, "\n")] = '\0';
	(void)sscanf(line, "%15s %39s%n", word, path, &used);
	if (strcmp(word, "list") == 0 && answer)
		return list(w, answer, size);
	if (strcmp(word, "log") == 0 && answer)
		return take_log(w, answer, size);
	for (size_t i = 0; used && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word, commands[i].word) == 0)
			return commands[i].run(w, path,
					       line + used + (line[used] == ' '));
	}
	return -EINVAL;
}

/* ---- the thread ---- */

static void *world_main(void *arg)
{
	struct usb_world *w = arg;

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		struct usb_job *j = w->jobs;

		if (!j && w->stopping)
			break;
		if (!j) {
			(void)pthread_cond_wait(&w->cond, &w->lock);
			continue;
		}
		w->jobs = j->next;
		(void)pthread_mutex_unlock(&w->lock);
		j->code = run(w, j->line, j->answer, j->size);
		(void)pthread_mutex_lock(&w->lock);
		j->done = true;
		if (!j->answer)
			free(j);
		(void)pthread_cond_broadcast(&w->cond);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* With the lock. */
static struct usb_job *append(struct usb_world *w, const char *line, char *answer,
			      size_t size)
{
	struct usb_job *j = calloc(1, sizeof(*j)), **end = &w->jobs;

	if (!j)
		abort();
	(void)snprintf(j->line, sizeof(j->line), "%s", line);
	j->answer = answer;
	j->size = size;
	while (*end)
		end = &(*end)->next;
	*end = j;
	(void)pthread_cond_broadcast(&w->cond);
	return j;
}

/* Called by models, which are called with the lock. */
void usb_world_post(struct usb_world *w, const char *line)
{
	(void)append(w, line, NULL, 0);
}

void usb_world_start(struct usb_world *w, const char *line)
{
	(void)pthread_mutex_lock(&w->lock);
	usb_world_post(w, line);
	(void)pthread_mutex_unlock(&w->lock);
}

int usb_world_run(struct usb_world *w, const char *line, char *answer, size_t size)
{
	struct usb_job *j;
	char none[8];
	int code;

	if (!answer) {
		answer = none;
		size = sizeof(none);
	}
	*answer = '\0';
	(void)pthread_mutex_lock(&w->lock);
	j = append(w, line, answer, size);
	while (!j->done)
		(void)pthread_cond_wait(&w->cond, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
	code = j->code;
	free(j);
	return code;
}

struct usb_world *usb_world_new(void)
{
	struct usb_world *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->bed = umockdev_testbed_new();
	if (!umockdev_in_mock_environment()) {
		g_object_unref(w->bed);
		free(w);
		return NULL;
	}
	let_all_in(w->bed, "");
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->cond, NULL);
	if (pthread_create(&w->thread, NULL, world_main, w) != 0)
		abort();
	return w;
}

void usb_world_free(struct usb_world *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->stopping = true;
	(void)pthread_cond_broadcast(&w->cond);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	for (struct usb_dev *d = w->devs; d; d = d->next) {
		if (!d->gone && d->ops && d->ops->done)
			d->ops->done(d->model);
		(void)umockdev_testbed_detach_ioctl(w->bed, d->node, NULL);
	}
	g_object_unref(w->bed);
	while (w->devs) {
		struct usb_dev *d = w->devs;

		w->devs = d->next;
		free(d);
	}
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->cond);
	free(w);
}
