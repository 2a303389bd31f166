// SPDX-License-Identifier: Apache-2.0
/* Thermometers of this machine: /sys/class/hwmon, and those of /sys/class/thermal that
 * have no hwmon of their own. The first of the processor is main's SoC temperature. */
#include <fnmatch.h>
#include <stdlib.h>

#include "host.h"

#define TEMPS_MAX 64
#define LOWEST    (-100000) /* millidegrees that no thermometer means */
#define HIGHEST   250000

/* Whose reading is the processor's or the graphics processor's, best first. */
static const char *const soc_names[] = { "soc*",          "cpu*",
					 "coretemp*",     "k10temp*",
					 "x86_pkg_temp*", "zenpower*",
					 "acpitz*",       NULL };
static const char *const gpu_names[] = { "gpu*", "amdgpu*", "nouveau*", NULL };

struct temp {
	char id[BMC_ID_MAX], name[BMC_NAME_MAX];
	char chip[HOST_NAME_MAX];
	int64_t value, warning, critical;
};

struct temps {
	size_t n;
	struct temp list[TEMPS_MAX];
};

static int64_t plausible(int64_t milli)
{
	return milli >= LOWEST && milli <= HIGHEST ? milli : BMC_UNKNOWN;
}

/* Limits of 0 or less are registers nobody has set. */
static int64_t limit(int64_t milli)
{
	return milli > 0 ? plausible(milli) : BMC_UNKNOWN;
}

static bool has_id(const struct temps *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->list[i].id, id) == 0)
			return true;
	}
	return false;
}

/* A second chip of the same name becomes NAME-2 and so on, in the kernel's order. */
static void make_id(const struct host *h, const struct temps *t, const char *name,
		    char ret[BMC_ID_MAX])
{
	char numbered[2 * HOST_NAME_MAX];

	host_id(h, ret, name);
	for (unsigned n = 2; has_id(t, ret) && n <= TEMPS_MAX; n++) {
		(void)snprintf(numbered, sizeof(numbered), "%.12s-%u", name, n);
		host_id(h, ret, numbered);
	}
}

static void read_channel(const struct host *h, struct temps *t, const char *dir,
			 const char *chip, unsigned channel)
{
	struct temp *temp = &t->list[t->n];
	char label[32], name[2 * HOST_NAME_MAX];
	int64_t value;

	if (t->n == TEMPS_MAX)
		return;
	value = host_number(h, "/sys/class/hwmon/%s/temp%u_input", dir, channel);
	if (value == BMC_UNKNOWN)
		return;
	*temp = (struct temp){
		.value = plausible(value),
		.warning = limit(
			host_number(h, "/sys/class/hwmon/%s/temp%u_max", dir, channel)),
		.critical = limit(host_number(h, "/sys/class/hwmon/%s/temp%u_crit", dir,
					      channel)),
	};
	(void)snprintf(name, sizeof(name), "%s-t%u", chip, channel);
	make_id(h, t, name, temp->id);
	(void)host_text(h, label, sizeof(label), "/sys/class/hwmon/%s/temp%u_label",
			dir, channel);
	(void)snprintf(temp->chip, sizeof(temp->chip), "%s", chip);
	(void)snprintf(temp->name, sizeof(temp->name), "%.28s%s%s", chip,
		       label[0] ? " " : "", label);
	t->n++;
}

static void read_chip(const struct host *h, struct temps *t, const char *dir)
{
	struct host_names *files = malloc(sizeof(*files));
	char chip[HOST_NAME_MAX], path[HOST_NAME_MAX + 24];

	if (!files)
		return;
	if (!host_text(h, chip, sizeof(chip), "/sys/class/hwmon/%s/name", dir))
		(void)snprintf(chip, sizeof(chip), "%s", dir);
	(void)snprintf(path, sizeof(path), "/sys/class/hwmon/%s", dir);
	host_list(h, path, files);
	for (size_t i = 0; i < files->n; i++) {
		unsigned channel;
		int end = 0;

		if (sscanf(files->name[i], "temp%2u_input%n", &channel, &end) == 1 &&
		    end && !files->name[i][end])
			read_channel(h, t, dir, chip, channel);
	}
	free(files);
}

/* A zone's type as the kernel spells it for the zone's hwmon: '-' becomes '_'. */
static bool has_chip(const struct temps *t, const char *type)
{
	char chip[HOST_NAME_MAX];

	(void)snprintf(chip, sizeof(chip), "%s", type);
	for (char *p = chip; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->list[i].chip, chip) == 0)
			return true;
	}
	return false;
}

static void read_zone(const struct host *h, struct temps *t, const char *zone)
{
	struct temp *temp = &t->list[t->n];
	char type[HOST_NAME_MAX];
	int64_t value;

	if (t->n == TEMPS_MAX || strncmp(zone, "thermal_zone", 12) != 0 ||
	    !host_text(h, type, sizeof(type), "/sys/class/thermal/%s/type", zone) ||
	    has_chip(t, type))
		return;
	value = host_number(h, "/sys/class/thermal/%s/temp", zone);
	if (value == BMC_UNKNOWN)
		return;
	*temp = (struct temp){ .value = plausible(value),
			       .warning = BMC_UNKNOWN,
			       .critical = BMC_UNKNOWN };
	make_id(h, t, type, temp->id);
	(void)snprintf(temp->chip, sizeof(temp->chip), "%s", type);
	(void)snprintf(temp->name, sizeof(temp->name), "%.63s", type);
	t->n++;
}

static int64_t best(const struct temps *t, const char *const names[])
{
	for (; *names; names++) {
		for (size_t i = 0; i < t->n; i++) {
			if (fnmatch(*names, t->list[i].chip, 0) == 0 &&
			    t->list[i].value != BMC_UNKNOWN)
				return t->list[i].value;
		}
	}
	return BMC_UNKNOWN;
}

static void put_temp(struct host *h, const struct temp *t)
{
	const struct bmc_value v[] = {
		BMC_TXT(bmc_sensor, name, t->name),
		BMC_NUM(bmc_sensor, type, BMC_SENSOR_TEMPERATURE),
		BMC_NUM(bmc_sensor, value, t->value),
		BMC_NUM(bmc_sensor, high_warning, t->warning),
		BMC_NUM(bmc_sensor, high_critical, t->critical),
	};

	(void)host_put(h, BMC_SENSOR, t->id, v, sizeof(v) / sizeof(v[0]));
}

void host_read_temperatures(struct host *h)
{
	struct host_names *names = malloc(sizeof(*names));
	struct temps *temps = calloc(1, sizeof(*temps));

	if (names && temps) {
		host_list(h, "/sys/class/hwmon", names);
		for (size_t i = 0; i < names->n; i++)
			read_chip(h, temps, names->name[i]);
		host_list(h, "/sys/class/thermal", names);
		for (size_t i = 0; i < names->n; i++)
			read_zone(h, temps, names->name[i]);
		h->soc = best(temps, soc_names);
		h->gpu = best(temps, gpu_names);
		for (size_t i = 0; h->sensors && i < temps->n; i++)
			put_temp(h, &temps->list[i]);
	}
	free(names);
	free(temps);
}
