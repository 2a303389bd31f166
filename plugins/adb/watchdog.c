// SPDX-License-Identifier: Apache-2.0
/* A board's own watchdog, Firefly's /dev/wdt_crl: `e` enables it, `0` to `3` set the
 * timeout and feed it, `d` closes it (Firefly's wiki, "How does the hardware watchdog
 * work?"). What feeds it is a loop in the shell of the board's own system: it ends with
 * that system, so a system that hangs is reset, and an agent that is away resets none.
 */
#include <syslog.h>

#include "adb.h"

#define SAID 200

/* clang-format off */
/* The loop feeds it at least twice within each timeout. */
static const struct {
	const char *number, *pause; /* as echo and sleep take them */
} timeouts[] = {
	[BMC_WATCHDOG_OFF]     = { "d", "0" },
	[BMC_WATCHDOG_640MS]   = { "0", "0.2" },
	[BMC_WATCHDOG_2560MS]  = { "1", "1" },
	[BMC_WATCHDOG_10240MS] = { "2", "3" },
	[BMC_WATCHDOG_40960MS] = { "3", "10" },
};
/* clang-format on */

/* Behind the assignments of N and S. /dev is empty again after each start, so the file
 * with the loop's number can't be that of another start. A new loop feeds before the
 * one before it ends. */
static const char script[] =
	"d=/dev/wdt_crl;p=/dev/.clusterbmc-wdt;e(){ echo \"ERR $*\";exit 1;};"
	"[ -e $d ]||e \"its system has no $d\";"
	"[ -w $d ]||e \"its shell can't write $d\";"
	"o=;{ read o <$p;} 2>/dev/null;case $o in *[!0-9]*)o=;;esac;"
	"k(){ [ \"$o\" ]&&tr '\\0' ' ' </proc/$o/cmdline 2>/dev/null|"
	"grep -q clusterbmc-wdt&&kill -9 $o;rm -f $p;};"
	"if [ $N = d ];then k;echo d >$d||e \"$d refused d\";echo OK;exit 0;fi;"
	"[ $S != 0.2 ]||sleep 0.01 2>/dev/null||"
	"e 'its sleep takes whole seconds only: choose a longer timeout';"
	"echo e >$d||e \"$d refused e\";"
	"echo $N >$d||{ echo d >$d;e \"$d refused $N\";};"
	"(trap '' 1;while echo $N >$d;do sleep $S;done) </dev/null >/dev/null 2>&1 &"
	"n=$!;k;echo $n >$p;echo OK";

static int apply(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		 int64_t value, struct bmc_error *err)
{
	char command[sizeof(script) + 20], answer[SAID], said[SAID];
	ssize_t n = adb_become_root(a, call, b, err);

	if (n < 0)
		return (int)n;
	(void)snprintf(command, sizeof(command), "N=%s;S=%s;%s", timeouts[value].number,
		       timeouts[value].pause, script);
	n = adb_run(a, call, b, command, answer, sizeof(answer), err);
	if (n < 0)
		return (int)n;
	adb_clean(said, sizeof(said), answer, (size_t)n);
	if (strcmp(said, "OK") == 0)
		return BMC_OK;
	return bmc_fail(err, BMC_ENOTSUP, "%s: watchdog: %s", b->id,
			strncmp(said, "ERR ", 4) == 0 ? said + 4 : "no clear answer");
}

/* Of the system that answers now: to become root it may have come again. */
static void told(struct adb *a, struct adb_board *b, int64_t value)
{
	uint64_t transport;

	(void)adb_state(a, b, &transport);
	(void)pthread_mutex_lock(&a->lock);
	b->watchdog_of = transport;
	b->watchdog = value;
	(void)pthread_mutex_unlock(&a->lock);
}

int adb_watchdog(void *self, struct bmc_call *call, const struct bmc_args *args,
		 struct bmc_error *err)
{
	struct adb *a = self;
	const char *id = a->ops->target_id(call);
	struct adb_board *b =
		a->ops->target_kind(call) == BMC_BOARD ? adb_find(a, id) : NULL;
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP, "%s is no board of adb's", id);
	if (args->num < BMC_WATCHDOG_OFF || args->num > BMC_WATCHDOG_40960MS)
		return bmc_fail(err, BMC_EINVAL, "%s: watchdog: no such timeout", id);
	if (adb_state(a, b, &(uint64_t){ 0 }) != BMC_ADB_DEVICE)
		return BMC_OK; /* the probe's */
	code = apply(a, call, b, args->num, err);
	if (code == BMC_OK)
		told(a, b, args->num);
	return code;
}

/* ---- with the probe ---- */

struct setting {
	const char *id;
	int64_t value;
};

static int is_it(void *arg, const struct bmc_row *row)
{
	struct setting *s = arg;

	if (strcmp(row->id, s->id) != 0)
		return 0;
	s->value = ((const struct bmc_board *)row)->watchdog;
	return 1;
}

void adb_watchdog_probe(struct adb *a, struct bmc_call *call, struct adb_board *b,
			uint64_t transport)
{
	struct setting s = { .id = b->id, .value = BMC_WATCHDOG_UNKNOWN };
	struct bmc_error err;
	bool known;
	int code;

	(void)a->ops->published(a->host, BMC_BOARD, is_it, &s);
	(void)pthread_mutex_lock(&a->lock);
	known = b->watchdog_of == transport && b->watchdog == s.value;
	(void)pthread_mutex_unlock(&a->lock);
	if (known || s.value < BMC_WATCHDOG_OFF || s.value > BMC_WATCHDOG_40960MS)
		return;
	code = apply(a, call, b, s.value, &err);
	if (code == BMC_OK || code == BMC_ENOTSUP || code == BMC_EPERM)
		told(a, b, s.value); /* what it refuses it is not told again */
	if (code < 0)
		a->ops->log(a->host, LOG_WARNING, "%s", err.what);
}
