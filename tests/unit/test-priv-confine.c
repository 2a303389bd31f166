// SPDX-License-Identifier: Apache-2.0
// What the helper can't do any more, tried in child processes: calls that work, or fail
// in another way, without the filter.
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv/confine-arch.h"
#include "priv/confine.h"

/* What `run` returns in a child that is confined or not. */
static int in_child(bool confined, int (*run)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(confined && priv_confine(NULL) < 0 ? 200 : run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int result(long r)
{
	return r < 0 ? errno : 0;
}

static int try_ptrace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_vm(void)
{
	return result(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
}

static int try_mount(void)
{
	return result(mount("none", "/nonexistent/here", "tmpfs", 0, NULL));
}

static int try_umount(void)
{
	return result(umount2("/nonexistent/here", 0));
}

static int try_unshare(void)
{
	return result(unshare(0));
}

static int try_setns(void)
{
	return result(setns(-1, 0));
}

static int try_swap(void)
{
	return result(swapoff("/nonexistent/here"));
}

static int try_bpf(void)
{
	return result(syscall(SYS_bpf, 9999, NULL, 0));
}

static int try_perf(void)
{
	return result(syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0));
}

static int try_uring(void)
{
	return result(syscall(SYS_io_uring_setup, 0, NULL));
}

static int try_keyring(void)
{
	return result(syscall(SYS_keyctl, 9999, 0, 0, 0, 0));
}

static int try_new_namespace(void)
{
	long r = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL);

	if (r == 0)
		_exit(0);
	return result(r);
}

static void dangerous_calls_are_refused(void **state)
{
	static int (*const calls[])(void) = {
		try_ptrace,  try_vm,      try_mount,         try_umount,
		try_unshare, try_setns,   try_swap,          try_bpf,
		try_perf,    try_keyring, try_new_namespace,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		/* a container may refuse some of them to everybody */
		if (geteuid() == 0 && in_child(false, calls[i]) == EPERM)
			continue;
		if (calls[i] != try_ptrace || PRIV_SYS_PTRACE != PRIV_NO_CALL)
			assert_int_equal(in_child(true, calls[i]), EPERM);
	}
	assert_int_equal(in_child(true, try_uring), EPERM);
	assert_int_equal(in_child(false, try_ptrace), 0);
}

static int try_clone3(void)
{
	return result(syscall(SYS_clone3, NULL, 0));
}

static void clone3_is_not_there_as_its_flags_can_not_be_seen(void **state)
{
	(void)state;
	assert_int_equal(in_child(true, try_clone3), ENOSYS);
}

static void *nothing(void *arg)
{
	return arg;
}

/* What PAM modules and tools need goes on. */
static int try_ordinary(void)
{
	pthread_t thread;
	int fd[2];

	if (system("test -r /etc/passwd && exec /bin/ls / >/dev/null") != 0)
		return 1;
	if (pthread_create(&thread, NULL, nothing, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0)
		return 2;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		return 3;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 4;
}

static void ordinary_programs_run(void **state)
{
	(void)state;
	assert_int_equal(in_child(true, try_ordinary), 0);
}

static bool is_kept(unsigned cap)
{
	return cap == CAP_CHOWN || cap == CAP_DAC_OVERRIDE || cap == CAP_AUDIT_WRITE ||
	       cap == CAP_SYS_RAWIO || cap == CAP_SYS_ADMIN || cap == CAP_SYS_TIME;
}

static int try_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return 1;
	for (unsigned c = 0; c <= CAP_LAST_CAP; c++) {
		if (is_kept(c))
			continue;
		if (data[c / 32].permitted >> c % 32 & 1 ||
		    data[c / 32].effective >> c % 32 & 1 ||
		    data[c / 32].inheritable >> c % 32 & 1 ||
		    prctl(PR_CAPBSET_READ, c, 0, 0, 0) == 1)
			return 100 + (int)c;
	}
	return 0;
}

static int try_after_exec(void)
{
	return system("test \"$(grep CapEff /proc/self/status)\" = "
		      "\"$(sed -n s/CapBnd/CapEff/p /proc/self/status)\" && "
		      "grep -q 'Seccomp:.2' /proc/self/status") == 0
		       ? 0
		       : 1;
}

static void few_capabilities_stay_and_programs_get_no_more(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return;
	assert_int_not_equal(in_child(false, try_capabilities), 0);
	assert_int_equal(in_child(true, try_capabilities), 0);
	assert_int_equal(in_child(true, try_after_exec), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dangerous_calls_are_refused),
		cmocka_unit_test(clone3_is_not_there_as_its_flags_can_not_be_seen),
		cmocka_unit_test(ordinary_programs_run),
		cmocka_unit_test(few_capabilities_stay_and_programs_get_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
