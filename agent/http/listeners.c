// SPDX-License-Identifier: Apache-2.0
// The places where the server listens, see listen.h. Called by its start and its end.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "http/listen.h"

#define BACKLOG 4096

struct place {
	const char *address, *path; /* one of them */
	unsigned port;
	enum http_group group;
	const struct bmc_conf *conf; /* NULL: from the keys of the section itself */
};

static struct {
	char address[BMC_ADDRESS_MAX]; /* "": none */
	unsigned port;
} apart[HTTP_PLACES];

/* ---- TCP ---- */

/* "*" is every address: IPv6's, which takes IPv4 too, or where there is none, IPv4's.
 */
static const char *any_address(const char *address)
{
	if (strcmp(address, "*") != 0)
		return address;
	auto_fd int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 ? "::" : "0.0.0.0";
}

/* No SO_REUSEPORT: a second daemon has to fail, not to get every other connection. */
static bool bind_to(int fd, const struct addrinfo *a, bool absent)
{
	int yes = 1, no = 0;

	if (absent)
		(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &yes, sizeof(yes));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (a->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	return bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
}

static struct addrinfo *address_of(const char *address, unsigned port,
				   struct bmc_error *err)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM },
			*a = NULL;
	char text[12];

	(void)snprintf(text, sizeof(text), "%u", port);
	if (getaddrinfo(any_address(address), text, &hints, &a) != 0) {
		(void)bmc_fail(err, BMC_EINVAL,
			       "http.bind: '%s' is no address: numbers, or *", address);
		return NULL;
	}
	return a;
}

static int check_address(const char *address, struct bmc_error *err)
{
	struct addrinfo *a = address_of(address, 0, err);

	if (!a)
		return BMC_EINVAL;
	freeaddrinfo(a);
	return 0;
}

static int listen_on(const struct place *p, struct bmc_error *err)
{
	struct addrinfo *a = address_of(p->address, p->port, err);

	if (!a)
		return BMC_EINVAL;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok = fd >= 0 && bind_to(fd, a, p->group >= HTTP_APART);
	freeaddrinfo(a);
	if (ok)
		return fd;
	(void)bmc_fail(err, BMC_EIO, "http: can't listen on %s, port %u: %s",
		       p->address, p->port, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return BMC_EIO;
}

unsigned http_listen_port(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 0;
	if (a.ss_family == AF_UNIX)
		return 0;
	/* the port is at the same place in both families */
	return ntohs(((const struct sockaddr_in *)(const void *)&a)->sin_port);
}

/* IPv6's "::" takes IPv4 too, see any_address(). */
bool http_listens_at(int fd, const struct sockaddr *address)
{
	struct sockaddr_storage a = { 0 };
	const struct sockaddr_in *is4 = (const void *)&a, *at4 = (const void *)address;
	const struct sockaddr_in6 *is6 = (const void *)&a, *at6 = (const void *)address;
	socklen_t len = sizeof(a);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return false;
	if (a.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&is6->sin6_addr))
		return true;
	if (a.ss_family != address->sa_family)
		return false;
	if (a.ss_family == AF_INET6)
		return memcmp(&is6->sin6_addr, &at6->sin6_addr, 16) == 0;
	return a.ss_family == AF_INET && (is4->sin_addr.s_addr == htonl(INADDR_ANY) ||
					  is4->sin_addr.s_addr == at4->sin_addr.s_addr);
}

/* ---- Unix sockets ---- */

static bool is_in_use(const struct sockaddr_un *a)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0;
}

/* A socket that no process listens on any more is replaced, any other file is not. */
static bool remove_stale(const struct sockaddr_un *a)
{
	struct stat st;

	if (lstat(a->sun_path, &st) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode) || is_in_use(a)) {
		errno = EADDRINUSE;
		return false;
	}
	return unlink(a->sun_path) == 0;
}

/* Any local user may connect, as with a port on loopback. */
static int listen_local(const char *path, struct bmc_error *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	bool ok = fd >= 0 && bmc_copy(a.sun_path, sizeof(a.sun_path), path) &&
		  remove_stale(&a) &&
		  bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
		  chmod(path, 0666) == 0 && listen(fd, BACKLOG) == 0;
	if (ok)
		return fd;
	(void)bmc_fail(err, BMC_EIO, "http: can't listen on %s: %s", path,
		       strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return BMC_EIO;
}

/* ---- the configuration ---- */

static bool is_loopback(const char *address)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static int check_place(const struct place *p, struct bmc_error *err)
{
	const struct bmc_conf *c = p->conf;

	if (c && !p->path == !p->port)
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "a listener has either a port or a path");
	if (p->path && p->path[0] != '/')
		return bmc_conf_fail(c, err, BMC_EINVAL, "%s is no absolute path",
				     p->path);
	if (p->path)
		return 0;
	if (p->group == HTTP_PLAIN && !is_loopback(p->address))
		return bmc_conf_fail(c, err, BMC_EINVAL,
				     "without TLS only a loopback address is served");
	if (check_address(p->address, err) == 0)
		return 0;
	return !c ? BMC_EINVAL
		  : bmc_conf_fail(c, err, BMC_EINVAL,
				  "'%s' is no address: numbers, or *", p->address);
}

/* Those of the keys https_port and http_port, if their ports are not 0. */
static int places_of_ports(const struct bmc_conf *http, struct place *ret)
{
	unsigned secure = (unsigned)bmc_conf_num(http, "https_port", 0),
		 plain = (unsigned)bmc_conf_num(http, "http_port", 0);
	int n = 0;

	if (secure)
		ret[n++] = (struct place){ .address = bmc_conf_text(http, "bind", ""),
					   .port = secure,
					   .group = HTTP_TLS };
	if (plain)
		ret[n++] = (struct place){ .address = "127.0.0.1", .port = plain };
	return n;
}

int http_listeners_apart(enum http_place place, const char *address, unsigned port,
			 struct bmc_error *err)
{
	int r = address ? check_address(address, err) : 0;

	if (r < 0)
		return r;
	apart[place].port = port;
	(void)bmc_copy(apart[place].address, sizeof(apart[place].address), address);
	return BMC_OK;
}

static int places_apart(struct place *ret, int n)
{
	for (enum http_place i = 0; i < HTTP_PLACES; i++) {
		if (apart[i].address[0])
			ret[n++] = (struct place){ .address = apart[i].address,
						   .port = apart[i].port,
						   .group = HTTP_APART + i };
	}
	return n;
}

static int places(const struct bmc_conf *http, struct place ret[HTTP_LISTENERS_MAX],
		  struct bmc_error *err)
{
	const struct bmc_conf *list = bmc_conf_find(http, "listeners");
	int n = places_of_ports(http, ret), r = 0;

	for (const struct bmc_conf *c = list ? list->child : NULL;
	     c && n < HTTP_LISTENERS_MAX - HTTP_PLACES; c = c->next)
		ret[n++] =
			(struct place){ .address = bmc_conf_text(c, "address", ""),
					.path = bmc_conf_text(c, "path", NULL),
					.port = (unsigned)bmc_conf_num(c, "port", 0),
					.group = bmc_conf_num(c, "tls", 0) ? HTTP_TLS
									   : HTTP_PLAIN,
					.conf = c };
	n = places_apart(ret, n);
	for (int i = 0; i < n && r == 0; i++) {
		if (ret[i].path)
			ret[i].group = HTTP_PLAIN;
		r = check_place(&ret[i], err);
	}
	return r < 0 ? r : n;
}

int http_listeners_check(const struct bmc_conf *http, bool *ret_tls,
			 struct bmc_error *err)
{
	struct place list[HTTP_LISTENERS_MAX];
	int n = places(http, list, err);
	/* also where https_port is 0 */
	int r = n < 0 ? n : check_address(bmc_conf_text(http, "bind", ""), err);

	*ret_tls = false;
	for (int i = 0; i < n; i++)
		*ret_tls |= list[i].group == HTTP_TLS;
	return r;
}

int http_listeners_open(const struct bmc_conf *http,
			struct http_listener ret[HTTP_LISTENERS_MAX],
			struct bmc_error *err)
{
	struct place list[HTTP_LISTENERS_MAX];
	int n = places(http, list, err);

	for (int i = 0; i < n; i++) {
		const struct place *p = &list[i];
		ret[i] = (struct http_listener){ .group = p->group };
		ret[i].fd = p->path ? listen_local(p->path, err) : listen_on(p, err);
		if (ret[i].fd < 0) {
			http_listeners_close(ret, i);
			return BMC_EIO;
		}
		(void)bmc_copy(ret[i].path, sizeof(ret[i].path),
			       p->path ? p->path : "");
	}
	return n;
}

void http_listeners_close(struct http_listener *list, int n)
{
	for (int i = 0; i < n; i++) {
		if (list[i].path[0])
			(void)unlink(list[i].path);
		(void)close(list[i].fd);
	}
}
