// SPDX-License-Identifier: Apache-2.0
/* Reading /proc and /sys without trusting them: bounded, never blocking, printable. A
 * recorded tree in a test may hold anything at all. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

static bool full_path(const struct host *h, char *ret, const char *path, va_list ap)
{
	int n = snprintf(ret, PATH_MAX, "%s", h->root);

	if (n < 0 || n >= PATH_MAX)
		return false;
	int m = vsnprintf(ret + n, (size_t)(PATH_MAX - n), path, ap);
	return m >= 0 && m < PATH_MAX - n;
}

/* Up to size - 1 bytes of a plain file; their number, or -1. */
static ssize_t slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;
	size_t got = 0;

	buf[0] = '\0';
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		while (got < size - 1 && (n = read(fd, buf + got, size - 1 - got)) > 0)
			got += (size_t)n;
	}
	close(fd);
	buf[got] = '\0';
	return n < 0 ? -1 : (ssize_t)got;
}

static void make_printable(char *text)
{
	size_t n = strlen(text), from = 0;

	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	while (from < n && isspace((unsigned char)text[from]))
		from++;
	memmove(text, text + from, n - from);
	text[n - from] = '\0';
	for (char *p = text; *p; p++) {
		if (!isprint((unsigned char)*p))
			*p = '?';
	}
}

static bool read_text(const struct host *h, char *buf, size_t size, const char *path,
		      va_list ap)
{
	char full[PATH_MAX];
	bool ok;

	buf[0] = '\0';
	ok = full_path(h, full, path, ap) && slurp(full, buf, size) >= 0;
	make_printable(buf);
	return ok && buf[0];
}

bool host_text(const struct host *h, char *buf, size_t size, const char *path, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, path);
	ok = read_text(h, buf, size, path, ap);
	va_end(ap);
	return ok;
}

bool host_lines(const struct host *h, char *buf, size_t size, const char *path)
{
	char full[PATH_MAX];

	buf[0] = '\0';
	return snprintf(full, sizeof(full), "%s%s", h->root, path) < PATH_MAX &&
	       slurp(full, buf, size) > 0;
}

int64_t host_number(const struct host *h, const char *path, ...)
{
	char text[32], *end;
	long long n;
	va_list ap;
	bool ok;

	va_start(ap, path);
	ok = read_text(h, text, sizeof(text), path, ap);
	va_end(ap);
	if (!ok)
		return BMC_UNKNOWN;
	errno = 0;
	n = strtoll(text, &end, 10);
	return errno || end == text || *end ? BMC_UNKNOWN : n;
}

bool host_exists(const struct host *h, const char *path, ...)
{
	char full[PATH_MAX];
	va_list ap;
	bool ok;

	va_start(ap, path);
	ok = full_path(h, full, path, ap) && access(full, F_OK) == 0;
	va_end(ap);
	return ok;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(a, b);
}

void host_list(const struct host *h, const char *path, struct host_names *ret)
{
	char full[PATH_MAX];
	struct dirent *e;
	DIR *d = NULL;

	ret->n = 0;
	if (snprintf(full, sizeof(full), "%s%s", h->root, path) < PATH_MAX)
		d = opendir(full);
	if (!d)
		return;
	while (ret->n < HOST_NAMES_MAX && (e = readdir(d))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= HOST_NAME_MAX)
			continue;
		memcpy(ret->name[ret->n++], e->d_name, strlen(e->d_name) + 1);
	}
	closedir(d);
	qsort(ret->name, ret->n, HOST_NAME_MAX, by_name);
}

bool host_value(const char *lines, const char *key, char *ret, size_t size)
{
	size_t len = strlen(key), n;

	ret[0] = '\0';
	for (; lines && *lines;
	     lines = strchr(lines, '\n') ? strchr(lines, '\n') + 1 : NULL) {
		if (strncmp(lines, key, len) != 0 || !strchr(":= \t", lines[len]))
			continue;
		lines += len;
		lines += strspn(lines, ":= \t\"");
		n = strcspn(lines, "\n\"");
		(void)snprintf(ret, size, "%.*s", (int)(n < size ? n : size - 1),
			       lines);
		make_printable(ret);
		return ret[0] != '\0';
	}
	return false;
}

void host_id(const struct host *h, char ret[BMC_ID_MAX], const char *name)
{
	int n = h->board[0] ? snprintf(ret, BMC_ID_MAX, "%s-", h->board) : 0;

	for (; *name && n < BMC_ID_MAX - 1; name++) {
		char c = (char)tolower((unsigned char)*name);

		ret[n++] = isascii(c) && isalnum((unsigned char)c) ? c : '-';
	}
	ret[n] = '\0';
}

int host_put(struct host *h, enum bmc_kind kind, const char *id,
	     const struct bmc_value *values, size_t n)
{
	if (!h->board[0])
		return h->ops->put(h->host, kind, id, values, n);
	return h->ops->put_part(h->host, kind, id, BMC_BOARD, h->board, values, n);
}
