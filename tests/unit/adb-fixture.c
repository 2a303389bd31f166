// SPDX-License-Identifier: Apache-2.0
/* See adb-fixture.h. */
#include "adb-fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/conf.h"

extern const struct bmc_plugin bmc_plugin_adb;

char adb_dir[] = "/tmp/adb-fixture-XXXXXX";
unsigned adb_port, adb_board_port;
static pid_t server, board;
static struct bmc_conf_file *file;

/* ---- processes ---- */

static unsigned free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	(void)close(fd);
	return ntohs(in.sin_port);
}

static pid_t start(const char *log, const char *const words[])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	(void)dup2(open("/dev/null", O_RDONLY), 0);
	(void)dup2(out, 1);
	(void)dup2(out, 2);
	(void)setenv("HOME", adb_dir, 1);
	(void)execvp(words[0], (char *const *)(uintptr_t)words);
	_exit(127);
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static bool answers(unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is = connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0;

	(void)close(fd);
	return is;
}

static int wait_for_port(unsigned port)
{
	for (int i = 0; i < 600; i++) {
		if (answers(port))
			return 0;
		(void)usleep(50000);
	}
	return -1;
}

static int start_board(void)
{
	const char *top = getenv("top_srcdir");
	char port[8], folder[64], log[64], rig[512];

	adb_board_port = free_port();
	(void)snprintf(port, sizeof(port), "%u", adb_board_port);
	(void)snprintf(folder, sizeof(folder), "%s/board", adb_dir);
	(void)snprintf(log, sizeof(log), "%s/board.log", adb_dir);
	(void)snprintf(rig, sizeof(rig), "%s/tests/rigs/adbd.py", top ? top : "..");
	(void)mkdir(folder, 0700);
	const char *const words[] = { "/usr/bin/python3", rig, port, folder, NULL };
	board = start(log, words);
	return wait_for_port(adb_board_port);
}

int adb_rig_start(void **state)
{
	char port[8], log[64];

	(void)state;
	if (!mkdtemp(adb_dir))
		return -1;
	adb_port = free_port();
	(void)snprintf(port, sizeof(port), "%u", adb_port);
	(void)snprintf(log, sizeof(log), "%s/server.log", adb_dir);
	const char *const words[] = { "adb", "-P", port, "nodaemon", "server", NULL };
	server = start(log, words);
	return wait_for_port(adb_port) < 0 ? -1 : start_board();
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

int adb_rig_stop(void **state)
{
	(void)state;
	end(server);
	end(board);
	return nftw(adb_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the core ---- */

int adb_set_up(void **state)
{
	static char platform[1024];
	struct bmc_instance_conf conf = { .name = "adb",
					  .poll_ms = 3600000,
					  .probe_ms = 200,
					  .probe_deadline_ms = 5000 };
	char text[100];

	(void)state;
	(void)snprintf(
		platform, sizeof(platform),
		"platform: adb\n"
		"verbs: {os_reboot: adb, os_shutdown: adb, shell: adb, files: adb}\n"
		"chassis:\n  - {id: enclosure}\n"
		"boards:\n  - {id: main, is_main: true, index: \"0.0\"}\n"
		"  - {id: sub01, index: \"0.1\", adb: \"127.0.0.1:%u\"}\n",
		adb_board_port);
	adb_file("behave", "");
	fixture_platform = platform;
	fixture_last = "sub01";
	fixture_new();
	fixture->mute = true;
	fixture_start(true);
	(void)snprintf(text, sizeof(text), "port: %u\n", adb_port);
	if (bmc_conf_parse("settings", text, strlen(text), bmc_plugin_adb.conf, &file,
			   &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
	conf.settings = bmc_conf_root(file);
	if (bmc_instance_start(&bmc_plugin_adb, &conf, &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
	adb_wait_for_board();
	return 0;
}

int adb_tear_down(void **state)
{
	int code = fixture_tear_down(state);

	file = bmc_conf_free(file);
	return code;
}

static bool is_known(void *arg)
{
	(void)arg;
	return fixture_row("sub01")->state == BMC_BOARD_LINUX;
}

void adb_wait_for_board(void)
{
	assert_true(fixture_until(is_known, NULL));
}

void adb_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/board/%s", adb_dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

/* ---- a client ---- */

static void on_ready(void *arg)
{
	(void)arg;
}

static void on_ended(void *arg, int code, const struct bmc_error *err)
{
	struct adb_client *c = arg;

	c->ended = true;
	c->code = code;
	(void)snprintf(c->what, sizeof(c->what), "%s", err->what);
}

void adb_open_stream(struct adb_client *c, const struct bmc_stream_args *args)
{
	const struct bmc_stream_request r = {
		.row = fixture_row("sub01")->row.handle,
		.args = *args,
		.user = "olga",
		.client = "192.0.2.7",
		.idle_ms = 600000,
		.ready = on_ready,
		.ended = on_ended,
		.arg = c,
	};

	memset(c, 0, sizeof(*c));
	if (bmc_stream_open(&r, &c->s, &fixture_error) < 0)
		fail_msg("%s", fixture_error.what);
}

void adb_say(struct adb_client *c, const char *text)
{
	assert_int_equal(bmc_stream_send(c->s, text, strlen(text)), strlen(text));
}

struct sought {
	struct adb_client *c;
	const char *text;
};

static void take(struct adb_client *c)
{
	ssize_t n =
		bmc_stream_receive(c->s, c->got + c->len, sizeof(c->got) - 1 - c->len);

	c->len += n > 0 ? (size_t)n : 0;
	c->got[c->len] = '\0';
}

static bool is_there(void *arg)
{
	const struct sought *want = arg;

	take(want->c);
	return strstr(want->c->got, want->text) || want->c->ended;
}

bool adb_hears(struct adb_client *c, const char *text)
{
	struct sought want = { c, text };

	return fixture_until(is_there, &want) && strstr(c->got, text);
}

static bool has_ended(void *arg)
{
	struct adb_client *c = arg;

	take(c);
	return c->ended;
}

int adb_end(struct adb_client *c)
{
	assert_true(fixture_until(has_ended, c));
	take(c);
	c->s = bmc_stream_close(c->s);
	return c->code;
}
