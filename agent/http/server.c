// SPDX-License-Identifier: Apache-2.0
// Start and end of the HTTP servers: their options, their certificate, and the thread
// that accepts connections and keeps the deadlines. Called by main().
#include "http/http.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "http/call.h"
#include "http/conn.h"
#include "http/early.h"
#include "http/handshakes.h"
#include "http/identity-job.h"
#include "http/linger.h"
#include "http/listen.h"
#include "http/mhd.h"
#include "http/renew.h"
#include "http/router.h"
#include "http/stream.h"
#include "http/tls.h"
#include "http/trust.h"
#include "http/wait.h"
#include "http/websocket.h"
#include "http/webui.h"

/* More than 32 kB, so it is mapped, not taken from the heap, which would keep it. */
#define MEMORY_PER_CONNECTION (36U << 10)
#define TICK_MS               500
#define OTHERS                2 /* descriptors polled before the listeners */
#define RETRY_MS              5 /* when there was no room for a connection */
#define CONNECTIONS_MAX                                              \
	1000000U /* of libmicrohttpd; ours is met before, see conn.h \
		  */
#define PRIORITIES                                                             \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM:" \
	"+CHACHA20-POLY1305:+AES-256-GCM:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"     \
	"-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:"          \
	"%SERVER_PRECEDENCE"

static struct {
	struct http_workers workers[HTTP_GROUPS];
	struct http_listener listeners[HTTP_LISTENERS_MAX];
	int n_listeners;
	char state_dir[256];
	pthread_t thread;
	bool attending;
	struct bmc_live *live;
	int end; /* eventfd */
} server = { .end = -1 };

static void log_mhd(void *cls, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* What libmicrohttpd says is mostly about the connections of unauthenticated clients.
 */
static void log_mhd(void *cls, const char *fmt, va_list ap)
{
	static const char refused[] = "Error processing request";
	char line[256];

	if (strncmp(fmt, refused, sizeof(refused) - 1) == 0)
		http_early_refused(cls);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = 0;
	log_limited(LOG_DEBUG, "http: %s", line);
}

static struct http_workers *workers_of(const struct http_listener *l)
{
	return &server.workers[l->group];
}

/* False: there is no room for one more now. */
static bool accept_from(const struct pollfd *p)
{
	bool room = true;

	for (int i = 0; i < server.n_listeners; i++) {
		struct http_listener *l = &server.listeners[i];
		if (p[i].revents)
			room &= http_accept(l->fd, workers_of(l));
	}
	return room;
}

static void tick(void)
{
	http_conns_tick();
	http_wait_expire(false);
	http_streams_tick();
	http_linger_tick(bmc_now());
	for (int i = 0; i < HTTP_GROUPS; i++)
		http_ask_workers(&server.workers[i]);
}

/* Gives connections away as they come and looks at the deadlines twice a second. When
 * there is no room for one it waits in the listening socket. */
static void *attend(void *arg)
{
	struct pollfd p[HTTP_LISTENERS_MAX + OTHERS] = {
		{ .fd = server.end, .events = POLLIN },
		{ .fd = http_linger_fd(), .events = POLLIN }
	};
	nfds_t n = (nfds_t)server.n_listeners + OTHERS;
	int64_t next = bmc_now() + TICK_MS;
	bool room = true;

	(void)arg;
	(void)pthread_setname_np(pthread_self(), "http-accept");
	for (int i = 0; i < server.n_listeners; i++)
		p[i + OTHERS] = (struct pollfd){ .fd = server.listeners[i].fd,
						 .events = POLLIN };
	for (;;) {
		bmc_live_beat(server.live);
		int64_t left = MAX(next - bmc_now(), 0);
		for (nfds_t i = 0; i < n; i++)
			p[i].revents = 0;
		(void)poll(p, room ? n : OTHERS,
			   (int)(room ? left : MIN(left, RETRY_MS)));
		if (p[0].revents)
			return NULL;
		if (p[1].revents)
			http_linger_drop();
		room = accept_from(p + OTHERS);
		if (bmc_now() < next)
			continue;
		tick();
		next = bmc_now() + TICK_MS;
	}
}

static int start_attending(struct bmc_error *err)
{
	server.end = eventfd(0, EFD_CLOEXEC);
	server.live = bmc_live_new("http accept");
	if (server.end < 0 || bmc_thread_new(&server.thread, attend, NULL) != 0)
		return bmc_fail(err, BMC_EIO, "http: no thread for connections");
	server.attending = true;
	return 0;
}

/* A serving thread; false: said in `err`. With epoll, libmicrohttpd 0.9.75 spins for as
 * long as a TLS handshake waits for its client; poll is as quick. */
static bool start_worker(struct http_worker *w, enum http_group group,
			 struct bmc_error *err)
{
	bool tls = group == HTTP_TLS;
	unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG |
			 MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
			 (tls ? MHD_USE_TLS : 0U);
	/* clang-format off */
	struct MHD_OptionItem secure[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(uintptr_t)http_tls_offer },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	w->group = group;
	w->live = bmc_live_new(tls ? "https worker" : "http worker");
	struct MHD_Daemon *d = MHD_start_daemon(flags, 0, NULL, NULL, http_mhd_handle, w,
		MHD_OPTION_EXTERNAL_LOGGER, log_mhd, w,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
		MHD_OPTION_CONNECTION_TIMEOUT, 0U, /* see conn-pace.c */
		MHD_OPTION_URI_LOG_CALLBACK, http_mhd_target, NULL,
		MHD_OPTION_UNESCAPE_CALLBACK, http_mhd_unescape, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, http_mhd_completed, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, http_mhd_connection, w,
		MHD_OPTION_ARRAY, tls ? secure : none,
		MHD_OPTION_END);
	/* clang-format on */
	w->daemon = d;
	if (!d)
		(void)bmc_fail(err, BMC_EIO, "http: the server does not start: %s",
			       strerror(errno));
	return d != NULL;
}

/* The threads of a kind of listeners, when the first of them needs them. */
static int start_workers(enum http_group group, unsigned threads, struct bmc_error *err)
{
	struct http_workers *w = &server.workers[group];

	w->group = group;
	while (w->n < MIN(threads, (unsigned)HTTP_WORKERS_MAX)) {
		if (!start_worker(&w->list[w->n], group, err))
			return BMC_EIO;
		w->n++;
	}
	return 0;
}

static int serve(const struct bmc_conf *http, unsigned threads, struct bmc_error *err)
{
	int r = 0, n = http_listeners_open(http, server.listeners, err);

	server.n_listeners = MAX(n, 0);
	for (int i = 0; i < n && r == 0; i++)
		r = start_workers(server.listeners[i].group, threads, err);
	return n < 0 ? n : r;
}

int http_check(const struct bmc_conf *http, struct bmc_error *err)
{
	struct http_pair p;
	bool tls;
	int r = http_listeners_check(http, &tls, err);

	(void)bmc_copy(p.key, sizeof(p.key), bmc_conf_text(http, "key", ""));
	(void)bmc_copy(p.certificate, sizeof(p.certificate),
		       bmc_conf_text(http, "certificate", ""));
	if (r < 0 || !tls)
		return r;
	if (!p.key[0])
		return http_trust_check(http, err);
	r = http_tls_load(&p, err);
	http_tls_done();
	return r < 0 ? r : http_trust_check(http, err);
}

/* The configured pair, or our own in the state folder. */
static void load_tls(const struct bmc_conf *http)
{
	const char *key = bmc_conf_text(http, "key", ""),
		   *certificate = bmc_conf_text(http, "certificate", "");
	bool own = !key[0] && !certificate[0];
	char installed[512];
	struct http_pair p;

	(void)snprintf(p.key, sizeof(p.key), own ? "%s/https.key" : "%s",
		       own ? server.state_dir : key);
	(void)snprintf(p.certificate, sizeof(p.certificate),
		       own ? "%s/https.crt" : "%s",
		       own ? server.state_dir : certificate);
	(void)snprintf(installed, sizeof(installed), "%s/https.pem", server.state_dir);
	http_identity_place(own ? server.state_dir : NULL, &p);
	http_renew_load(&p, own, own ? installed : NULL);
}

/* A file that can't be read trusts no client: where certificates are required nothing
 * is answered then. */
static void load_trust(const struct bmc_conf *http)
{
	struct bmc_error err = { 0 };

	if (http_trust_load(http, &err) < 0)
		log_err("%s; the authorities in use stay", err.what);
}

int http_start(const struct bmc_conf *http, const char *state_dir,
	       struct bmc_error *err)
{
	int64_t arrive = bmc_conf_num(http, "request_timeout", 0);
	const struct http_limits limits = {
		.header_ms = arrive,
		.interval_ms = arrive,
		.idle_ms = bmc_conf_num(http, "idle_timeout", 0),
		.connections = (unsigned)bmc_conf_num(http, "max_connections", 0),
		.per_ip =
			(unsigned)bmc_conf_num(http, "max_connections_per_address", 0),
		.threads = (unsigned)bmc_conf_num(http, "threads", 0),
	};
	bool tls;
	int r = http_listeners_check(http, &tls, err);

	if (r < 0)
		return r;
	(void)bmc_copy(server.state_dir, sizeof(server.state_dir), state_dir);
	http_receive_init((size_t)bmc_conf_num(http, "max_header", 0),
			  (size_t)bmc_conf_num(http, "max_body", 0));
	http_linger_open();
	http_wait_open();
	http_streams_open(arrive);
	http_webui_register();
	http_conns_init(&limits);
	http_handshakes_init((unsigned)bmc_conf_num(http, "handshakes_per_address", 0),
			     (unsigned)bmc_conf_num(http, "handshake_burst", 0));
	if (gnutls_session_ticket_key_generate(&http_ticket_key) < 0)
		return bmc_fail(err, BMC_EIO, "http: no key for session tickets");
	if (tls)
		load_tls(http);
	if (tls)
		r = http_trust_load(http, err);
	if (r == 0)
		r = serve(http, limits.threads, err);
	if (r == 0)
		r = http_websockets_start(arrive, err);
	if (r == 0)
		r = start_attending(err);
	if (r != 0)
		http_stop();
	return r;
}

static void stop_workers(struct http_workers *w)
{
	for (unsigned i = 0; i < HTTP_WORKERS_MAX; i++) {
		if (w->list[i].daemon)
			MHD_stop_daemon(w->list[i].daemon);
		w->list[i].live = bmc_live_free(w->list[i].live);
	}
	*w = (struct http_workers){ .n = 0 };
}

void http_stop(void)
{
	http_wait_expire(true);
	http_streams_stop();
	http_websockets_stop();
	http_wait_drain();
	if (server.attending) {
		(void)eventfd_write(server.end, 1);
		(void)pthread_join(server.thread, NULL);
		server.attending = false;
	}
	server.live = bmc_live_free(server.live);
	for (int i = 0; i < HTTP_GROUPS; i++)
		stop_workers(&server.workers[i]);
	http_listeners_close(server.listeners, server.n_listeners);
	server.n_listeners = 0;
	http_conns_done();
	http_linger_close();
	http_webui_close();
	if (server.end >= 0)
		(void)close(server.end);
	server.end = -1;
	http_renew_done();
	http_tls_done();
	http_trust_done();
	if (http_ticket_key.data)
		bmc_wipe(http_ticket_key.data, http_ticket_key.size);
	gnutls_free(http_ticket_key.data);
	http_ticket_key.data = NULL;
}

static unsigned port_of(enum http_group group)
{
	for (int i = 0; i < server.n_listeners; i++) {
		unsigned port = http_listen_port(server.listeners[i].fd);
		if (port && server.listeners[i].group == group)
			return port;
	}
	return 0;
}

unsigned http_port(bool tls)
{
	return port_of(tls ? HTTP_TLS : HTTP_PLAIN);
}

unsigned http_apart_port(enum http_place place)
{
	return port_of(HTTP_APART + place);
}

int http_listen_apart(enum http_place place, const char *address, unsigned port,
		      const struct http_handler *handler, struct bmc_error *err)
{
	int r = http_listeners_apart(place, address, port, err);

	if (r == 0)
		http_route_apart(place, address ? handler : NULL);
	return r;
}

unsigned http_port_at(const struct sockaddr *address)
{
	for (int i = 0; i < server.n_listeners; i++) {
		int fd = server.listeners[i].fd;
		if (server.listeners[i].group == HTTP_TLS &&
		    http_listens_at(fd, address))
			return http_listen_port(fd);
	}
	return 0;
}

void http_reload(const struct bmc_conf *http)
{
	http_receive_take_max_body((size_t)bmc_conf_num(http, "max_body", 0));
	if (!server.workers[HTTP_TLS].n)
		return;
	load_tls(http);
	load_trust(http);
}
