// SPDX-License-Identifier: Apache-2.0
// See pass-fd.h. Used by both ends of the helper's socket and by its workers.
#include "priv/pass-fd.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header; /* for its alignment */
	char space[CMSG_SPACE(sizeof(int))];
};

ssize_t priv_send(int fd, const void *packet, size_t size, int pass)
{
	union control control = { 0 };
	struct iovec data = { (void *)(size_t)packet, size };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };

	if (pass >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof(int));
	}
	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

ssize_t priv_receive(int fd, void *packet, size_t size, int *ret_passed)
{
	union control control = { 0 };
	struct iovec data = { packet, size };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*ret_passed = -1;
	if (n < 0)
		return n;
	/* there is room for one, not for what CMSG_SPACE aligns: the kernel drops the
	 * others */
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(ret_passed, CMSG_DATA(c), sizeof(int));
	}
	return n;
}
