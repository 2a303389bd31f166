// SPDX-License-Identifier: Apache-2.0
// SSDP's messages and limits: what is read as a search, what an answer is and how long,
// how often there is one, and who is on the link.
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "discovery/dnssd.h"
#include "discovery/limit.h"
#include "discovery/message.h"
#include "discovery/network.h"

#define MINOR  22
#define TARGET "urn:dmtf-org:service:redfish-rest:1"
#define UUID   "01234567-89ab-4def-8123-456789abcdef"
#define HEAD   "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
#define MAN    "MAN: \"ssdp:discover\"\r\n"

/* ---- searches ---- */

/* In memory of its own length, for the sanitizer. */
static bool reads(const char *text, size_t len, struct ssdp_search *ret)
{
	char *exact = malloc(len ? len : 1);
	bool is;

	memcpy(exact, text, len);
	is = ssdp_search_read(exact, len, MINOR, ret);
	free(exact);
	return is;
}

static bool is_search(const char *text)
{
	struct ssdp_search s;

	return reads(text, strlen(text), &s);
}

static bool finds_us(const char *target)
{
	struct ssdp_search s;
	char text[300];
	int len = snprintf(text, sizeof(text), HEAD MAN "MX: 1\r\nST: %s\r\n\r\n",
			   target);

	assert_true(reads(text, (size_t)len, &s));
	return s.redfish;
}

static void what_is_searched_for_is_redfish_or_all(void **state)
{
	(void)state;
	assert_true(finds_us("ssdp:all"));
	assert_true(finds_us(TARGET));
	assert_true(finds_us("URN:DMTF-ORG:service:Redfish-REST:1"));
	assert_true(finds_us(" " TARGET ":0\t"));
	assert_true(finds_us(TARGET ":22"));
	assert_false(finds_us(TARGET ":23")); /* newer than ours */
	assert_false(finds_us(TARGET ":"));
	assert_false(finds_us(TARGET ":1x"));
	assert_false(finds_us(TARGET ":-1"));
	assert_false(finds_us(TARGET ":4294967296"));
	assert_false(finds_us(TARGET "2"));
	assert_false(finds_us("urn:dmtf-org:service:redfish-rest:2"));
	assert_false(finds_us("upnp:rootdevice"));
	assert_false(finds_us("uuid:" UUID));
	assert_false(finds_us("ssdp:al"));
}

static void a_search_has_its_line_and_fields(void **state)
{
	(void)state;
	assert_true(is_search(HEAD MAN "ST: a\r\n\r\n"));
	assert_true(is_search(HEAD MAN "ST: a\r\n")); /* DMTF's client */
	assert_true(is_search(HEAD MAN "ST: a"));
	assert_true(is_search(HEAD "man:\"SSDP:discover\"\r\nst:a\r\n\r\nbody\x01"));
	assert_false(is_search(""));
	assert_false(is_search("\r\n"));
	assert_false(is_search(HEAD MAN "\r\n"));
	assert_false(is_search(HEAD MAN "ST:\r\n\r\n"));
	assert_false(is_search(HEAD "ST: a\r\n\r\n"));
	assert_false(is_search(HEAD "MAN: ssdp:discover\r\nST: a\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nST: a\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: ab\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nno field\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\n: b\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST : a\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nX: \x07\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nX: \x7f\r\n\r\n"));
	assert_true(is_search(HEAD MAN "ST: a\r\nX:\t\xc3\xa4\r\n\r\n"));
	assert_false(is_search("M-SEARCH * HTTP/1.0\r\n" MAN "ST: a\r\n\r\n"));
	assert_false(is_search("M-SEARCH /a HTTP/1.1\r\n" MAN "ST: a\r\n\r\n"));
	assert_false(is_search("NOTIFY * HTTP/1.1\r\n" MAN "ST: a\r\n\r\n"));
	assert_false(is_search("HTTP/1.1 200 OK\r\n" MAN "ST: a\r\n\r\n"));
}

static bool takes_mx(const char *mx, unsigned is)
{
	struct ssdp_search s;
	char text[300];
	int len = snprintf(text, sizeof(text), HEAD MAN "ST: a\r\n%s\r\n\r\n", mx);

	return reads(text, (size_t)len, &s) && s.mx == is;
}

static void mx_is_1_to_5_seconds(void **state)
{
	(void)state;
	assert_true(takes_mx("X: y", 0));
	assert_true(takes_mx("MX: 0", 0));
	assert_true(takes_mx("MX:1", 1));
	assert_true(takes_mx("MX: 5", 5));
	assert_true(takes_mx("MX: 6", 5));
	assert_true(takes_mx("MX: 999999999", 5));
	assert_false(is_search(HEAD MAN "ST: a\r\nMX: 1000000000\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nMX: -1\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nMX:\r\n\r\n"));
	assert_false(is_search(HEAD MAN "ST: a\r\nMX: 1\r\nMX: 1\r\n\r\n"));
}

static bool with_lines(unsigned n)
{
	char text[4000] = HEAD MAN "ST: a\r\n"; /* 3 fields */

	for (unsigned i = 3; i < n; i++)
		strcat(text, "X: y\r\n");
	return is_search(text);
}

static bool of_length(size_t len)
{
	char text[4000];
	int used = snprintf(text, sizeof(text), HEAD MAN "ST: a\r\nX: ");
	struct ssdp_search s;

	memset(text + used, 'y', sizeof(text) - (size_t)used);
	return reads(text, len, &s);
}

static void a_search_is_bounded(void **state)
{
	(void)state;
	assert_true(with_lines(SSDP_LINES_MAX));
	assert_false(with_lines(SSDP_LINES_MAX + 1));
	assert_true(of_length(SSDP_DATAGRAM_MAX - 1));
	assert_true(of_length(SSDP_DATAGRAM_MAX));
	assert_false(of_length(SSDP_DATAGRAM_MAX + 1));
}

/* ---- answers ---- */

static const struct ssdp_service service = { UUID, MINOR,
					     "https://192.0.2.10/redfish/v1/" };

static void an_answer_is_as_dsp0266_has_it(void **state)
{
	char text[SSDP_MESSAGE_MAX];

	(void)state;
	assert_true(ssdp_answer_write(&service, SSDP_MESSAGE_MAX, text) > 0);
	assert_string_equal(text, "HTTP/1.1 200 OK\r\n"
				  "CACHE-CONTROL: max-age=1800\r\n"
				  "ST: " TARGET ":22\r\n"
				  "USN: uuid:" UUID "::" TARGET ":22\r\n"
				  "AL: https://192.0.2.10/redfish/v1/\r\n"
				  "LOCATION: https://192.0.2.10/redfish/v1/\r\n"
				  "EXT:\r\n"
				  "\r\n");
}

static void a_minor_version_of_0_is_left_out(void **state)
{
	struct ssdp_service s = service;
	char text[SSDP_MESSAGE_MAX];

	(void)state;
	s.minor = 0;
	assert_true(ssdp_answer_write(&s, SSDP_MESSAGE_MAX, text) > 0);
	assert_non_null(strstr(text, "ST: " TARGET "\r\n"));
	assert_non_null(strstr(text, "::" TARGET "\r\n"));
}

static void an_answer_is_never_longer_than_it_may_be(void **state)
{
	char text[SSDP_MESSAGE_MAX];
	size_t whole = ssdp_answer_write(&service, SSDP_MESSAGE_MAX, text), least;

	(void)state;
	assert_int_equal(ssdp_answer_write(&service, whole, text), whole);
	assert_non_null(strstr(text, "LOCATION"));
	least = ssdp_answer_write(&service, whole - 1, text);
	assert_in_range(least, 1, whole - 1);
	assert_null(strstr(text, "LOCATION"));
	assert_int_equal(ssdp_answer_write(&service, least, text), least);
	assert_int_equal(ssdp_answer_write(&service, least - 1, text), 0);
	/* the shortest search that clients send has an answer */
	assert_in_range(least, 1,
			SSDP_FACTOR *
				(sizeof(HEAD MAN "ST: ssdp:all\r\nMX: 1\r\n") - 1));
}

static void an_announcement_holds_and_a_goodbye_has_no_address(void **state)
{
	char text[SSDP_MESSAGE_MAX];

	(void)state;
	assert_true(ssdp_notify_write(&service, "[ff02::c]:1900", 1801, text) > 0);
	assert_string_equal(text, "NOTIFY * HTTP/1.1\r\n"
				  "HOST: [ff02::c]:1900\r\n"
				  "NT: " TARGET ":22\r\n"
				  "NTS: ssdp:alive\r\n"
				  "USN: uuid:" UUID "::" TARGET ":22\r\n"
				  "CACHE-CONTROL: max-age=1801\r\n"
				  "AL: https://192.0.2.10/redfish/v1/\r\n"
				  "LOCATION: https://192.0.2.10/redfish/v1/\r\n"
				  "\r\n");
	assert_true(ssdp_notify_write(&service, "[ff02::c]:1900", 1, text) > 0);
	assert_non_null(strstr(text, "max-age=1800\r\n"));
	assert_true(ssdp_notify_write(&service, "[ff02::c]:1900", 0, text) > 0);
	assert_string_equal(text, "NOTIFY * HTTP/1.1\r\n"
				  "HOST: [ff02::c]:1900\r\n"
				  "NT: " TARGET ":22\r\n"
				  "NTS: ssdp:byebye\r\n"
				  "USN: uuid:" UUID "::" TARGET ":22\r\n"
				  "\r\n");
}

static void the_longest_url_fits(void **state)
{
	struct ssdp_service s = service;
	char text[SSDP_MESSAGE_MAX];

	(void)state;
	memset(s.url, 'u', SSDP_URL_MAX - 1);
	s.url[SSDP_URL_MAX - 1] = '\0';
	assert_true(ssdp_answer_write(&s, SSDP_MESSAGE_MAX, text) > 0);
	assert_true(ssdp_notify_write(&s, "239.255.255.250:1900", UINT32_MAX, text) >
		    0);
}

/* ---- a client's side ---- */

static bool is_answer(const char *text, struct ssdp_answer *ret)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	bool is;

	memcpy(exact, text, len);
	is = ssdp_answer_read(exact, len, ret);
	free(exact);
	return is;
}

static void our_search_finds_us_and_leaves_room_for_the_answer(void **state)
{
	struct ssdp_service s = service;
	char text[SSDP_MESSAGE_MAX], answer[SSDP_MESSAGE_MAX];
	size_t len = ssdp_search_write("239.255.255.250:1900", 2, text);
	struct ssdp_search read;

	(void)state;
	assert_true(reads(text, len, &read));
	assert_true(read.redfish);
	assert_int_equal(read.mx, 2);
	memset(s.url, 'u', SSDP_URL_MAX - 1);
	s.url[SSDP_URL_MAX - 1] = '\0';
	assert_true(ssdp_answer_write(&s, SSDP_FACTOR * len, answer) > 0);
}

#define OK_LINE "HTTP/1.1 200 OK\r\n"
#define ST_LINE "ST: " TARGET ":22\r\n"
#define USN     "USN: uuid:" UUID "::" TARGET ":22\r\n"
#define AL      "AL: https://192.0.2.10/redfish/v1/\r\n"

static void an_answer_is_read(void **state)
{
	char text[SSDP_MESSAGE_MAX];
	struct ssdp_answer a;

	(void)state;
	text[ssdp_answer_write(&service, SSDP_MESSAGE_MAX, text)] = '\0';
	assert_true(is_answer(text, &a));
	assert_string_equal(a.uuid, UUID);
	assert_string_equal(a.url, service.url);
	assert_true(is_answer(
		OK_LINE ST_LINE USN "LOCATION: https://[2001:db8::1]/\r\n", &a));
	assert_string_equal(a.url, "https://[2001:db8::1]/");
	assert_true(is_answer("HTTP/1.1 200 \r\nst:" TARGET "\r\n" USN AL "\r\n", &a));
}

static void what_is_no_answer_of_a_redfish_service_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"\r\n",
		"HTTP/1.1 404 Not Found\r\n" ST_LINE USN AL,
		"NOTIFY * HTTP/1.1\r\n" ST_LINE USN AL,
		OK_LINE USN AL,
		OK_LINE ST_LINE AL,
		OK_LINE ST_LINE USN,
		OK_LINE "ST: upnp:rootdevice\r\n" USN AL,
		OK_LINE "ST: ssdp:all\r\n" USN AL,
		OK_LINE "ST: urn:dmtf-org:service:redfish-rest:2\r\n" USN AL,
		OK_LINE ST_LINE ST_LINE USN AL,
		OK_LINE ST_LINE "USN: uuid:" UUID "\r\n" AL,
		OK_LINE ST_LINE "USN: uuid:0123456789abcdef::" TARGET "\r\n" AL,
		OK_LINE ST_LINE
		"USN: uuid:g1234567-89ab-4def-8123-456789abcdef::" TARGET "\r\n" AL,
		OK_LINE ST_LINE
		"USN: uuid:01234567x89ab-4def-8123-456789abcdef::" TARGET "\r\n" AL,
		OK_LINE ST_LINE "USN: uuid:" UUID ":x" TARGET "\r\n" AL,
		OK_LINE ST_LINE USN "AL: \r\n",
		OK_LINE ST_LINE USN "AL: https://a b/\r\n",
		OK_LINE ST_LINE USN "AL: https://\xc3\xa4/\r\n",
		OK_LINE ST_LINE USN "AL: https://\x1b[2J/\r\n",
		OK_LINE ST_LINE USN AL "no field\r\n",
	};
	struct ssdp_answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (is_answer(texts[i], &a))
			fail_msg("taken: %s", texts[i]);
	}
}

static void an_answers_url_is_bounded(void **state)
{
	char text[1000];
	struct ssdp_answer a;

	(void)state;
	for (int len = SSDP_URL_MAX - 2; len <= SSDP_URL_MAX; len++) {
		(void)snprintf(text, sizeof(text), OK_LINE ST_LINE USN "AL: %0*d\r\n",
			       len, 0);
		assert_int_equal(is_answer(text, &a), len < SSDP_URL_MAX);
	}
}

/* ---- DNS-SD ---- */

static void the_file_of_avahi_holds_any_text(void **state)
{
	struct dnssd_service s = { .port = 8443,
				   .path = "/redfish/v1/",
				   .uuid = UUID,
				   .version = "1<2&\"3'",
				   .model = "a>b",
				   .start = "2026-11-22T01:02:03Z" };
	char text[DNSSD_FILE_MAX + 1], longer[DNSSD_FILE_MAX];
	size_t len = dnssd_write(&s, text);

	(void)state;
	assert_in_range(len, 1, DNSSD_FILE_MAX - 1);
	text[len] = '\0';
	assert_non_null(strstr(text,
			       "<type>_redfish._tcp</type>\n    <port>8443</port>\n"
			       "    <txt-record>path=/redfish/v1/</txt-record>\n"));
	assert_non_null(strstr(text, "<txt-record>uuid=" UUID "</txt-record>\n"));
	assert_non_null(strstr(text, "<txt-record>version=1&#60;2&#38;&#34;3&#39;<"));
	assert_non_null(strstr(text, "<txt-record>model=a&#62;b<"));
	assert_non_null(strstr(text, "\n</service-group>\n"));
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	s.version = longer;
	assert_int_equal(dnssd_write(&s, text), 0);
}

/* ---- limits ---- */

static struct sockaddr_storage peer(const char *text)
{
	struct sockaddr_storage a = { 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)&a;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		a.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		a.ss_family = AF_INET6;
	return a;
}

static unsigned takes(struct ssdp_limit *l, const char *from, int64_t now, unsigned n)
{
	struct sockaddr_storage a = peer(from);
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++)
		taken += ssdp_limit_take(l, &a, now);
	return taken;
}

static void a_peer_gets_so_many_answers(void **state)
{
	struct ssdp_limit l = { 0 };
	int64_t t = 1000000;

	(void)state;
	assert_int_equal(takes(&l, "192.0.2.1", t, 100), SSDP_PEER_RUN);
	assert_int_equal(takes(&l, "192.0.2.1", t + SSDP_PEER_MS - 1, 100), 0);
	assert_int_equal(takes(&l, "192.0.2.1", t + SSDP_PEER_MS, 100), 1);
	assert_int_equal(takes(&l, "192.0.2.2", t + SSDP_PEER_MS, 100), SSDP_PEER_RUN);
	assert_int_equal(takes(&l, "192.0.2.1", t + 60000, 100), SSDP_PEER_RUN);
}

static void a_network_of_ipv6_is_one_peer_but_on_the_link(void **state)
{
	struct ssdp_limit l = { 0 };

	(void)state;
	assert_int_equal(takes(&l, "2001:db8::1", 5000, 100), SSDP_PEER_RUN);
	assert_int_equal(takes(&l, "2001:db8::ffff:1", 5000, 100), 0);
	assert_int_equal(takes(&l, "2001:db8:0:1::1", 5000, 100), SSDP_PEER_RUN);
	assert_int_equal(takes(&l, "fe80::1", 5000, 100), SSDP_PEER_RUN);
	assert_int_equal(takes(&l, "fe80::2", 5000, 100), SSDP_PEER_RUN);
}

static void all_peers_get_so_many_answers(void **state)
{
	struct ssdp_limit l = { 0 };
	unsigned taken = 0;
	char from[32];

	(void)state;
	for (unsigned i = 0; i < SSDP_PEERS; i++) {
		(void)snprintf(from, sizeof(from), "192.0.2.%u", i + 1);
		taken += takes(&l, from, 5000, 5);
	}
	assert_int_equal(taken, SSDP_TOTAL_RUN);
	assert_int_equal(takes(&l, "192.0.2.64", 5000 + SSDP_TOTAL_MS, 5), 1);
}

static void a_new_peer_waits_while_all_are_busy(void **state)
{
	struct ssdp_limit l = { 0 };
	char from[32];

	(void)state;
	for (unsigned i = 0; i < SSDP_PEERS; i++) {
		(void)snprintf(from, sizeof(from), "192.0.2.%u", i + 1);
		assert_int_equal(takes(&l, from, 5000, 1), 1);
	}
	assert_int_equal(takes(&l, "198.51.100.1", 5000 + SSDP_PEER_MS - 1, 1), 0);
	assert_int_equal(takes(&l, "192.0.2.1", 5000 + SSDP_PEER_MS - 1, 1), 1);
	assert_int_equal(takes(&l, "198.51.100.1", 5000 + SSDP_PEER_MS, 1), 1);
}

/* ---- the link ---- */

static struct ssdp_address address(unsigned interface, const char *is, const char *mask)
{
	return (struct ssdp_address){ interface, peer(is), peer(mask) };
}

static void who_is_not_on_the_link_gets_no_answer(void **state)
{
	struct ssdp_network net = {
		.list = { address(2, "192.0.2.130", "255.255.255.128"),
			  address(2, "fe80::10", "ffff:ffff:ffff:ffff::"),
			  address(2, "2001:db8::10", "ffff:ffff:ffff:ffff::"),
			  address(3, "198.51.100.1", "255.255.255.0"),
			  address(3, "fe80::11", "ffff:ffff:ffff:ffff::") },
		.n = 5
	};
	struct sockaddr_storage a = peer("192.0.2.129");

	(void)state;
	assert_ptr_equal(ssdp_network_on_link(&net, 2, &a), &net.list[0]);
	assert_null(ssdp_network_on_link(&net, 3, &a));
	a = peer("192.0.2.127");
	assert_null(ssdp_network_on_link(&net, 2, &a));
	a = peer("198.51.100.9");
	assert_null(ssdp_network_on_link(&net, 2, &a));
	a = peer("2001:db8::ffff");
	assert_ptr_equal(ssdp_network_on_link(&net, 2, &a), &net.list[2]);
	a = peer("2001:db8:0:1::1");
	assert_null(ssdp_network_on_link(&net, 2, &a));
	a = peer("fe80::1"); /* a URL with a link-local address is of little use */
	assert_ptr_equal(ssdp_network_on_link(&net, 2, &a), &net.list[2]);
	assert_ptr_equal(ssdp_network_on_link(&net, 3, &a), &net.list[4]);
}

static void addresses_are_equal_in_their_family(void **state)
{
	struct sockaddr_storage a = peer("192.0.2.1"), b = peer("192.0.2.1"),
				c = peer("192.0.2.2"), d = peer("::ffff:192.0.2.1"),
				none = { 0 };

	(void)state;
	assert_true(ssdp_address_equal(&a, &b));
	assert_false(ssdp_address_equal(&a, &c));
	assert_false(ssdp_address_equal(&a, &d));
	assert_false(ssdp_address_equal(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_searched_for_is_redfish_or_all),
		cmocka_unit_test(a_search_has_its_line_and_fields),
		cmocka_unit_test(mx_is_1_to_5_seconds),
		cmocka_unit_test(a_search_is_bounded),
		cmocka_unit_test(an_answer_is_as_dsp0266_has_it),
		cmocka_unit_test(a_minor_version_of_0_is_left_out),
		cmocka_unit_test(an_answer_is_never_longer_than_it_may_be),
		cmocka_unit_test(an_announcement_holds_and_a_goodbye_has_no_address),
		cmocka_unit_test(the_longest_url_fits),
		cmocka_unit_test(our_search_finds_us_and_leaves_room_for_the_answer),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(what_is_no_answer_of_a_redfish_service_is_refused),
		cmocka_unit_test(an_answers_url_is_bounded),
		cmocka_unit_test(the_file_of_avahi_holds_any_text),
		cmocka_unit_test(a_peer_gets_so_many_answers),
		cmocka_unit_test(a_network_of_ipv6_is_one_peer_but_on_the_link),
		cmocka_unit_test(all_peers_get_so_many_answers),
		cmocka_unit_test(a_new_peer_waits_while_all_are_busy),
		cmocka_unit_test(who_is_not_on_the_link_gets_no_answer),
		cmocka_unit_test(addresses_are_equal_in_their_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
