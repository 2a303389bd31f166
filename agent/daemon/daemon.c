// SPDX-License-Identifier: Apache-2.0
// What surrounds the parts: files and privileges before them, signals while they run.
#include "config.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "daemon/memory.h"
#include "daemon/notify.h"
#include "daemon/watch.h"
#include "priv/client.h"

#define SETTLE_MS    20
#define READY_MAX_MS 3000  /* then also without a plugin that hangs at once */
#define TRIM_MS      20000 /* one takes 0.2 ms under load */

/* A restart because the helper has ended: not so soon after the daemon was ready that
 * it makes a tight loop, and not before the signal that ended it may have reached us
 * too. */
#define HELPER_PACE_MS  10000
#define HELPER_GRACE_MS 500

static struct bmc_timer *settling, *helper_restart, *trimming;
static bool ending; /* a signal has ended the loop; main thread */

static const char *text(const struct bmc_daemon *d, const char *section,
			const char *key)
{
	const struct bmc_conf *c = d->config->root;

	return bmc_conf_text(section ? bmc_conf_find(c, section) : c, key, "");
}

/* ---- before the parts ---- */

static int find_user(const struct bmc_daemon *d, struct passwd **ret,
		     struct bmc_error *err)
{
	const char *user = text(d, NULL, "user");

	*ret = *user ? getpwnam(user) : NULL;
	if (!*ret)
		return bmc_fail(
			err, BMC_ENOTFOUND,
			"user \"%s\" of the configuration does not exist: make it "
			"(systemd-sysusers), or name another",
			user);
	if ((*ret)->pw_uid == 0)
		return bmc_fail(err, BMC_EPERM,
				"user \"%s\" is root: the daemon never runs as root",
				user);
	return BMC_OK;
}

static int state_dir_failed(const struct bmc_daemon *d, struct bmc_error *err)
{
	return bmc_fail(err, bmc_from_errno(errno), "state_dir %s: %s", d->state_dir,
			strerror(errno));
}

/* Started by root, it holds root's files beside the daemon's (the configuration of the
 * demo, the helper's): it stays root's and is sticky, so the daemon's user makes files
 * there but can't put its own in the place of root's. */
static int make_state_dir(struct bmc_daemon *d, struct bmc_error *err)
{
	struct passwd *pw;
	struct stat st;
	int r;

	if (mkdir(d->state_dir, 0700) < 0 && errno != EEXIST)
		return state_dir_failed(d, err);
	if (geteuid() != 0)
		return BMC_OK;
	r = find_user(d, &pw, err);
	if (r < 0)
		return r;
	auto_fd int fd = open(d->state_dir, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* what a link there points at is not ours to give away */
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return BMC_OK;
	if (fd < 0 || fstat(fd, &st) < 0 || fchown(fd, 0, pw->pw_gid) < 0 ||
	    fchmod(fd, (st.st_mode & 0777) | 01770) < 0)
		return state_dir_failed(d, err);
	return BMC_OK;
}

/* Kept to the end of the process; the folder itself, so nothing is left behind. */
static int lock_state_dir(const struct bmc_daemon *d, struct bmc_error *err)
{
	int fd = open(d->state_dir, O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return state_dir_failed(d, err);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		(void)close(fd);
		return bmc_fail(err, BMC_EBUSY,
				"state_dir %s: another clusterbmcd uses it",
				d->state_dir);
	}
	return BMC_OK;
}

static int open_ready_file(struct bmc_daemon *d, struct bmc_error *err)
{
	d->ready_fd = -1;
	if (!d->ready_file)
		return BMC_OK;
	d->ready_fd = open(d->ready_file,
			   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (d->ready_fd < 0)
		return bmc_fail(err, bmc_from_errno(errno), "ready file %s: %s",
				d->ready_file, strerror(errno));
	return BMC_OK;
}

int bmc_daemon_files(struct bmc_daemon *d, struct bmc_error *err)
{
	int r = bmc_config_resolve(d->config, text(d, NULL, "state_dir"), d->state_dir,
				   sizeof(d->state_dir));

	if (r < 0)
		return bmc_fail(err, r, "state_dir: the path is too long");
	r = make_state_dir(d, err);
	if (r == 0)
		r = lock_state_dir(d, err);
	return r < 0 ? r : open_ready_file(d, err);
}

/* The helper beside this program when it runs from a build folder, else the installed
 * one. */
static void helper_path(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	char *slash;

	buf[MAX(n, 0)] = '\0';
	slash = strrchr(buf, '/');
	if (slash && (size_t)(slash - buf) + sizeof("/clusterbmc-priv") <= size) {
		memcpy(slash, "/clusterbmc-priv", sizeof("/clusterbmc-priv"));
		if (access(buf, X_OK) == 0)
			return;
	}
	(void)snprintf(buf, size, "%s/clusterbmc-priv", BMC_LIBEXECDIR);
}

int bmc_daemon_spawn_helper(struct bmc_daemon *d, struct bmc_error *err)
{
	const struct bmc_conf *helper = bmc_conf_find(d->config->root, "helper");
	char program[PATH_MAX];
	pid_t pid = 0;
	int r;

	d->helper_fd = -1;
	if (!bmc_conf_num(helper, "spawn", 0))
		return BMC_OK;
	helper_path(program, sizeof(program));
	r = priv_spawn(program, d->config_path, &d->helper_fd, &pid, err);
	d->helper_pid = pid;
	return r;
}

static int keep_bind_capability(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].permitted = data[0].effective = 1u << CAP_NET_BIND_SERVICE;
	return (int)syscall(SYS_capset, &header, data);
}

int bmc_daemon_drop_privileges(struct bmc_daemon *d, struct bmc_error *err)
{
	struct passwd *pw;
	int r;

	/* nothing that is started from here may gain rights, nor be traced by a
	 * namesake */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() != 0)
		return BMC_OK;
	r = find_user(d, &pw, err);
	if (r < 0)
		return r;
	/* the one thing that is kept: binding ports below 1024, as in the systemd unit
	 */
	(void)prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setgroups(0, NULL) < 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return bmc_fail(err, BMC_EPERM, "becoming user %s: %s", pw->pw_name,
				strerror(errno));
	if (keep_bind_capability() < 0)
		return bmc_fail(err, BMC_EPERM, "dropping capabilities: %s",
				strerror(errno));
	if (setuid(0) == 0)
		return bmc_fail(err, BMC_EPERM,
				"root could be had back after dropping it");
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return BMC_OK;
}

/* ---- signals ---- */

static void restart_with_helper(void *arg)
{
	struct bmc_daemon *d = arg;

	helper_restart = NULL;
	d->restart = true;
	bmc_loop_stop();
}

/* Only root can start it, which this process is no more: what started the daemon
 * starts both again. A helper that always ends at once does not make a tight loop: what
 * needs no helper answers meanwhile. */
static void plan_restart(struct bmc_daemon *d)
{
	int64_t now = bmc_now(), ready = d->ready_by - READY_MAX_MS,
		when = MAX(ready + HELPER_PACE_MS, now + HELPER_GRACE_MS);

	log_err("clusterbmc-priv ended: clusterbmcd restarts in %" PRId64
		" ms to start it again",
		when - now);
	helper_restart = bmc_timer_new(when, restart_with_helper, d);
}

static void on_helper_end(struct bmc_daemon *d)
{
	d->helper_pid = 0;
	d->helper_ended = true;
	if (d->ready_by != 0 && !ending)
		plan_restart(d);
}

static void on_child(struct bmc_daemon *d)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == d->helper_pid)
			on_helper_end(d);
	}
}

static void on_signal(void *arg, uint32_t events)
{
	struct bmc_daemon *d = arg;
	struct signalfd_siginfo si;

	(void)events;
	while (read(d->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGHUP:
			bmc_daemon_reload(d);
			break;
		case SIGCHLD:
			on_child(d);
			break;
		default:
			log_notice("clusterbmcd ends: %s",
				   strsignal((int)si.ssi_signo));
			ending = true;
			helper_restart = bmc_timer_cancel(helper_restart);
			bmc_loop_stop();
		}
	}
}

/* Ends with the process that `--end-with` names, also when that is killed. The kernel
 * forgets the signal when credentials change, so this comes after privileges are
 * dropped; a parent that was gone before has been replaced by another by now. */
static int end_with_parent(const struct bmc_daemon *d, struct bmc_error *err)
{
	if (d->end_with == 0)
		return BMC_OK;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0)
		return bmc_fail(err, BMC_EIO, "end with %d: %s", d->end_with,
				strerror(errno));
	if (getppid() != d->end_with)
		return bmc_fail(err, BMC_ENOTFOUND,
				"process %d is not there, or not the parent",
				d->end_with);
	return BMC_OK;
}

int bmc_daemon_signals(struct bmc_daemon *d, struct bmc_error *err)
{
	static const int taken[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		(void)sigaddset(&set, taken[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL); /* inherited by every thread */
	/* nohup and shells' background jobs start their children with some ignored */
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		(void)signal(taken[i], SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signal_fd < 0)
		return bmc_fail(err, BMC_EIO, "signalfd: %s", strerror(errno));
	bmc_watch_start(d);
	int r = end_with_parent(d, err);
	if (r == 0)
		r = bmc_loop_watch(d->signal_fd, EPOLLIN, on_signal, d);
	on_child(d); /* it may have ended before its signal was blocked */
	return r;
}

void bmc_daemon_signals_done(struct bmc_daemon *d)
{
	bmc_watch_stop();
	settling = bmc_timer_cancel(settling);
	trimming = bmc_timer_cancel(trimming);
	helper_restart = bmc_timer_cancel(helper_restart);
	bmc_loop_unwatch(d->signal_fd);
	(void)close(d->signal_fd);
}

/* ---- ready ---- */

void bmc_daemon_notify_ready(const struct bmc_daemon *d, const char *note)
{
	const struct bmc_conf *root = d->config->root;
	char state[256];

	(void)snprintf(state, sizeof(state),
		       "READY=1\nSTATUS=platform %s, https %" PRId64 ", snmp %" PRId64
		       "%s",
		       d->config->platform->name,
		       bmc_conf_num(bmc_conf_find(root, "http"), "https_port", 0),
		       bmc_conf_num(bmc_conf_find(root, "snmp"), "port", 0), note);
	bmc_notify(state);
}

static void announce(struct bmc_daemon *d)
{
	const struct bmc_conf *http = bmc_conf_find(d->config->root, "http");
	const struct bmc_conf *snmp = bmc_conf_find(d->config->root, "snmp");

	bmc_daemon_notify_ready(d, "");
	log_notice("clusterbmcd %s is ready: platform %s, https %" PRId64
		   ", snmp %" PRId64,
		   PACKAGE_VERSION, d->config->platform->name,
		   bmc_conf_num(http, "https_port", 0), bmc_conf_num(snmp, "port", 0));
	if (d->ready_fd < 0)
		return;
	(void)dprintf(d->ready_fd,
		      "{\"pid\": %d, \"https\": %" PRId64 ", \"http\": %" PRId64
		      ", \"snmp\": %" PRId64 "}\n",
		      (int)getpid(), bmc_conf_num(http, "https_port", 0),
		      bmc_conf_num(http, "http_port", 0),
		      bmc_conf_num(snmp, "port", 0));
	(void)close(d->ready_fd);
	d->ready_fd = -1;
}

static void trim(void *arg)
{
	bmc_memory_trim();
	trimming = bmc_timer_new(bmc_now() + TRIM_MS, trim, arg);
}

/* Ready means that what is there is known, not only that frontends answer: who starts
 * us from a script acts at once. What the first poll reported takes a few passes to
 * merge.
 */
static void when_settled(void *arg)
{
	static bool polled;
	struct bmc_daemon *d = arg;

	settling = NULL;
	if (polled || bmc_now() >= d->ready_by) {
		trim(NULL);
		announce(d);
		return;
	}
	polled = bmc_instances_polled();
	settling = bmc_timer_new(bmc_now() + SETTLE_MS, when_settled, d);
}

void bmc_daemon_ready(struct bmc_daemon *d)
{
	d->ready_by = bmc_now() + READY_MAX_MS;
	if (d->helper_ended)
		plan_restart(d);
	when_settled(d);
}
