// SPDX-License-Identifier: Apache-2.0
/* v2c messages for the SNMP tests. */
#include "snmp-message.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- encoding, from the end of a buffer to its beginning ---- */

struct writer {
	unsigned char data[sizeof(((struct message *)0)->data)];
	size_t at; /* first byte that is used */
};

static void put(struct writer *w, const void *data, size_t n)
{
	w->at -= n;
	memcpy(w->data + w->at, data, n);
}

static void put_byte(struct writer *w, unsigned byte)
{
	unsigned char b = (unsigned char)byte;

	put(w, &b, 1);
}

/* Closes what has been written since the buffer was used to `end`. */
static void put_head(struct writer *w, unsigned tag, size_t end)
{
	size_t len = end - w->at;

	put_byte(w, len & 0xff);
	if (len > 255)
		put_byte(w, (unsigned)(len >> 8));
	if (len > 127)
		put_byte(w, len > 255 ? 0x82 : 0x81);
	put_byte(w, tag);
}

static void put_integer(struct writer *w, long n)
{
	size_t end = w->at;

	for (; n < -128 || n > 127; n >>= 8)
		put_byte(w, (unsigned)n & 0xff);
	put_byte(w, (unsigned)n & 0xff);
	put_head(w, 0x02, end);
}

static void put_number(struct writer *w, unsigned long n)
{
	put_byte(w, n & 0x7f);
	for (n >>= 7; n; n >>= 7)
		put_byte(w, 0x80 | (unsigned)(n & 0x7f));
}

static void put_object(struct writer *w, const char *text)
{
	unsigned long parts[64];
	size_t n = 0, end = w->at;

	for (char *p = (char *)(uintptr_t)text; *p; p += *p == '.')
		parts[n++] = strtoul(p, &p, 10);
	while (n > 2)
		put_number(w, parts[--n]);
	put_number(w, parts[0] * 40 + parts[1]);
	put_head(w, 0x06, end);
}

static void put_varbind(struct writer *w, const struct message_value *v)
{
	size_t end = w->at;

	if (v->text) {
		put(w, v->text, strlen(v->text));
		put_head(w, 0x04, end);
	} else {
		put_integer(w, v->number);
	}
	put_object(w, v->object);
	put_head(w, 0x30, end);
}

void message_make(struct message *m, unsigned char pdu, const char *community,
		  unsigned request_id, const struct message_value *values, size_t n)
{
	message_make_bulk(m, pdu, community, request_id, values, n, 0, 0);
}

/* The heads around a list of varbinds that has been written. */
static void finish(struct writer *w, struct message *m, unsigned char pdu,
		   const char *community, unsigned request_id, long first, long second)
{
	size_t end = sizeof(w->data);

	put_head(w, 0x30, end);
	put_integer(w, second);
	put_integer(w, first);
	put_integer(w, (long)request_id);
	put_head(w, pdu, end);
	size_t pdu_at = w->at;
	put(w, community, strlen(community));
	put_head(w, 0x04, pdu_at);
	put_integer(w, 1);
	put_head(w, 0x30, end);
	m->len = end - w->at;
	memcpy(m->data, w->data + w->at, m->len);
}

void message_make_bulk(struct message *m, unsigned char pdu, const char *community,
		       unsigned request_id, const struct message_value *values,
		       size_t n, long non_repeaters, long repetitions)
{
	struct writer w = { .at = sizeof(w.data) };

	while (n)
		put_varbind(&w, &values[--n]);
	finish(&w, m, pdu, community, request_id, non_repeaters, repetitions);
}

void message_make_raw(struct message *m, const char *community, unsigned request_id,
		      const char *object, const void *octets, size_t n_octets)
{
	struct writer w = { .at = sizeof(w.data) };

	put(&w, octets, n_octets);
	put_object(&w, object);
	put_head(&w, 0x30, sizeof(w.data));
	finish(&w, m, MESSAGE_SET, community, request_id, 0, 0);
}

/* ---- sockets ---- */

static struct addrinfo *address(const char *text, int port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
				  .ai_socktype = SOCK_DGRAM },
			*a = NULL;

	if (getaddrinfo(text, NULL, &hints, &a) != 0)
		return NULL;
	if (a->ai_family == AF_INET)
		((struct sockaddr_in *)(void *)a->ai_addr)->sin_port =
			htons((uint16_t)port);
	else
		((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_port =
			htons((uint16_t)port);
	return a;
}

int message_open_socket(const char *from)
{
	struct addrinfo *a = address(from, 0);
	int fd = a ? socket(a->ai_family, SOCK_DGRAM, 0) : -1;

	if (fd >= 0 && bind(fd, a->ai_addr, a->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	if (a)
		freeaddrinfo(a);
	return fd;
}

int message_socket(const char *from, const char *to, int port)
{
	struct addrinfo *a = address(to, port);
	int fd = message_open_socket(from);

	if (fd >= 0 && (!a || connect(fd, a->ai_addr, a->ai_addrlen) < 0)) {
		close(fd);
		fd = -1;
	}
	if (a)
		freeaddrinfo(a);
	return fd;
}

bool message_send(int fd, const struct message *m)
{
	return send(fd, m->data, m->len, 0) == (ssize_t)m->len;
}

/* ---- decoding ---- */

/* Enters or skips one element; its content's length is returned, -1: there is none. */
static long element(const unsigned char **at, const unsigned char *end)
{
	const unsigned char *p = *at + 1;
	size_t len;

	if (end - p < 1)
		return -1;
	len = *p++;
	if (len > 128) {
		unsigned n = (unsigned)len & 0x7f;
		for (len = 0; n && p < end; n--)
			len = len << 8 | *p++;
	}
	*at = p;
	return len <= (size_t)(end - p) ? (long)len : -1;
}

static unsigned number(const unsigned char **at, const unsigned char *end)
{
	long len = element(at, end);
	unsigned n = 0;

	for (; len > 0; len--)
		n = n << 8 | *(*at)++;
	return n;
}

static void object(const unsigned char **at, const unsigned char *end,
		   struct message_answer *ret)
{
	long len = element(at, end);
	unsigned long n = 0;

	ret->name_len = 0;
	for (; len > 0; len--) {
		unsigned char b = *(*at)++;
		n = n << 7 | (b & 0x7f);
		if (b & 0x80)
			continue;
		if (!ret->name_len) {
			ret->name[ret->name_len++] = n / 40;
			n %= 40;
		}
		ret->name[ret->name_len++] = n;
		n = 0;
	}
}

bool message_receive(int fd, int timeout_ms, struct message_answer *ret)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	unsigned char data[65536];

	if (poll(&p, 1, timeout_ms) <= 0)
		return false;
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from,
			     &from_len);
	if (n <= 0)
		return false;
	const unsigned char *at = data, *end = data + n;
	(void)element(&at, end); /* the message */
	(void)number(&at, end);  /* version */
	at += element(&at, end); /* community */
	(void)element(&at, end); /* the PDU */
	ret->request_id = number(&at, end);
	ret->status = (int)number(&at, end);
	ret->index = (int)number(&at, end);
	ret->len = (size_t)n;
	ret->n = 0;
	(void)element(&at, end); /* the varbinds */
	for (const unsigned char *v = at; v < end; ret->n++)
		v += element(&v, end);
	ret->name_len = 0;
	ret->type = 0;
	if (ret->n) {
		(void)element(&at, end); /* the first of them */
		object(&at, end, ret);
		ret->type = *at;
	}
	return getnameinfo((struct sockaddr *)&from, from_len, ret->from,
			   sizeof(ret->from), NULL, 0, NI_NUMERICHOST) == 0;
}
