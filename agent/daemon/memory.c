// SPDX-License-Identifier: Apache-2.0
// See memory.h. Called by main() and when the daemon is ready.
#include "daemon/memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The default is eight for each processor, and each keeps its own free memory. Threads
 * have small caches of their own, so one is as quick. */
#define ARENAS 1

/* A large block is mapped and goes back to the system when it is freed, and so does the
 * free end of the heap. Left to itself malloc raises both limits with the first large
 * block that is freed. */
#define MAPPED (128 << 10)

void bmc_memory_init(void)
{
	(void)mallopt(M_ARENA_MAX, ARENAS);
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED);
	(void)mallopt(M_TRIM_THRESHOLD, MAPPED);
}

/* A library's pages that nobody can write to: what is touched again comes back from
 * the page cache. */
static int drop_clean_pages(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)arg;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type != PT_LOAD || (p->p_flags & PF_W))
			continue;
		uintptr_t begin = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t end = info->dlpi_addr + p->p_vaddr + p->p_memsz;
		(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void bmc_memory_trim(void)
{
	(void)malloc_trim(0);
	(void)dl_iterate_phdr(drop_clean_pages, NULL);
}
