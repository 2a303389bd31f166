// SPDX-License-Identifier: Apache-2.0
// The session that is kept between two runs: a file for its owner only, in
// XDG_RUNTIME_DIR, XDG_CACHE_HOME or ~/.cache, for each agent and user. Called by
// client.c and login.c.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/link.h"
#include "cli/login.h"
#include "core/base/util.h"

#define FILE_MAX 4096

/* What distinguishes agents. */
static void identity(const struct cli_link *l, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s %s %s", l->base,
		       l->target->host ? "" : l->target->socket, cli_user(l->target));
}

static bool folder(char *ret, size_t size)
{
	static const struct {
		const char *env, *below;
	} places[] = { { "XDG_RUNTIME_DIR", "" },
		       { "XDG_CACHE_HOME", "" },
		       { "HOME", "/.cache" } };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *at = getenv(places[i].env);
		struct stat st;
		if (!at || *at != '/')
			continue;
		(void)snprintf(ret, size, "%s%s", at, places[i].below);
		if (*places[i].below)
			(void)mkdir(ret, 0700);
		if (stat(ret, &st) != 0 || !S_ISDIR(st.st_mode) ||
		    st.st_uid != geteuid())
			continue;
		(void)snprintf(ret, size, "%s%s/clusterbmc", at, places[i].below);
		return mkdir(ret, 0700) == 0 || errno == EEXIST;
	}
	return false;
}

static bool path_of(const struct cli_link *l, char *ret, size_t size)
{
	char who[1024], dir[512];

	if (!folder(dir, sizeof(dir)))
		return false;
	identity(l, who, sizeof(who));
	uint64_t h = bmc_hash(BMC_HASH_START, who, strlen(who));
	return (size_t)snprintf(ret, size, "%s/session-%016llx", dir,
				(unsigned long long)h) < size;
}

/* Only its owner may have read or written it. */
static bool is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & 077) == 0 && st.st_size < FILE_MAX;
}

void cli_token_read(struct cli_link *l)
{
	char path[600], who[1024], text[FILE_MAX];

	if (!path_of(l, path, sizeof(path)))
		return;
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 && is_private(fd) ? read(fd, text, sizeof(text)) : -1;
	json_t *kept = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;
	identity(l, who, sizeof(who));
	if (strcmp(cli_text_at(kept, "for"), who) == 0) { /* else the same hash */
		(void)bmc_copy(l->token, sizeof(l->token), cli_text_at(kept, "token"));
		(void)bmc_copy(l->session, sizeof(l->session),
			       cli_text_at(kept, "session"));
	}
	json_decref(kept);
	bmc_wipe(text, sizeof(text));
}

static bool write_file(const char *path, const char *text)
{
	auto_fd int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t len = strlen(text);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len;
}

/* What can't be kept costs a login the next time, nothing else. */
void cli_token_write(const struct cli_link *l)
{
	char path[600], new[640], who[1024];

	if (!path_of(l, path, sizeof(path)))
		return;
	identity(l, who, sizeof(who));
	(void)snprintf(new, sizeof(new), "%s.%ld", path, (long)getpid());
	json_t *kept = json_pack("{s:s,s:s,s:s}", "for", who, "token", l->token,
				 "session", l->session);
	char *text = kept ? json_dumps(kept, JSON_COMPACT) : NULL;
	(void)unlink(new);
	if (text && (!write_file(new, text) || rename(new, path) != 0))
		(void)unlink(new);
	if (text)
		bmc_wipe(text, strlen(text));
	free(text);
	json_decref(kept);
}

/* Unless another process has replaced it meanwhile. */
void cli_token_remove(struct cli_link *l)
{
	char path[600], had[CLI_TOKEN_MAX];

	(void)bmc_copy(had, sizeof(had), l->token);
	bmc_wipe(l->token, sizeof(l->token));
	cli_token_read(l);
	if (strcmp(had, l->token) == 0 && path_of(l, path, sizeof(path)))
		(void)unlink(path);
	bmc_wipe(l->token, sizeof(l->token));
	bmc_wipe(had, sizeof(had));
}

int cli_logout(struct cli_link *l, struct cli_error *err)
{
	int code = CLI_OK;

	cli_token_read(l);
	if (l->token[0] && l->session[0]) {
		struct cli_reply r;
		struct cli_call call = { .method = "DELETE", .path = l->session };
		code = cli_transfer(l, &call, &r, err);
		if (r.status == 401 || r.status == 404)
			code = CLI_OK; /* it had ended */
		cli_reply_done(&r);
	}
	cli_token_remove(l);
	return code;
}
