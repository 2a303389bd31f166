// SPDX-License-Identifier: Apache-2.0
/* The model's life: its options, its files, its faults to come, what tests look at. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rockusb-own.h"

#define SECTORS     65536u
#define SECTORS_MAX (1u << 26)
#define COUNTS      (ROCKUSB_N_COUNTS * sizeof(uint64_t))

/* ---- life ---- */

static void done(void *model)
{
	struct rockusb_model *m = model;

	if (!m)
		return;
	if (m->disk)
		(void)munmap(m->disk, m->sectors * SECTOR);
	if (m->counts)
		(void)munmap(m->counts, COUNTS);
	free(m->data);
	free(m->upload);
	free(m);
}

static void *map(const char *path, size_t size)
{
	int flags = MAP_SHARED | MAP_NORESERVE, fd = -1;
	void *at;

	if (path[0]) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
			return NULL;
	}
	at = mmap(NULL, size, PROT_READ | PROT_WRITE,
		  flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static int take_option(struct rockusb_model *m, const char *word)
{
	const char *value = strchr(word, '=');

	value = value ? value + 1 : "";
	if (strncmp(word, "chip=", 5) == 0 && strlen(value) == 4)
		memcpy(m->chip, value, 4);
	else if (strncmp(word, "sectors=", 8) == 0)
		m->sectors = strtoul(value, NULL, 10);
	else if (strncmp(word, "disk=", 5) == 0)
		(void)snprintf(m->files[0], sizeof(m->files[0]), "%s", value);
	else if (strncmp(word, "counts=", 7) == 0)
		(void)snprintf(m->files[1], sizeof(m->files[1]), "%s", value);
	else if (strncmp(word, "rate=", 5) == 0)
		m->rate = strtoul(value, NULL, 10);
	else if (strncmp(word, "fault=", 6) == 0)
		return rockusb_model_fault_word(m, value);
	else if (strcmp(word, "parity") == 0)
		m->parity = true;
	else if (strcmp(word, "no-vendor") == 0)
		m->has_vendor = false;
	else if (strcmp(word, "new-idb") == 0)
		m->new_idb = true;
	else if (strcmp(word, "small") == 0)
		m->small = true;
	else if (strcmp(word, "read-all") == 0)
		m->read_all = true;
	else
		return -EINVAL;
	return m->sectors > 0 && m->sectors <= SECTORS_MAX ? 0 : -EINVAL;
}

void *rockusb_model_new(const char *mode, const char *options)
{
	struct rockusb_model *m = calloc(1, sizeof(*m));
	char words[600], *rest = NULL;
	int code = 0;

	if (!m)
		return NULL;
	(void)snprintf(m->mode, sizeof(m->mode), "%s", mode);
	memcpy(m->chip, "330C", 4);
	m->sectors = SECTORS;
	m->has_vendor = true;
	(void)snprintf(words, sizeof(words), "%s", options ? options : "");
	for (char *w = strtok_r(words, ",", &rest); w && code == 0;
	     w = strtok_r(NULL, ",", &rest))
		code = take_option(m, w);
	m->upload = malloc(UPLOAD_MAX);
	m->disk = code == 0 ? map(m->files[0], m->sectors * SECTOR) : NULL;
	m->counts = map(m->files[1], COUNTS);
	if (m->upload && m->disk && m->counts)
		return m;
	done(m);
	return NULL;
}

int rockusb_model_fault_word(struct rockusb_model *m, const char *word)
{
	static const char *const words[ROCKUSB_N_FAULTS] = {
		"none",  "bad-tag",  "bad-signature", "failed",     "phase",
		"short", "residue",  "stall",         "hang",       "unplug",
		"full",  "bit-flip", "torn",          "no-memory",  "stale",
		"half",  "lost",     "replug",        "to-maskrom", "to-system",
	};
	size_t len = strcspn(word, ":");
	unsigned n = word[len] ? (unsigned)strtoul(word + len + 1, NULL, 10) : 1;

	for (unsigned i = 0; i < ROCKUSB_N_FAULTS; i++) {
		if (strlen(words[i]) != len || strncmp(words[i], word, len) != 0)
			continue;
		rockusb_model_fault(m, (enum rockusb_fault)i, n);
		return 0;
	}
	return -EINVAL;
}

void rockusb_model_fault(struct rockusb_model *m, enum rockusb_fault fault, unsigned n)
{
	m->fault = fault;
	m->fault_in = n ? n : 1;
}

void rockusb_model_on_leave(struct rockusb_model *m,
			    void (*leave)(void *arg, const char *mode), void *arg)
{
	m->leave = leave;
	m->leave_arg = arg;
}

const char *rockusb_model_mode(const struct rockusb_model *m)
{
	return m->mode;
}

unsigned char *rockusb_model_disk(struct rockusb_model *m, size_t *size)
{
	*size = m->sectors * SECTOR;
	return m->disk;
}

unsigned rockusb_model_commands(const struct rockusb_model *m)
{
	return (unsigned)m->counts[ROCKUSB_COMMANDS];
}

unsigned rockusb_model_violations(const struct rockusb_model *m)
{
	return (unsigned)m->counts[ROCKUSB_VIOLATIONS];
}

uint64_t rockusb_model_count(const struct rockusb_model *m, enum rockusb_count what)
{
	return m->counts[what];
}

unsigned rockusb_model_uploads(const struct rockusb_model *m, bool good)
{
	return m->uploads[good];
}

/* ---- what the transport calls ---- */

static void clear_halt(void *model, unsigned ep)
{
	rockusb_model_clear_halt(model, ep);
}

/* It waits for a command again, whatever it was at; one that hangs goes on hanging. */
static void port_reset(void *model)
{
	struct rockusb_model *m = model;

	m->counts[ROCKUSB_PORT_RESETS]++;
	m->phase = PHASE_CBW;
	m->halted = m->stale = false;
}

static int option(void *model, const char *word)
{
	if (strncmp(word, "fault=", 6) != 0 && strncmp(word, "rate=", 5) != 0)
		return -EINVAL;
	return take_option(model, word);
}

const struct usb_model_ops rockusb_model_ops = { .control = rockusb_control,
						 .bulk = rockusb_bulk,
						 .done = done,
						 .clear_halt = clear_halt,
						 .reset = port_reset,
						 .option = option };
