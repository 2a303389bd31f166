// SPDX-License-Identifier: Apache-2.0
// The plainest UDP server there is, as the yardstick of `make bench`: what it receives
// in one recvmmsg it sends back in one sendmmsg. Prints its port; ends when killed.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH  64
#define PACKET 2048

static char data[BATCH][PACKET];
static struct sockaddr_in peers[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static void prepare(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		parts[i] = (struct iovec){ .iov_base = data[i], .iov_len = PACKET };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &peers[i],
						       .msg_namelen = sizeof(peers[i]),
						       .msg_iov = &parts[i],
						       .msg_iovlen = 1 };
	}
}

static int echo(int fd)
{
	prepare(BATCH);
	for (;;) {
		int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);

		if (n < 0)
			return 1;
		for (int i = 0; i < n; i++)
			parts[i].iov_len = messages[i].msg_len;
		(void)sendmmsg(fd, messages, (unsigned)n, 0);
		prepare((unsigned)n);
	}
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 1;
	printf("%d\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	return echo(fd);
}
