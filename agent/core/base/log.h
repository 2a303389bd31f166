// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>

/* One line to stderr a call, with the journal's "<N>" priority prefix when stderr is
 * the journal. Subject first, lower case, no newline, no secret, no text from the
 * network that was not checked (control characters come out as '?'). Any thread. */

/** Lines of a lower importance than `max` are dropped. Reads the environment
 *  (JOURNAL_STREAM): before it is cleared. */
void bmc_log_init(int max);
void bmc_log(int priority, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void bmc_logv(int priority, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** As bmc_log, at most `BMC_LOG_BURST` lines a minute for each calling place: for
 * causes that any client controls. The next line let through says how many were left
 * out. */
struct bmc_log_limit {
	_Atomic long window;
	_Atomic unsigned count, dropped;
};
#define BMC_LOG_BURST 5u
bool bmc_log_allowed(struct bmc_log_limit *limit, unsigned *ret_dropped);

#define log_err(...)     bmc_log(LOG_ERR, __VA_ARGS__)
#define log_warning(...) bmc_log(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  bmc_log(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    bmc_log(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   bmc_log(LOG_DEBUG, __VA_ARGS__)
#define log_limited(priority, ...)                                                 \
	do {                                                                       \
		static struct bmc_log_limit limit_;                                \
		unsigned dropped_;                                                 \
		if (bmc_log_allowed(&limit_, &dropped_)) {                         \
			bmc_log((priority), __VA_ARGS__);                          \
			if (dropped_)                                              \
				bmc_log((priority), "%u lines like this left out", \
					dropped_);                                 \
		}                                                                  \
	} while (0)

/* The last lines are remembered, for clients that can't read the journal: more than
 * they are shown, so that one that reads them one by one finds the oldest, too, while
 * others are written. */
#define BMC_LOG_LINES 400u
#define BMC_LOG_KEPT  2000u
struct bmc_log_line {
	uint64_t number; /* from 1 */
	int64_t time;    /* BMC_TIME */
	int priority;
	char text[200];
};
/** Copies the last lines, BMC_LOG_LINES at most, the oldest first, and returns how
 * many. Any thread; waits for a line to be copied at most, as the next does. */
size_t bmc_log_lines(struct bmc_log_line ret[BMC_LOG_LINES]);
/** Copies the line of that number. False: it is not remembered. */
bool bmc_log_line(uint64_t number, struct bmc_log_line *ret);
