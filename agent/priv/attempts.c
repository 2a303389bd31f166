// SPDX-License-Identifier: Apache-2.0
// Counts of wrong passwords, see attempts.h. workers.c asks and reports.
#include "priv/attempts.h"

#include <string.h>

#include "core/base/util.h"

static bool is_over(const struct priv_attempts_entry *e, int64_t now)
{
	return now - e->begin >= PRIV_ATTEMPTS_WINDOW;
}

static struct priv_attempts_entry *find(struct priv_attempts *a, const char *user)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->entry); i++) {
		if (a->entry[i].user[0] && strcmp(a->entry[i].user, user) == 0)
			return &a->entry[i];
	}
	return NULL;
}

/* An entry whose time is not over is never given to another: with accounts that come
 * and go, none is made to be forgotten. */
static struct priv_attempts_entry *take(struct priv_attempts *a, const char *user,
					int64_t now)
{
	struct priv_attempts_entry *e = find(a, user);

	for (size_t i = 0; !e && i < ARRAY_SIZE(a->entry); i++) {
		if (!a->entry[i].user[0] || is_over(&a->entry[i], now)) {
			e = &a->entry[i];
			*e = (struct priv_attempts_entry){ .begin = now };
			(void)bmc_copy(e->user, sizeof(e->user), user);
		}
	}
	if (!e)
		e = &a->overflow;
	if (is_over(e, now)) {
		e->wrong = 0;
		e->begin = now;
	}
	return e;
}

static bool is_full(const struct priv_attempts *a, int64_t now)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->entry); i++) {
		if (!a->entry[i].user[0] || is_over(&a->entry[i], now))
			return false;
	}
	return true;
}

int priv_attempts_admit(struct priv_attempts *a, const char *user, unsigned under_way,
			int64_t now, struct bmc_error *err)
{
	struct priv_attempts_entry *e = find(a, user);

	if (!e && is_full(a, now))
		e = &a->overflow;
	unsigned wrong = !e || is_over(e, now) ? 0 : e->wrong;
	if (wrong + under_way < PRIV_ATTEMPTS_MAX)
		return 0;
	if (e && now < e->next)
		return bmc_fail(err, BMC_EAGAIN,
				"too many wrong passwords: try again in %d ms",
				(int)((e->next - now) / 1000000 + 1));
	if (e)
		e->next = now + PRIV_ATTEMPTS_PACE;
	return 0;
}

bool priv_attempts_wrong(struct priv_attempts *a, const char *user, int64_t now)
{
	struct priv_attempts_entry *e = take(a, user, now);

	e->wrong++;
	if (e->wrong < PRIV_ATTEMPTS_MAX)
		return false;
	e->next = now + PRIV_ATTEMPTS_PACE;
	return e->wrong == PRIV_ATTEMPTS_MAX;
}
