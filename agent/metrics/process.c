// SPDX-License-Identifier: Apache-2.0
// What Prometheus' client libraries say of every process, by their names. From the
// kernel; what it does not say has no sample.
#include <dirent.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "metrics/render.h"

static void one(struct mx_text *t, const char *name, enum mx_type type,
		const char *help, int64_t value, int64_t divisor)
{
	mx_family(t, name, type, help);
	mx_sample(t);
	mx_value(t, value, 1, divisor);
}

static void cpu(struct mx_text *t)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) == 0)
		one(t, "process_cpu_seconds_total", MX_COUNTER,
		    "User and system CPU time.",
		    (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000) +
			    u.ru_utime.tv_usec + u.ru_stime.tv_usec,
		    1000000);
}

static void memory(struct mx_text *t)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long long size, resident, page = sysconf(_SC_PAGESIZE);

	if (!f)
		return;
	if (fscanf(f, "%lld %lld", &size, &resident) == 2) {
		one(t, "process_virtual_memory_bytes", MX_GAUGE, "Virtual memory.",
		    size * page, 1);
		one(t, "process_resident_memory_bytes", MX_GAUGE, "Resident memory.",
		    resident * page, 1);
	}
	(void)fclose(f);
}

static void descriptors(struct mx_text *t)
{
	DIR *dir = opendir("/proc/self/fd");
	struct rlimit limit;
	int64_t n = -3; /* "." and "..", and the folder's own */

	if (dir) {
		while (readdir(dir))
			n++;
		(void)closedir(dir);
		one(t, "process_open_fds", MX_GAUGE, "Open file descriptors.", n, 1);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		one(t, "process_max_fds", MX_GAUGE, "The most of them.",
		    (int64_t)limit.rlim_cur, 1);
}

/* The last of the 22 fields that are read is when it started, in ticks since boot
 * (proc(5)); the second is the program's name in parentheses, which may have any byte.
 */
static void start(struct mx_text *t)
{
	char line[1024], *after;
	FILE *f = fopen("/proc/self/stat", "re");
	size_t len = f ? fread(line, 1, sizeof(line) - 1, f) : 0;
	unsigned long long ticks;
	long hertz = sysconf(_SC_CLK_TCK);

	if (f)
		(void)fclose(f);
	line[len] = 0;
	after = strrchr(line, ')');
	if (!after || hertz <= 0 ||
	    sscanf(after + 1,
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
		   "%*d"
		   " %*d %*d %llu",
		   &ticks) != 1)
		return;
	one(t, "process_start_time_seconds", MX_GAUGE,
	    "Start of the process, since the Unix epoch.",
	    bmc_wall((int64_t)ticks * 1000 / hertz), 1000);
}

void mx_render_process(struct mx_text *t)
{
	cpu(t);
	memory(t);
	descriptors(t);
	start(t);
}
