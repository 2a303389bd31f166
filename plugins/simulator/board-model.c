// SPDX-License-Identifier: Apache-2.0
/* The life of one board from power to its OS. Owned by the simulator; called from its
 * ticks with the time and from tests with any time. */
#include "board-model.h"

#define SLOW_FACTOR 4
#define FLAP_MS     250

/* Parts of a boot in 1/1000 of boot_ms, and what the sources see meanwhile. Phases that
 * do not end by themselves have no share. */
static const struct {
	int64_t share;
	enum bmc_usb_mode usb;
	enum bmc_adb_state adb;
	bool os;
} phases[] = {
	/* clang-format off */
	[SIM_OFF]         = {   0, BMC_USB_NONE,   BMC_ADB_NONE,    false },
	[SIM_DARK]        = { 150, BMC_USB_NONE,   BMC_ADB_NONE,    false },
	[SIM_LOADER]      = {  50, BMC_USB_LOADER, BMC_ADB_NONE,    false },
	[SIM_KERNEL]      = { 450, BMC_USB_NONE,   BMC_ADB_NONE,    false },
	[SIM_ADB_OFFLINE] = { 250, BMC_USB_ADB,    BMC_ADB_OFFLINE, false },
	[SIM_ADB]         = { 100, BMC_USB_ADB,    BMC_ADB_DEVICE,  false },
	[SIM_UP]          = {   0, BMC_USB_ADB,    BMC_ADB_DEVICE,  true  },
	[SIM_STOPPING]    = {   0, BMC_USB_ADB,    BMC_ADB_DEVICE,  true  },
	[SIM_HALTED]      = {   0, BMC_USB_NONE,   BMC_ADB_NONE,    false },
	[SIM_HELD]        = {   0, BMC_USB_NONE,   BMC_ADB_NONE,    false },
	/* clang-format on */
};

static void enter(struct sim_board_model *m, enum sim_phase phase, int64_t at)
{
	int64_t share = phases[phase].share;

	m->phase = phase;
	m->until = share ? at + m->boot_ms * m->slow * share / 1000 : SIM_NEVER;
	if (phase == SIM_STOPPING)
		m->until = at + m->stop_ms;
}

static void start(struct sim_board_model *m, int64_t at)
{
	m->slow = sim_board_faulty(m, SIM_SLOW_BOOT, at) ? SLOW_FACTOR : 1;
	m->started = at;
	m->boots++;
	enter(m, SIM_DARK, at);
}

static enum sim_phase next_phase(const struct sim_board_model *m)
{
	switch (m->phase) {
	case SIM_LOADER:
		return m->mode == BMC_USB_NONE ? SIM_KERNEL : SIM_HELD;
	case SIM_STOPPING:
		return SIM_HALTED;
	default:
		return m->phase + 1;
	}
}

/* Brings what the board feels in line with the wire, unless the wire is broken. */
static void feel(struct sim_board_model *m, int64_t now)
{
	bool power = m->wire_power && m->present;

	if (sim_board_faulty(m, SIM_PIN_STUCK, now) && m->present)
		return;
	if (power != m->power) {
		m->power = power;
		m->mode = BMC_USB_NONE;
		if (power && !m->reset)
			start(m, now);
		else
			enter(m, SIM_OFF, now);
	}
	if (m->wire_reset == m->reset)
		return;
	m->reset = m->wire_reset;
	m->mode = BMC_USB_NONE;
	if (m->reset)
		enter(m, SIM_OFF, now);
	else if (m->power)
		start(m, now);
}

void sim_board_init(struct sim_board_model *m, enum bmc_os os, bool power)
{
	*m = (struct sim_board_model){
		.phase = power ? SIM_UP : SIM_OFF,
		.until = SIM_NEVER,
		.boot_ms = 8000,
		.stop_ms = 1500,
		.slow = 1,
		.os = os,
		.mode = BMC_USB_NONE,
		.present = true,
		.wire_power = power,
		.power = power,
	};
}

void sim_board_step(struct sim_board_model *m, int64_t now)
{
	feel(m, now);
	while (m->until <= now) {
		if (m->phase == SIM_DARK &&
		    sim_board_faulty(m, SIM_NO_BOOT, m->until)) {
			m->until = m->fault_until[SIM_NO_BOOT];
			continue;
		}
		if (m->phase == SIM_STOPPING && m->restart)
			start(m, m->until);
		else
			enter(m, next_phase(m), m->until);
	}
}

void sim_board_power(struct sim_board_model *m, bool active, int64_t now)
{
	sim_board_step(m, now);
	m->wire_power = active;
	feel(m, now);
}

void sim_board_reset(struct sim_board_model *m, bool active, int64_t now)
{
	sim_board_step(m, now);
	m->wire_reset = active;
	/* A pulse during the fault is lost, not kept for later. */
	if (sim_board_faulty(m, SIM_PIN_STUCK, now))
		m->reset = active;
	feel(m, now);
}

void sim_board_present(struct sim_board_model *m, bool present, int64_t now)
{
	sim_board_step(m, now);
	m->present = present;
	feel(m, now);
}

static bool answers(const struct sim_board_model *m)
{
	return m->phase == SIM_ADB || m->phase == SIM_UP;
}

bool sim_board_restart(struct sim_board_model *m, enum bmc_usb_mode mode, int64_t now)
{
	sim_board_step(m, now);
	if (!answers(m))
		return false;
	m->mode = mode;
	m->restart = true;
	enter(m, SIM_STOPPING, now);
	return true;
}

void sim_board_leave(struct sim_board_model *m, int64_t now)
{
	sim_board_step(m, now);
	if (m->phase != SIM_HELD)
		return;
	m->mode = BMC_USB_NONE;
	start(m, now);
}

bool sim_board_shutdown(struct sim_board_model *m, int64_t now)
{
	sim_board_step(m, now);
	if (!answers(m))
		return false;
	m->restart = false;
	enter(m, SIM_STOPPING, now);
	return true;
}

void sim_board_heal(struct sim_board_model *m)
{
	for (int f = 0; f < SIM_N_FAULTS; f++)
		m->fault_until[f] = 0;
}

void sim_board_fault(struct sim_board_model *m, enum sim_fault f, int64_t from,
		     int64_t until)
{
	m->fault_from[f] = from;
	m->fault_until[f] = until;
}

bool sim_board_faulty(const struct sim_board_model *m, enum sim_fault f, int64_t now)
{
	return now >= m->fault_from[f] && now < m->fault_until[f];
}

struct sim_seen sim_board_seen(const struct sim_board_model *m, int64_t now)
{
	struct sim_seen seen = {
		.power = m->power,
		.phase = m->phase,
		.usb = m->phase == SIM_HELD ? m->mode : phases[m->phase].usb,
		.adb = phases[m->phase].adb,
		.os = phases[m->phase].os ? m->os : BMC_OS_UNKNOWN,
	};

	if (sim_board_faulty(m, SIM_USB_FLAP, now) && now / FLAP_MS % 2) {
		seen.usb = BMC_USB_NONE;
		seen.adb = BMC_ADB_NONE;
		seen.os = BMC_OS_UNKNOWN;
	}
	return seen;
}
