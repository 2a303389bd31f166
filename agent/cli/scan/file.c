// SPDX-License-Identifier: Apache-2.0
// A file that readers see whole, see file.h.
#include "cli/scan/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/util.h"

static bool write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return fchmod(fd, 0644) == 0 && fsync(fd) == 0;
}

static bool put(int fd, const char *text, const char *new, const char *path)
{
	bool ok = write_all(fd, text) && rename(new, path) == 0;
	int why = errno;

	if (!ok)
		(void)unlink(new);
	(void)close(fd);
	errno = why;
	return ok;
}

bool scan_file_write(const char *path, const char *text)
{
	auto_free char *new = NULL;
	int fd;

	/* with another end than the file's: Prometheus reads "*.json" */
	if (asprintf(&new, "%s.XXXXXX", path) < 0)
		return false;
	fd = mkstemp(new);
	return fd >= 0 && put(fd, text, new, path);
}
