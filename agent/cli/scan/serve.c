// SPDX-License-Identifier: Apache-2.0
// HTTP service discovery, see serve.h. Until the first scan has ended there is no list:
// a client that asks then gets 503 and Retry-After, as [] would end all its targets.
#include "cli/scan/serve.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scan/options.h"
#include "scan/address.h"

#define CONNECTIONS_MAX 64u
#define TIMEOUT_S       10u

static struct {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock; /* of `text` */
	char *text;
} serve = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct MHD_Response *respond(const char *text, const char *header,
				    const char *value)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);

	if (r)
		(void)MHD_add_response_header(r, header, value);
	return r;
}

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status,
			      struct MHD_Response *r)
{
	enum MHD_Result is = r ? MHD_queue_response(c, status, r) : MHD_NO;

	if (r)
		MHD_destroy_response(r);
	return is;
}

static struct MHD_Response *list(void)
{
	struct MHD_Response *r = NULL;

	(void)pthread_mutex_lock(&serve.lock);
	if (serve.text)
		r = respond(serve.text, "Content-Type", "application/json");
	(void)pthread_mutex_unlock(&serve.lock);
	return r;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version,
				  const char *data, size_t *size, void **state)
{
	struct MHD_Response *r;

	(void)cls;
	(void)url;
	(void)version;
	(void)data;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		*size = 0;
		return answer(c, 405, respond("", "Allow", "GET, HEAD"));
	}
	if (!*state) { /* the head is here; the answer comes in the second call */
		*state = &serve;
		return MHD_YES;
	}
	*size = 0;
	r = list();
	return r ? answer(c, 200, r) : answer(c, 503, respond("", "Retry-After", "5"));
}

static bool read_place(const char *at, struct sockaddr_storage *ret)
{
	struct scan_endpoint *e = calloc(SCAN_ENDPOINTS_MAX, sizeof(*e));
	char why[160];
	size_t n = 0;
	bool ok = e && scan_targets_read(at, e, &n, why) && n == 1;

	if (ok)
		*ret = e[0].address;
	free(e);
	return ok;
}

int scan_serve_start(const char *at, char why[160])
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
	struct sockaddr_storage a;

	if (!read_place(at, &a)) {
		(void)snprintf(why, 160, "no ADDRESS:PORT (--help lists the options)");
		return SCAN_EXIT_USAGE;
	}
	if (a.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	serve.daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&a, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_END);
	if (!serve.daemon)
		(void)snprintf(why, 160, "can't listen: %s", strerror(errno));
	return serve.daemon ? SCAN_EXIT_OK : SCAN_EXIT_FAILED;
}

void scan_serve_put(char *text)
{
	char *old;

	(void)pthread_mutex_lock(&serve.lock);
	old = serve.text;
	serve.text = text;
	(void)pthread_mutex_unlock(&serve.lock);
	free(old);
}

void scan_serve_stop(void)
{
	if (serve.daemon)
		MHD_stop_daemon(serve.daemon);
	serve.daemon = NULL;
	scan_serve_put(NULL);
}
