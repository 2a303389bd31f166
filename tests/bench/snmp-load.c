// SPDX-License-Identifier: Apache-2.0
// A load of SNMP v2c requests for `make bench`, without net-snmp, so that the client
// costs little: the packets are encoded once, a window of requests is kept on the way,
// and answers are only counted.
//
//   snmp-load PORT COMMUNITY get|bulk SECONDS < OIDS      (one numeric OID a line)
//   snmp-load PORT - v3 SECONDS < MESSAGES                (one in hex digits a line)
//
// Messages of v3 are made by who knows the keys; of their answers only the outside is
// looked at, so they have no varbinds here.
//
// Prints one JSON object: packets answered, varbinds in them, errors, requests lost.
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define WINDOW      32
#define PACKET      512
#define ANSWER      65536
#define OIDS_MAX    65536
#define REPETITIONS 50

enum { INTEGER = 2, OCTETS = 4, NIL = 5, OID = 6, SEQUENCE = 0x30 };
enum { GET = 0xa0, BULK = 0xa5, NO_SUCH_OBJECT = 0x80, END_OF_VIEW = 0x82 };

struct packet {
	uint8_t data[PACKET];
	size_t len;
};

static struct packet *packets;
static size_t n_packets;
static struct {
	unsigned long packets, varbinds, errors, lost;
} counts;

/* ---- encoding: all lengths are below 128 ---- */

static void put(struct packet *p, uint8_t tag, const void *value, size_t len)
{
	if (p->len + len + 2 > PACKET || len > 127)
		abort();
	p->data[p->len++] = tag;
	p->data[p->len++] = (uint8_t)len;
	if (len)
		memcpy(p->data + p->len, value, len);
	p->len += len;
}

static void put_packet(struct packet *p, uint8_t tag, const struct packet *inner)
{
	put(p, tag, inner->data, inner->len);
}

static void put_small(struct packet *p, uint8_t value)
{
	put(p, INTEGER, &value, 1);
}

static size_t base128(uint8_t *to, unsigned long value)
{
	size_t n = 1;

	for (unsigned long v = value >> 7; v; v >>= 7)
		n++;
	for (size_t i = 0; i < n; i++)
		to[n - 1 - i] = (uint8_t)((value >> (7 * i) & 0x7f) | (i ? 0x80 : 0));
	return n;
}

static void put_oid(struct packet *p, const char *text)
{
	uint8_t out[PACKET];
	size_t len = 1;
	char *end;
	unsigned long first;

	text += *text == '.';
	first = strtoul(text, &end, 10);
	out[0] = (uint8_t)(first * 40 + strtoul(end + 1, &end, 10));
	while (*end == '.' && len < sizeof(out) - 8)
		len += base128(out + len, strtoul(end + 1, &end, 10));
	put(p, OID, out, len);
}

static void encode(struct packet *out, const char *community, uint8_t pdu,
		   const char *oid)
{
	struct packet varbind = { .len = 0 }, list = { .len = 0 }, item = { .len = 0 },
		      body = { .len = 0 }, message = { .len = 0 };
	static const uint8_t request_id[4] = { 1, 2, 3, 4 };

	put_oid(&varbind, oid);
	put(&varbind, NIL, NULL, 0);
	put_packet(&item, SEQUENCE, &varbind);
	put_packet(&list, SEQUENCE, &item);
	put(&body, INTEGER, request_id, sizeof(request_id));
	put_small(&body, 0);
	put_small(&body, pdu == BULK ? REPETITIONS : 0);
	memcpy(body.data + body.len, list.data, list.len);
	body.len += list.len;
	put_small(&message, 1);
	put(&message, OCTETS, community, strlen(community));
	put_packet(&message, pdu, &body);
	put_packet(out, SEQUENCE, &message);
}

static void read_oids(const char *community, uint8_t pdu)
{
	char line[512];

	packets = calloc(OIDS_MAX, sizeof(*packets));
	while (packets && n_packets < OIDS_MAX && fgets(line, sizeof(line), stdin))
		encode(&packets[n_packets++], community, pdu, line);
}

static void read_messages(void)
{
	char line[2 * PACKET + 2];

	packets = calloc(OIDS_MAX, sizeof(*packets));
	while (packets && n_packets < OIDS_MAX && fgets(line, sizeof(line), stdin)) {
		struct packet *p = &packets[n_packets++];

		for (const char *at = line; sscanf(at, "%2hhx", &p->data[p->len]) == 1;
		     at += 2)
			p->len++;
	}
}

/* ---- decoding: just enough to count ---- */

struct slice {
	const uint8_t *at, *end;
};

/* Takes one element off `s`; its content in `ret`, its tag as result, -1 at the end. */
static int take(struct slice *s, struct slice *ret)
{
	struct slice inner;
	size_t len, n;
	int tag;

	if (s->end - s->at < 2)
		return -1;
	tag = *s->at++;
	len = *s->at++;
	if (len & 0x80) {
		n = len & 0x7f;
		if ((size_t)(s->end - s->at) < n)
			return -1;
		for (len = 0; n; n--)
			len = len << 8 | *s->at++;
	}
	if ((size_t)(s->end - s->at) < len)
		return -1;
	inner = (struct slice){ s->at, s->at + len };
	s->at += len;
	*ret = inner; /* which may be `s` itself: into the element */
	return tag;
}

static void count_varbinds(struct slice list)
{
	struct slice item, part;

	while (take(&list, &item) == SEQUENCE) {
		int tag;

		(void)take(&item, &part);
		tag = take(&item, &part);
		if (tag < NO_SUCH_OBJECT)
			counts.varbinds++;
		else if (tag < END_OF_VIEW)
			counts.errors++;
	}
}

/* Reports and errors are not encrypted. */
static void count_v3(struct slice s)
{
	struct slice head, flags = { NULL, NULL };

	(void)take(&s, &head);
	(void)take(&head, &flags); /* message id */
	(void)take(&head, &flags); /* greatest size */
	if (take(&head, &flags) != OCTETS || (*flags.at & 3) != 3)
		counts.errors++;
}

static void count(const uint8_t *data, size_t len)
{
	struct slice s = { data, data + len }, status = { NULL, NULL }, part;

	counts.packets++;
	(void)take(&s, &s);    /* message */
	(void)take(&s, &part); /* version */
	if (*part.at == 3) {
		count_v3(s);
		return;
	}
	(void)take(&s, &part); /* community */
	(void)take(&s, &s);    /* pdu */
	(void)take(&s, &part); /* request id */
	(void)take(&s, &status);
	(void)take(&s, &part);
	if (status.at && status.end - status.at == 1 && *status.at != 0)
		counts.errors++;
	else if (take(&s, &part) == SEQUENCE)
		count_varbinds(part);
}

/* ---- the load ---- */

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) +
	       (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void send_some(int fd, unsigned n)
{
	static size_t next;
	struct mmsghdr messages[WINDOW];
	struct iovec parts[WINDOW];

	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[next++ % n_packets];

		parts[i] = (struct iovec){ p->data, p->len };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	(void)sendmmsg(fd, messages, n, 0);
}

static unsigned receive_some(int fd)
{
	static uint8_t data[WINDOW][ANSWER];
	struct mmsghdr messages[WINDOW];
	struct iovec parts[WINDOW];
	int n;

	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < WINDOW; i++) {
		parts[i] = (struct iovec){ data[i], sizeof(data[i]) };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(fd, messages, WINDOW, MSG_WAITFORONE, NULL);
	for (int i = 0; i < n; i++)
		count(data[i], messages[i].msg_len);
	if (n > 0)
		return (unsigned)n;
	counts.lost += WINDOW; /* nothing for a while: what was on the way is gone */
	return WINDOW;
}

static double load(int fd, double seconds)
{
	struct timespec begin;
	unsigned n = WINDOW;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	while (seconds_since(&begin) < seconds) {
		send_some(fd, n);
		n = receive_some(fd);
	}
	return seconds_since(&begin);
}

static int connect_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons((uint16_t)port) };
	struct timeval retry_deadline = { .tv_usec = 300000 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = 4 << 20;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &retry_deadline,
			 sizeof(retry_deadline));
	return connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
	double seconds;
	int fd;

	if (argc != 5)
		return 2;
	if (strcmp(argv[3], "v3") == 0)
		read_messages();
	else
		read_oids(argv[2], strcmp(argv[3], "bulk") == 0 ? BULK : GET);
	fd = connect_to(atoi(argv[1]));
	if (fd < 0 || !n_packets)
		return 1;
	seconds = load(fd, atof(argv[4]));
	printf("{\"seconds\": %.3f, \"packets\": %lu, \"varbinds\": %lu, \"errors\": "
	       "%lu, "
	       "\"lost\": %lu}\n",
	       seconds, counts.packets, counts.varbinds, counts.errors, counts.lost);
	return 0;
}
