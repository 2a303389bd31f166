// SPDX-License-Identifier: Apache-2.0
// The Redfish client: a connection, and requests that log in where the agent asks for
// it. Locally the kernel says who the client is, and root needs no login. Called by
// commands; each thread has a connection of its own.
#include "cli/client.h"

#include <stdlib.h>
#include <string.h>

#include "cli/link.h"
#include "core/base/util.h"

#define REQUEST_MS 20000

void cli_target_init(struct cli_target *t)
{
	const char *socket = getenv("BMC_SOCKET");

	t->host = getenv("BMC_HOST");
	if (t->host && !*t->host)
		t->host = NULL;
	t->socket = socket && *socket ? socket : BMC_LOCAL_SOCKET;
	t->user = getenv("BMC_USER");
	t->password_file = getenv("BMC_PASSWORD_FILE");
	t->ca = getenv("BMC_CA");
	t->fingerprint = getenv("BMC_FINGERPRINT");
	t->request_ms = REQUEST_MS;
}

/* "https://HOST/" is taken, too, as a user copies it from a browser. */
static void make_base(struct cli_link *l)
{
	const char *host = l->target->host;
	size_t n;

	(void)bmc_copy(l->base, sizeof(l->base), "http://localhost");
	if (!host)
		return;
	if (strncmp(host, "https://", 8) == 0)
		host += 8;
	n = strcspn(host, "/?#");
	(void)snprintf(l->base, sizeof(l->base), "https://%.*s", (int)MIN(n, 256u),
		       host);
}

struct cli_link *cli_link_new(const struct cli_target *t)
{
	struct cli_link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->target = t;
	l->curl = curl_easy_init();
	if (!l->curl) {
		free(l);
		return NULL;
	}
	make_base(l);
	return l;
}

void cli_link_free(struct cli_link *l)
{
	if (!l)
		return;
	curl_easy_cleanup(l->curl);
	bmc_wipe(l->token, sizeof(l->token));
	free(l);
}

const char *cli_base(const struct cli_link *l)
{
	return l->base;
}

/* On this machine the kernel may vouch for the client, unless it names a user. */
static bool wants_session(const struct cli_link *l)
{
	return l->target->host || l->target->user;
}

/* A session that has ended is replaced once. */
static int ask(struct cli_link *l, const struct cli_call *call, struct cli_reply *ret,
	       struct cli_error *err)
{
	if (wants_session(l) && !l->token[0] && cli_login(l, err) != CLI_OK) {
		memset(ret, 0, sizeof(*ret));
		return err->code;
	}
	int code = cli_transfer(l, call, ret, err);
	if (ret->status != 401)
		return code;
	cli_reply_done(ret);
	memset(ret, 0, sizeof(*ret));
	cli_token_remove(l);
	code = cli_login(l, err);
	return code ? code : cli_transfer(l, call, ret, err);
}

int cli_ask(struct cli_link *l, const struct cli_call *call, struct cli_reply *ret,
	    struct cli_error *err)
{
	struct cli_reply own;
	int code = ask(l, call, ret ? ret : &own, err);

	if (!ret)
		cli_reply_done(&own);
	return code;
}
