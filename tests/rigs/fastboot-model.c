// SPDX-License-Identifier: Apache-2.0
/* The model of a board in fastboot mode: its commands, answers and faults. */
#include "fastboot-model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IN          0x80u
#define PARTS_MAX   16
#define ANSWERS_MAX 8
#define ANSWER_MAX  256
#define COMMAND_MAX 64
#define DATA_MAX    (512u << 20)

struct part {
	char name[40];
	size_t at, size;
};

struct fastboot_model {
	char product[40], slot, active;
	size_t max;
	struct part parts[PARTS_MAX];
	size_t n_parts;
	unsigned char *disk;
	size_t disk_size;
	enum fastboot_fault fault, now;
	unsigned fault_in;
	bool hung, left, halted, endless;
	char next_mode[12];
	char answers[ANSWERS_MAX][ANSWER_MAX + 1];
	size_t n_answers;
	unsigned char *data; /* of the last download */
	size_t data_len, expected;
	size_t received, largest;
	unsigned stored, violations;
	FILE *trace; /* NULL: none */
	void (*leave)(void *arg, const char *mode);
	void *leave_arg;
};

/* ---- answers ---- */

static void answer(struct fastboot_model *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void answer(struct fastboot_model *m, const char *fmt, ...)
{
	va_list ap;

	if (m->n_answers == ANSWERS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(m->answers[m->n_answers++], ANSWER_MAX + 1, fmt, ap);
	va_end(ap);
}

static int give_answer(struct fastboot_model *m, unsigned char *buf, size_t len)
{
	size_t n;

	if (m->endless) {
		m->n_answers = 0;
		answer(m, "INFOstill at it");
	}
	if (m->n_answers == 0)
		return -EAGAIN;
	n = strlen(m->answers[0]);
	if (n > len)
		return -EOVERFLOW;
	memcpy(buf, m->answers[0], n);
	memmove(m->answers[0], m->answers[1],
		sizeof(m->answers) - sizeof(m->answers[0]));
	m->n_answers--;
	if (m->n_answers == 0 && *m->next_mode) {
		m->left = true;
		if (m->leave)
			m->leave(m->leave_arg, m->next_mode);
	}
	return (int)n;
}

/* ---- partitions ---- */

static const struct part *find_part(const struct fastboot_model *m, const char *name)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (strcmp(m->parts[i].name, name) == 0)
			return &m->parts[i];
	return NULL;
}

static uint64_t le(const unsigned char *p, size_t bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | p[bytes];
	return n;
}

/* One chunk of a sparse image; false: it is none, or does not fit. */
static bool store_chunk(unsigned char *to, size_t room, const unsigned char *chunk,
			size_t left, size_t block, size_t *at, size_t *ret_len)
{
	uint64_t type = le(chunk, 2), len = le(chunk + 4, 4) * block,
		 total = le(chunk + 8, 4);

	if (left < 12 || total < 12 || total > left || len > room - *at)
		return false;
	*ret_len = total;
	if (type == 0xcac1 && total == 12 + len)
		memcpy(to + *at, chunk + 12, len);
	else if (type == 0xcac2 && total == 16)
		for (size_t i = 0; i < len; i++)
			to[*at + i] = chunk[12 + i % 4];
	else if (type != 0xcac3 || total != 12)
		return type == 0xcac4;
	*at += len;
	return true;
}

static const char *store_sparse(struct fastboot_model *m, const struct part *p)
{
	const unsigned char *d = m->data;
	size_t at = 28, to = 0, block, len = 0;

	if (m->data_len < 28 || le(d + 4, 2) != 1 || le(d + 8, 2) != 28 ||
	    le(d + 10, 2) != 12)
		return "sparse header";
	block = le(d + 12, 4);
	if (block == 0 || block % 512 || le(d + 16, 4) * block > p->size)
		return "sparse size";
	for (uint64_t n = le(d + 20, 4); n > 0; n--, at += len)
		if (!store_chunk(m->disk + p->at, p->size, d + at, m->data_len - at,
				 block, &to, &len))
			return "sparse chunk";
	if (at != m->data_len || to != le(d + 16, 4) * block)
		return "sparse sum";
	return NULL;
}

static void flash(struct fastboot_model *m, const char *name)
{
	const struct part *p = find_part(m, name);
	const char *wrong = NULL;

	if (!p) {
		answer(m, "FAILcannot find partition");
		return;
	}
	answer(m, "INFOwriting '%s'", name);
	if (m->data_len >= 4 && le(m->data, 4) == 0xed26ff3a)
		wrong = store_sparse(m, p);
	else if (m->data_len == 0 || m->data_len > p->size)
		wrong = "size";
	else
		memcpy(m->disk + p->at, m->data, m->data_len);
	m->stored += wrong == NULL;
	if (wrong)
		answer(m, "FAILwrong %s", wrong);
	else
		answer(m, "OKAY");
}

/* ---- commands ---- */

static void getvar(struct fastboot_model *m, const char *name)
{
	const struct part *p;
	char slotted[60];

	if (strcmp(name, "version") == 0) {
		answer(m, "OKAY0.4");
	} else if (strcmp(name, "product") == 0) {
		answer(m, "OKAY%s", m->product);
	} else if (strcmp(name, "max-download-size") == 0) {
		answer(m, "OKAY0x%zx", m->max);
	} else if (strcmp(name, "slot-count") == 0) {
		answer(m, "OKAY%d", m->slot ? 2 : 0);
	} else if (strcmp(name, "current-slot") == 0 && m->slot) {
		answer(m, "OKAY%c", m->slot);
	} else if (strncmp(name, "has-slot:", 9) == 0) {
		(void)snprintf(slotted, sizeof(slotted), "%.40s_a", name + 9);
		answer(m, "OKAY%s", find_part(m, slotted) ? "yes" : "no");
	} else if (strncmp(name, "partition-size:", 15) == 0 &&
		   (p = find_part(m, name + 15)) != NULL) {
		answer(m, "OKAY0x%zx", p->size);
	} else if (strncmp(name, "is-logical:", 11) == 0) {
		answer(m, "OKAYno");
	} else {
		answer(m, "FAILVariable not implemented");
	}
}

static void download(struct fastboot_model *m, const char *size)
{
	char *end;
	size_t n = strtoul(size, &end, 16),
	       most = m->fault == FASTBOOT_LYING ? m->max / 8 : m->max;

	m->violations += strlen(size) != 8 || *end;
	if (n == 0 || n > most) {
		answer(m, "FAILdata too large");
		return;
	}
	free(m->data);
	m->data = calloc(1, n);
	m->data_len = 0;
	m->expected = m->data ? n : 0;
	m->largest = n > m->largest ? n : m->largest;
	answer(m, "DATA%08zx", m->now == FASTBOOT_SHORT ? n - 1 : n);
}

static void run(struct fastboot_model *m, const char *c)
{
	if (strncmp(c, "getvar:", 7) == 0) {
		getvar(m, c + 7);
	} else if (strncmp(c, "download:", 9) == 0) {
		download(m, c + 9);
	} else if (strncmp(c, "flash:", 6) == 0) {
		flash(m, c + 6);
	} else if (strncmp(c, "erase:", 6) == 0) {
		const struct part *p = find_part(m, c + 6);

		if (p)
			memset(m->disk + p->at, 0xff, p->size);
		answer(m, p ? "OKAY" : "FAILcannot find partition");
	} else if (strncmp(c, "set_active:", 11) == 0 && m->slot && c[11]) {
		m->active = c[11];
		answer(m, "OKAY");
	} else if (strcmp(c, "reboot") == 0 || strcmp(c, "reboot-bootloader") == 0) {
		(void)snprintf(m->next_mode, sizeof(m->next_mode), "%s",
			       c[6] ? "fastboot" : "normal");
		answer(m, "OKAY");
	} else {
		m->violations++;
		answer(m, "FAILunknown command");
	}
}

/* Whether the fault is for this command. */
static bool is_for(const struct fastboot_model *m, const char *c)
{
	switch (m->fault) {
	case FASTBOOT_FAIL:
	case FASTBOOT_ENDLESS:
	case FASTBOOT_TERMINAL:
		return strncmp(c, "flash:", 6) == 0;
	case FASTBOOT_SHORT:
	case FASTBOOT_UNPLUG:
		return strncmp(c, "download:", 9) == 0;
	case FASTBOOT_NO_FAULT:
	case FASTBOOT_LYING:
	case FASTBOOT_NO_MEMORY:
		return false;
	default:
		return true;
	}
}

static void choose_fault(struct fastboot_model *m, const char *c)
{
	m->now = FASTBOOT_NO_FAULT;
	if (!is_for(m, c) || --m->fault_in > 0)
		return;
	m->now = m->fault;
	m->fault = FASTBOOT_NO_FAULT;
}

static int command(struct fastboot_model *m, const unsigned char *buf, size_t len)
{
	char c[COMMAND_MAX + 1];

	m->violations += m->n_answers > 0 || len > COMMAND_MAX;
	(void)snprintf(c, sizeof(c), "%.*s", (int)len, (const char *)buf);
	if (m->trace)
		(void)fprintf(m->trace, "%s\n", c);
	choose_fault(m, c);
	switch (m->now) {
	case FASTBOOT_HANG:
		m->hung = true;
		break;
	case FASTBOOT_FAIL:
		answer(m, "FAILwrite error -5");
		break;
	case FASTBOOT_TERMINAL:
		answer(m, "FAIL%s%0*d", "\x1b[2Jowned\r\n", 240, 0);
		break;
	case FASTBOOT_ENDLESS:
		m->endless = true;
		break;
	case FASTBOOT_GARBAGE:
		answer(m, "WHAT is this");
		break;
	case FASTBOOT_TINY:
		answer(m, "OK");
		break;
	case FASTBOOT_STALL:
		m->halted = true;
		break;
	default:
		run(m, c);
	}
	return (int)len;
}

static int take_data(struct fastboot_model *m, const unsigned char *buf, size_t len)
{
	size_t n = len < m->expected ? len : m->expected;

	if (m->now == FASTBOOT_UNPLUG) {
		m->left = true;
		return -ENODEV;
	}
	memcpy(m->data + m->data_len, buf, n);
	m->data_len += n;
	m->expected -= n;
	m->received += n;
	if (m->expected == 0)
		answer(m, "OKAY");
	if (len > n) /* the next packet is taken for a command */
		answer(m, "FAILunknown command");
	return (int)len;
}

static int bulk(void *model, unsigned ep, unsigned char *buf, size_t len)
{
	struct fastboot_model *m = model;

	if (m->left)
		return -ENODEV;
	if (m->hung)
		return -EAGAIN;
	if (m->halted)
		return -EPIPE;
	if (m->fault == FASTBOOT_NO_MEMORY && --m->fault_in == 0) {
		m->fault = FASTBOOT_NO_FAULT;
		return -ENOMEM;
	}
	if (ep & IN)
		return give_answer(m, buf, len);
	return m->expected ? take_data(m, buf, len) : command(m, buf, len);
}

static void clear_halt(void *model, unsigned ep)
{
	struct fastboot_model *m = model;

	(void)ep;
	m->halted = false;
}

/* ---- life ---- */

static void done(void *model)
{
	struct fastboot_model *m = model;

	if (!m)
		return;
	if (m->disk)
		(void)munmap(m->disk, m->disk_size);
	if (m->trace)
		(void)fclose(m->trace);
	free(m->data);
	free(m);
}

const struct usb_model_ops fastboot_model_ops = { .bulk = bulk,
						  .done = done,
						  .clear_halt = clear_halt };

static bool map_disk(struct fastboot_model *m, const char *path)
{
	int fd = -1;
	void *at;

	if (*path) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || ftruncate(fd, (off_t)m->disk_size) < 0)
			return false;
	}
	at = mmap(NULL, m->disk_size, PROT_READ | PROT_WRITE,
		  MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	if (fd >= 0)
		(void)close(fd);
	m->disk = at == MAP_FAILED ? NULL : at;
	return m->disk;
}

static int take_parts(struct fastboot_model *m, char *list)
{
	char *rest = NULL;

	m->n_parts = 0;
	m->disk_size = 0;
	for (char *w = strtok_r(list, "+", &rest); w; w = strtok_r(NULL, "+", &rest)) {
		struct part *p = &m->parts[m->n_parts];
		size_t len = strcspn(w, ":");

		if (m->n_parts == PARTS_MAX || !w[len])
			return -EINVAL;
		(void)snprintf(p->name, sizeof(p->name), "%.*s", (int)len, w);
		p->at = m->disk_size;
		p->size = strtoul(w + len + 1, NULL, 10) * 1024;
		m->disk_size += p->size;
		m->n_parts++;
	}
	return m->disk_size > 0 && m->disk_size <= DATA_MAX ? 0 : -EINVAL;
}

static int take_option(struct fastboot_model *m, char *word, char *disk, size_t size)
{
	char *value = strchr(word, '=');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (strcmp(word, "product") == 0)
		(void)snprintf(m->product, sizeof(m->product), "%s", value);
	else if (strcmp(word, "max") == 0)
		m->max = strtoul(value, NULL, 0);
	else if (strcmp(word, "parts") == 0)
		return take_parts(m, value);
	else if (strcmp(word, "disk") == 0)
		(void)snprintf(disk, size, "%s", value);
	else if (strcmp(word, "trace") == 0)
		m->trace = fopen(value, "ae");
	else if (strcmp(word, "slot") == 0)
		m->slot = *value;
	else if (strcmp(word, "fault") == 0)
		return fastboot_model_fault(m, value);
	else
		return -EINVAL;
	return m->max <= DATA_MAX ? 0 : -EINVAL;
}

void *fastboot_model_new(const char *options)
{
	struct fastboot_model *m = calloc(1, sizeof(*m));
	char words[600], disk[400] = "", parts[] = "boot:256+rootfs:4096", *rest = NULL;
	int code;

	if (!m)
		return NULL;
	(void)snprintf(m->product, sizeof(m->product), "rk3399");
	m->max = 4u << 20;
	code = take_parts(m, parts);
	(void)snprintf(words, sizeof(words), "%s", options ? options : "");
	for (char *w = strtok_r(words, ",", &rest); w && code == 0;
	     w = strtok_r(NULL, ",", &rest))
		code = take_option(m, w, disk, sizeof(disk));
	if (m->trace)
		setlinebuf(m->trace);
	if (code == 0 && map_disk(m, disk))
		return m;
	done(m);
	return NULL;
}

int fastboot_model_fault(struct fastboot_model *m, const char *word)
{
	static const char *const words[FASTBOOT_N_FAULTS] = {
		"none",    "fail",    "hang", "short",    "unplug",    "lying",
		"endless", "garbage", "tiny", "terminal", "no-memory", "stall",
	};
	size_t len = strcspn(word, ":");

	for (unsigned i = 0; i < FASTBOOT_N_FAULTS; i++) {
		if (strlen(words[i]) != len || strncmp(words[i], word, len) != 0)
			continue;
		m->fault = (enum fastboot_fault)i;
		m->fault_in =
			word[len] ? (unsigned)strtoul(word + len + 1, NULL, 10) : 1;
		return 0;
	}
	return -EINVAL;
}

void fastboot_model_on_leave(struct fastboot_model *m,
			     void (*leave)(void *arg, const char *mode), void *arg)
{
	m->leave = leave;
	m->leave_arg = arg;
}

const unsigned char *fastboot_model_part(const struct fastboot_model *m,
					 const char *name, size_t *ret_size)
{
	const struct part *p = find_part(m, name);

	if (p)
		*ret_size = p->size;
	return p ? m->disk + p->at : NULL;
}

size_t fastboot_model_received(const struct fastboot_model *m)
{
	return m->received;
}

unsigned fastboot_model_stored(const struct fastboot_model *m)
{
	return m->stored;
}

size_t fastboot_model_largest(const struct fastboot_model *m)
{
	return m->largest;
}

char fastboot_model_active(const struct fastboot_model *m)
{
	return m->active;
}

unsigned fastboot_model_violations(const struct fastboot_model *m)
{
	return m->violations;
}
