// SPDX-License-Identifier: Apache-2.0
/* The model of a board in fastboot mode behind fastboot's TCP transport (its
 * README.md in AOSP): "FB01" both ways, then 8 bytes of length, big endian, before each
 * message.
 *
 *   fastboot-tcp OPTIONS      prints its port on 127.0.0.1, serves one client after the
 *                             other, ends at the end of its input */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fastboot-model.h"

#define CHUNK 65536u

static bool get(int fd, void *buf, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = recv(fd, (char *)buf + at, len - at, 0);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static bool put(int fd, const void *buf, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = send(fd, (const char *)buf + at, len - at, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static bool give_answers(int fd, void *model)
{
	unsigned char buf[512], head[8] = { 0 };
	int n;

	while ((n = fastboot_model_ops.bulk(model, 0x81, buf, sizeof(buf))) > 0) {
		head[6] = (unsigned char)(n >> 8);
		head[7] = (unsigned char)n;
		if (!put(fd, head, sizeof(head)) || !put(fd, buf, (size_t)n))
			return false;
	}
	return n == -EAGAIN;
}

static void serve(int fd, void *model)
{
	static unsigned char buf[CHUNK];
	unsigned char head[8];
	char hello[4];

	if (!get(fd, hello, 4) || memcmp(hello, "FB01", 4) != 0 || !put(fd, "FB01", 4))
		return;
	while (get(fd, head, sizeof(head))) {
		uint64_t left = 0;

		for (size_t i = 0; i < sizeof(head); i++)
			left = left << 8 | head[i];
		while (left > 0) {
			size_t n = left < CHUNK ? (size_t)left : CHUNK;

			if (!get(fd, buf, n) ||
			    fastboot_model_ops.bulk(model, 1, buf, n) < 0)
				return;
			left -= n;
		}
		if (!give_answers(fd, model))
			return;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	void *model = fastboot_model_new(argc > 1 ? argv[1] : "");

	if (!model || fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 ||
	    listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0) {
		(void)fprintf(stderr, "fastboot-tcp: wrong options, or no port\n");
		return 2;
	}
	(void)printf("%u\n", (unsigned)ntohs(a.sin_port));
	(void)fflush(stdout);
	for (;;) {
		struct pollfd p[] = { { .fd = fd, .events = POLLIN },
				      { .fd = STDIN_FILENO, .events = POLLIN } };

		if (poll(p, 2, -1) < 0 || p[1].revents)
			break;
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0)
			continue;
		serve(client, model);
		(void)close(client);
	}
	(void)printf("violations %u\n", fastboot_model_violations(model));
	fastboot_model_ops.done(model);
	return 0;
}
