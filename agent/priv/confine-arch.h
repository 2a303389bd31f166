// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/audit.h>
#include <sys/syscall.h>

/* What differs between the machines that confine.c runs on: the filter's name for the
 * system call table, and calls that not every table has. */

#define PRIV_NO_CALL  0xffffffffu
#define PRIV_CALL_MAX 0x3fffffffu /* above: the x32 calls of x86-64 */

#if defined(__x86_64__)
#define PRIV_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PRIV_AUDIT_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define PRIV_AUDIT_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define PRIV_AUDIT_ARCH AUDIT_ARCH_RISCV64
#elif defined(__i386__)
#define PRIV_AUDIT_ARCH AUDIT_ARCH_I386
#else
#error "confine-arch.h: name this machine's AUDIT_ARCH"
#endif

#ifndef SYS_iopl
#define SYS_iopl PRIV_NO_CALL
#endif
#ifndef SYS_ioperm
#define SYS_ioperm PRIV_NO_CALL
#endif
#ifndef SYS_modify_ldt
#define SYS_modify_ldt PRIV_NO_CALL
#endif
#ifndef SYS_kexec_file_load
#define SYS_kexec_file_load PRIV_NO_CALL
#endif

/* The leak check of a sanitizer's build traces the process at its end. */
#ifdef __SANITIZE_ADDRESS__
#define PRIV_SYS_PTRACE PRIV_NO_CALL
#else
#define PRIV_SYS_PTRACE SYS_ptrace
#endif
