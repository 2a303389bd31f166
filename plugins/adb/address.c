// SPDX-License-Identifier: Apache-2.0
/* A static IPv4 address for a board's interface, kept by its own system: Firefly's
 * fireflyapi on Android, on Linux what configures the interface. Done when the
 * interface shows it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "adb.h"

#define ANSWER    4096
#define COMMAND   3800
#define VERIFY_MS 6000
#define LOOK_MS   300

struct want {
	char nic[16];
	char address[16], mask[16], gateway[16]; /* address "": by DHCP */
	unsigned prefix;
};

/* The text has been checked by the core; here it has to be harmless in a command. */
static bool parse(const char *text, struct want *w)
{
	char address[16] = "", gateway[16] = "";
	struct in_addr in, via, mask;
	unsigned prefix;

	if (!*text)
		return true;
	int n = sscanf(text, "%15[0-9.]/%2u %15[0-9.]", address, &prefix, gateway);
	if (n < 2 || prefix < 1 || prefix > 30 ||
	    inet_pton(AF_INET, address, &in) != 1 ||
	    (n > 2 && inet_pton(AF_INET, gateway, &via) != 1))
		return false;
	mask.s_addr = htonl(UINT32_MAX << (32 - prefix));
	w->prefix = prefix;
	(void)inet_ntop(AF_INET, &in, w->address, sizeof(w->address));
	(void)inet_ntop(AF_INET, &mask, w->mask, sizeof(w->mask));
	if (n > 2)
		(void)inet_ntop(AF_INET, &via, w->gateway, sizeof(w->gateway));
	return true;
}

/* Which board and interface the row is. */
static struct adb_board *find(struct adb *a, const char *row, char ret_name[16])
{
	struct adb_board *hit = NULL;
	char id[BMC_ID_MAX];

	(void)pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < a->n_boards && !hit; i++) {
		for (size_t k = 0; k < a->boards[i].n_nics && !hit; k++) {
			adb_nic_id(&a->boards[i], a->boards[i].nics[k], id);
			if (strcmp(id, row) != 0)
				continue;
			hit = &a->boards[i];
			memcpy(ret_name, hit->nics[k], 16);
		}
	}
	(void)pthread_mutex_unlock(&a->lock);
	return hit;
}

/* The last line that the command printed: "OK", or "ERR" and why. */
static int verdict(const struct adb_board *b, const char *answer, size_t len,
		   struct bmc_error *err)
{
	char why[100];
	size_t at = len;

	while (at && (answer[at - 1] == '\n' || answer[at - 1] == '\r'))
		at--;
	len = at;
	while (at && answer[at - 1] != '\n')
		at--;
	adb_clean(why, sizeof(why), answer + at, len - at);
	if (strcmp(why, "OK") == 0)
		return BMC_OK;
	return bmc_fail(err, BMC_EIO, "%s: %s", b->id,
			strncmp(why, "ERR ", 4) == 0 ? why + 4 : why);
}

static int run_command(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		       const char *command, struct bmc_error *err)
{
	char answer[ANSWER];
	ssize_t n = adb_run(a, call, b, command, answer, sizeof(answer), err);

	return n < 0 ? (int)n : verdict(b, answer, (size_t)n, err);
}

static int set_linux(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		     const struct want *w, struct bmc_error *err)
{
	char command[COMMAND];
	int n = snprintf(command, sizeof(command), "I=%s;A=%s;P=%u;M=%s;G=%s;%s",
			 w->nic, w->address, w->prefix, w->mask, w->gateway,
			 adb_linux_address);

	if (n < 0 || (size_t)n >= sizeof(command))
		return bmc_fail(err, BMC_ERANGE, "%s: the command is too long", b->id);
	return run_command(a, call, b, command, err);
}

static int read_facts(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		      struct adb_facts *f, struct bmc_error *err)
{
	char *answer = malloc(ADB_ANSWER_MAX + 1);
	ssize_t n = BMC_ENOMEM;

	if (answer)
		n = adb_run(a, call, b, adb_probe_script, answer, ADB_ANSWER_MAX + 1,
			    err);
	if (n >= 0)
		adb_facts_parse(answer, (size_t)n, f);
	free(answer);
	return n < 0 ? (int)n : BMC_OK;
}

/* The seed's way: root, remount, fireflyapi with address, mask, gateway and two name
 * servers. They stay what they are, or are the gateway. */
static int set_android(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		       const struct want *w, const struct adb_facts *f,
		       struct bmc_error *err)
{
	struct in_addr in;
	const char *dns[2];
	char command[512];
	int code;

	for (int i = 0; i < 2; i++)
		dns[i] = inet_pton(AF_INET, f->dns[i], &in) == 1 ? f->dns[i]
								 : w->gateway;
	if (!w->address[0] || !w->gateway[0])
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: Android takes an address with a gateway; DHCP is "
				"chosen in its own settings",
				b->id);
	code = adb_become_root(a, call, b, err);
	if (code == BMC_OK)
		code = run_command(a, call, b,
				   "type fireflyapi >/dev/null 2>&1&&echo OK||"
				   "echo ERR its system has no fireflyapi",
				   err);
	if (code == BMC_OK)
		code = adb_remount(a, call, b, err);
	if (code < 0)
		return code;
	(void)snprintf(command, sizeof(command),
		       "fireflyapi ethernet setIpAddress 1 %s %s %s %s %s >/dev/null "
		       "2>&1&&echo OK||echo ERR fireflyapi refused it",
		       w->address, w->mask, w->gateway, dns[0], dns[1]);
	return run_command(a, call, b, command, err);
}

/* Whether the interface has it. */
static bool shows(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		  const struct want *w)
{
	char answer[ANSWER], command[64], text[40];
	struct bmc_error none;

	(void)snprintf(command, sizeof(command), "ip -o -4 addr show dev %s", w->nic);
	(void)snprintf(text, sizeof(text), " %s/%u ", w->address, w->prefix);
	return adb_run(a, call, b, command, answer, sizeof(answer), &none) > 0 &&
	       strstr(answer, text);
}

static int verify(struct adb *a, struct bmc_call *call, const struct adb_board *b,
		  const struct want *w, struct bmc_error *err)
{
	int64_t until = a->ops->now() + VERIFY_MS;

	if (!w->address[0])
		return BMC_OK;
	while (!shows(a, call, b, w)) {
		int code = a->ops->sleep(call, LOOK_MS);

		if (code == BMC_OK && a->ops->now() < until)
			continue;
		return bmc_fail(err, code < 0 ? code : BMC_EIO,
				"%s: its system took the address, and %s does not have "
				"it: look at the board's network",
				b->id, w->nic);
	}
	return BMC_OK;
}

int adb_set_address(void *self, struct bmc_call *call, const struct bmc_args *args,
		    struct bmc_error *err)
{
	struct adb *a = self;
	const char *row = a->ops->target_id(call);
	struct want w = { 0 };
	struct adb_board *b = find(a, row, w.nic);
	struct adb_facts *f;
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s is no interface of a board on adb", row);
	if (b->tcp)
		return bmc_fail(
			err, BMC_ENOTSUP,
			"%s: the board is reached over this network, a new address "
			"would cut it off",
			row);
	if (!args->text || !parse(args->text, &w))
		return bmc_fail(err, BMC_EINVAL, "%s: no IPv4 address", row);
	f = calloc(1, sizeof(*f));
	if (!f)
		return bmc_fail(err, BMC_ENOMEM, "no memory for a board");
	code = read_facts(a, call, b, f, err);
	if (code == BMC_OK)
		code = f->os == BMC_OS_ANDROID ? set_android(a, call, b, &w, f, err)
					       : set_linux(a, call, b, &w, err);
	free(f);
	return code < 0 ? code : verify(a, call, b, &w, err);
}
