// SPDX-License-Identifier: Apache-2.0
/* What a board's shell answers to the probe: sections that begin with a line "@@NAME".
 * Lines of no use are skipped, values that make no sense stay unknown. */
#include <stdlib.h>

#include "adb.h"

#define LOWEST  (-100000) /* millidegrees that no thermometer means */
#define HIGHEST 250000
#define LINE    512

/* Few processes on the board: the shell itself reads what has one value. */
const char adb_probe_script[] =
	"echo @@prop;getprop 2>/dev/null;"
	"echo @@release;cat /etc/os-release 2>/dev/null;"
	"echo @@kernel;cat /proc/sys/kernel/osrelease;"
	"echo @@host;cat /proc/sys/kernel/hostname;"
	"echo @@machine;uname -m;"
	"echo @@dt;for f in serial-number model hw-version;do "
	"[ -r /proc/device-tree/$f ]&&{ echo;echo \"$f \";cat "
	"/proc/device-tree/$f;};done;echo;"
	"echo @@cpu;cat /proc/cpuinfo;"
	"for f in /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq;do "
	"{ read v <$f;} 2>/dev/null&&echo \"khz : $v\";done;"
	"echo @@stat;read v </proc/stat&&echo \"$v\";"
	"echo @@mem;cat /proc/meminfo;"
	"echo @@up;cat /proc/uptime;"
	"echo @@disk;for d in /sys/block/mmcblk?;do "
	"{ read t <$d/device/type&&read v <$d/size;} 2>/dev/null&&echo \"$t $v\";done;"
	"df -k / /data 2>/dev/null;"
	"echo @@temp;for z in /sys/class/thermal/thermal_zone*;do "
	"{ read t <$z/type&&read v <$z/temp;} 2>/dev/null&&echo \"$t $v\";done;"
	"echo @@nic;for i in /sys/class/net/*;do echo \"@${i##*/}\";"
	"[ -e $i/device ]&&echo device 1;for f in type address operstate carrier speed "
	"duplex "
	"mtu flags statistics/rx_bytes statistics/tx_bytes statistics/rx_packets "
	"statistics/tx_packets statistics/rx_errors statistics/tx_errors;do "
	"{ read v <$i/$f;} 2>/dev/null&&echo \"${f##*/} $v\";done;done;"
	"echo @@addr;ip -o addr show 2>/dev/null;"
	"echo @@route;cat /proc/net/route 2>/dev/null;echo @@end";

struct parse {
	struct adb_facts *f;
	char *dt; /* where the next line of the device tree goes */
	size_t dt_size;
	bool mmc;  /* the eMMC was found    */
	bool data; /* /data has told its use */
};

static void take(char *dst, size_t size, const char *text)
{
	adb_clean(dst, size, text, strlen(text));
}

/* "[ro.serialno]: [B09CCSUB02]" */
static void prop_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	const struct {
		const char *key;
		char *dst;
		size_t size;
	} props[] = {
		{ "ro.serialno", f->serial, sizeof(f->serial) },
		{ "ro.product.model", f->model, sizeof(f->model) },
		{ "ro.hw.version", f->hw_version, sizeof(f->hw_version) },
		{ "ro.hardware.version", f->hw_version, sizeof(f->hw_version) },
		{ "ro.boot.hardware.revision", f->hw_version, sizeof(f->hw_version) },
		{ "ro.build.version.release", f->os_version, sizeof(f->os_version) },
		{ "ro.build.display.id", f->cpu_model, sizeof(f->cpu_model) },
		{ "net.dns1", f->dns[0], sizeof(f->dns[0]) },
		{ "net.dns2", f->dns[1], sizeof(f->dns[1]) },
	};
	char *end = strstr(line, "]: ["), *close;

	close = end ? strrchr(end + 4, ']') : NULL;
	if (line[0] != '[' || !close)
		return;
	*end = *close = '\0';
	for (size_t i = 0; i < sizeof(props) / sizeof(props[0]); i++) {
		if (strcmp(line + 1, props[i].key) == 0 && !props[i].dst[0])
			take(props[i].dst, props[i].size, end + 4);
	}
}

/* At the end of the properties: an Android has told its version. */
static void prop_end(struct adb_facts *f)
{
	char version[48], build[48];

	if (f->os_version[0]) {
		f->os = BMC_OS_ANDROID;
		memcpy(version, f->os_version, sizeof(version));
		memcpy(build, f->cpu_model, sizeof(build));
		(void)snprintf(f->os_version, sizeof(f->os_version),
			       "Android %.10s%s%.27s", version, build[0] ? ", " : "",
			       build);
	}
	f->cpu_model[0] = '\0';
}

static void release_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	size_t n;

	if (f->os == BMC_OS_ANDROID || strncmp(line, "PRETTY_NAME=", 12) != 0)
		return;
	line += 12;
	line += *line == '"';
	n = strlen(line);
	while (n && (line[n - 1] == '"' || line[n - 1] == '\r'))
		line[--n] = '\0';
	take(f->os_version, sizeof(f->os_version), line);
	f->os = BMC_OS_LINUX;
}

static void dt_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	const struct {
		const char *key;
		char *dst;
		size_t size;
	} keys[] = {
		{ "serial-number ", f->serial, sizeof(f->serial) },
		{ "model ", f->model, sizeof(f->model) },
		{ "hw-version ", f->hw_version, sizeof(f->hw_version) },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(line, keys[i].key) == 0) {
			p->dt = keys[i].dst[0] ? NULL : keys[i].dst;
			p->dt_size = keys[i].size;
			return;
		}
	}
	if (p->dt)
		take(p->dt, p->dt_size, line);
	p->dt = NULL;
}

/* The text behind "KEY<blanks>: ", or NULL. */
static const char *colon_value(const char *line, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n) != 0)
		return NULL;
	line += n;
	line += strspn(line, " \t");
	return *line == ':' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

static void cpu_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	const char *v;

	if (colon_value(line, "processor") && f->cpu_cores < 1024)
		f->cpu_cores = f->cpu_cores == BMC_UNKNOWN ? 1 : f->cpu_cores + 1;
	v = colon_value(line, "model name");
	if (!v)
		v = colon_value(line, "Hardware");
	if (v && !f->cpu_model[0])
		take(f->cpu_model, sizeof(f->cpu_model), v);
	v = colon_value(line, "Serial");
	if (v && !f->serial[0])
		take(f->serial, sizeof(f->serial), v);
	v = colon_value(line, "khz");
	if (v && adb_number(v) / 1000 > f->cpu_mhz &&
	    adb_number(v) < INT64_C(100000000))
		f->cpu_mhz = adb_number(v) / 1000;
}

/* "cpu  user nice system idle iowait irq softirq steal ..." */
static void stat_line(struct parse *p, char *line)
{
	const char *at = line + 3;
	uint64_t all = 0, idle = 0;

	if (strncmp(line, "cpu ", 4) != 0)
		return;
	for (int i = 0; i < 8; i++) {
		at += strspn(at, " ");
		int64_t n = adb_number(at);
		if (n == BMC_UNKNOWN || n > INT64_MAX / 16)
			break;
		all += (uint64_t)n;
		idle += i == 3 || i == 4 ? (uint64_t)n : 0;
		at += strspn(at, "0123456789");
	}
	p->f->cpu_total = all;
	p->f->cpu_busy = all - idle;
}

static int64_t kib(const char *v)
{
	int64_t n = v ? adb_number(v) : BMC_UNKNOWN;

	return n >= 0 && n < INT64_MAX / 1024 ? n * 1024 : BMC_UNKNOWN;
}

static void mem_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	const char *v = colon_value(line, "MemTotal");
	int64_t free_bytes;

	if (v)
		f->memory_bytes = kib(v);
	free_bytes = kib(colon_value(line, "MemAvailable"));
	if (free_bytes >= 0 && f->memory_bytes >= free_bytes)
		f->memory_used = f->memory_bytes - free_bytes;
}

/* "12345.67 ..." seconds */
static void up_line(struct parse *p, char *line)
{
	int64_t s = adb_number(line);

	if (s >= 0 && s < INT64_C(10000000000))
		p->f->uptime = s * 1000;
}

/* "MMC 61071360" in sectors of 512 bytes, or a line of df for /data, else for / */
static void disk_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	char *words[6], *rest = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " \t\r", &rest); w && n < 6;
	     w = strtok_r(NULL, " \t\r", &rest))
		words[n++] = w;
	if (n == 2 && strcmp(words[0], "MMC") == 0 && !p->mmc) {
		int64_t sectors = adb_number(words[1]);

		if (sectors > 0 && sectors < INT64_MAX / 512)
			f->storage_bytes = sectors * 512;
		p->mmc = true;
	}
	bool data = n == 6 && strcmp(words[5], "/data") == 0;
	if (n != 6 || p->data || (!data && strcmp(words[5], "/") != 0))
		return;
	if (kib(words[2]) != BMC_UNKNOWN &&
	    words[2][strspn(words[2], "0123456789")] == '\0')
		f->storage_used = kib(words[2]);
	p->data = data;
}

static int64_t millidegrees(const char *s)
{
	bool below = *s == '-';
	int64_t n = adb_number(s + below);

	n = n == BMC_UNKNOWN ? n : below ? -n : n;
	/* some drivers have whole degrees */
	n = n > -200 && n < 200 ? n * 1000 : n;
	return n >= LOWEST && n <= HIGHEST ? n : BMC_UNKNOWN;
}

/* "soc-thermal 45000": the first zone of each */
static void temp_line(struct parse *p, char *line)
{
	struct adb_facts *f = p->f;
	char *value = strrchr(line, ' ');
	int64_t *to = NULL;

	if (!value)
		return;
	*value = '\0';
	if (strstr(line, "gpu"))
		to = &f->gpu_temperature;
	else if (strstr(line, "soc") || strstr(line, "cpu"))
		to = &f->soc_temperature;
	if (to && *to == BMC_UNKNOWN)
		*to = millidegrees(value + 1);
}

static void kernel_line(struct parse *p, char *line)
{
	if (!p->f->kernel[0])
		take(p->f->kernel, sizeof(p->f->kernel), line);
}

static void host_line(struct parse *p, char *line)
{
	if (!p->f->hostname[0])
		take(p->f->hostname, sizeof(p->f->hostname), line);
}

static void machine_line(struct parse *p, char *line)
{
	if (!p->f->architecture[0])
		take(p->f->architecture, sizeof(p->f->architecture), line);
}

static void nic_line(struct parse *p, char *line)
{
	adb_nic_line(p->f, line);
}

static void addr_line(struct parse *p, char *line)
{
	adb_address_line(p->f, line);
}

static void route_line(struct parse *p, char *line)
{
	adb_route_line(p->f, line);
}

static const struct section {
	const char *name;
	void (*line)(struct parse *p, char *line);
} sections[] = {
	{ "prop", prop_line }, { "release", release_line }, { "kernel", kernel_line },
	{ "host", host_line }, { "machine", machine_line }, { "dt", dt_line },
	{ "cpu", cpu_line },   { "stat", stat_line },       { "mem", mem_line },
	{ "up", up_line },     { "disk", disk_line },       { "temp", temp_line },
	{ "nic", nic_line },   { "addr", addr_line },       { "route", route_line },
};

static const struct section *section_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	}
	return NULL;
}

static void facts_init(struct adb_facts *f)
{
	memset(f, 0, sizeof(*f));
	f->cpu_cores = f->cpu_mhz = BMC_UNKNOWN;
	f->memory_bytes = f->memory_used = BMC_UNKNOWN;
	f->storage_bytes = f->storage_used = BMC_UNKNOWN;
	f->soc_temperature = f->gpu_temperature = f->uptime = BMC_UNKNOWN;
}

void adb_facts_parse(const char *answer, size_t len, struct adb_facts *ret)
{
	const struct section *s = NULL;
	struct parse p = { .f = ret };
	char line[LINE];

	facts_init(ret);
	while (len) {
		const char *end = memchr(answer, '\n', len);
		size_t all = end ? (size_t)(end - answer) : len;
		size_t n = all < sizeof(line) ? all : sizeof(line) - 1;

		memcpy(line, answer, n);
		while (n && line[n - 1] == '\r')
			n--;
		line[n] = '\0';
		if (strncmp(line, "@@", 2) == 0) {
			if (s && s->line == prop_line)
				prop_end(ret);
			s = section_of(line + 2);
		} else if (s && line[0]) {
			s->line(&p, line);
		}
		all += end != NULL;
		answer += all;
		len -= all;
	}
	if (s && s->line == prop_line)
		prop_end(ret);
	adb_nics_sift(ret);
}
