// SPDX-License-Identifier: Apache-2.0
/* What is kept of a board's updates: its auxiliary system's own logs of the last one,
 * and a line for each step in its history. LOGS/BOARD/state/{history,*.out,*.err}, each
 * bounded. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "netrecovery.h"

#define HISTORY_MAX 65536 /* bytes; then the older half goes */

static bool folder_of(const struct nr_call *c, char *ret, size_t size)
{
	if (!c->n->logs[0] || c->board[0] == '.' || strchr(c->board, '/'))
		return false;
	for (int depth = 0; depth < 3; depth++) {
		int n = snprintf(ret, size, "%s%s%s%s", c->n->logs, depth ? "/" : "",
				 depth ? c->board : "", depth > 1 ? "/state" : "");

		if (n < 0 || (size_t)n >= size ||
		    (mkdir(ret, 0755) != 0 && errno != EEXIST))
			return false;
	}
	return true;
}

/* Bytes of a board may be anything: what would move a terminal's cursor goes. */
static void sanitize(char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char b = (unsigned char)bytes[i];

		if ((b < 0x20 && b != '\n' && b != '\t') || b == 0x7f || b > 0x7f)
			bytes[i] = '?';
	}
}

static bool write_all(const char *path, const char *bytes, size_t n)
{
	char fresh[600];
	int fd;
	bool ok;

	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return false;
	ok = write(fd, bytes, n) == (ssize_t)n;
	ok &= close(fd) == 0;
	return ok && rename(fresh, path) == 0;
}

static bool keep_note(struct nr_call *c, const char *folder, const char *note,
		      const char *file)
{
	char path[560], *bytes = malloc(BMC_OFFER_SENT_MAX);
	ssize_t n = bytes ? c->ops->offer_get(c->call, note, bytes, BMC_OFFER_SENT_MAX,
					      NULL)
			  : BMC_ENOMEM;
	bool ok = n == BMC_ENOTFOUND;

	if (n >= 0 && n <= BMC_OFFER_SENT_MAX) {
		sanitize(bytes, (size_t)n);
		(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
		ok = write_all(path, bytes, (size_t)n);
	}
	free(bytes);
	return ok;
}

/* The end of the file that is there, from the begin of a line. */
static size_t history_read(const char *path, char *ret, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	off_t from = size > (off_t)room ? size - (off_t)(room / 2) : 0;
	ssize_t n = fd >= 0 ? pread(fd, ret, room, from) : 0;
	size_t cut = 0;

	if (fd >= 0)
		(void)close(fd);
	n = n < 0 ? 0 : n;
	while (from > 0 && cut < (size_t)n && ret[cut++] != '\n')
		;
	memmove(ret, ret + cut, (size_t)n - cut);
	return (size_t)n - cut;
}

static bool keep_line(const struct nr_call *c, const char *folder, const char *what,
		      int code, const char *why)
{
	char path[560], when[32] = "", name[64];
	char *text = malloc(HISTORY_MAX + 512);
	time_t now = time(NULL);
	struct tm tm;
	size_t n;
	bool ok;

	if (!text)
		return false;
	if (gmtime_r(&now, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	(void)snprintf(path, sizeof(path), "%s/history", folder);
	(void)snprintf(name, sizeof(name), "%s", c->flash->name);
	n = history_read(path, text, HISTORY_MAX);
	n += (size_t)snprintf(text + n, 512, "%s %s %s: %s%s%.200s\n", when, name, what,
			      code < 0 ? bmc_strerror(code) : "done",
			      code < 0 ? ": " : "", code < 0 ? why : "");
	ok = write_all(path, text, n);
	free(text);
	return ok;
}

void nr_trail(struct nr_call *c, const char *what, int code, const char *why)
{
	char folder[512];

	if (!c->n->logs[0])
		return;
	if (!folder_of(c, folder, sizeof(folder)) ||
	    !keep_note(c, folder, "history", "netrecovery.out") ||
	    !keep_note(c, folder, "err", "netrecovery.err") ||
	    !keep_line(c, folder, what, code, why))
		c->ops->log(c->n->host, LOG_WARNING, "%s: its logs can't be kept in %s",
			    c->board, c->n->logs);
}
