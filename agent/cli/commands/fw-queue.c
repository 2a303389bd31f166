// SPDX-License-Identifier: Apache-2.0
// Asking for an update: which image, which boards, how. Called by commands/fw.c and
// commands/netrecovery-master.c.
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands/fw.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define STORE     CLI_UPDATE "/LocalImageStore"
#define MULTIPART CLI_UPDATE "/update-multipart"
#define SIMPLE    CLI_UPDATE "/Actions/UpdateService.SimpleUpdate"

/* ---- the image ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* By its id, or by a name that one image has. */
static int find_stored(struct cli *c, const char *word, struct cli_image *ret,
		       struct cli_error *err)
{
	json_t *all = cli_collect(cli_link(c), err, STORE "?$expand=."), *image;
	struct cli_guess g = { .word = word };
	const json_t *found = NULL;
	size_t i, n = 0;
	int code = CLI_OK;

	if (!all)
		return err->code;
	json_array_foreach (all, i, image) {
		bool id = strcmp(cli_text_at(image, "Id"), word) == 0;
		bool name = strcmp(cli_text_at(image, "Name"), word) == 0;
		cli_guess(&g, cli_text_at(image, "Name"));
		found = id || (name && !found) ? image : found;
		n = id ? 1 : n + name;
		if (id)
			break;
	}
	if (n == 1) {
		(void)bmc_copy(ret->uri, sizeof(ret->uri),
			       cli_text_at(found, "@odata.id"));
	} else if (n) {
		code = cli_fail(err, CLI_USAGE, "%zu stored images are called %s", n,
				word);
		cli_next(err, "Name it by its id: bmc fw images.");
	} else {
		code = cli_fail(err, CLI_NOT_SUPPORTED,
				"%s is neither a file here nor a stored image", word);
		cli_next(err, g.best ? "Did you mean %s?" : "bmc fw images lists them.",
			 g.best ? g.best : "");
	}
	json_decref(all);
	return code;
}

int cli_image_find(struct cli *c, const char *word, struct cli_image *ret,
		   struct cli_error *err)
{
	memset(ret, 0, sizeof(*ret));
	(void)snprintf(ret->label, sizeof(ret->label), "%s", base_name(word));
	if (strstr(word, "://")) {
		if (bmc_copy(ret->uri, sizeof(ret->uri), word))
			return CLI_OK;
		return cli_fail(err, CLI_USAGE, "the address of the image is too long");
	}
	if (is_file(word)) {
		ret->file = word;
		return access(word, R_OK) == 0
			       ? CLI_OK
			       : cli_fail(err, CLI_FAILED, "%s can't be read", word);
	}
	if (strchr(word, '/'))
		return cli_fail(err, CLI_NOT_SUPPORTED, "there is no file %s", word);
	return find_stored(c, word, ret, err);
}

/* ---- the request ---- */

static json_t *targets_of(const json_t *nodes)
{
	json_t *uris = json_array();
	const json_t *b;
	size_t i;

	json_array_foreach (nodes, i, b)
		(void)json_array_append_new(uris, json_string(cli_text_at(b, "uri")));
	return uris;
}

static void report_sent(void *arg, int64_t done, int64_t total)
{
	int *reported = arg, percent = total > 0 ? (int)(done * 100 / total) : 0;
	bool terminal = isatty(STDERR_FILENO);

	if (*reported < 0 || percent <= *reported ||
	    (!terminal && percent / 10 == *reported / 10))
		return;
	*reported = percent;
	fprintf(stderr,
		terminal ? "\r\033[Ksending the image: %d %%%s"
			 : "sending the image: %d %%%s",
		percent, terminal && percent < 100 ? "" : "\n");
	(void)fflush(stderr);
}

/* "/redfish/v1/TaskService/TaskMonitors/7". */
static int take_task(const struct cli_reply *r, char ret_task[32],
		     struct cli_error *err)
{
	const char *id = base_name(r->location);

	if (cli_is_task(id) && bmc_copy(ret_task, 32, id))
		return CLI_OK;
	return cli_fail(err, CLI_FAILED, "the agent named no task");
}

/* UpdateParameters, and those of SimpleUpdate but for the image: a new object. */
static json_t *parameters_of(const struct cli *c, json_t *options)
{
	json_t *body = json_pack("{s:o}", "Targets", targets_of(c->nodes));

	if (options)
		(void)json_object_set_new(body, "Oem",
					  json_pack("{s:O}", "ClusterBmc", options));
	if (cli_option(c, "force"))
		(void)json_object_set_new(body, "ForceUpdate", json_true());
	return body;
}

/* ---- the check ---- */

static int check_size(struct cli *c, const struct cli_image *image, int64_t *ret_size,
		      struct cli_error *err)
{
	json_t *service = cli_get(cli_link(c), err, CLI_UPDATE);
	const json_t *max = json_object_get(service, "MaxImageSizeBytes");
	struct stat st = { .st_size = 0 };
	int code = service ? CLI_OK : err->code;

	(void)stat(image->file, &st);
	*ret_size = st.st_size;
	if (!code && !st.st_size)
		code = cli_fail(err, CLI_FAILED, "%s is empty", image->label);
	if (!code && json_is_integer(max) && st.st_size > json_integer_value(max)) {
		code = cli_fail(err, CLI_FAILED,
				"%s has %lld bytes, and the agent takes %lld",
				image->label, (long long)st.st_size,
				(long long)json_integer_value(max));
		cli_next(err, "Its configuration (update.max_bytes) bounds that.");
	}
	json_decref(service);
	return code;
}

/* All was well but for the file, which was left out on purpose. */
static bool lacks_file_only(const struct cli_reply *r)
{
	const json_t *m =
		json_array_get(cli_at(r->json, "error/@Message.ExtendedInfo"), 0);
	const json_t *args = json_object_get(m, "MessageArgs"), *arg;
	size_t i;

	if (r->status != 400 ||
	    !strstr(cli_text_at(m, "MessageId"), ".ActionParameterMissing"))
		return false;
	json_array_foreach (args, i, arg) {
		if (json_is_string(arg) &&
		    strcmp(json_string_value(arg), "UpdateFile") == 0)
			return true;
	}
	return false;
}

int cli_update_check(struct cli *c, const struct cli_image *image, json_t *options,
		     int64_t *ret_size, struct cli_error *err)
{
	int code = check_size(c, image, ret_size, err);
	struct cli_reply r = { 0 };

	if (code)
		return code;
	json_t *body = parameters_of(c, options);
	const struct cli_call call = {
		.method = "POST", .path = MULTIPART, .body = body, .no_file = true
	};
	code = cli_ask(cli_link(c), &call, &r, err);
	if (lacks_file_only(&r))
		code = CLI_OK;
	cli_reply_done(&r);
	json_decref(body);
	return code;
}

/* ---- the update ---- */

int cli_update_queue(struct cli *c, const struct cli_image *image, json_t *options,
		     char ret_task[32], struct cli_error *err)
{
	int reported = cli_option(c, "quiet") ? -1 : 0;
	int64_t size;
	int code =
		image->file ? cli_update_check(c, image, options, &size, err) : CLI_OK;

	if (code)
		return code;
	json_t *body = parameters_of(c, options);
	struct cli_call call = { .method = "POST", .path = SIMPLE, .body = body };
	struct cli_reply r = { 0 };
	if (image->file) {
		call.path = MULTIPART;
		call.file = image->file;
		call.sent = report_sent;
		call.arg = &reported;
	} else {
		cli_set_text(body, "ImageURI", image->uri);
	}
	code = cli_ask(cli_link(c), &call, &r, err);
	if (!code)
		code = take_task(&r, ret_task, err);
	cli_reply_done(&r);
	json_decref(body);
	return code;
}
