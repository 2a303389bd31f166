// SPDX-License-Identifier: Apache-2.0
/* Fetches paths (one a line of the input) from a port of the loopback address, each on
 * a connection of its own, all at once; what comes is dropped in the kernel. Prints the
 * seconds, and how many bytes came, headers among them.
 *
 * usage: http-fetch PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 1024
#define AT_ONCE     (1U << 20)
#define TIMEOUT_MS  60000

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ask(uint16_t port, const char *path)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			 path);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		exit(EXIT_FAILURE);
	return fd;
}

/* The bytes until all have ended. */
static unsigned long long drop(struct pollfd *p, nfds_t n)
{
	static char buf[AT_ONCE];
	unsigned long long bytes = 0;
	nfds_t left = n;

	while (left > 0) {
		if (poll(p, n, TIMEOUT_MS) <= 0)
			exit(EXIT_FAILURE);
		for (nfds_t i = 0; i < n; i++) {
			if (!p[i].revents)
				continue;
			ssize_t got = recv(p[i].fd, buf, sizeof(buf),
					   MSG_TRUNC | MSG_DONTWAIT);
			if (got > 0) {
				bytes += (unsigned long long)got;
				continue;
			}
			(void)close(p[i].fd);
			p[i].fd = -1;
			left--;
		}
	}
	return bytes;
}

int main(int argc, char **argv)
{
	static struct pollfd p[CLIENTS_MAX];
	char path[256];
	nfds_t n = 0;
	double began = now();

	if (argc != 2)
		return EXIT_FAILURE;
	while (n < CLIENTS_MAX && fgets(path, sizeof(path), stdin)) {
		path[strcspn(path, "\n")] = 0;
		p[n].fd = ask((uint16_t)atoi(argv[1]), path);
		p[n++].events = POLLIN;
	}
	unsigned long long bytes = drop(p, n);
	printf("{\"seconds\": %.6f, \"bytes\": %llu}\n", now() - began, bytes);
	return EXIT_SUCCESS;
}
