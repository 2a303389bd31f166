// SPDX-License-Identifier: Apache-2.0
// /shell/NODE as a handler of the HTTP server: who may open a shell, and how many there
// are. A browser can't add headers to the request of a WebSocket: its session's token
// comes as one of the subprotocols that it offers, as no address that is logged.
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/snapshot/snapshot.h"
#include "http/http.h"
#include "http/login.h"
#include "shell/own.h"
#include "shell/shell.h"

#define PATH  "/shell"
#define TOKEN "token." /* what the subprotocol begins with that has it */
#define ROLE  "Administrator"

#define NOT_MAIN                                                                       \
	"the agent's own machine offers no shell: use ssh, or start clusterbmc-shell " \
	"and bind it in the platform file, see doc/shell.md\n"
#define NOT_BOUND \
	"no plugin opens shells of this board: bind `shell` in the platform file\n"

static struct {
	pthread_mutex_t lock;
	LIST_HEAD(, shell) list;
	unsigned n;
	/* set before the serving threads start */
	unsigned max, max_session;
	int64_t idle_ms;
} shells = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the table ---- */

static bool is_same_client(const struct shell *s, const struct shell *other)
{
	if (s->session[0] || other->session[0])
		return strcmp(s->session, other->session) == 0;
	return strcmp(s->actor.name, other->actor.name) == 0;
}

/* Whether there was room. */
static bool add(struct shell *s)
{
	const struct shell *other;
	unsigned same = 0;

	(void)pthread_mutex_lock(&shells.lock);
	LIST_FOREACH (other, &shells.list, link)
		same += is_same_client(s, other);
	bool ok = shells.n < shells.max && same < shells.max_session;
	if (ok) {
		LIST_INSERT_HEAD(&shells.list, s, link);
		shells.n++;
	}
	(void)pthread_mutex_unlock(&shells.lock);
	return ok;
}

static void destroy(struct shell *s)
{
	(void)pthread_mutex_destroy(&s->lock);
	free(s->command);
	bmc_wipe(s, sizeof(*s));
	free(s);
}

void shell_free(struct shell *s)
{
	(void)pthread_mutex_lock(&shells.lock);
	LIST_REMOVE(s, link);
	shells.n--;
	(void)pthread_mutex_unlock(&shells.lock);
	destroy(s);
}

static struct shell *next_of(struct shell *s)
{
	(void)pthread_mutex_lock(&shells.lock);
	struct shell *next = s ? LIST_NEXT(s, link) : LIST_FIRST(&shells.list);
	(void)pthread_mutex_unlock(&shells.lock);
	return next;
}

/* Others are only added meanwhile, at the front. */
void shell_each(void (*each)(struct shell *s))
{
	for (struct shell *s = next_of(NULL); s; s = next_of(s))
		each(s);
}

unsigned shell_count(void)
{
	(void)pthread_mutex_lock(&shells.lock);
	unsigned n = shells.n;
	(void)pthread_mutex_unlock(&shells.lock);
	return n;
}

int64_t shell_idle_ms(void)
{
	return shells.idle_ms;
}

/* ---- requests ---- */

static int answer(struct http_request *q, unsigned status, const char *text)
{
	struct http_response *r =
		http_response_new(text, strlen(text), HTTP_STATIC, q->secure);

	if (r) {
		http_response_add(r, "Content-Type", "text/plain; charset=utf-8");
		http_response_add(r, "Retry-After", status == 503 ? "10" : NULL);
	}
	http_answer(q, status, r);
	return HTTP_DONE;
}

/* The token among the subprotocols; false: none. */
static bool offered_token(const struct http_request *q, char ret[BMC_TOKEN_MAX])
{
	const char *list = http_header(q, "Sec-WebSocket-Protocol");

	while (list && *list) {
		list += strspn(list, " \t,");
		size_t len = strcspn(list, " \t,");
		if (len > strlen(TOKEN) && len - strlen(TOKEN) < BMC_TOKEN_MAX &&
		    strncmp(list, TOKEN, strlen(TOKEN)) == 0) {
			(void)snprintf(ret, BMC_TOKEN_MAX, "%.*s",
				       (int)(len - strlen(TOKEN)),
				       list + strlen(TOKEN));
			return true;
		}
		list += len;
	}
	return false;
}

static void token_of(const struct http_request *q, char ret[BMC_TOKEN_MAX])
{
	const char *header = http_header(q, "X-Auth-Token");

	ret[0] = 0;
	if (header)
		(void)bmc_copy(ret, BMC_TOKEN_MAX, header);
	else
		(void)offered_token(q, ret);
}

static int begin(struct http_request *q)
{
	struct http_login *l = q->state;
	char token[BMC_TOKEN_MAX];

	if (!l)
		l = q->state = calloc(1, sizeof(*l));
	if (!l) {
		http_answer(q, 500, NULL);
		return HTTP_DONE;
	}
	l->origin = "shell";
	if (l->asked || http_header(q, "X-Auth-Token") || !offered_token(q, token))
		return http_login(q, l);
	http_login_token(q, l, token);
	bmc_wipe(token, sizeof(token));
	return HTTP_DONE;
}

static struct shell *new_shell(const struct http_request *q, const char *node,
			       const struct bmc_snapshot *snap)
{
	const struct http_login *l = q->state;
	struct shell *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	(void)pthread_mutex_init(&s->lock, NULL);
	s->actor = l->actor;
	(void)bmc_copy(s->session, sizeof(s->session), l->session);
	if (s->session[0])
		token_of(q, s->token);
	(void)bmc_copy(s->node, sizeof(s->node), node);
	s->has_account = bmc_snapshot_find(snap, BMC_ACCOUNT, l->actor.name) != NULL;
	s->began = s->touched = bmc_now();
	return s;
}

static int open_shell(struct http_request *q, const char *node)
{
	auto_snapshot struct bmc_snapshot *snap = bmc_snapshot_get();
	const struct bmc_board *board =
		(const struct bmc_board *)bmc_snapshot_find(snap, BMC_BOARD, node);
	struct shell *s;

	if (!board)
		return answer(q, 404, "no such board\n");
	if (board->can_shell != 1)
		return answer(q, 404, board->is_main == 1 ? NOT_MAIN : NOT_BOUND);
	s = new_shell(q, node, snap);
	if (s && add(s)) {
		http_answer_websocket(q, &shell_websocket, s);
		return HTTP_DONE;
	}
	if (s)
		destroy(s);
	return answer(q, 503, "too many shells are open: close one\n");
}

static int run(struct http_request *q)
{
	const struct http_login *l = q->state;
	const char *node = q->path + strlen(PATH);

	if (!l->known && l->code != 0 && l->code != BMC_EAUTH)
		return answer(q, 503, "the login could not be checked\n");
	if (!l->known)
		return answer(q, 401, "log in\n");
	if (strcmp(l->actor.role, ROLE) != 0 || l->actor.must_change)
		return answer(q, 403, "a shell needs the role Administrator\n");
	return open_shell(q, node + (*node == '/'));
}

static void finish(struct http_request *q)
{
	free(q->state);
	q->state = NULL;
}

static const struct http_handler handler = { .begin = begin,
					     .run = run,
					     .end = finish };

void shell_init(const struct bmc_conf *shell)
{
	shells.max = (unsigned)bmc_conf_num(shell, "max", 0);
	shells.max_session = (unsigned)bmc_conf_num(shell, "per_session", 0);
	shells.idle_ms = bmc_conf_num(shell, "idle", 0);
	if (shells.max)
		http_register(PATH, &handler);
}

void shell_done(void)
{
	bmc_loop_step(0); /* the WebSockets' last messages */
	shell_unwatch();
}
