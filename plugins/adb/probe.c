// SPDX-License-Identifier: Apache-2.0
/* One reading of a board: a command in its shell, and what it answers as rows. */
#include <stdlib.h>

#include "adb.h"

#define DRIFT_MS 5000 /* by which a board's start may seem to move: its clock's */

void adb_nic_id(const struct adb_board *b, const char *name, char ret[BMC_ID_MAX])
{
	(void)snprintf(ret, BMC_ID_MAX, "%.15s-%.15s", b->id, name);
	for (char *c = ret; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
		else if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
			*c = '-';
	}
}

static void put_nic(struct adb *a, const struct adb_board *b, const struct adb_nic *n)
{
	char id[BMC_ID_MAX];

	const struct bmc_value v[] = {
		BMC_TXT(bmc_nic, name, n->name),
		BMC_TXT(bmc_nic, mac, n->mac),
		BMC_TXT(bmc_nic, ipv4, n->ipv4),
		BMC_TXT(bmc_nic, ipv4_netmask, n->netmask),
		BMC_TXT(bmc_nic, ipv4_gateway, n->ipv4[0] ? n->gateway : ""),
		BMC_TXT(bmc_nic, ipv6, n->ipv6),
		BMC_NUM(bmc_nic, ipv6_prefix, n->ipv6_prefix),
		BMC_NUM(bmc_nic, ipv6_state, n->ipv6_state),
		BMC_NUM(bmc_nic, enabled, n->enabled),
		BMC_NUM(bmc_nic, link, n->link),
		BMC_NUM(bmc_nic, speed,
			n->link == BMC_LINK_DOWN ? BMC_UNKNOWN : n->speed),
		BMC_NUM(bmc_nic, mtu, n->mtu),
		BMC_NUM(bmc_nic, full_duplex, n->full_duplex),
		BMC_NUM(bmc_nic, rx_bytes, n->rx_bytes),
		BMC_NUM(bmc_nic, tx_bytes, n->tx_bytes),
		BMC_NUM(bmc_nic, rx_packets, n->rx_packets),
		BMC_NUM(bmc_nic, tx_packets, n->tx_packets),
		BMC_NUM(bmc_nic, rx_errors, n->rx_errors),
		BMC_NUM(bmc_nic, tx_errors, n->tx_errors),
	};
	adb_nic_id(b, n->name, id);
	(void)a->ops->put_part(a->host, BMC_NIC, id, BMC_BOARD, b->id, v,
			       sizeof(v) / sizeof(v[0]));
}

static bool has(const struct adb_facts *f, const char *name)
{
	for (size_t i = 0; i < f->n_nics; i++) {
		if (strcmp(f->nics[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Interfaces of the last reading that this one lacks are gone. */
static void put_nics(struct adb *a, struct adb_board *b, const struct adb_facts *f)
{
	char before[ADB_NICS_MAX][16], id[BMC_ID_MAX];
	size_t n;

	(void)pthread_mutex_lock(&a->lock);
	n = b->n_nics;
	memcpy(before, b->nics, sizeof(before));
	b->n_nics = f->n_nics;
	for (size_t i = 0; i < f->n_nics; i++)
		memcpy(b->nics[i], f->nics[i].name, sizeof(b->nics[i]));
	(void)pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < n; i++) {
		adb_nic_id(b, before[i], id);
		if (!has(f, before[i]))
			(void)a->ops->gone(a->host, BMC_NIC, id);
	}
	for (size_t i = 0; i < f->n_nics; i++)
		put_nic(a, b, &f->nics[i]);
}

/* The board's own address: that of its first interface that has one. */
static const struct adb_nic *first_nic(const struct adb_facts *f)
{
	static const struct adb_nic none;

	for (size_t i = 0; i < f->n_nics; i++) {
		if (f->nics[i].ipv4[0])
			return &f->nics[i];
	}
	return f->n_nics ? &f->nics[0] : &none;
}

/* Share of the processors' time since the last reading; the first one has none. */
static int64_t load_of(struct adb_board *b, const struct adb_facts *f)
{
	uint64_t busy = f->cpu_busy - b->cpu_busy, total = f->cpu_total - b->cpu_total;
	bool first = !b->cpu_total || f->cpu_total <= b->cpu_total ||
		     f->cpu_busy < b->cpu_busy || busy > total;

	b->cpu_busy = f->cpu_busy;
	b->cpu_total = f->cpu_total;
	return first ? BMC_UNKNOWN : (int64_t)((double)busy * 100000 / (double)total);
}

/* In the time of now(); the board's clock and ours drift. */
static int64_t boot_time_of(struct adb_board *b, const struct adb_facts *f, int64_t now)
{
	int64_t began = f->uptime == BMC_UNKNOWN ? BMC_UNKNOWN : now - f->uptime;

	if (began != BMC_UNKNOWN && b->boot_time != BMC_UNKNOWN &&
	    began < b->boot_time + DRIFT_MS && began > b->boot_time - DRIFT_MS)
		return b->boot_time;
	b->boot_time = began;
	return began;
}

static void put_board(struct adb *a, struct adb_board *b, const struct adb_facts *f)
{
	const struct adb_nic *n = first_nic(f);
	int64_t load, began;

	(void)pthread_mutex_lock(&a->lock);
	b->os = f->os;
	load = load_of(b, f);
	began = boot_time_of(b, f, a->ops->now());
	(void)pthread_mutex_unlock(&a->lock);
	const struct bmc_value v[] = {
		BMC_NUM(bmc_board, os, f->os),
		BMC_TXT(bmc_board, os_version, f->os_version),
		BMC_TXT(bmc_board, hw_version, f->hw_version),
		BMC_TXT(bmc_board, serial, f->serial),
		BMC_TXT(bmc_board, model, f->model),
		BMC_TXT(bmc_board, kernel, f->kernel),
		BMC_TXT(bmc_board, hostname, f->hostname),
		BMC_TXT(bmc_board, cpu_model, f->cpu_model),
		BMC_TXT(bmc_board, architecture, f->architecture),
		BMC_TXT(bmc_board, mac, n->mac),
		BMC_TXT(bmc_board, ip, n->ipv4),
		BMC_NUM(bmc_board, cpu_cores, f->cpu_cores),
		BMC_NUM(bmc_board, cpu_mhz, f->cpu_mhz),
		BMC_NUM(bmc_board, cpu_load, load),
		BMC_NUM(bmc_board, memory_bytes, f->memory_bytes),
		BMC_NUM(bmc_board, memory_used, f->memory_used),
		BMC_NUM(bmc_board, storage_bytes, f->storage_bytes),
		BMC_NUM(bmc_board, storage_used, f->storage_used),
		BMC_NUM(bmc_board, soc_temperature, f->soc_temperature),
		BMC_NUM(bmc_board, gpu_temperature, f->gpu_temperature),
		BMC_NUM(bmc_board, boot_time, began),
	};
	(void)a->ops->put(a->host, BMC_BOARD, b->id, v, sizeof(v) / sizeof(v[0]));
}

void adb_forget(struct adb *a, struct adb_board *b)
{
	const struct adb_facts none = { 0 };
	const struct bmc_value v[] = {
		BMC_NUM(bmc_board, os, BMC_OS_UNKNOWN),
		BMC_TXT(bmc_board, ip, ""),
		BMC_NUM(bmc_board, cpu_load, BMC_UNKNOWN),
		BMC_NUM(bmc_board, memory_used, BMC_UNKNOWN),
		BMC_NUM(bmc_board, soc_temperature, BMC_UNKNOWN),
		BMC_NUM(bmc_board, gpu_temperature, BMC_UNKNOWN),
	};

	(void)pthread_mutex_lock(&a->lock);
	b->os = BMC_OS_UNKNOWN;
	b->cpu_total = b->cpu_busy = 0;
	b->watchdog_of = 0; /* the server may name it by the same transport again */
	(void)pthread_mutex_unlock(&a->lock);
	(void)a->ops->put(a->host, BMC_BOARD, b->id, v, sizeof(v) / sizeof(v[0]));
	put_nics(a, b, &none);
}

/* A board on the network has to be looked for: the server does not do it. */
static int connect_board(struct adb *a, struct bmc_call *call,
			 const struct adb_board *b, struct bmc_error *err)
{
	struct adb_link l = { .adb = a, .call = call, .until = a->ops->deadline(call) };
	int code = adb_open(&l, err);

	if (code < 0)
		return code;
	code = adb_request(&l, err, "host:connect:%s", b->where);
	adb_close(&l);
	return code;
}

static int read_board(struct adb *a, struct bmc_call *call, struct adb_board *b,
		      uint64_t transport, struct bmc_error *err)
{
	char *answer = malloc(ADB_ANSWER_MAX + 1);
	struct adb_facts *f = malloc(sizeof(*f));
	uint64_t is = 0;
	ssize_t n = BMC_ENOMEM;

	if (answer && f)
		n = adb_run(a, call, b, adb_probe_script, answer, ADB_ANSWER_MAX + 1,
			    err);
	if (n >= 0) {
		adb_facts_parse(answer, (size_t)n, f);
		/* of a board that has left meanwhile it would be old news */
		if (adb_state(a, b, &is) == BMC_ADB_DEVICE && is == transport) {
			put_board(a, b, f);
			put_nics(a, b, f);
			adb_vendor_probe(a, call, b, transport);
			adb_watchdog_probe(a, call, b, transport);
		}
	}
	free(answer);
	free(f);
	return n < 0 ? (int)n : BMC_OK;
}

int adb_probe(void *self, struct bmc_call *call, const char *board,
	      struct bmc_error *err)
{
	struct adb *a = self;
	struct adb_board *b = adb_find(a, board);
	uint64_t transport;

	if (!b)
		return BMC_ENOTSUP;
	switch (adb_state(a, b, &transport)) {
	case BMC_ADB_DEVICE:
		return read_board(a, call, b, transport, err);
	case BMC_ADB_NONE:
		return b->tcp ? connect_board(a, call, b, err) : BMC_OK;
	default:
		return BMC_OK;
	}
}
