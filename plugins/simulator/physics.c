// SPDX-License-Identifier: Apache-2.0
/* First-order heat, air and power of a simulated chassis; called by chassis.c, board.c.
 */
#include "physics.h"

#define KELVIN_PER_WATT_STILL 12.0 /* heat sink without moving air    */
#define KELVIN_PER_WATT_FULL  3.0  /* the same with all fans at full  */
#define NTC_SHARE             0.35 /* of the SoC's rise               */
#define CURVE_START           32.0 /* degrees at which fans speed up  */
#define CURVE_DUTY_LOW        35000
#define CURVE_DUTY_PER_KELVIN 3250
#define DUTY_FULL             100000

double sim_approach(double value, double target, int64_t dt, int64_t tau)
{
	if (dt <= 0)
		return value;
	return value + (target - value) * (double)dt / (double)(tau + dt);
}

double sim_soc_target(double inlet, double watts, double flow)
{
	double still = 1.0 / KELVIN_PER_WATT_STILL, full = 1.0 / KELVIN_PER_WATT_FULL;

	return inlet + watts / (still + (full - still) * flow);
}

double sim_ntc_target(double inlet, double soc)
{
	return inlet + NTC_SHARE * (soc - inlet);
}

int64_t sim_fan_curve(double ntc)
{
	double duty = CURVE_DUTY_LOW;

	if (ntc > CURVE_START)
		duty += (ntc - CURVE_START) * CURVE_DUTY_PER_KELVIN;
	return duty > DUTY_FULL ? DUTY_FULL : (int64_t)duty;
}

int64_t sim_milli(double value, int64_t step)
{
	double steps = value * 1000.0 / (double)step;

	return (int64_t)(steps < 0 ? steps - 0.5 : steps + 0.5) * step;
}
