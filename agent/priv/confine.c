// SPDX-License-Identifier: Apache-2.0
// What the helper gives up at its start, see confine.h. The filter names what is
// refused, not what is allowed: PAM modules and account tools run under it, and those
// are the system's.
#include "priv/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "priv/confine-arch.h"

static const unsigned kept[] = {
	CAP_CHOWN,        /* the socket; account tools give new files to their group */
	CAP_DAC_OVERRIDE, /* the state folder is the daemon's */
	CAP_AUDIT_WRITE, /* PAM fails where the kernel audits and it can't write that */
	CAP_SYS_RAWIO,   /* SMART of ATA disks */
	CAP_SYS_ADMIN,   /* SMART of NVMe disks before Linux 6.2; the host name */
	CAP_SYS_TIME,
};

static const unsigned refused[] = {
	/* other processes */
	PRIV_SYS_PTRACE,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_pidfd_getfd,
	SYS_kcmp,
	/* mounts and namespaces */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SYS_unshare,
	SYS_setns,
	SYS_swapon,
	SYS_swapoff,
	SYS_quotactl,
	SYS_open_by_handle_at,
	/* the kernel */
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_reboot,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_syslog,
	SYS_acct,
	SYS_fanotify_init,
	SYS_iopl,
	SYS_ioperm,
	SYS_modify_ldt,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
};

#define NAMESPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

static int give_up_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { 0 };
	uint32_t mask[2] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		mask[kept[i] / 32] |= 1u << kept[i] % 32;
	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	/* fails where a container has taken CAP_SETPCAP away: then "no new privileges"
	 * keeps programs from having more than we have */
	for (unsigned c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++) {
		if (!(mask[c / 32] >> c % 32 & 1))
			(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	}
	for (size_t i = 0; i < 2; i++) {
		data[i].permitted &= mask[i];
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &header, data);
}

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(test, value) BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), 0, 1)
#define ANSWER(what)        BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(e)           ANSWER(SECCOMP_RET_ERRNO | (e))

/* Without clone3, whose flags a filter can't see, libc uses clone. */
static int filter_calls(void)
{
	static const struct sock_filter head[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PRIV_AUDIT_ARCH, 1, 0),
		REFUSE(ENOSYS),
		LOAD(nr),
		UNLESS(BPF_JGT, PRIV_CALL_MAX),
		REFUSE(ENOSYS),
		UNLESS(BPF_JEQ, SYS_clone3),
		REFUSE(ENOSYS),
	};
	static const struct sock_filter tail[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
		LOAD(args[0]), /* the low half on the little-endian machines we know */
		UNLESS(BPF_JSET, NAMESPACES),
		REFUSE(EPERM),
		ANSWER(SECCOMP_RET_ALLOW),
	};
	struct sock_filter
		f[ARRAY_SIZE(head) + 2 * ARRAY_SIZE(refused) + ARRAY_SIZE(tail)];
	struct sock_fprog program = { .len = ARRAY_SIZE(f), .filter = f };
	size_t n = ARRAY_SIZE(head);

	memcpy(f, head, sizeof(head));
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		f[n++] = (struct sock_filter)UNLESS(BPF_JEQ, refused[i]);
		f[n++] = (struct sock_filter)REFUSE(EPERM);
	}
	memcpy(f + n, tail, sizeof(tail));
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
		return 0;
	if (errno != EINVAL) /* a kernel that has no filters */
		return -1;
	log_warning("this kernel filters no system calls");
	return 0;
}

int priv_confine(struct bmc_error *err)
{
	const char *what = "no new privileges";
	int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	if (r == 0 && geteuid() == 0) {
		what = "capabilities";
		r = give_up_capabilities();
	}
	if (r == 0) {
		what = "system call filter";
		r = filter_calls();
	}
	return r == 0 ? 0
		      : bmc_fail(err, BMC_EPERM,
				 "the helper can't confine itself: %s: %s", what,
				 strerror(errno));
}
