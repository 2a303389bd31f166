// SPDX-License-Identifier: Apache-2.0
/* The SNMP tests' chassis and clients. */
#include "snmp-fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/conf/conf.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/model/field.h"
#include "core/snapshot/build.h"
#include "snmp/snmp.h"

#define ROWS_MAX 128

static struct bmc_row *rows[BMC_N_KINDS][ROWS_MAX];
static size_t n_rows[BMC_N_KINDS];
static struct bmc_conf_file *conf;
static char dir[] = "/tmp/snmp-test-XXXXXX";
static int port;
void (*snmp_fixture_meanwhile)(void);
const char *snmp_fixture_bind = "127.0.0.1";

static struct bmc_row *add(enum bmc_kind kind, uint32_t i0, uint32_t i1, const char *id)
{
	union bmc_any_row any;
	size_t n = n_rows[kind]++;

	assert_true(n < ROWS_MAX);
	bmc_row_clear(&any.row, kind);
	struct bmc_row *r = bmc_row_copy(&any.row);
	assert_non_null(r);
	r->kind = (uint16_t)kind;
	r->handle = BMC_HANDLE(kind, n + 1);
	r->index[0] = i0;
	r->index[1] = i1;
	r->status = BMC_ENABLED;
	bmc_copy(r->id, sizeof(r->id), id);
	rows[kind][n] = r;
	return r;
}

static void text(struct bmc_row *r, const char *field, const char *value)
{
	bmc_field_set(r, bmc_field_find(r->kind, field), 0, value);
}

static void number(struct bmc_row *r, const char *field, int64_t value)
{
	bmc_field_set(r, bmc_field_find(r->kind, field), value, NULL);
}

static void add_boards(void)
{
	char id[BMC_ID_MAX];

	add(BMC_BOARD, 0, 0, "main");
	for (uint32_t b = 1; b <= 9; b++) {
		snprintf(id, sizeof(id), "blade%u", b);
		add(BMC_BLADE, b, 0, id);
		for (uint32_t s = 1; s <= 8; s++) {
			snprintf(id, sizeof(id), "sub%u-%02u", b, s);
			struct bmc_row *r = add(BMC_BOARD, b, s, id);
			text(r, "name", id);
			text(r, "mac", "02:00:5e:10:00:01");
			number(r, "present", 1);
			number(r, "power_state", BMC_POWER_ON);
			number(r, "soc_temperature", 41500);
			number(r, "memory_bytes", INT64_C(8) << 30);
		}
	}
}

static void make_rows(void)
{
	struct bmc_row *r = add(BMC_CHASSIS, 1, 0, "enclosure");

	text(r, "model", "R2");
	number(r, "power", 812345);
	add_boards();
	r = add(BMC_FAN, 1, 0, "fan1");
	number(r, "rpm", 4200);
	number(r, "mode", BMC_FAN_AUTOMATIC);
	add(BMC_FAN, 2, 0, "fan2");
	r = add(BMC_SENSOR, 1, 0, "ambient");
	number(r, "value", -2500);
	number(r, "type", BMC_SENSOR_TEMPERATURE);
	r->parent = rows[BMC_BOARD][1]->handle;
	r = add(BMC_MANAGER, 1, 0, "bmc");
	text(r, "hostname", "chassis-7");
	text(r, "uuid", "6a1c6b0e-4a5d-4f9c-9d3e-0d4c5f6a7b8c");
	r = add(BMC_TASK, 17, 0, "17");
	number(r, "op", BMC_ACT_POWER_CYCLE);
	number(r, "state", BMC_TASK_COMPLETED);
	number(r, "ended", bmc_boottime(INT64_C(1767225600000)));
}

static int by_id(const void *a, const void *b, void *of)
{
	struct bmc_row **r = of;

	return strcmp(r[*(const uint32_t *)a]->id, r[*(const uint32_t *)b]->id);
}

/* Handles rise with positions here, so their order is the rows' own. */
static struct bmc_table *make_table(enum bmc_kind kind)
{
	size_t n = n_rows[kind];
	struct bmc_key_index *shape = bmc_key_index_new(n);

	for (uint32_t i = 0; i < n; i++)
		shape->by_id[i] = shape->by_handle[i] = i;
	qsort_r(shape->by_id, n, sizeof(uint32_t), by_id, rows[kind]);
	struct bmc_table *t = bmc_table_new(shape);
	for (size_t i = 0; i < n; i++) {
		t->rows[i] = rows[kind][i];
		rows[kind][i] = bmc_row_copy(rows[kind][i]);
	}
	return t;
}

void snmp_fixture_publish(void)
{
	if (!n_rows[BMC_CHASSIS])
		make_rows();
	struct bmc_snapshot *old = bmc_snapshot_get(), *s = bmc_snapshot_after(old);

	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++)
		bmc_snapshot_replace(s, k, make_table(k));
	bmc_snapshot_publish(s);
	bmc_snapshot_unref(old);
}

struct bmc_row *snmp_fixture_row(enum bmc_kind kind, const char *id)
{
	for (size_t i = 0; i < n_rows[kind]; i++) {
		if (strcmp(rows[kind][i]->id, id) == 0)
			return rows[kind][i];
	}
	return add(kind, (uint32_t)atoi(id), 0, id);
}

int snmp_fixture_free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static const struct bmc_conf_item *snmp_schema(void)
{
	const struct bmc_conf_item *i = bmc_conf_schema;

	while (strcmp(i->key, "snmp") != 0)
		i++;
	return i->items;
}

void snmp_fixture_open(const char *yaml)
{
	struct bmc_error err = { 0 };
	char all[4096];

	assert_non_null(mkdtemp(dir));
	port = snmp_fixture_free_port();
	int n = snprintf(all, sizeof(all), "port: %d\nbind: \"%s\"\n%s", port,
			 snmp_fixture_bind, yaml);
	if (bmc_conf_parse("test", all, (size_t)n, snmp_schema(), &conf, &err) < 0)
		fail_msg("%s", err.what);
	if (sn_init(bmc_conf_root(conf), dir, &err) < 0)
		fail_msg("%s", err.what);
}

void snmp_fixture_serve(const char *yaml)
{
	struct bmc_error err = { 0 };

	snmp_fixture_open(yaml);
	if (sn_start(&err) < 0)
		fail_msg("%s", err.what);
}

void snmp_fixture_start(const char *yaml)
{
	bmc_log_init(LOG_ERR);
	snmp_fixture_publish();
	snmp_fixture_serve(yaml);
}

void snmp_fixture_end(void)
{
	char command[64];

	sn_stop();
	conf = bmc_conf_free(conf);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	(void)!system(command);
}

void snmp_fixture_stop(void)
{
	snmp_fixture_end();
	for (enum bmc_kind k = 0; k < BMC_N_KINDS; k++) {
		while (n_rows[k])
			bmc_row_unref(rows[k][--n_rows[k]]);
	}
	bmc_snapshot_retire();
}

int snmp_fixture_port(void)
{
	return port;
}

const char *snmp_fixture_dir(void)
{
	return dir;
}

/* Reads to the end of `f`; calls snmp_fixture_meanwhile while there is nothing to read.
 */
static size_t read_all(FILE *f, char *out, size_t size)
{
	struct pollfd p = { .fd = fileno(f), .events = POLLIN };
	size_t n = 0;
	ssize_t got = 1;

	while (got > 0 && n < size) {
		if (poll(&p, 1, snmp_fixture_meanwhile ? 0 : -1) == 0) {
			snmp_fixture_meanwhile();
			continue;
		}
		got = read(p.fd, out + n, size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	return n;
}

const char *snmp_fixture_run(const char *program, const char *credentials,
			     const char *args)
{
	static char out[1 << 20];
	char command[1024];

	/* a client that has to make its folder says so among its output */
	snprintf(command, sizeof(command),
		 "mkdir -p %s/client/cert_indexes; SNMP_PERSISTENT_DIR=%s/client MIBS= "
		 "%s -On -t 3 -r 0 %s 127.0.0.1:%d %s 2>&1",
		 dir, dir, program, credentials, port, args);
	FILE *f = popen(command, "r");
	assert_non_null(f);
	out[read_all(f, out, sizeof(out) - 1)] = '\0';
	pclose(f);
	return out;
}

unsigned snmp_fixture_count(const char *program, const char *credentials,
			    const char *args)
{
	unsigned n = 0;

	for (const char *p = snmp_fixture_run(program, credentials, args);
	     (p = strchr(p, '\n')); p++)
		n++;
	return n;
}
