// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bmc/conf.h"
#include "bmc/model.h"

/* What the SNMP tests share: a chassis of a few rows published as a snapshot, the agent
 * on a free port of the loopback address, and the real snmp* programs as its clients.
 */

/** Publishes a chassis: R2's nine blades of eight boards and `main`, fans, sensors, a
 * task. */
void snmp_fixture_publish(void);
/** The row of the next snapshot, to be changed before snmp_fixture_publish. */
struct bmc_row *snmp_fixture_row(enum bmc_kind kind, const char *id);

/** The address the agent binds; 127.0.0.1 as it is. */
extern const char *snmp_fixture_bind;
/** Starts the agent with `yaml` as its config section; the port is put in by the
 * fixture. */
void snmp_fixture_start(const char *yaml);
void snmp_fixture_stop(void);
/** The same without a chassis of the fixture's: the test has published one. */
void snmp_fixture_serve(const char *yaml);
void snmp_fixture_end(void);
/** As snmp_fixture_serve, but without the agent's thread: the test calls sn_pass. */
void snmp_fixture_open(const char *yaml);
/** Called again and again while a client runs: a loop's step. NULL: nothing to do. */
extern void (*snmp_fixture_meanwhile)(void);
int snmp_fixture_port(void);
/** A UDP port that is free at present. */
int snmp_fixture_free_port(void);
const char *snmp_fixture_dir(void);

/** Runs `program` with "-v2c -c COMMUNITY ... 127.0.0.1:PORT args" and returns what it
 * prints (stdout and stderr), owned by the fixture until the next call. */
const char *snmp_fixture_run(const char *program, const char *credentials,
			     const char *args);
/** As snmp_fixture_run; returns the number of lines. */
unsigned snmp_fixture_count(const char *program, const char *credentials,
			    const char *args);

#define V2C_READ  "-v2c -c public"
#define V2C_WRITE "-v2c -c private"
#define ROOT_DOT  "." ROOT
#define ROOT      "1.3.6.1.4.1.32473.1.1"
