// SPDX-License-Identifier: Apache-2.0
// The opening handshake of a WebSocket (RFC 6455, section 4.2). Called by handlers, on
// serving threads.
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"
#include "http/call.h"
#include "http/negotiate.h"
#include "http/response.h"
#include "http/websocket-table.h"

#define GUID       "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_LEN    24 /* 16 bytes in base64 */
#define ACCEPT_MAX 32

struct http_upgrade {
	const struct http_websocket_handler *handler;
	void *arg;
	struct http_call *call;
};

/* Whether a header's list has this word. */
static bool has_word(const char *list, const char *word)
{
	size_t want = strlen(word);

	while (list && *list) {
		list += strspn(list, " \t,");
		size_t len = strcspn(list, " \t,");
		if (len == want && strncasecmp(list, word, len) == 0)
			return true;
		list += len;
	}
	return false;
}

/* Browsers say which page opens it; other clients say nothing. */
static bool is_same_origin(const struct http_request *q)
{
	return http_same_origin(http_header(q, "Origin"), http_header(q, "Host"),
				q->secure);
}

static bool accept_key(const char *key, char ret[ACCEPT_MAX])
{
	char text[KEY_LEN + sizeof(GUID)];
	uint8_t hash[20];
	gnutls_datum_t in = { hash, sizeof(hash) }, out = { NULL, 0 };

	(void)snprintf(text, sizeof(text), "%s" GUID, key);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, strlen(text), hash) < 0 ||
	    gnutls_base64_encode2(&in, &out) < 0)
		return false;
	(void)snprintf(ret, ACCEPT_MAX, "%.*s", (int)out.size, (const char *)out.data);
	gnutls_free(out.data);
	return true;
}

static void end(struct MHD_UpgradeResponseHandle *urh, struct http_upgrade *u)
{
	u->handler->closed(NULL, u->arg);
	(void)MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
}

static void upgraded(void *cls, struct MHD_Connection *c, void *con_cls,
		     const char *extra, size_t n_extra, MHD_socket fd,
		     struct MHD_UpgradeResponseHandle *urh)
{
	struct http_upgrade *u = cls;

	(void)c;
	(void)con_cls;
	u->call->upgrade = NULL;
	http_conn_upgraded(u->call->conn);
	if (!http_websocket_begin(u->handler, u->arg, urh, fd, extra, n_extra))
		end(urh, u);
	free(u);
}

void http_upgrade_drop(struct http_call *call)
{
	struct http_upgrade *u = call->upgrade;

	call->upgrade = NULL;
	if (u)
		u->handler->closed(NULL, u->arg);
	free(u);
}

static unsigned problem(const struct http_request *q)
{
	const char *key = http_header(q, "Sec-WebSocket-Key"),
		   *version = http_header(q, "Sec-WebSocket-Version");

	if (strcmp(q->method, "GET") != 0 || q->length ||
	    !has_word(http_header(q, "Upgrade"), "websocket") ||
	    !has_word(http_header(q, "Connection"), "upgrade"))
		return 426;
	if (!version || strcmp(version, "13") != 0)
		return 426;
	if (!key || strlen(key) != KEY_LEN)
		return 400;
	return is_same_origin(q) ? 0 : 403;
}

static void refuse(struct http_request *q, unsigned status)
{
	struct http_response *r = http_response_new(NULL, 0, HTTP_STATIC, q->secure);

	if (r && status == 426) {
		http_response_add(r, "Upgrade", "websocket");
		http_response_add(r, "Sec-WebSocket-Version", "13");
	}
	http_answer(q, status, r);
}

static struct http_response *response_of(struct http_request *q, struct http_upgrade *u)
{
	char accepted[ACCEPT_MAX];
	struct MHD_Response *mhd =
		accept_key(http_header(q, "Sec-WebSocket-Key"), accepted)
			? MHD_create_response_for_upgrade(upgraded, u)
			: NULL;
	struct http_response *r = http_response_wrap(mhd, q->secure);

	if (!r)
		return NULL;
	http_response_add(r, "Upgrade", "websocket");
	http_response_add(r, "Sec-WebSocket-Accept", accepted);
	if (u->handler->protocol &&
	    has_word(http_header(q, "Sec-WebSocket-Protocol"), u->handler->protocol))
		http_response_add(r, "Sec-WebSocket-Protocol", u->handler->protocol);
	return r;
}

void http_answer_websocket(struct http_request *q,
			   const struct http_websocket_handler *handler, void *arg)
{
	unsigned status = problem(q);
	struct http_upgrade *u = status ? NULL : malloc(sizeof(*u));
	struct http_response *r = NULL;

	if (u) {
		*u = (struct http_upgrade){ handler, arg, q->handle };
		r = response_of(q, u);
	}
	if (r) {
		u->call->upgrade = u;
		http_answer(q, 101, r);
		return;
	}
	free(u);
	handler->closed(NULL, arg);
	refuse(q, status ? status : 500);
}
