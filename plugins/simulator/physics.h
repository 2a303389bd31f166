// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

/* Heat, air and power as first-order models. Pure functions over plain numbers: degrees
 * Celsius and watts as double inside, milli-units on the way out. */

/** `value` after `dt` ms on its way to `target` with time constant `tau` ms. Implicit
 *  Euler: never overshoots, whatever the step. */
double sim_approach(double value, double target, int64_t dt, int64_t tau);

/** A SoC's temperature at rest: `watts` above `inlet` degrees in an air flow of 0..1.
 */
double sim_soc_target(double inlet, double watts, double flow);

/** A thermistor on the motherboard below the board. */
double sim_ntc_target(double inlet, double soc);

/** Duty (1/1000 percent) of an automatic fan when the hottest thermistor has `ntc`. */
int64_t sim_fan_curve(double ntc);

/** Milli-units of `value`, in steps of `step` milli-units as a real sensor has them. */
int64_t sim_milli(double value, int64_t step);
