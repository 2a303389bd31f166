// SPDX-License-Identifier: Apache-2.0
// Images that clients send: who asks, for what boards and how is judged before the
// first byte of the file is taken; then each goes to the store as it comes, as fast as
// that takes them, and once it is there the update is asked for. Called by the server's
// threads; the store calls back on its own.
#include "redfish/update-push.h"

#include <string.h>
#include <strings.h>

#include "core/base/util.h"
#include "core/ports/images.h"
#include "http/http.h"
#include "http/multipart.h"
#include "http/negotiate.h"
#include "redfish/apply-time.h"
#include "redfish/auth.h"
#include "redfish/list.h"
#include "redfish/push-link.h"
#include "redfish/service.h"
#include "redfish/update-options.h"
#include "redfish/update.h"

#define PARAMETERS_MAX 65536          /* bytes of UpdateParameters */
#define OTHERS_MAX     (16 * 1024)    /* of a body, beside its two parts */
#define FULL_MS        INT64_C(60000) /* how long the store may take nothing */

enum part { NONE, PARAMETERS, IMAGE, OTHER };

struct upload {
	bool multipart, had_file;
	enum part part;
	struct http_multipart parts;
	char *json; /* UpdateParameters, owned */
	size_t n_json;
	struct rf_set set;
	struct bmc_push *push;     /* owned */
	struct rf_push_link *link; /* owned reference */
};

/* So that messages name what was asked. */
static const struct rf_action multipart_action = { .name = "UpdateParameters" };
static const struct rf_action push_action = { .name = "HttpPushUri" };

/* ---- life ---- */

static struct upload *upload_new(bool multipart)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (!u || !(u->link = rf_push_link_new())) {
		free(u);
		return NULL;
	}
	u->multipart = multipart;
	return u;
}

static void upload_free(struct upload *u)
{
	if (!u)
		return;
	if (u->push)
		bmc_images->push_abort(u->push);
	rf_push_link_forget(u->link);
	rf_push_link_unref(u->link);
	rf_set_done(&u->set);
	free(u->json);
	free(u);
}

/* ---- answers ---- */

/* False, so that it ends what asked. */
static bool answered(struct rf_request *q)
{
	rf_send(q);
	return false;
}

static bool refuse(struct rf_request *q, enum rf_message_id id, const char *a,
		   const char *detail)
{
	rf_message_about(rf_message_add(&q->messages, id, a, NULL, NULL), "", detail);
	(void)rf_answer_messages(q, 0);
	return answered(q);
}

static bool malformed(struct rf_request *q, const char *why)
{
	return refuse(q, RF_UNRECOGNIZED_BODY, NULL, why);
}

static bool missing(struct rf_request *q, const char *part)
{
	(void)rf_message_add(&q->messages, RF_PARAMETER_MISSING, q->action->name, part,
			     NULL);
	(void)rf_answer_messages(q, 0);
	return answered(q);
}

/* What the store says: too large, full, too many at once. */
static bool failed(struct rf_request *q, int code, const struct bmc_error *err)
{
	if (code == BMC_ERANGE)
		return refuse(q, RF_PAYLOAD_TOO_LARGE, NULL, err->what);
	if (code == BMC_EBUSY)
		code = BMC_EAGAIN; /* no board's, but the service's */
	(void)rf_answer_error(q, code, err);
	return answered(q);
}

/* ---- what is asked ---- */

/* The values as parameters of an update; q->parsed has them. */
static bool take_parameters(struct rf_request *q, struct upload *u)
{
	static const struct rf_param params[] = { RF_UPDATE_PARAMS, { .name = NULL } };
	const json_t *args[RF_PARAMS_MAX] = { NULL };

	if (rf_args(q, params, q->action->name, args) &&
	    rf_update_take(q, &u->set, args) &&
	    rf_apply_time(q, BMC_ACT_UPDATE, &u->set.params) &&
	    rf_update_possible(q, &u->set))
		return true;
	return answered(q);
}

/* The parser of bodies reads the request's: it is lent this part. */
static bool parse_parameters(struct rf_request *q, struct upload *u)
{
	bool ok;

	q->http->body = u->json;
	q->http->body_len = u->n_json;
	ok = rf_parse(q);
	q->http->body = NULL;
	q->http->body_len = 0;
	return ok ? take_parameters(q, u) : answered(q);
}

static bool begin_push(struct rf_request *q, struct upload *u, const char *name)
{
	struct bmc_error err = { 0 };
	struct bmc_push_request request = {
		.name = name,
		.size = q->http->length == HTTP_LENGTH_UNKNOWN || u->multipart
				? UINT64_MAX
				: q->http->length,
		.ready = rf_push_link_ready,
		.arg = u->link,
	};
	int r = bmc_images->push_begin(&request, &u->push, &err);

	return r == 0 || failed(q, r, &err);
}

/* ---- bytes ---- */

enum { GOES_ON, WAITS, ENDED };

/* Gives the store what it takes. */
static int store(struct rf_request *q, struct upload *u, const char *bytes, size_t len,
		 size_t *ret_taken)
{
	struct bmc_error err = { 0 };
	ssize_t n = 0;

	*ret_taken = 0;
	while (*ret_taken < len) {
		n = bmc_images->push_write(u->push, bytes + *ret_taken,
					   len - *ret_taken, &err);
		if (n < 0)
			break;
		*ret_taken += (size_t)n;
	}
	if (n >= 0)
		return GOES_ON;
	if (n == BMC_EAGAIN && rf_push_link_wait(q->http, u->link, FULL_MS))
		return WAITS;
	(void)failed(q, (int)n, &err);
	return ENDED;
}

static int add_json(struct rf_request *q, struct upload *u, const struct http_piece *in)
{
	char *more;

	if (in->len > PARAMETERS_MAX - u->n_json) {
		(void)malformed(q, "UpdateParameters is too long");
		return ENDED;
	}
	more = realloc(u->json, u->n_json + in->len);
	if (!more) {
		(void)failed(q, BMC_ENOMEM, NULL);
		return ENDED;
	}
	u->json = more;
	memcpy(more + u->n_json, in->at, in->len);
	u->n_json += in->len;
	return GOES_ON;
}

static int part_data(struct rf_request *q, struct upload *u,
		     const struct http_piece *in, size_t *ret_taken)
{
	*ret_taken = in->len;
	if (u->part == PARAMETERS)
		return add_json(q, u, in);
	return u->part == IMAGE ? store(q, u, in->at, in->len, ret_taken) : GOES_ON;
}

/* The parameters stand first, so that nothing is stored of what is refused. */
static bool part_begin(struct rf_request *q, struct upload *u)
{
	bool parameters = strcmp(u->parts.name, "UpdateParameters") == 0;

	if (parameters && !u->json && !u->had_file) {
		u->part = PARAMETERS;
		return true;
	}
	if (strcmp(u->parts.name, "UpdateFile") != 0 && !parameters) {
		u->part = OTHER; /* an OEM's: of others this service knows none */
		return true;
	}
	if (parameters || u->had_file)
		return malformed(q, "a part is there twice, or behind UpdateFile");
	if (!q->parsed)
		return missing(q, "UpdateParameters");
	u->part = IMAGE;
	u->had_file = true;
	return begin_push(q, u, u->parts.filename);
}

static bool part_end(struct rf_request *q, struct upload *u)
{
	bool parameters = u->part == PARAMETERS;

	u->part = NONE;
	return !parameters || parse_parameters(q, u);
}

static int multipart_data(struct rf_request *q, struct upload *u, struct http_piece *in)
{
	enum http_multipart_what what;
	struct http_piece piece;
	int r = GOES_ON;
	size_t n;

	while (r == GOES_ON && (what = http_multipart_next(&u->parts, in, &piece)) !=
				       HTTP_MULTIPART_MORE) {
		bool ok = true;

		if (what == HTTP_MULTIPART_WRONG)
			ok = malformed(q, u->parts.wrong);
		else if (what == HTTP_MULTIPART_PART)
			ok = part_begin(q, u);
		else if (what == HTTP_MULTIPART_PART_END)
			ok = part_end(q, u);
		if (what == HTTP_MULTIPART_DATA) {
			r = part_data(q, u, &piece, &n);
			http_multipart_take(&u->parts, in, n);
		}
		r = ok ? r : ENDED;
	}
	return r;
}

/* ---- the handler ---- */

/* A wait that has ended otherwise than by its callback. */
static bool expired(struct rf_request *q)
{
	int code = q->http->expired;

	q->http->expired = 0;
	if (!code)
		return false;
	(void)rf_answer_error(q, code, NULL);
	(void)answered(q);
	return true;
}

static int data(struct http_request *http, const void *bytes, size_t len,
		size_t *ret_taken)
{
	struct rf_request *q = http->state;
	struct upload *u = q->data;
	struct http_piece in = { bytes, len };
	int r;

	*ret_taken = len;
	if (expired(q))
		return HTTP_DONE;
	if (u->multipart) {
		r = multipart_data(q, u, &in);
		*ret_taken = len - in.len;
	} else {
		r = store(q, u, bytes, len, ret_taken);
	}
	return r == WAITS ? HTTP_WAIT : HTTP_DONE;
}

/* The image is stored: the update is asked for. */
static int start(struct rf_request *q)
{
	struct upload *u = q->data;
	struct bmc_error err = { 0 };
	char id[BMC_ID_MAX];
	int code = rf_push_link_result(u->link, id, &err);

	if (code == 0)
		code = bmc_params_set_text(u->set.params, BMC_PARAM_IMAGE, id, &err);
	if (code == 0)
		return rf_set_start(q, &u->set);
	return rf_answer_error(q, code, &err);
}

/* The body is in. */
static int finish(struct rf_request *q)
{
	struct upload *u = q->data;
	struct bmc_push *push = u->push;

	if (u->multipart && !u->parts.ended)
		return malformed(q, "it ends before its last boundary") + RF_DONE;
	if (!push)
		return missing(q, u->json ? "UpdateFile" : "UpdateParameters") +
		       RF_DONE;
	q->then = start;
	if (!rf_push_link_wait(q->http, u->link, HTTP_WAIT_FOREVER)) {
		q->then = NULL;
		(void)rf_answer_error(q, BMC_ECANCELED, NULL);
		rf_send(q);
		return RF_DONE;
	}
	u->push = NULL;
	rf_push_link_ref(u->link);
	bmc_images->push_end(push, rf_push_link_stored, u->link);
	return RF_WAIT;
}

static int run(struct http_request *http)
{
	struct rf_request *q = http->state;
	int r;

	if (!q->then && !http->expired)
		return finish(q);
	r = rf_handle(q);
	if (r == RF_DONE)
		rf_send(q);
	return r;
}

static bool takes_type(const struct rf_request *q, struct upload *u)
{
	const char *type = http_header(q->http, "Content-Type");

	if (u->multipart)
		return http_multipart_init(&u->parts, type);
	return type && strcasecmp(type, "application/octet-stream") == 0;
}

/* A form on a page elsewhere can make a browser send such a body, with the credentials
 * that it knows: the browser says where it comes from. */
static bool is_own_page(const struct rf_request *q)
{
	return http_same_origin(http_header(q->http, "Origin"),
				http_header(q->http, "Host"), q->http->secure);
}

/* Who it is is known. */
static bool is_taken(struct rf_request *q, struct upload *u)
{
	(void)bmc_copy(q->uri, sizeof(q->uri), rf_update_service.uri);
	q->res = rf_route(q->snap, q->uri, &q->row);
	q->action = u->multipart ? &multipart_action : &push_action;
	if (!rf_authorize(q))
		return answered(q);
	if (u->multipart ? !rf_update_enabled() : !rf_push_served())
		return refuse(q, RF_INVALID_URI, q->http->path, "");
	if (q->method != RF_POST)
		return refuse(q, RF_METHOD_NOT_ALLOWED, NULL, "");
	if (q->n_query || q->query_overflow)
		return refuse(q, RF_QUERY_ON_OPERATION, NULL, "");
	if (!is_own_page(q))
		return refuse(q, RF_INSUFFICIENT_PRIVILEGE, NULL,
			      "A page of another origin has sent it");
	if (!takes_type(q, u))
		return refuse(q, RF_UNSUPPORTED_MEDIA, "Content-Type",
			      u->multipart ? "Send multipart/form-data with a boundary"
					   : "Send application/octet-stream");
	if (q->http->length == 0)
		return malformed(q, "there is no image");
	return true;
}

static void admit(struct rf_request *q, struct upload *u)
{
	uint64_t max;

	q->snap = bmc_snapshot_get();
	(void)bmc_copy(q->allow, sizeof(q->allow), "POST");
	if (!is_taken(q, u))
		return;
	max = bmc_images->push_max();
	q->http->pace = HTTP_PACE_TRANSFER;
	q->http->max_body = u->multipart ? max + PARAMETERS_MAX + OTHERS_MAX : max;
	if (u->multipart)
		return; /* its parameters come first */
	/* its targets are named beforehand */
	q->parsed = rf_push_parameters(&q->login.actor);
	if (!q->parsed)
		(void)failed(q, BMC_ENOMEM, NULL);
	else if (!json_object_get(q->parsed, "Targets"))
		(void)missing(q, "HttpPushUriTargets");
	else if (take_parameters(q, u) && q->http->length <= max)
		(void)begin_push(q, u, "");
}

static int begin(struct http_request *http)
{
	struct rf_request *q = http->state;

	if (!q) {
		q = rf_request_new(http);
		if (q)
			q->data = upload_new(strcmp(http->path, RF_MULTIPART_URI) == 0);
		if (!q || !q->data) {
			http_answer(http, 500, NULL);
			return HTTP_DONE;
		}
		rf_take_query(q);
		if (http_login(http, &q->login) == HTTP_WAIT)
			return HTTP_WAIT;
	}
	if (!expired(q))
		admit(q, q->data);
	return HTTP_DONE;
}

static void end(struct http_request *http)
{
	struct rf_request *q = http->state;

	if (q) {
		upload_free(q->data);
		q->data = NULL;
	}
	http->state = rf_request_free(q);
}

static const struct http_handler handler = {
	.begin = begin, .data = data, .run = run, .refuse = rf_refuse, .end = end
};

void rf_update_push_init(void)
{
	http_register(RF_PUSH_URI, &handler);
	http_register(RF_MULTIPART_URI, &handler);
}
