// SPDX-License-Identifier: Apache-2.0
/* net-snmp's AgentX master, bounded, see master.h. Called by the engine. */
#include "snmp/agentx/master.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <grp.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/util.h"

#define TRIES 2 /* of AX_MASTER_WAIT_MS in all */

void real_init_master(void); /* no header of net-snmp's has it */

static char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

static const struct bmc_conf *section(const struct bmc_conf *snmp)
{
	return bmc_conf_find(snmp, "agentx_master");
}

int sn_agentx_master_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const struct bmc_conf *c = section(snmp);
	const char *socket = bmc_conf_text(c, "socket", "");
	const char *group = bmc_conf_text(c, "group", "");

	if (*socket &&
	    (*socket != '/' || strlen(socket) >= sizeof(path) || strchr(socket, ',')))
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "'%.60s' is no path of a Unix socket", socket);
	if (*group && !getgrnam(group))
		return bmc_conf_fail(c, err, BMC_ENOTFOUND, "there is no group %.30s",
				     group);
	return 0;
}

static void set(int which, int value)
{
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, which, value);
}

static void configure(const char *group)
{
	const struct group *g = *group ? getgrnam(group) : NULL;

	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID,
			       NETSNMP_DS_AGENT_AGENTX_MASTER, 1);
	/* without it net-snmp ends the process where it can't bind */
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID,
			       NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
			      path);
	set(NETSNMP_DS_AGENT_X_SOCK_PERM, 0660);
	set(NETSNMP_DS_AGENT_X_SOCK_GROUP, g ? (int)g->gr_gid : 0);
	set(NETSNMP_DS_AGENT_AGENTX_TIMEOUT, AX_MASTER_WAIT_MS / TRIES * 1000);
	set(NETSNMP_DS_AGENT_AGENTX_RETRIES, TRIES - 1);
}

/* What is no socket is not removed: net-snmp would. */
static int make_room(struct bmc_error *err)
{
	struct stat s;

	if (lstat(path, &s) < 0)
		return 0; /* or the socket's own error will tell */
	if (!S_ISSOCK(s.st_mode))
		return bmc_fail(err, BMC_EEXIST,
				"snmp.agentx_master: %.80s is no socket", path);
	(void)unlink(path);
	return 0;
}

int sn_agentx_master_open(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const struct bmc_conf *c = section(snmp);
	struct stat s;

	(void)bmc_copy(path, sizeof(path), bmc_conf_text(c, "socket", ""));
	if (!*path)
		return 0;
	if (make_room(err) < 0)
		return err->code;
	configure(bmc_conf_text(c, "group", ""));
	mode_t mask = umask(0177);
	real_init_master();
	umask(mask);
	if (lstat(path, &s) < 0 || !S_ISSOCK(s.st_mode))
		return bmc_fail(
			err, BMC_EIO,
			"snmp.agentx_master: %.80s can't be made: may the daemon "
			"write to its folder?",
			path);
	return 0;
}

void sn_agentx_master_close(void)
{
	if (*path)
		(void)unlink(path); /* another user's folder: it stays, and is free */
	*path = '\0';
}
