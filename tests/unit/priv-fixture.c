// SPDX-License-Identifier: Apache-2.0
// A helper to test against, see priv-fixture.h.
#include "priv-fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/accounts.h"
#include "priv/confine.h"
#include "priv/helper.h"

static const char platform_text[] =
	"platform: fixture\n"
	"chips:\n"
	"  - {id: bank, driver: simulator, lines: 32}\n"
	"chassis: [{id: enclosure}]\n"
	"boards:\n"
	"  - {id: b1, pins: [{name: power, chip: bank, line: 0},"
	" {name: reset, chip: bank, line: 10, active: low, pulse: 80ms}]}\n"
	"  - {id: b2, pins: [{name: power, chip: bank, line: 1},"
	" {name: reset, chip: bank, line: 11, active: low, pulse: 80ms}]}\n"
	"  - {id: b3, pins: [{name: power, chip: bank, line: 2}]}\n"
	"lines:\n"
	"  - {id: button, chip: bank, line: 20, direction: input, active: low}\n"
	"  - {id: lamp, chip: bank, line: 21, direction: output, active: low}\n"
	"  - {id: present, chip: bank, line: 22, direction: input, debounce: 100ms, "
	"parent: b2}\n"
	"pwms:\n"
	"  - {id: fans, driver: simulator}\n"
	"storage:\n"
	"  - {id: nodisk, device: /dev/null, writable: true}\n"
	"  - {id: gone, device: /dev/no-such-disk}\n";

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "fixture: %s\n", what);
	abort();
}

void priv_fixture_init(struct priv_fixture *fixture)
{
	struct priv_settings *s = &fixture->settings;
	struct bmc_error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	fixture->fd = -1;
	bmc_log_init(LOG_CRIT);
	(void)bmc_copy(fixture->dir, sizeof(fixture->dir), "/tmp/priv-fixture.XXXXXX");
	must(mkdtemp(fixture->dir) != NULL, "mkdtemp");
	must(bmc_conf_parse("fixture", platform_text, strlen(platform_text),
			    bmc_platform_schema(), &s->platform_conf, &err) == 0,
	     err.what);
	must(bmc_platform_new(bmc_conf_root(s->platform_conf), &s->platform, &err) == 0,
	     err.what);
	(void)bmc_copy(s->state_dir, sizeof(s->state_dir), fixture->dir);
	(void)snprintf(s->file_dir, sizeof(s->file_dir), "%s/accounts", fixture->dir);
	(void)snprintf(s->file_pam_dir, sizeof(s->file_pam_dir), "%s/pam.d",
		       s->file_dir);
	(void)snprintf(s->socket, sizeof(s->socket), "%s/priv.sock", fixture->dir);
	(void)bmc_copy(s->pam_service, sizeof(s->pam_service), "clusterbmc");
	s->deadline_ms = PRIV_DEADLINE_MS;
	s->uid = geteuid();
	s->gid = getegid();
}

void priv_fixture_start(struct priv_fixture *fixture)
{
	struct bmc_error err = { 0 };
	int sv[2];

	if (fixture->accounts) {
		priv_settings_key(&fixture->settings);
		must(priv_backend(&fixture->settings)->init(&fixture->settings, &err) ==
			     0,
		     err.what);
	}
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == 0,
	     "socketpair");
	if (fixture->small_socket)
		must(setsockopt(sv[1], SOL_SOCKET, SO_SNDBUF, &(const int){ 1 },
				sizeof(int)) == 0,
		     "setsockopt");
	fixture->pid = fork();
	must(fixture->pid >= 0, "fork");
	if (fixture->pid == 0) {
		(void)close(sv[0]);
		must(!fixture->confined || priv_confine(&err) == 0, err.what);
		int r = priv_serve(&fixture->settings, sv[1], &err);
		if (r < 0)
			(void)fprintf(stderr, "helper: %s\n", err.what);
		_exit(r < 0);
	}
	(void)close(sv[1]);
	fixture->fd = sv[0];
}

void priv_fixture_stop(struct priv_fixture *fixture)
{
	if (fixture->fd >= 0)
		(void)close(fixture->fd);
	fixture->fd = -1;
	if (fixture->pid > 0)
		(void)waitpid(fixture->pid, NULL, 0);
	fixture->pid = 0;
}

void priv_fixture_done(struct priv_fixture *fixture)
{
	char command[80];

	priv_fixture_stop(fixture);
	priv_settings_done(&fixture->settings);
	(void)snprintf(command, sizeof(command), "rm -rf %s", fixture->dir);
	must(system(command) == 0, "rm");
}

struct bmc_pinbank *priv_fixture_bank(const struct priv_fixture *fixture)
{
	char path[96];
	struct bmc_pinbank *bank;

	(void)snprintf(path, sizeof(path), "%s/simulator.pins", fixture->dir);
	for (int i = 0; i < 6000 && access(path, F_OK) < 0; i++)
		(void)usleep(10000);
	auto_fd int fd = open(path, O_RDWR | O_CLOEXEC);
	must(fd >= 0, "no pin bank");
	bank = mmap(NULL, sizeof(*bank), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(bank != MAP_FAILED, "mmap");
	return bank;
}
