// SPDX-License-Identifier: Apache-2.0
// What bmc-scan reads and writes, without a network: addresses, service roots, URLs,
// lines of avahi-browse, one list of devices made of them, and its forms.
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/scan/output.h"
#include "scan/list.h"
#include "scan/root.h"
#include "scan/text.h"

#define UUID "01234567-89ab-4def-8123-456789abcdef"

/* ---- addresses ---- */

static size_t targets(const char *text, struct scan_endpoint *list)
{
	char why[160];
	size_t n = 0;

	return scan_targets_read(text, list, &n, why) ? n : SIZE_MAX;
}

static void is_at(const struct scan_endpoint *e, const char *host, unsigned port)
{
	char text[SCAN_HOST_MAX];

	scan_address_text(&e->address, text);
	assert_string_equal(text, host);
	assert_int_equal(scan_address_port(&e->address), port);
	assert_true(e->tls);
}

static void addresses_are_read_with_their_ports(void **state)
{
	static struct scan_endpoint l[SCAN_ENDPOINTS_MAX];

	(void)state;
	assert_int_equal(targets("192.0.2.1,192.0.2.2:8443", l), 2);
	is_at(&l[0], "192.0.2.1", 443);
	is_at(&l[1], "192.0.2.2", 8443);
	assert_int_equal(targets("2001:db8::1,[2001:db8::2],[2001:db8::3]:65535", l),
			 3);
	is_at(&l[0], "2001:db8::1", 443);
	is_at(&l[1], "2001:db8::2", 443);
	is_at(&l[2], "2001:db8::3", 65535);
	assert_int_equal(targets("fe80::1%lo", l), 1);
	is_at(&l[0], "fe80::1%lo", 443);
	assert_false(l[0].guess);
}

static void a_network_is_its_hosts(void **state)
{
	static struct scan_endpoint l[SCAN_ENDPOINTS_MAX];

	(void)state;
	assert_int_equal(targets("192.0.2.77/30:8443", l), 2);
	is_at(&l[0], "192.0.2.77", 8443);
	is_at(&l[1], "192.0.2.78", 8443);
	assert_true(l[0].guess);
	assert_int_equal(targets("192.0.2.77/31", l), 2);
	is_at(&l[0], "192.0.2.76", 443);
	assert_int_equal(targets("192.0.2.77/32", l), 1);
	assert_int_equal(targets("10.0.0.0/20", l), 4094);
	is_at(&l[4093], "10.0.15.254", 443);
	assert_int_equal(targets("10.0.0.0/20,10.1.0.0/30", l), SCAN_ENDPOINTS_MAX);
	assert_int_equal(targets("10.0.0.0/20,10.1.0.0/30,10.2.0.1", l), SIZE_MAX);
	assert_int_equal(targets("10.0.0.0/19", l), SIZE_MAX);
	assert_int_equal(targets("0.0.0.0/0", l), SIZE_MAX);
}

static void what_is_no_address_is_refused(void **state)
{
	static struct scan_endpoint l[SCAN_ENDPOINTS_MAX];
	static const char *const texts[] = {
		"",
		",",
		"192.0.2.1,",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1:",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"192.0.2.1:x",
		"192.0.2.1/",
		"192.0.2.1/x",
		"192.0.2.1/33",
		"[2001:db8::1",
		"2001:db8::/64",
		"localhost",
		"fe80::1%none9",
		":443",
		"[]:443",
		"[",
		"192.0.2.1:8443:1",
		"192.0.2.1:000443",
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (targets(texts[i], l) != SIZE_MAX)
			fail_msg("taken: %s", texts[i]);
	}
	(void)snprintf(text, sizeof(text), "%0*d", 96, 1);
	assert_int_equal(targets(text, l), SIZE_MAX);
}

/* "localhost" is in every /etc/hosts, and RFC 6761 has it resolved without DNS. */
static void a_name_is_for_users_only(void **state)
{
	static struct scan_endpoint l[SCAN_ENDPOINTS_MAX];
	static const char *const wrong[] = { "localhost:0",  "localhost:65536",
					     "localhost/24", "[localhost]",
					     "local_host",   "192.0.2.256",
					     "localhost,",   "local host" };
	char why[160];
	size_t n = 0;

	(void)state;
	assert_true(scan_hosts_read("192.0.2.9,localhost:8443,192.0.2.8", l, &n, why));
	assert_in_range(n, 3, 10); /* 127.0.0.1, ::1 or both */
	assert_int_equal(l[0].name, 0);
	assert_int_equal(l[n - 1].name, 0);
	for (size_t i = 1; i < n - 1; i++) {
		assert_int_equal(l[i].name, l[1].name);
		assert_int_not_equal(l[i].name, 0);
		assert_int_equal(scan_address_port(&l[i].address), 8443);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		n = 0;
		if (scan_hosts_read(wrong[i], l, &n, why))
			fail_msg("taken: %s", wrong[i]);
	}
}

/* ---- texts ---- */

static void texts_are_cut_and_cleaned(void **state)
{
	char text[12];

	(void)state;
	scan_text_copy(text, sizeof(text), "a\x1b[2J\x7f\n\tb");
	assert_string_equal(text, "a?[2J???b");
	scan_text_copy(text, sizeof(text), "\xc2\x9b\xe2\x80\xae\xff\xc3");
	assert_string_equal(text, "?????");
	scan_text_copy(text, sizeof(text), "设备设备"); /* 3 bytes each */
	assert_string_equal(text, "设备设");
	scan_text_copy(text, sizeof(text), "");
	assert_string_equal(text, "");
}

static void widths_are_those_of_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(scan_text_width(""), 0);
	assert_int_equal(scan_text_width("abc"), 3);
	assert_int_equal(scan_text_width("设备a"), 5);
	assert_int_equal(scan_text_width("e\xcc\x81"), 1);
	assert_int_equal(scan_text_width("\xff"), 1);
}

/* ---- what the network says ---- */

static bool reads(const char *text, struct scan_root *ret)
{
	return scan_root_read(text, strlen(text), ret);
}

static void a_service_root_is_read(void **state)
{
	struct scan_root r;

	(void)state;
	assert_true(reads("{\"UUID\": \"" UUID "\", \"Product\": \"clusterbmc\", "
			  "\"Oem\": {\"ClusterBmc\": {\"DeviceName\": \"\\u001bname\", "
			  "\"SoftwareVersion\": \"1.2\", "
			  "\"StartTime\": \"2026-11-22T01:02:03Z\"}}}",
			  &r));
	assert_true(r.ours);
	assert_string_equal(r.uuid, UUID);
	assert_string_equal(r.name, "?name");
	assert_string_equal(r.version, "1.2");
	assert_string_equal(r.start, "2026-11-22T01:02:03Z");
	assert_true(reads("{\"UUID\": \"" UUID "\", \"Product\": \"X\"}", &r));
	assert_false(r.ours);
	assert_string_equal(r.name, "");
}

static void what_is_no_service_root_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"null",
		"{}",
		"{\"UUID\": 1}",
		"{\"UUID\": \"no digits\"}",
		"{\"UUID\": \"" UUID "\"",
		"{\"UUID\": \"" UUID "\", \"UUID\": \"" UUID "\"}",
		"{\"UUID\": \"\\u0000\"}",
	};
	struct scan_root r;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (reads(texts[i], &r))
			fail_msg("taken: %s", texts[i]);
	}
	/* types that are not right are as if they were not there */
	assert_true(reads("{\"UUID\": \"" UUID "\", \"Product\": {}, \"Oem\": 3}", &r));
	assert_true(reads("{\"UUID\": \"" UUID "\", \"Oem\": {\"ClusterBmc\": "
			  "{\"DeviceName\": [], \"StartTime\": \"{{x}}\"}}}",
			  &r));
	assert_string_equal(r.name, "");
	assert_string_equal(r.start, "");
}

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage a;

	assert_true(scan_address_read(text, &a));
	return a;
}

static bool near_db8(void *arg, const struct sockaddr_storage *a)
{
	char text[SCAN_HOST_MAX];

	(void)arg;
	scan_address_text(a, text);
	return strncmp(text, "2001:db8::", 10) == 0 ||
	       strncmp(text, "192.0.2.", 8) == 0;
}

static bool leads_to(const char *from, const char *url, const char *host, unsigned port)
{
	struct sockaddr_storage a = address(from);
	struct scan_endpoint e;
	char text[SCAN_HOST_MAX];

	if (!scan_url_read(url, &a, near_db8, NULL, &e))
		return false;
	scan_address_text(&e.address, text);
	return strcmp(text, host) == 0 && scan_address_port(&e.address) == port;
}

static void a_url_leads_to_its_sender_only(void **state)
{
	(void)state;
	assert_true(leads_to("192.0.2.1", "https://192.0.2.1/redfish/v1/", "192.0.2.1",
			     443));
	assert_true(leads_to("192.0.2.1", "HTTP://192.0.2.2:8080", "192.0.2.1", 8080));
	assert_true(leads_to("192.0.2.1", "https://name:1/", "192.0.2.1", 1));
	assert_true(leads_to("192.0.2.1", "https://[2001:db8::1]/", "192.0.2.1", 443));
	assert_true(leads_to("fe80::1%lo", "https://[2001:db8::1]:8443/x",
			     "2001:db8::1", 8443));
	assert_true(
		leads_to("fe80::1%lo", "https://[2001:db9::1]/", "fe80::1%lo", 443));
	assert_true(leads_to("fe80::1%lo", "https://192.0.2.1/", "fe80::1%lo", 443));
	assert_true(
		leads_to("fe80::1%lo", "https://[fe80::2%25lo]/", "fe80::1%lo", 443));
}

static void what_is_no_url_of_a_service_is_refused(void **state)
{
	static const char *const urls[] = {
		"",
		"https://",
		"https:///x",
		"ftp://192.0.2.1/",
		"https://a:0/",
		"https://a:/",
		"https://a:65536/",
		"https://[::1",
		"https://[::1]x/",
		"https://a:1x/",
		"file:///etc/x",
		"https://u:p@192.0.2.1/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		if (leads_to("192.0.2.1", urls[i], "192.0.2.1", 443))
			fail_msg("taken: %s", urls[i]);
	}
}

static void a_line_of_avahi_is_read(void **state)
{
	struct scan_endpoint e;

	(void)state;
	assert_true(scan_browse_read("=;lo;IPv4;a\\059b;_redfish._tcp;local;a.local;"
				     "192.0.2.9;8443;\"uuid=x\"",
				     &e));
	is_at(&e, "192.0.2.9", 8443);
	assert_true(e.interface > 0);
	assert_true(scan_browse_read(
		"=;lo;IPv6;a;_redfish._tcp;local;a.local;fe80::9;443;", &e));
	is_at(&e, "fe80::9%lo", 443);
	assert_false(scan_browse_read("", &e));
	assert_false(
		scan_browse_read("+;lo;IPv4;a;t;local;a.local;192.0.2.9;443;", &e));
	assert_false(scan_browse_read("+;lo;IPv4;a;_redfish._tcp;local", &e));
	assert_false(scan_browse_read("=;lo;IPv4;a;t;local;a.local;192.0.2.9;0;", &e));
	assert_false(scan_browse_read("=;lo;IPv4;a;t;local;a.local;name;443;", &e));
	assert_false(scan_browse_read("=;lo;IPv4;a;t;local;a.local;192.0.2.9", &e));
}

/* ---- the list ---- */

static struct scan_endpoint endpoint(const char *host, unsigned interface)
{
	struct scan_endpoint e = { .address = address(host),
				   .tls = true,
				   .interface = interface };

	scan_address_set_port(&e.address, 443);
	return e;
}

static void add(struct scan_list *l, const char *host, unsigned interface,
		const char *uuid)
{
	struct scan_endpoint e = endpoint(host, interface);
	struct scan_root r = { .ours = true };

	(void)snprintf(r.uuid, sizeof(r.uuid), "%s", uuid);
	(void)snprintf(r.name, sizeof(r.name), "chassis%s", uuid);
	assert_true(scan_list_add(l, &e, uuid[0] ? &r : NULL));
}

static void an_agent_is_listed_once(void **state)
{
	struct scan_list l = { NULL, 0 };

	(void)state;
	add(&l, "2001:db8::1", 2, "1");
	assert_string_equal(scan_device_host(&l.devices[0]), "2001:db8::1");
	add(&l, "192.0.2.1", 2, "1");
	add(&l, "192.0.2.1", 2, "1");    /* again                 */
	add(&l, "198.51.100.1", 3, "1"); /* over another interface */
	assert_int_equal(l.n, 1);
	assert_string_equal(scan_device_host(&l.devices[0]), "192.0.2.1");
	add(&l, "192.0.2.2", 2,
	    "1"); /* another machine of the same link claims to be it */
	assert_int_equal(l.n, 2);
	add(&l, "192.0.2.3", 2, "2");
	add(&l, "192.0.2.4", 2, ""); /* does not answer */
	assert_int_equal(l.n, 4);
	scan_list_free(&l);
}

/* Whichever answers first: else a list that is kept would have both for a while. */
static void an_agent_has_the_addresses_of_one_interface(void **state)
{
	static const struct {
		const char *host;
		unsigned interface;
	} seen[] = { { "192.0.2.1", 2 },
		     { "2001:db8::1", 2 },
		     { "198.51.100.1", 3 },
		     { "2001:db8:3::1", 3 } };
	static const unsigned orders[][4] = {
		{ 0, 1, 2, 3 }, { 2, 3, 0, 1 }, { 3, 0, 2, 1 }, { 1, 2, 3, 0 }
	};

	(void)state;
	for (size_t o = 0; o < 4; o++) {
		struct scan_list l = { NULL, 0 };
		for (size_t i = 0; i < 4; i++)
			add(&l, seen[orders[o][i]].host, seen[orders[o][i]].interface,
			    "1");
		assert_int_equal(l.n, 1);
		assert_string_equal(l.devices[0].ipv4, "192.0.2.1");
		assert_string_equal(l.devices[0].ipv6, "2001:db8::1");
		assert_int_equal(l.devices[0].interface, 2);
		assert_true(l.devices[0].answers);
		scan_list_free(&l);
	}
	struct scan_list l = { NULL, 0 };
	add(&l, "192.0.2.1", 2, "1");
	add(&l, "2001:db8:3::1", 3, "1");
	assert_string_equal(l.devices[0].ipv6, ""); /* not one of each */
	add(&l, "2001:db8::1", 0, "1"); /* named by the user: no matter how */
	assert_string_equal(l.devices[0].ipv6, "2001:db8::1");
	assert_int_equal(l.n, 1);
	scan_list_free(&l);
}

static void what_does_not_answer_is_not_counted(void **state)
{
	struct scan_list l = { NULL, 0 };

	(void)state;
	assert_int_equal(scan_list_answering(&l), 0);
	add(&l, "192.0.2.1", 2, "");
	assert_int_equal(scan_list_answering(&l), 0);
	add(&l, "192.0.2.2", 2, "2");
	add(&l, "192.0.2.3", 2, "");
	assert_int_equal(scan_list_answering(&l), 1);
	assert_int_equal(l.n, 3);
	scan_list_free(&l);
}

static void the_list_is_in_order(void **state)
{
	struct scan_list l = { NULL, 0 };

	(void)state;
	add(&l, "192.0.2.1", 2, "");
	add(&l, "192.0.2.2", 2, "10");
	add(&l, "192.0.2.30", 2, "9");
	add(&l, "192.0.2.4", 2, "9");
	scan_list_sort(&l);
	assert_string_equal(l.devices[0].ipv4, "192.0.2.4");
	assert_string_equal(l.devices[1].ipv4, "192.0.2.30");
	assert_string_equal(l.devices[2].root.uuid, "10");
	assert_false(l.devices[3].answers);
	scan_list_free(&l);
}

static void a_list_that_is_kept_forgets_late(void **state)
{
	struct scan_list kept = { NULL, 0 }, both = { NULL, 0 }, one = { NULL, 0 };

	(void)state;
	add(&both, "192.0.2.1", 2, "1");
	add(&both, "192.0.2.2", 2, "2");
	add(&one, "192.0.2.1", 2, "1");
	assert_true(scan_list_keep(&kept, &both, 3));
	assert_true(scan_list_keep(&kept, &one, 3));
	assert_true(scan_list_keep(&kept, &one, 3));
	assert_int_equal(kept.n, 2);
	assert_true(scan_list_keep(&kept, &both, 3)); /* counts from here */
	assert_true(scan_list_keep(&kept, &one, 3));
	assert_true(scan_list_keep(&kept, &one, 3));
	assert_int_equal(kept.n, 2);
	assert_true(scan_list_keep(&kept, &one, 3));
	assert_int_equal(kept.n, 1);
	scan_list_free(&kept);
	scan_list_free(&both);
	scan_list_free(&one);
}

/* ---- forms ---- */

static char *written(const struct scan_list *l, enum scan_format f)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_true(scan_write(out, f, l, SCAN_EN));
	(void)fclose(out);
	return text;
}

static void no_devices_are_an_empty_list(void **state)
{
	static const char *const texts[SCAN_FORMATS] = {
		[SCAN_TABLE] = "Total devices: 0\n",
		[SCAN_JSON] = "[]\n",
		[SCAN_CSV] = "id,name,ipv4,ipv6,port,version,start,product,uuid,url,"
			     "answers\r\n",
		[SCAN_ANSIBLE] =
			"{\n  \"_meta\": {\n    \"hostvars\": {}\n  },\n  "
			"\"clusterbmc\": {\n    \"hosts\": [],\n    \"vars\": {\n"
			"      \"ansible_connection\": \"local\"\n    }\n  }\n}\n",
		[SCAN_PROM_SD] = "[]\n",
	};
	struct scan_list l = { NULL, 0 };

	(void)state;
	for (enum scan_format f = 0; f < SCAN_FORMATS; f++) {
		char *text = written(&l, f);
		assert_string_equal(text, texts[f]);
		free(text);
	}
}

static void names_are_data_in_every_form(void **state)
{
	struct scan_list l = { NULL, 0 };
	char *text;

	(void)state;
	add(&l, "192.0.2.1", 2, "1");
	add(&l, "2001:db8::2", 2, "2");
	(void)strcpy(l.devices[0].root.name, "=cmd|\"a\",{{ b }}");
	text = written(&l, SCAN_CSV);
	assert_non_null(
		strstr(text, "\r\n1,\"'=cmd|\"\"a\"\",{{ b }}\",\"192.0.2.1\","));
	free(text);
	text = written(&l, SCAN_ANSIBLE);
	assert_non_null(strstr(text, "\"bmc-_cmd__a_____b___\""));
	assert_null(strstr(text, "{{"));
	assert_non_null(strstr(text, "\"baseuri\": \"[2001:db8::2]:443\""));
	free(text);
	text = written(&l, SCAN_PROM_SD);
	assert_non_null(strstr(text, "\"[2001:db8::2]:443\""));
	free(text);
	scan_list_free(&l);
}

static void hosts_of_the_inventory_have_names_of_their_own(void **state)
{
	static const char *const names[] = { "all",  "clusterbmc", "same",
					     "same", "",           "-x" };
	struct scan_list l = { NULL, 0 };
	char *text;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char host[32], uuid[8];
		(void)snprintf(host, sizeof(host), "192.0.2.%u", i + 1);
		(void)snprintf(uuid, sizeof(uuid), "1%u", i + 1);
		add(&l, host, 2, uuid);
		(void)strcpy(l.devices[i].root.name, names[i]);
	}
	text = written(&l, SCAN_ANSIBLE);
	assert_non_null(strstr(text, "\"bmc-all\",\n      \"bmc-clusterbmc\",\n      "
				     "\"same\",\n      \"same-14\",\n      "
				     "\"192.0.2.5\",\n      \"bmc--x\"\n"));
	free(text);
	scan_list_free(&l);
}

static void the_language_is_that_of_a_locale(void **state)
{
	(void)state;
	assert_int_equal(scan_language_read("zh_CN.UTF-8"), SCAN_ZH);
	assert_int_equal(scan_language_read("zh"), SCAN_ZH);
	assert_int_equal(scan_language_read("en-GB"), SCAN_EN);
	assert_int_equal(scan_language_read("eng"), SCAN_LANGUAGES);
	assert_int_equal(scan_language_read("C"), SCAN_LANGUAGES);
	for (enum scan_word w = 0; w < SCAN_WORDS; w++) {
		assert_non_null(scan_word(SCAN_EN, w));
		assert_non_null(scan_word(SCAN_ZH, w));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_with_their_ports),
		cmocka_unit_test(a_network_is_its_hosts),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(texts_are_cut_and_cleaned),
		cmocka_unit_test(widths_are_those_of_a_terminal),
		cmocka_unit_test(a_service_root_is_read),
		cmocka_unit_test(what_is_no_service_root_is_refused),
		cmocka_unit_test(a_url_leads_to_its_sender_only),
		cmocka_unit_test(what_is_no_url_of_a_service_is_refused),
		cmocka_unit_test(a_line_of_avahi_is_read),
		cmocka_unit_test(an_agent_is_listed_once),
		cmocka_unit_test(an_agent_has_the_addresses_of_one_interface),
		cmocka_unit_test(what_does_not_answer_is_not_counted),
		cmocka_unit_test(a_name_is_for_users_only),
		cmocka_unit_test(the_list_is_in_order),
		cmocka_unit_test(a_list_that_is_kept_forgets_late),
		cmocka_unit_test(no_devices_are_an_empty_list),
		cmocka_unit_test(names_are_data_in_every_form),
		cmocka_unit_test(hosts_of_the_inventory_have_names_of_their_own),
		cmocka_unit_test(the_language_is_that_of_a_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
