// SPDX-License-Identifier: Apache-2.0
/* The connection to an AgentX master, see agentx.h. Called by the engine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "snmp/access.h"
#include "snmp/agentx/agentx.h"
#include "snmp/agentx/answer.h"
#include "snmp/agentx/session.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>

#define OUT_MAX        (1u << 20)
#define OUT_FULL       (OUT_MAX / 2) /* no request is taken above that */
#define PDUS_PER_PASS  64
#define READS_PER_PASS 8
#define PRIORITY       127 /* RFC 2741's default */

enum state { CLOSED, OPENING, REGISTERING, UP };

static struct {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct bmc_actor who;
	int fd;
	enum state state;
	int64_t deadline; /* to connect again, or to have received something */
	bool pinged;
	bool failing; /* and it has been said */
	uint32_t session, packet;
	size_t n_due, n_refused; /* answers to Register */
	struct ax_out out;
	size_t sent; /* of `out` */
	bool more;   /* PDUs wait in `in` for the next pass */
	size_t n_in;
	uint8_t in[AX_HEADER + AX_PAYLOAD_MAX];
} client = { .fd = -1 };

/* ---- config ---- */

bool sn_agentx_wanted(const struct bmc_conf *snmp)
{
	return *bmc_conf_text(bmc_conf_find(snmp, "agentx"), "socket", "") != '\0';
}

bool sn_agentx_notifies(const struct bmc_conf *snmp)
{
	return sn_agentx_wanted(snmp) &&
	       bmc_conf_num(bmc_conf_find(snmp, "agentx"), "notify", 0) == 1;
}

int sn_agentx_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const struct bmc_conf *c =
		bmc_conf_find(bmc_conf_find(snmp, "agentx"), "socket");

	if (!sn_agentx_wanted(snmp))
		return 0;
	if (*c->text != '/' || strlen(c->text) >= sizeof(client.path))
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "'%.60s' is no path of a Unix socket", c->text);
	return 0;
}

void sn_agentx_init(const struct bmc_conf *snmp)
{
	const struct bmc_conf *c = bmc_conf_find(snmp, "agentx");

	client.out.max = OUT_MAX;
	client.deadline = 0;
	client.failing = false;
	(void)bmc_copy(client.path, sizeof(client.path),
		       bmc_conf_text(c, "socket", ""));
	sn_access_actor_role("agentx", bmc_conf_text(c, "set_role", ""), &client.who);
}

/* ---- connection ---- */

static void drop(const char *why)
{
	if (client.fd >= 0)
		close(client.fd);
	client.fd = -1;
	client.n_in = client.sent = client.out.len = 0;
	client.out.failed = false;
	client.deadline = bmc_now() + AX_RETRY_MS;
	ax_sets_drop();
	if (!client.failing || client.state == UP)
		log_limited(LOG_WARNING,
			    "snmp: AgentX master %s: %s; it is tried again each second",
			    client.path, why);
	client.failing = true;
	client.state = CLOSED;
}

static void flush(void)
{
	while (client.fd >= 0 && client.sent < client.out.len) {
		ssize_t n = send(client.fd, client.out.data + client.sent,
				 client.out.len - client.sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			drop(strerror(errno));
			return;
		}
		client.sent += (size_t)n;
	}
	client.sent = client.out.len = 0;
}

static struct ax_header request(enum ax_type type)
{
	return (struct ax_header){ .type = (uint8_t)type,
				   .session = client.session,
				   .packet = ++client.packet };
}

static void finish(size_t at)
{
	if (!ax_end(&client.out, at))
		drop("no room for what it is sent");
}

static void send_open(void)
{
	const struct ax_header h = request(AX_OPEN);
	size_t at = ax_begin(&client.out, &h);

	ax_put_u8(&client.out, 0); /* the master's own timeout */
	ax_put_u8(&client.out, 0);
	ax_put_u16(&client.out, 0);
	ax_put_oid(&client.out, sn_base.id, sn_base.len);
	ax_put_octets(&client.out, "clusterbmc", 10);
	finish(at);
}

static void send_register(const struct sn_oid *subtree)
{
	const struct ax_header h = request(AX_REGISTER);
	size_t at = ax_begin(&client.out, &h);

	ax_put_u8(&client.out, 0);
	ax_put_u8(&client.out, PRIORITY);
	ax_put_u8(&client.out, 0); /* no range */
	ax_put_u8(&client.out, 0);
	ax_put_oid(&client.out, subtree->id, subtree->len);
	finish(at);
	client.n_due++;
}

/* Our MIB is one subtree, each table of a standard MIB another. */
static void send_registers(void)
{
	client.n_due = client.n_refused = 0;
	client.state = REGISTERING;
	send_register(&sn_base);
	for (const struct sn_table *const *t = ax_tables(); *t && client.fd >= 0; t++) {
		if ((*t)->at)
			send_register(sn_table_prefix(*t));
	}
}

static void send_ping(void)
{
	const struct ax_header h = request(AX_PING);

	finish(ax_begin(&client.out, &h));
	client.pinged = true;
	client.deadline = bmc_now() + AX_ANSWER_MS;
}

static void open_connection(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	(void)bmc_copy(to.sun_path, sizeof(to.sun_path), client.path);
	client.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client.fd < 0 ||
	    connect(client.fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		drop(strerror(errno));
		return;
	}
	client.state = OPENING;
	client.session = 0;
	client.deadline = bmc_now() + AX_ANSWER_MS;
	client.pinged = true; /* an answer is due */
	send_open();
}

/* ---- what the master sends ---- */

static size_t begin_response(uint32_t transaction, uint32_t packet, int error,
			     long index)
{
	const struct ax_header h = { .type = AX_RESPONSE,
				     .session = client.session,
				     .transaction = transaction,
				     .packet = packet };
	size_t at = ax_begin(&client.out, &h);

	ax_put_u32(&client.out, (uint32_t)netsnmp_get_agent_uptime());
	ax_put_u16(&client.out, (unsigned)error);
	ax_put_u16(&client.out, (unsigned)index);
	return at;
}

void ax_respond(uint32_t transaction, uint32_t packet, int error, long index)
{
	finish(begin_response(transaction, packet, error, index));
}

static void answer(const struct ax_header *h, struct ax_in *in)
{
	size_t at = begin_response(h->transaction, h->packet, 0, 0);
	int error = ax_answer(h->type, in, &client.out);

	if (!error && ax_end(&client.out, at))
		return;
	client.out.len = at;
	client.out.failed = false;
	ax_respond(h->transaction, h->packet, error ? error : AX_PROCESSING, 0);
}

static void registered(unsigned error)
{
	client.n_refused += error != 0;
	if (error)
		log_limited(LOG_WARNING,
			    "snmp: AgentX master %s refuses a subtree: error %u%s",
			    client.path, error,
			    error == AX_DUPLICATE ? ", it has it already" : "");
	if (--client.n_due)
		return;
	client.state = UP;
	client.failing = false;
	log_limited(LOG_NOTICE, "snmp: sub-agent of %s, %zu subtrees refused",
		    client.path, client.n_refused);
}

static void on_response(const struct ax_header *h, struct ax_in *in)
{
	(void)ax_get_u32(in);
	unsigned error = ax_get_u16(in);

	if (client.state == UP && error && error != AX_NOT_OPEN && !in->failed) {
		log_limited(LOG_WARNING,
			    "snmp: AgentX master %s refuses a notification: error %u",
			    client.path, error);
		return;
	}
	if (in->failed || (error && client.state != REGISTERING)) {
		drop(client.state == OPENING ? "refuses the session"
					     : "has forgotten the session");
		return;
	}
	if (client.state == OPENING) {
		client.session = h->session;
		send_registers();
	} else if (client.state == REGISTERING) {
		registered(error);
	}
}

static void on_request(const struct ax_header *h, struct ax_in *in)
{
	size_t len = 0;

	if (h->session != client.session) {
		ax_respond(h->transaction, h->packet, AX_NOT_OPEN, 0);
		return;
	}
	if (h->flags & AX_FLAG_CONTEXT)
		(void)ax_get_octets(in, &len);
	if (len) {
		ax_respond(h->transaction, h->packet, AX_UNKNOWN_CONTEXT, 0);
		return;
	}
	if (h->type == AX_GET || h->type == AX_GETNEXT || h->type == AX_GETBULK)
		answer(h, in);
	else
		ax_set_take(h, in, &client.who);
}

static void on_pdu(const struct ax_header *h, struct ax_in *in)
{
	client.pinged = client.state == OPENING || client.state == REGISTERING;
	if (!client.pinged)
		client.deadline = bmc_now() + AX_IDLE_MS;
	if (h->type == AX_RESPONSE)
		on_response(h, in);
	else if (h->type == AX_CLOSE)
		drop("has ended the session");
	else if ((h->type >= AX_GET && h->type <= AX_CLEANUPSET) &&
		 client.state >= REGISTERING)
		on_request(h, in);
}

/* Handles the PDUs that are whole; true: one may be left. */
static bool handle(void)
{
	size_t at = 0;
	unsigned n = 0;

	while (client.fd >= 0 && client.n_in - at >= AX_HEADER && n < PDUS_PER_PASS &&
	       client.out.len - client.sent < OUT_FULL) {
		struct ax_header h;
		if (!ax_header_read(client.in + at, &h)) {
			drop("sends what is no AgentX");
			return false;
		}
		size_t len = AX_HEADER + h.payload;
		if (client.n_in - at < len)
			break;
		struct ax_in in = { .at = client.in + at + AX_HEADER,
				    .end = client.in + at + len,
				    .network_order = h.flags & AX_FLAG_NETWORK_ORDER };
		on_pdu(&h, &in);
		at += len;
		n++;
	}
	if (client.fd < 0)
		return false;
	memmove(client.in, client.in + at, client.n_in - at);
	client.n_in -= at;
	return n == PDUS_PER_PASS;
}

static void receive(void)
{
	bool more = true;

	client.more = false;
	for (unsigned i = 0; i < READS_PER_PASS && more && client.fd >= 0; i++) {
		ssize_t n = recv(client.fd, client.in + client.n_in,
				 sizeof(client.in) - client.n_in, 0);
		more = n > 0;
		if (n == 0 && client.n_in < sizeof(client.in))
			drop("has closed the connection");
		else if (n < 0 && errno != EAGAIN)
			drop(strerror(errno));
		client.n_in += n > 0 ? (size_t)n : 0;
		client.more = handle();
		more &= !client.more;
		flush();
	}
}

/* ---- notifications ---- */

bool sn_agentx_is_ready(void)
{
	return client.state == UP && client.out.len - client.sent < OUT_FULL;
}

bool sn_agentx_notify(const netsnmp_variable_list *objects)
{
	const struct ax_header h = request(AX_NOTIFY);

	if (!sn_agentx_is_ready())
		return false;
	size_t at = ax_begin(&client.out, &h);

	for (const netsnmp_variable_list *v = objects; v; v = v->next_variable) {
		const struct sn_value value = { .type = v->type,
						.data = v->val.string,
						.len = v->val_len };
		ax_put_varbind(&client.out, v->name, v->name_length, &value);
	}
	finish(at);
	flush();
	return client.state == UP;
}

/* ---- the engine's calls ---- */

int sn_agentx_wait(netsnmp_large_fd_set *reading, netsnmp_large_fd_set *writing)
{
	if (client.fd < 0)
		return 0;
	if (client.out.len - client.sent < OUT_FULL)
		NETSNMP_LARGE_FD_SET(client.fd, reading);
	if (client.sent < client.out.len)
		NETSNMP_LARGE_FD_SET(client.fd, writing);
	return client.fd + 1;
}

int64_t sn_agentx_deadline(void)
{
	if (!*client.path)
		return INT64_MAX;
	return client.more ? 0 : MIN(client.deadline, ax_sets_deadline());
}

static void take_deadline(void)
{
	if (bmc_now() < client.deadline)
		return;
	if (client.state == CLOSED)
		open_connection();
	else if (client.pinged)
		drop("does not answer");
	else
		send_ping();
}

void sn_agentx_run(bool on)
{
	if (!*client.path)
		return;
	if (!on) {
		if (client.fd >= 0)
			drop("SNMP is switched off");
		client.deadline = bmc_now() + AX_RETRY_MS;
		return;
	}
	if (client.fd >= 0)
		receive();
	ax_sets_tick();
	take_deadline();
	flush();
}

void sn_agentx_done(void)
{
	if (client.state == UP) {
		const struct ax_header h = request(AX_CLOSE);
		size_t at = ax_begin(&client.out, &h);
		ax_put_u32(&client.out, UINT32_C(5) << 24); /* reasonShutdown */
		finish(at);
		flush();
	}
	ax_sets_drop();
	if (client.fd >= 0)
		close(client.fd);
	client.fd = -1;
	client.state = CLOSED;
	free(client.out.data);
	client.out = (struct ax_out){ 0 };
	client.n_in = client.sent = 0;
	*client.path = '\0';
}
