// SPDX-License-Identifier: Apache-2.0
/* What a board's own programs print, for the examples of the manual: made from the same
 * values that its rows show. Called by shell.c. */
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

/* A copy: texts are made without the lock. */
struct view {
	struct bmc_board board;
	struct bmc_nic nic;
	bool android;
	const char *id;
	FILE *out;
};

/* ---- programs ---- */

/* What no probe and no reading has filled yet is 0. */
static long long known(int64_t n)
{
	return n == BMC_UNKNOWN ? 0 : n;
}

static int do_getprop(const struct view *v, const char *args)
{
	const struct {
		const char *name, *value;
	} all[] = {
		{ "ro.build.version.release", "10" },
		{ "ro.product.model", v->board.model },
		{ "ro.serialno", v->board.serial },
		{ "sys.boot_completed", "1" },
	};

	if (!v->android)
		return SIM_SHELL_NONE;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!*args)
			fprintf(v->out, "[%s]: [%s]\n", all[i].name, all[i].value);
		else if (strcmp(args, all[i].name) == 0)
			return fprintf(v->out, "%s\n", all[i].value) < 0;
	}
	if (*args)
		fputc('\n', v->out); /* as Android has it for what is not set */
	return 0;
}

static int do_ifconfig(const struct view *v, const char *args)
{
	const struct bmc_nic *n = &v->nic;

	if (*args && strcmp(args, "eth0") != 0) {
		fprintf(v->out, "ifconfig: %s: No such device\n", args);
		return 1;
	}
	fprintf(v->out,
		"eth0      Link encap:Ethernet  HWaddr %s  Driver rk_gmac-dwmac\n"
		"          inet addr:%s  Bcast:  Mask:%s\n"
		"          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n"
		"          RX packets:%lld errors:0 dropped:0 overruns:0 frame:0\n"
		"          TX packets:%lld errors:0 dropped:0 overruns:0 carrier:0\n"
		"          collisions:0 txqueuelen:1000\n"
		"          RX bytes:%lld TX bytes:%lld\n\n",
		n->mac, n->ipv4, n->ipv4_netmask, known(n->rx_packets),
		known(n->tx_packets), known(n->rx_bytes), known(n->tx_bytes));
	if (!*args)
		fputs("lo        Link encap:Local Loopback\n"
		      "          inet addr:127.0.0.1  Mask:255.0.0.0\n"
		      "          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n",
		      v->out);
	return 0;
}

static int do_ip(const struct view *v, const char *args)
{
	if (strcmp(args, "addr") != 0 && strcmp(args, "a") != 0 &&
	    strcmp(args, "address") != 0) {
		fputs("ip: only `ip addr` is simulated\n", v->out);
		return 1;
	}
	fprintf(v->out,
		"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n"
		"    inet 127.0.0.1/8 scope host lo\n"
		"2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n"
		"    link/ether %s brd ff:ff:ff:ff:ff:ff\n"
		"    inet %s/16 scope global eth0\n",
		v->nic.mac, v->nic.ipv4);
	return 0;
}

static int do_uname(const struct view *v, const char *args)
{
	if (strcmp(args, "-a") == 0)
		fprintf(v->out, "Linux %s %s #1 SMP PREEMPT %s\n", v->id,
			v->board.kernel, v->board.architecture);
	else if (strcmp(args, "-r") == 0)
		fprintf(v->out, "%s\n", v->board.kernel);
	else
		fputs("Linux\n", v->out);
	return 0;
}

static int do_df(const struct view *v, const char *args)
{
	long long all = known(v->board.storage_bytes) / 1024,
		  used = known(v->board.storage_used) / 1024;

	(void)args;
	fprintf(v->out,
		"Filesystem     1K-blocks      Used Available Use%% Mounted on\n"
		"/dev/mmcblk2 %11lld %9lld %9lld %3lld%% /data\n",
		all, used, all - used, all ? used * 100 / all : 0);
	return 0;
}

static int do_id(const struct view *v, const char *args)
{
	(void)args;
	fputs(v->android ? "uid=2000(shell) gid=2000(shell) groups=2000(shell)\n"
			 : "uid=0(root) gid=0(root) groups=0(root)\n",
	      v->out);
	return 0;
}

static int do_cat(const struct view *v, const char *args)
{
	long long total = known(v->board.memory_bytes) / 1024,
		  used = known(v->board.memory_used) / 1024;

	if (strcmp(args, "/proc/meminfo") != 0) {
		fprintf(v->out, "cat: %s: No such file or directory\n", args);
		return 1;
	}
	fprintf(v->out,
		"MemTotal:       %8lld kB\n"
		"MemFree:        %8lld kB\n"
		"MemAvailable:   %8lld kB\n",
		total, total - used, total - used);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct view *v, const char *args);
} programs[] = {
	{ "cat", do_cat },
	{ "df", do_df },
	{ "getprop", do_getprop },
	{ "id", do_id },
	{ "ip", do_ip },
	{ "uname", do_uname },
	{ "ifconfig", do_ifconfig },
};

/* ---- life ---- */

static bool read_view(struct sim *s, const char *board, struct view *ret)
{
	struct sim_board *b = sim_find_board(s, board);

	if (!b)
		return false;
	pthread_mutex_lock(&s->lock);
	memcpy(&ret->board, b->row->now, sizeof(ret->board));
	if (b->nic)
		memcpy(&ret->nic, b->nic->now, sizeof(ret->nic));
	ret->android = b->model.os == BMC_OS_ANDROID;
	pthread_mutex_unlock(&s->lock);
	return true;
}

int sim_shell_program(struct sim *s, const char *board, const char *line, char **ret)
{
	size_t len = strcspn(line, " "), size;
	struct view v = { .id = board };
	int code = SIM_SHELL_NONE;

	*ret = NULL;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strlen(programs[i].name) != len ||
		    memcmp(programs[i].name, line, len) != 0)
			continue;
		if (!read_view(s, board, &v) || !(v.out = open_memstream(ret, &size)))
			return SIM_SHELL_NONE;
		code = programs[i].run(&v, line + len + strspn(line + len, " "));
		(void)fclose(v.out);
	}
	return code;
}
