// SPDX-License-Identifier: Apache-2.0
/* The main thread's event loop: epoll for descriptors, a heap for timers, an eventfd
 * and a list for what other threads post. main() runs it; everything on the main thread
 * is called from here. */
#include "core/base/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bmc/error.h"
#include "core/base/util.h"

#define POSTS_MAX  65536
#define EVENTS_MAX 64
#define WAIT_MAX   60000 /* ms; epoll's clock stops in suspend, ours does not */

struct watch {
	void (*ready)(void *arg, uint32_t events); /* NULL: not watched */
	void *arg;
	uint32_t round; /* distinguishes a new watch of a reused descriptor from the old
			   one */
};

struct bmc_timer {
	int64_t when;
	void (*fire)(void *arg);
	void *arg;
	size_t at; /* position in the heap */
};

static struct {
	int epoll_fd;
	_Atomic int wake_fd;
	_Atomic bool stopping;
	struct watch *watches; /* by descriptor */
	size_t n_watches;
	struct bmc_timer **heap;
	size_t n_timers, heap_size;
	pthread_mutex_t posts_lock; /* of all below */
	struct bmc_message *posts, **posts_end;
	unsigned n_posts; /* of bmc_loop_post: these are bounded */
} loop = { .epoll_fd = -1,
	   .wake_fd = -1,
	   .posts_lock = PTHREAD_MUTEX_INITIALIZER,
	   .posts_end = &loop.posts };

static void wake(void)
{
	uint64_t one = 1;

	/* EAGAIN: a wake-up waits already. */
	if (write(atomic_load(&loop.wake_fd), &one, sizeof(one)) < 0)
		return;
}

static void woken(void *arg, uint32_t events)
{
	uint64_t count;

	(void)arg;
	(void)events;
	if (read(atomic_load(&loop.wake_fd), &count, sizeof(count)) < 0)
		return;
}

/* ---- descriptors ---- */

static int make_room(size_t fd)
{
	size_t n = MAX(fd + 1, (size_t)64);

	if (fd < loop.n_watches)
		return 0;
	struct watch *w = realloc(loop.watches, n * sizeof(*w));
	if (!w)
		return BMC_ENOMEM;
	for (size_t i = loop.n_watches; i < n; i++)
		w[i] = (struct watch){ 0 };
	loop.watches = w;
	loop.n_watches = n;
	return 0;
}

int bmc_loop_watch(int fd, uint32_t epoll_events,
		   void (*ready)(void *arg, uint32_t events), void *arg)
{
	if (fd < 0)
		return BMC_EINVAL;
	if (make_room((size_t)fd) < 0)
		return BMC_ENOMEM;
	struct watch *w = &loop.watches[fd];
	int op = w->ready ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	struct epoll_event ev = {
		.events = epoll_events,
		.data.u64 = (uint64_t)(w->round + 1) << 32 | (uint32_t)fd,
	};
	if (epoll_ctl(loop.epoll_fd, op, fd, &ev) < 0)
		return bmc_from_errno(errno);
	w->round++;
	w->ready = ready;
	w->arg = arg;
	return 0;
}

void bmc_loop_unwatch(int fd)
{
	if (fd < 0 || (size_t)fd >= loop.n_watches || !loop.watches[fd].ready)
		return;
	loop.watches[fd].ready = NULL;
	(void)epoll_ctl(loop.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void handle_events(int timeout_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(loop.epoll_fd, events, EVENTS_MAX, timeout_ms);

	for (int i = 0; i < n; i++) {
		struct watch w = loop.watches[events[i].data.u64 & UINT32_MAX];
		if (w.ready && w.round == events[i].data.u64 >> 32)
			w.ready(w.arg, events[i].events);
	}
}

/* ---- timers ---- */

static void heap_put(size_t at, struct bmc_timer *t)
{
	loop.heap[at] = t;
	t->at = at;
}

static void heap_up(size_t at, struct bmc_timer *t)
{
	while (at > 0 && loop.heap[(at - 1) / 2]->when > t->when) {
		heap_put(at, loop.heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(at, t);
}

static void heap_down(size_t at, struct bmc_timer *t)
{
	size_t child;

	while ((child = 2 * at + 1) < loop.n_timers) {
		if (child + 1 < loop.n_timers &&
		    loop.heap[child + 1]->when < loop.heap[child]->when)
			child++;
		if (loop.heap[child]->when >= t->when)
			break;
		heap_put(at, loop.heap[child]);
		at = child;
	}
	heap_put(at, t);
}

static void heap_remove(struct bmc_timer *t)
{
	size_t at = t->at;
	struct bmc_timer *last = loop.heap[--loop.n_timers];

	if (last == t)
		return;
	heap_down(at, last);
	heap_up(last->at, last);
}

struct bmc_timer *bmc_timer_new(int64_t when, void (*fire)(void *arg), void *arg)
{
	if (loop.n_timers == loop.heap_size) {
		size_t size = loop.heap_size ? loop.heap_size * 2 : 64;
		struct bmc_timer **h =
			realloc(loop.heap, size * sizeof(struct bmc_timer *));
		if (!h)
			return NULL;
		loop.heap = h;
		loop.heap_size = size;
	}
	struct bmc_timer *t = malloc(sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct bmc_timer){ .when = when, .fire = fire, .arg = arg };
	heap_up(loop.n_timers++, t);
	return t;
}

struct bmc_timer *bmc_timer_cancel(struct bmc_timer *t)
{
	if (t) {
		heap_remove(t);
		free(t);
	}
	return NULL;
}

static void fire_timers(void)
{
	int64_t now = bmc_now();

	/* Bounded, so that a timer which starts itself again does not hold the loop. */
	for (size_t left = loop.n_timers; left > 0 && loop.n_timers > 0; left--) {
		struct bmc_timer *t = loop.heap[0];
		if (t->when > now)
			return;
		struct bmc_timer due = *t;
		heap_remove(t);
		free(t);
		due.fire(due.arg);
	}
}

/* ---- posted calls ---- */

/* With the lock held. */
static void append(struct bmc_message *m)
{
	m->next = NULL;
	m->queued = true;
	if (!loop.posts)
		wake();
	*loop.posts_end = m;
	loop.posts_end = &m->next;
	loop.n_posts += m->allocated;
}

int bmc_loop_post(void (*run)(void *arg), void *arg)
{
	struct bmc_message *m = malloc(sizeof(*m));
	int err = 0;

	if (!m)
		return BMC_ENOMEM;
	*m = (struct bmc_message){ .run = run, .arg = arg, .allocated = true };
	pthread_mutex_lock(&loop.posts_lock);
	if (atomic_load(&loop.wake_fd) < 0)
		err = BMC_ESTATE;
	else if (loop.n_posts >= POSTS_MAX)
		err = BMC_ENOSPC;
	else
		append(m);
	pthread_mutex_unlock(&loop.posts_lock);
	if (err)
		free(m);
	return err;
}

void bmc_loop_send(struct bmc_message *m, void (*run)(void *arg), void *arg)
{
	pthread_mutex_lock(&loop.posts_lock);
	if (!m->queued && atomic_load(&loop.wake_fd) >= 0) {
		m->run = run;
		m->arg = arg;
		append(m);
	}
	pthread_mutex_unlock(&loop.posts_lock);
}

static struct bmc_message *take_posts(void)
{
	pthread_mutex_lock(&loop.posts_lock);
	struct bmc_message *m = loop.posts;
	loop.posts = NULL;
	loop.posts_end = &loop.posts;
	loop.n_posts = 0;
	pthread_mutex_unlock(&loop.posts_lock);
	return m;
}

/* Takes a message off a list of them; it may be sent again, or freed, from then on. */
static struct bmc_message release(struct bmc_message **list)
{
	struct bmc_message *m = *list, copy = *m;

	*list = copy.next;
	if (copy.allocated) {
		free(m);
		return copy;
	}
	pthread_mutex_lock(&loop.posts_lock);
	m->queued = false;
	pthread_mutex_unlock(&loop.posts_lock);
	return copy;
}

/* What these calls post runs in the next pass: descriptors get their turn between. */
static void run_posts(void)
{
	struct bmc_message *list = take_posts();

	while (list) {
		struct bmc_message m = release(&list);
		m.run(m.arg);
	}
}

/* ---- the loop ---- */

int bmc_loop_init(void)
{
	int fd;

	loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop.epoll_fd < 0 || fd < 0) {
		int err = bmc_from_errno(errno);
		if (fd >= 0)
			(void)close(fd);
		bmc_loop_done();
		return err;
	}
	atomic_store(&loop.wake_fd, fd);
	atomic_store(&loop.stopping, false);
	return bmc_loop_watch(fd, EPOLLIN, woken, NULL);
}

void bmc_loop_done(void)
{
	pthread_mutex_lock(&loop.posts_lock);
	int fd = atomic_exchange(&loop.wake_fd, -1);
	pthread_mutex_unlock(&loop.posts_lock);
	struct bmc_message *left = take_posts();
	while (left)
		(void)release(&left);
	while (loop.n_timers > 0)
		(void)bmc_timer_cancel(loop.heap[loop.n_timers - 1]);
	free(loop.heap);
	free(loop.watches);
	loop.heap = NULL;
	loop.watches = NULL;
	loop.heap_size = loop.n_watches = 0;
	if (fd >= 0)
		(void)close(fd);
	if (loop.epoll_fd >= 0)
		(void)close(loop.epoll_fd);
	loop.epoll_fd = -1;
}

void bmc_loop_step(int timeout_ms)
{
	int64_t wait = timeout_ms;

	if (loop.n_timers > 0)
		wait = MIN(wait, MAX(loop.heap[0]->when - bmc_now(), (int64_t)0));
	handle_events((int)wait);
	fire_timers();
	run_posts();
}

void bmc_loop_run(void)
{
	while (!atomic_load(&loop.stopping))
		bmc_loop_step(WAIT_MAX);
}

bool bmc_loop_is_stopping(void)
{
	return atomic_load(&loop.stopping);
}

void bmc_loop_stop(void)
{
	atomic_store(&loop.stopping, true);
	wake();
}
