// SPDX-License-Identifier: Apache-2.0
// See webui.h. Names have no slash and do not begin with a dot, and symbolic links are
// not followed: nothing outside of the folder is reached. The folder is opened for each
// request, as an installation may replace it by another of the same path; the
// descriptor of the start serves where the path is closed to the daemon's later user.
#include "http/webui.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "http/file.h"
#include "http/http.h"
#include "http/negotiate.h"
#include "http/request.h"

#define BELOW        "/ui"
#define INDEX        "index.html"
#define NAME_MAX_LEN 100
#define HASH_MIN     8 /* characters of NAME-HASH.js */

#define POLICY                                                                      \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "  \
	"data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action " \
	"'none'; frame-ancestors 'none'"

#define FOR_EVER "public, max-age=31536000, immutable"

static const char *const types[][2] = {
	{ "html", "text/html;charset=utf-8" },
	{ "js", "text/javascript;charset=utf-8" },
	{ "css", "text/css;charset=utf-8" },
	{ "json", "application/json" },
	{ "svg", "image/svg+xml" },
	{ "png", "image/png" },
	{ "woff2", "font/woff2" },
	{ "txt", "text/plain;charset=utf-8" },
};

/* Set before the serving threads start, and not changed while they run. */
static int folder = -1;
static char folder_path[PATH_MAX];

/* ---- names ---- */

static bool is_name(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._-");

	return len > 0 && len <= NAME_MAX_LEN && !name[len] && name[0] != '.';
}

/* The file that a path asks for, or NULL. */
static const char *name_of(const char *path)
{
	if (strcmp(path, "/") == 0)
		return INDEX;
	if (strncmp(path, BELOW "/", strlen(BELOW "/")) != 0)
		return NULL;
	path += strlen(BELOW "/");
	return is_name(path) ? path : NULL;
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(types); i++) {
		if (strcmp(dot + 1, types[i][0]) == 0)
			return types[i][1];
	}
	return "application/octet-stream";
}

/* The build names a file after a hash of its bytes: other bytes have another name. */
static bool is_hashed(const char *name)
{
	const char *dash = strrchr(name, '-');
	size_t len = dash ? strcspn(dash + 1, ".") : 0;

	return len >= HASH_MIN && dash[1 + len] == '.';
}

/* ---- files ---- */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int open_folder(void)
{
	return open(folder_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int open_regular(const char *name, struct stat *ret)
{
	auto_fd int now = open_folder();
	int fd = openat(now < 0 ? folder : now, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, ret) < 0 || !S_ISREG(ret->st_mode)))
		close_fd(&fd);
	return fd;
}

/* The file, or its shorter twin. */
static int open_file(const char *name, bool gzip, struct stat *ret, bool *ret_gzip)
{
	char twin[NAME_MAX_LEN + 4];
	int fd = -1;

	*ret_gzip = false;
	if (gzip) {
		(void)snprintf(twin, sizeof(twin), "%s.gz", name);
		fd = open_regular(twin, ret);
	}
	if (fd >= 0) {
		*ret_gzip = true;
		return fd;
	}
	return open_regular(name, ret);
}

/* Of the two codings of a name too: they are two files. */
static void make_etag(const struct stat *st, char ret[64])
{
	(void)snprintf(ret, 64, "\"%llx-%llx-%llx\"", (unsigned long long)st->st_ino,
		       (unsigned long long)st->st_size,
		       (unsigned long long)st->st_mtim.tv_sec * 1000000000 +
			       (unsigned long long)st->st_mtim.tv_nsec);
}

/* ---- answers ---- */

static void protect(struct http_request *q)
{
	if (!q->response)
		return;
	http_response_add(q->response, "Content-Security-Policy", POLICY);
	http_response_add(q->response, "Referrer-Policy", "no-referrer");
	http_response_add(q->response, "Cross-Origin-Opener-Policy", "same-origin");
}

static void refuse(struct http_request *q, unsigned status)
{
	http_answer(q, status, http_response_new(NULL, 0, HTTP_STATIC, q->secure));
	if (q->response && status == 405)
		http_response_add(q->response, "Allow", "GET, HEAD");
	protect(q);
}

static void answer_file(struct http_request *q, const char *name)
{
	struct stat st;
	char etag[64];
	bool gzip = http_accepts_gzip(http_header(q, "Accept-Encoding"));
	int fd = open_file(name, gzip, &st, &gzip);
	const struct http_file file = { .type = type_of(name),
					.etag = etag,
					.cache_control = is_hashed(name) ? FOR_EVER
									 : "no-cache" };

	if (fd < 0) {
		refuse(q, 404);
		return;
	}
	make_etag(&st, etag);
	(void)http_answer_file(q, fd, &file);
	if (q->response) {
		http_response_add(q->response, "Vary", "Accept-Encoding");
		http_response_add(q->response, "Content-Encoding",
				  gzip && q->status < 300 ? "gzip" : NULL);
	}
	protect(q);
}

static int begin(struct http_request *q)
{
	(void)q;
	return HTTP_DONE;
}

static int run(struct http_request *q)
{
	const char *name = name_of(q->path);
	bool get = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;

	if (!name)
		refuse(q, 404);
	else if (!get)
		refuse(q, 405);
	else
		answer_file(q, name);
	return HTTP_DONE;
}

static const struct http_handler handler = { .begin = begin, .run = run };

void http_webui_open(const char *dir)
{
	http_webui_close();
	if (strcmp(dir, HTTP_WEBUI_OFF) == 0 ||
	    !bmc_copy(folder_path, sizeof(folder_path), dir))
		return;
	folder = open_folder();
	if (folder < 0)
		log_info("http.webui: %s: %m; there are no web pages", dir);
}

void http_webui_register(void)
{
	struct stat st;
	auto_fd int fd = folder < 0 ? -1 : open_regular(INDEX, &st);

	if (fd < 0)
		return;
	http_register("/", &handler);
	http_register(BELOW, &handler);
}

void http_webui_close(void)
{
	close_fd(&folder);
}
