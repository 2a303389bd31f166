// SPDX-License-Identifier: Apache-2.0
// The manager's clock: shown in local time with its offset, as DateTimeLocalOffset says
// it; set through the root helper where its configuration allows that.
#include <string.h>
#include <time.h>

#include "core/base/util.h"
#include "redfish/list.h"

static bool now(struct tm *ret)
{
	time_t t = time(NULL);

	return localtime_r(&t, ret) != NULL;
}

/* "+01:00" */
static void offset_text(long seconds, char ret[8])
{
	long minutes = (seconds < 0 ? -seconds : seconds) / 60;

	(void)snprintf(ret, 8, "%c%02ld:%02ld", seconds < 0 ? '-' : '+',
		       minutes / 60 % 100, minutes % 60);
}

json_t *rf_clock_value(struct rf_render *r)
{
	char text[32], offset[8];
	struct tm tm;

	(void)r;
	if (!now(&tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		return json_null();
	offset_text(tm.tm_gmtoff, offset);
	return json_sprintf("%s%s", text, offset);
}

json_t *rf_clock_offset(struct rf_render *r)
{
	char offset[8];
	struct tm tm;

	(void)r;
	if (!now(&tm))
		return json_null();
	offset_text(tm.tm_gmtoff, offset);
	return json_string(offset);
}

/* `n` digits as a number within a range; false: they are not. */
static bool digits(const char **at, int n, int min, int max, int *ret)
{
	*ret = 0;
	for (; n > 0; n--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*ret = *ret * 10 + (**at - '0');
	}
	return *ret >= min && *ret <= max;
}

static bool take_char(const char **at, char c)
{
	bool is = **at == c;

	*at += is;
	return is;
}

/* "Z", "+hh:mm" or "-hh:mm", and then the end. In seconds. */
static bool read_offset(const char *at, int *ret)
{
	int sign = *at == '-' ? -1 : 1, h, m;

	*ret = 0;
	if (take_char(&at, 'Z'))
		return !*at;
	if (!take_char(&at, '+') && !take_char(&at, '-'))
		return false;
	if (!digits(&at, 2, 0, 14, &h) || !take_char(&at, ':') ||
	    !digits(&at, 2, 0, 59, &m))
		return false;
	*ret = sign * (h * 60 + m) * 60;
	return !*at;
}

bool rf_read_time(const char *at, int64_t *ret)
{
	struct tm tm = { 0 };
	int offset;

	if (!digits(&at, 4, 1970, 9999, &tm.tm_year) || !take_char(&at, '-') ||
	    !digits(&at, 2, 1, 12, &tm.tm_mon) || !take_char(&at, '-') ||
	    !digits(&at, 2, 1, 31, &tm.tm_mday) || !take_char(&at, 'T') ||
	    !digits(&at, 2, 0, 23, &tm.tm_hour) || !take_char(&at, ':') ||
	    !digits(&at, 2, 0, 59, &tm.tm_min) || !take_char(&at, ':') ||
	    !digits(&at, 2, 0, 59, &tm.tm_sec))
		return false;
	if (*at == '.')
		at += 1 + strspn(at + 1, "0123456789");
	if (!read_offset(at, &offset))
		return false;
	int day = tm.tm_mday;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	time_t t = timegm(&tm);
	*ret = ((int64_t)t - offset) * 1000;
	return tm.tm_mday == day; /* there is no 30th of February */
}

int rf_clock_set(struct rf_request *q, const json_t *value, struct bmc_action *act)
{
	const char *text = json_string_value(value);

	(void)q;
	if (!text || !rf_read_time(text, &act->num))
		return BMC_EINVAL;
	act->op = BMC_ACT_SET_CLOCK;
	return 0;
}
