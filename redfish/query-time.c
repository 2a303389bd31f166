// SPDX-License-Identifier: Apache-2.0
// Times as a filter has them, and as bodies show them. Called by query-filter.c.
#include "redfish/query-time.h"

#include <string.h>
#include <time.h>

/* `n` digits at *at, which moves behind them and behind `end`; -1: they are not there.
 */
static int digits(const char **at, int n, char end)
{
	int value = 0;

	for (; n > 0; n--, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + **at - '0';
	}
	if (end && *(*at)++ != end)
		return -1;
	return value;
}

/* Thousandths; further digits don't count. */
static int fraction(const char **at)
{
	int value = 0, weight = 100;

	if (**at != '.')
		return 0;
	for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, weight /= 10)
		value += (**at - '0') * weight;
	return value;
}

/* Minutes east of Greenwich, or -10000. */
static int zone(const char *at)
{
	char sign = *at;

	if (strcmp(at, "Z") == 0)
		return 0;
	if (sign != '+' && sign != '-')
		return -10000;
	at++;
	int hours = digits(&at, 2, ':');
	int minutes = hours < 0 ? -1 : digits(&at, 2, 0);
	if (minutes < 0 || hours > 23 || minutes > 59 || *at)
		return -10000;
	return (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
}

bool rf_query_time(const char *text, int64_t *ret_ms)
{
	struct tm tm = { .tm_isdst = 0 };
	const char *at = text;
	int year = digits(&at, 4, '-');
	int month = year < 0 ? -1 : digits(&at, 2, '-');

	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = month < 0 ? -1 : digits(&at, 2, 'T');
	tm.tm_hour = tm.tm_mday < 0 ? -1 : digits(&at, 2, ':');
	tm.tm_min = tm.tm_hour < 0 ? -1 : digits(&at, 2, ':');
	tm.tm_sec = tm.tm_min < 0 ? -1 : digits(&at, 2, 0);
	if (tm.tm_sec < 0 || tm.tm_sec > 60 || month < 1 || month > 12 ||
	    tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59)
		return false;
	int ms = fraction(&at), east = zone(at);
	if (east == -10000)
		return false;
	*ret_ms = ((int64_t)timegm(&tm) - east * 60) * 1000 + ms;
	return true;
}
