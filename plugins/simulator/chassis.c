// SPDX-License-Identifier: Apache-2.0
/* Everything of the simulated chassis that is no board: fans, power supplies, disks,
 * the network units, sensors, blades. Read once a second by tick.c, under the lock. */
#include <stdio.h>

#include "physics.h"
#include "sim.h"

#define TAU_FAN_MS      1500
#define TAU_INLET_MS    120000
#define ROOM_CELSIUS    24.0
#define BASE_WATTS      35.0 /* switches, main, losses on the motherboard */
#define FAN_WATTS       9.0  /* one fan at full speed                     */
#define PSU_VOLTS       12.1
#define PSU_EFFICIENCY  0.92
#define MAINS_VOLTS     230.0
#define NIC_BYTES_PER_S 12000000

/* The platform file's rows of a kind, one after another: `i` counts from 0. */
static struct sim_row *next_row(struct sim *s, enum bmc_kind kind, size_t *i)
{
	return *i < s->count[kind] ? s->rows[s->first[kind] + (*i)++] : NULL;
}

/* ---- what never changes ---- */

static void identify_disk(struct sim_row *r, unsigned n)
{
	struct bmc_disk *d = r->now;

	d->media = bmc_conf_num(r->conf, "media", BMC_MEDIA_HDD);
	bool turns = d->media == BMC_MEDIA_HDD;
	(void)snprintf(d->model, sizeof(d->model),
		       turns ? "ST2000VN004-2E4164" : "SD64G");
	(void)snprintf(d->serial, sizeof(d->serial), "Z52S%04u", n);
	(void)snprintf(d->firmware, sizeof(d->firmware), "SC60");
	d->protocol = turns ? BMC_PROTOCOL_SATA : BMC_PROTOCOL_SD;
	d->present = 1;
	d->bytes = bmc_conf_num(r->conf, "bytes", turns ? 2000398934016 : 64000000000);
	d->used_bytes = d->bytes / 4;
	d->rotation_rpm = turns ? 5900 : 0;
	d->hours = 8760 + (int64_t)n;
	d->failure_predicted = 0;
}

static void identify_nic(struct sim_row *r, unsigned n)
{
	struct bmc_nic *nic = r->now;

	(void)snprintf(nic->mac, sizeof(nic->mac), "02:46:4e:00:%02x:%02x",
		       (n >> 8) & 0xff, n & 0xff);
	nic->enabled = 1;
	nic->link = BMC_LINK_UP;
	nic->speed = 1000;
	nic->mtu = 1500;
	nic->full_duplex = 1;
	nic->rx_errors = nic->tx_errors = 0;
}

static void identify_psu(struct sim_row *r, unsigned n)
{
	struct bmc_psu *p = r->now;

	(void)snprintf(p->serial, sizeof(p->serial), "P13A%04u", n);
	(void)snprintf(p->model, sizeof(p->model), "CRPS-1300");
	(void)snprintf(p->manufacturer, sizeof(p->manufacturer), "Simulated");
	p->capacity = 1300000;
	p->present = 1;
}

void sim_chassis_identity(struct sim *s)
{
	struct sim_row *r;
	unsigned n = 0;

	for (size_t i = 0; (r = next_row(s, BMC_CHASSIS, &i));)
		((struct bmc_chassis *)r->now)->locator = 0;
	for (size_t i = 0; (r = next_row(s, BMC_BLADE, &i));) {
		((struct bmc_blade *)r->now)->locator = 0;
		((struct bmc_blade *)r->now)->present = 1;
	}
	for (size_t i = 0; (r = next_row(s, BMC_DISK, &i));)
		identify_disk(r, ++n);
	for (size_t i = 0; (r = next_row(s, BMC_NIC, &i));)
		identify_nic(r, ++n);
	for (size_t i = 0; i < s->n_psus; i++)
		identify_psu(s->psus[i].row, (unsigned)i + 1);
	for (size_t i = 0; i < s->n_fans; i++)
		((struct bmc_fan *)s->fans[i].row->now)->present = 1;
	s->ambient = sim_add(s, BMC_SENSOR, "ambient", NULL);
	if (s->ambient) {
		struct bmc_sensor *a = s->ambient->now;

		(void)snprintf(a->name, sizeof(a->name), "Ambient");
		a->type = BMC_SENSOR_TEMPERATURE;
		a->context = BMC_CONTEXT_INTAKE;
		a->high_warning = 45000;
		a->high_critical = 50000;
	}
}

/* ---- air ---- */

static double hottest(const struct sim *s)
{
	double max = s->inlet_celsius;

	for (size_t i = 0; i < s->n_boards; i++) {
		if (s->boards[i].ntc_celsius > max)
			max = s->boards[i].ntc_celsius;
	}
	return max;
}

/* A tester may hold a fan's speed: then the air is what that speed gives. */
static double speed_share(const struct sim_fan *f)
{
	int64_t rpm = SIM_REPORTED(f->row, bmc_fan, rpm);

	return rpm == BMC_UNKNOWN ? 0.0 : (double)rpm / (double)f->full_rpm;
}

static double read_fans(struct sim *s, int64_t dt)
{
	int64_t curve = sim_fan_curve(hottest(s));
	double share = 0, watts = 0;

	for (size_t i = 0; i < s->n_fans; i++) {
		struct sim_fan *f = &s->fans[i];
		struct bmc_fan *row = f->row->now;

		if (f->mode == BMC_FAN_AUTOMATIC)
			f->duty = curve / 1000 * 1000;
		f->rpm = sim_approach(f->rpm, (double)(f->full_rpm * f->duty / 100000),
				      dt, TAU_FAN_MS);
		row->mode = f->mode;
		row->duty = f->duty;
		row->rpm = (int64_t)f->rpm / 10 * 10;
		(void)sim_row_report(f->row, &s->reporter, SIM_REPORT_QUICK);
		share += speed_share(f);
		watts += FAN_WATTS * speed_share(f);
	}
	s->flow = s->n_fans ? share / (double)s->n_fans : 0.5;
	return watts;
}

static double read_blades(struct sim *s)
{
	struct sim_row *r;
	double sum = 0;

	for (size_t i = 0; (r = next_row(s, BMC_BLADE, &i));)
		((struct bmc_blade *)r->now)->power = 0;
	for (size_t i = 0; i < s->n_boards; i++) {
		struct sim_board *b = &s->boards[i];

		sum += b->watts;
		if (b->blade)
			((struct bmc_blade *)b->blade->now)->power +=
				sim_milli(b->watts, 100);
	}
	for (size_t i = 0; (r = next_row(s, BMC_BLADE, &i));)
		(void)sim_row_report(r, &s->reporter, SIM_REPORT_QUICK);
	return sum;
}

/* ---- power ---- */

static bool gives_power(const struct sim_psu *p)
{
	return SIM_REPORTED(p->row, bmc_psu, present) != 0 &&
	       SIM_REPORTED(p->row, bmc_psu, input_ok) != 0 &&
	       SIM_REPORTED(p->row, bmc_psu, output_ok) != 0;
}

static void read_psu(struct sim *s, struct sim_psu *p, double watts, int64_t dt)
{
	struct bmc_psu *row = p->row->now;
	bool mains = SIM_REPORTED(p->row, bmc_psu, input_ok) != 0;
	double in = watts / PSU_EFFICIENCY;

	p->joules += in * (double)dt / 1000.0;
	row->input_ok = row->output_ok = 1;
	row->input_voltage = mains ? sim_milli(MAINS_VOLTS + (double)sim_random_in(
								     &s->random, -1, 1),
					       1000)
				   : 0;
	row->output_voltage = gives_power(p) ? sim_milli(PSU_VOLTS, 10) : 0;
	row->output_power = sim_milli(watts, 1000);
	row->input_power = sim_milli(in, 1000);
	row->output_current = sim_milli(watts / PSU_VOLTS, 100);
	row->energy = (int64_t)p->joules;
	row->temperature = sim_milli(s->inlet_celsius + 6.0 + watts / 60.0, 500);
	(void)sim_row_report(p->row, &s->reporter, SIM_REPORT_QUICK);
}

static double read_psus(struct sim *s, double watts, int64_t dt)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_psus; i++)
		n += gives_power(&s->psus[i]);
	for (size_t i = 0; i < s->n_psus; i++) {
		bool on = gives_power(&s->psus[i]);

		read_psu(s, &s->psus[i], on ? watts / (double)n : 0.0, dt);
	}
	return s->n_psus ? watts / PSU_EFFICIENCY : watts;
}

/* ---- the rest ---- */

static void read_disks(struct sim *s)
{
	struct sim_row *r;

	for (size_t i = 0; (r = next_row(s, BMC_DISK, &i));) {
		((struct bmc_disk *)r->now)->temperature =
			sim_milli(s->inlet_celsius + 8, 1000);
		(void)sim_row_report(r, &s->reporter, SIM_REPORT_QUICK);
	}
}

static void read_nics(struct sim *s, int64_t dt)
{
	struct sim_row *r;

	for (size_t i = 0; (r = next_row(s, BMC_NIC, &i));) {
		struct bmc_nic *n = r->now;
		int64_t bytes =
			sim_random_in(&s->random, 0, NIC_BYTES_PER_S) * dt / 1000;

		n->rx_bytes = (n->rx_bytes == BMC_UNKNOWN ? 0 : n->rx_bytes) + bytes;
		n->tx_bytes = n->rx_bytes / 3;
		n->rx_packets = n->rx_bytes / 900;
		n->tx_packets = n->tx_bytes / 300;
		(void)sim_row_report(r, &s->reporter, SIM_REPORT_QUICK);
	}
}

/* A sensor of the platform file shows what its type and parent suggest. */
static int64_t sensor_value(const struct sim *s, const struct sim_row *r, double watts)
{
	const struct sim_board *b = r->board;

	switch (bmc_conf_num(r->conf, "type", BMC_SENSOR_TEMPERATURE)) {
	case BMC_SENSOR_TEMPERATURE:
		return sim_milli(b ? b->ntc_celsius : s->inlet_celsius, 100);
	case BMC_SENSOR_VOLTAGE:
		return sim_milli(PSU_VOLTS, 10);
	case BMC_SENSOR_CURRENT:
		return sim_milli((b ? b->watts : watts) / PSU_VOLTS, 100);
	case BMC_SENSOR_POWER:
		return sim_milli(b ? b->watts : watts, 100);
	case BMC_SENSOR_HUMIDITY:
		return 40000;
	default:
		return BMC_UNKNOWN;
	}
}

static void read_sensors(struct sim *s, double watts)
{
	struct sim_row *r;

	for (size_t i = 0; (r = next_row(s, BMC_SENSOR, &i));) {
		if (r->board && r->board->ntc == r)
			continue; /* reported with its board */
		((struct bmc_sensor *)r->now)->value = sensor_value(s, r, watts);
		r->absent = r->board && r->board->row->absent;
		(void)sim_row_report(r, &s->reporter, SIM_REPORT_QUICK);
	}
	if (!s->ambient)
		return;
	((struct bmc_sensor *)s->ambient->now)->value = sim_milli(s->inlet_celsius, 63);
	(void)sim_row_report(s->ambient, &s->reporter, SIM_REPORT_QUICK);
}

void sim_chassis_read(struct sim *s, int64_t now)
{
	int64_t dt = now - s->chassis_at, fast = dt * s->speed;
	struct sim_row *r;
	double watts;

	s->chassis_at = now;
	watts = BASE_WATTS + read_fans(s, fast) + read_blades(s);
	s->inlet_celsius = sim_approach(s->inlet_celsius, ROOM_CELSIUS + watts / 150.0,
					fast, TAU_INLET_MS);
	watts = read_psus(s, watts, dt);
	read_disks(s);
	read_nics(s, dt);
	read_sensors(s, watts);
	for (size_t i = 0; (r = next_row(s, BMC_CHASSIS, &i));) {
		((struct bmc_chassis *)r->now)->power = sim_milli(watts, 1000);
		(void)sim_row_report(r, &s->reporter, SIM_REPORT_QUICK);
	}
}
