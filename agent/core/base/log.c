// SPDX-License-Identifier: Apache-2.0
/* The log: one write(2) of one line to stderr, so that lines of threads do not mix. */
#include "core/base/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/util.h"

#define LINE_MAX_BYTES 1024
#define WINDOW_MS      60000

static _Atomic int threshold = LOG_INFO;
static _Atomic bool prefixed;

/* The service manager sets JOURNAL_STREAM to device and inode of the stream it made, as
 * "%u:%u"; a child whose stderr goes elsewhere inherits the variable, so both are
 * compared. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char mine[48];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	(void)snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	return strcmp(stream, mine) == 0;
}

void bmc_log_init(int max)
{
	atomic_store(&threshold, max);
	atomic_store(&prefixed, stderr_is_journal());
}

static struct {
	pthread_mutex_t lock;
	uint64_t last; /* number given */
	struct bmc_log_line lines[BMC_LOG_KEPT];
} remembered = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* After a fork another thread's lock may be held for ever: then nothing is remembered.
 */
static bool lock_remembered(void)
{
	for (int i = 0; i < 100; i++) {
		if (pthread_mutex_trylock(&remembered.lock) == 0)
			return true;
		(void)sched_yield();
	}
	return false;
}

static void remember(int priority, const char *text)
{
	int64_t now = bmc_now();

	if (!lock_remembered())
		return;
	uint64_t number = ++remembered.last;
	struct bmc_log_line *l = &remembered.lines[number % BMC_LOG_KEPT];
	l->number = number;
	l->time = now;
	l->priority = priority;
	(void)bmc_copy(l->text, sizeof(l->text), text);
	(void)pthread_mutex_unlock(&remembered.lock);
}

size_t bmc_log_lines(struct bmc_log_line ret[BMC_LOG_LINES])
{
	size_t n = 0;

	if (!lock_remembered())
		return 0;
	uint64_t before =
		remembered.last > BMC_LOG_LINES ? remembered.last - BMC_LOG_LINES : 0;
	for (uint64_t i = before + 1; i <= remembered.last; i++)
		ret[n++] = remembered.lines[i % BMC_LOG_KEPT];
	(void)pthread_mutex_unlock(&remembered.lock);
	return n;
}

bool bmc_log_line(uint64_t number, struct bmc_log_line *ret)
{
	if (!lock_remembered())
		return false;
	*ret = remembered.lines[number % BMC_LOG_KEPT];
	(void)pthread_mutex_unlock(&remembered.lock);
	return number > 0 && ret->number == number;
}

void bmc_logv(int priority, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	int head = 0;

	if (priority > atomic_load(&threshold))
		return;
	if (atomic_load(&prefixed))
		head = snprintf(line, sizeof(line), "<%d>", priority & 7);
	(void)vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt, ap);
	/* a line from elsewhere must not look like two, nor steer a terminal */
	bmc_text_sanitize(line);
	remember(priority & 7, line + head);
	size_t len = strlen(line);
	line[len++] = '\n';
	/* Nothing can be done about a log that takes no lines. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

void bmc_log(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	bmc_logv(priority, fmt, ap);
	va_end(ap);
}

bool bmc_log_allowed(struct bmc_log_limit *limit, unsigned *ret_dropped)
{
	long window = (long)(bmc_now() / WINDOW_MS) + 1;
	long was = atomic_load(&limit->window);

	*ret_dropped = 0;
	if (was != window &&
	    atomic_compare_exchange_strong(&limit->window, &was, window)) {
		atomic_store(&limit->count, 0);
		*ret_dropped = atomic_exchange(&limit->dropped, 0);
	}
	if (atomic_fetch_add(&limit->count, 1) < BMC_LOG_BURST)
		return true;
	atomic_fetch_add(&limit->dropped, 1);
	return false;
}
