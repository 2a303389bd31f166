// SPDX-License-Identifier: Apache-2.0
/* The small parts: paths of JSON, ETags, messages, the cache's bound, certificates, and
 * what the transport does with a URL. */
#include "redfish-fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/address.h"
#include "http/handshakes.h"
#include "http/mhd.h"
#include "http/peer.h"
#include "http/renew.h"
#include "http/tls.h"
#include "redfish/oem.h"
#include "redfish/render.h"

/* ---- paths ---- */

static void paths_make_what_is_above_them(void **state)
{
	json_t *root = json_object();

	(void)state;
	assert_int_equal(rf_put(root, "A/B/C", json_integer(1)), 0);
	assert_int_equal(rf_put(root, "A/L[]", json_integer(2)), 0);
	assert_int_equal(rf_put(root, "A/L[]", json_integer(3)), 0);
	assert_int_equal(rf_put(root, "D[0]/E", json_true()), 0);
	assert_int_equal(rf_put(root, "D[0]/F", json_false()), 0);
	assert_int_equal(rf_put(root, "@odata.id", json_string("/x/y")), 0);
	char *text = json_dumps(root, JSON_COMPACT);
	assert_string_equal(
		text,
		"{\"A\":{\"B\":{\"C\":1},\"L\":[2,3]},\"D\":[{\"E\":true,\"F\":false}],"
		"\"@odata.id\":\"/x/y\"}");
	free(text);
	json_decref(root);
}

/* ---- ETags ---- */

static void etags_match_whole_or_by_their_settings(void **state)
{
	static const char etag[] = "\"12345678-abc\"";

	(void)state;
	assert_true(rf_etag_matches("*", etag, false));
	assert_true(rf_etag_matches("\"12345678-abc\"", etag, false));
	assert_true(rf_etag_matches("W/\"12345678-abc\"", etag, false));
	assert_true(rf_etag_matches("\"x\" , \"12345678-abc\"", etag, false));
	assert_false(rf_etag_matches("\"12345678-abd\"", etag, false));
	assert_false(rf_etag_matches("", etag, false));
	assert_true(rf_etag_matches("\"12345678-other\"", etag, true));
	assert_false(rf_etag_matches("\"12345679-abc\"", etag, true));
	assert_false(rf_etag_matches("\"12345678-abc\"more", etag, true));
	assert_false(rf_etag_matches("\"1234567", etag, true));
	assert_false(rf_etag_matches("\"123456789-abc\"", etag, true));
}

/* ---- messages ---- */

static void every_core_error_has_a_status_and_a_message(void **state)
{
	(void)state;
	for (int code = 0; code >= BMC_ECORRUPT; code--) {
		struct rf_messages m = { .n = 0 };
		const struct bmc_error err = { code, "sub1-01 is odd" };
		assert_non_null(rf_message_error(&m, code, &err));
		unsigned status = rf_messages_status(&m);
		assert_true(code == 0 ? status == 200 : status >= 400 && status < 600);
		json_t *json = rf_messages_json(&m);
		json_t *one = rf_at(json, "error/@Message.ExtendedInfo/0");
		assert_non_null(
			strstr(json_string_value(json_object_get(one, "Resolution")),
			       "sub1-01 is odd"));
		json_decref(json);
	}
	struct rf_messages m = { .n = 0 };
	(void)rf_message_error(&m, -999, NULL);
	assert_int_equal(rf_messages_status(&m), 500);
}

static void messages_carry_their_arguments_and_have_a_bound(void **state)
{
	struct rf_messages m = { .n = 0 };

	(void)state;
	for (int i = 0; i < RF_MESSAGES_MAX; i++)
		assert_non_null(rf_message_add(&m, RF_PARAMETER_TYPE, "5", "ResetType",
					       "Reset"));
	assert_null(rf_message_add(&m, RF_SUCCESS, NULL, NULL, NULL));
	json_t *json = rf_message_json(&m.list[0]);
	assert_string_equal(
		json_string_value(json_object_get(json, "Message")),
		"The value '5' for the parameter ResetType in the action Reset is not "
		"a type that the parameter can accept.");
	assert_int_equal(json_array_size(json_object_get(json, "MessageArgs")), 3);
	json_decref(json);
}

/* ---- the cache ---- */

static void cache_keeps_its_bound(void **state)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	static char filler[20000];
	struct rf_view view;
	char uri[64];

	(void)state;
	rf_view_init(&view, s);
	memset(filler, 'x', sizeof(filler) - 1);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(uri, sizeof(uri), "/redfish/v1/filler/%d", i);
		struct rf_render r = { .view = &view,
				       .res = rf_resources[0],
				       .uri = uri };
		struct rf_body *b =
			rf_cache_make(&r, json_pack("{ss}", "x", filler), true);
		assert_non_null(b);
		assert_null(rf_body_unref(b));
	}
	assert_true(rf_cache_bytes() <= 4U << 20);
	assert_true(rf_cache_bytes() > 1U << 20);
	rf_cache_clear();
	assert_int_equal(rf_cache_bytes(), 0);
}

/* Whether a body with so long a text is kept. */
static bool is_kept(size_t len)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct rf_view view;
	struct rf_render r = { .view = &view,
			       .res = rf_resources[0],
			       .uri = "/filler" };
	auto_free char *text = calloc(1, len + 1);

	rf_view_init(&view, s);
	memset(text, 'x', len);
	rf_cache_clear();
	(void)rf_body_unref(rf_cache_make(&r, json_pack("{ss}", "x", text), true));
	return rf_cache_bytes() > 0;
}

static void very_long_body_is_not_cached(void **state)
{
	(void)state;
	assert_true(is_kept(127 << 10));
	assert_false(is_kept(128 << 10));
	rf_cache_clear();
}

static void members_as_text_are_put_between_the_brackets(void **state)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct rf_view view;
	struct rf_render r = { .view = &view,
			       .res = rf_resources[0],
			       .uri = "/filler" };

	(void)state;
	rf_view_init(&view, s);
	r.members = strdup("1,2");
	struct rf_body *b = rf_cache_make(
		&r, json_pack("{sss[]si}", "x", "\"Members\":[]", "Members", "y", 3),
		false);
	assert_non_null(strstr(b->text, "{\"x\":\"\\\"Members\\\":[]\","
					"\"Members\":[1,2],\"y\":3,"));
	assert_null(r.members);
	assert_null(rf_body_unref(b));
}

static void volatile_resource_is_never_cached(void **state)
{
	size_t before = rf_cache_bytes();

	(void)state;
	json_decref(rf_get("/redfish/v1/SessionService"));
	assert_int_equal(rf_cache_bytes(), before);
	json_decref(rf_get("/redfish/v1/TaskService"));
	assert_true(rf_cache_bytes() > before);
}

/* ---- URLs ---- */

static void no_byte_of_a_url_can_cut_it_short(void **state)
{
	static const struct {
		const char *in, *out;
	} all[] = {
		{ "/a%20b", "/a b" },
		{ "/a%00b", "/a%00b" },
		{ "/%7f%1f", "/%7f%1f" },
		{ "/%41%zz%4", "/A%zz%4" },
		{ "%", "%" },
		{ "/%c3%a4", "/\xc3\xa4" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		(void)bmc_copy(text, sizeof(text), all[i].in);
		assert_int_equal(http_mhd_unescape(NULL, NULL, text),
				 strlen(all[i].out));
		assert_string_equal(text, all[i].out);
	}
}

/* ---- certificates ---- */

static char folder[] = "/tmp/redfish-tls-XXXXXX";

static gnutls_privkey_t key_offered(void)
{
	gnutls_privkey_t key = NULL;
	gnutls_pcert_st *certs;
	gnutls_ocsp_data_st *ocsp;
	unsigned n, n_ocsp, flags;

	if (http_tls_offer(NULL, NULL, &certs, &n, &ocsp, &n_ocsp, &key, &flags) == 0)
		assert_int_equal(n, 1);
	return key;
}

static struct http_pair pair_named(const char *key, const char *cert)
{
	struct http_pair p;

	(void)snprintf(p.key, sizeof(p.key), "%s/%s", folder, key);
	(void)snprintf(p.certificate, sizeof(p.certificate), "%s/%s", folder, cert);
	return p;
}

static ino_t inode(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void key_is_made_once_and_nobody_else_can_read_it(void **state)
{
	struct http_pair own = pair_named("https.key", "https.crt");
	struct stat st;

	(void)state;
	http_renew_load(&own, false, NULL);
	assert_null(key_offered());
	assert_int_equal(http_tls_ends(), 0);
	http_renew_load(&own, true, NULL);
	assert_non_null(key_offered());
	assert_true(http_tls_ends() > time(NULL) + 9 * 365 * 86400LL);
	assert_int_equal(stat(own.key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	http_renew_load(&own, true, NULL);
	assert_true(inode(own.key) == st.st_ino);
	assert_non_null(key_offered());
}

static void what_is_no_pair_changes_nothing(void **state)
{
	struct http_pair own = pair_named("https.key", "https.crt"),
			 other = pair_named("other.key", "other.crt"),
			 mixed = pair_named("https.key", "other.crt"),
			 certs = pair_named("https.crt", "https.crt"),
			 keys = pair_named("https.key", "https.key");
	struct bmc_error err = { 0 };

	(void)state;
	gnutls_privkey_t offered = key_offered();
	http_renew_load(&other, true, NULL);
	assert_true(key_offered() != offered);
	offered = key_offered();
	assert_int_equal(http_tls_load(&mixed, &err), BMC_EINVAL);
	assert_non_null(strstr(err.what, mixed.key));
	assert_non_null(strstr(err.what, mixed.certificate));
	assert_int_equal(http_tls_load(&certs, &err), BMC_EINVAL);
	assert_int_equal(http_tls_load(&keys, &err), BMC_EINVAL);
	http_renew_load(&mixed, false, NULL); /* not our own: stays as it is */
	assert_int_equal(http_tls_load(&mixed, &err), BMC_EINVAL);
	assert_ptr_equal(key_offered(), offered);
	assert_int_equal(truncate(own.certificate, 0), 0);
	assert_int_equal(http_tls_load(&own, &err), BMC_EINVAL);
	ino_t old = inode(own.key);
	http_renew_load(&own, true, NULL);
	assert_true(inode(own.key) != old);
	assert_int_equal(http_tls_load(&own, &err), 0);
}

static void pair_that_cannot_be_written_is_no_pair(void **state)
{
	struct http_pair nowhere = { "/dev/null/key", "/dev/null/crt" };
	char command[64];

	(void)state;
	http_renew_done();
	http_tls_done();
	http_renew_load(&nowhere, true, NULL);
	assert_null(key_offered());
	http_renew_done();
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

/* ---- the limit of handshakes ---- */

static bool handshake_of(const char *text, int64_t now)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return http_handshakes_take((const struct sockaddr *)&v4, now);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return http_handshakes_take((const struct sockaddr *)&v6, now);
}

static void handshakes_of_an_address_are_limited(void **state)
{
	(void)state;
	http_handshakes_init(40, 3);
	for (int i = 0; i < 3; i++)
		assert_true(handshake_of("192.0.2.1", 1000));
	assert_false(handshake_of("192.0.2.1", 1000));
	assert_false(handshake_of("192.0.2.1", 1024));
	assert_true(handshake_of("192.0.2.1", 1025)); /* 40 a second */
	assert_false(handshake_of("192.0.2.1", 1025));
	assert_true(handshake_of("192.0.2.2", 1025));
	/* a bucket holds no more than the burst after any time */
	for (int i = 0; i < 3; i++)
		assert_true(handshake_of("192.0.2.1", 9999999));
	assert_false(handshake_of("192.0.2.1", 9999999));
}

static void ipv4_is_one_address_and_ipv6_a_network(void **state)
{
	(void)state;
	http_handshakes_init(1, 1);
	assert_true(handshake_of("192.0.2.1", 1));
	assert_false(handshake_of("::ffff:192.0.2.1", 1));
	assert_true(handshake_of("::ffff:192.0.2.2", 1));
	assert_true(handshake_of("2001:db8::1", 1));
	assert_false(handshake_of("2001:db8::ffff:1", 1));
	assert_true(handshake_of("2001:db8:0:1::1", 1));
}

static void empty_bucket_survives_a_flood_of_addresses(void **state)
{
	char text[32];

	(void)state;
	http_handshakes_init(1, 100);
	for (int i = 0; i < 100; i++)
		assert_true(handshake_of("192.0.2.1", 1));
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof(text), "10.0.%d.%d", i / 250, i % 250);
		assert_true(handshake_of(text, 1));
	}
	assert_false(handshake_of("192.0.2.1", 1));
}

static void rate_of_zero_is_no_limit(void **state)
{
	(void)state;
	http_handshakes_init(0, 1);
	for (int i = 0; i < 100; i++)
		assert_true(handshake_of("192.0.2.1", 1));
}

/* ---- the schema of our own ---- */

static void note_type(void *arg, const char *type, const struct rf_resource *res)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	rf_oem_write(out, type, res);
	(void)fclose(out);
	assert_non_null(strstr(text, "BaseType=\"Resource.OemObject\""));
	assert_non_null(strstr(text, "<Property Name="));
	free(text);
	assert_null(json_object_get(arg, type));
	(void)json_object_set_new(arg, type, json_true());
}

static void every_oem_type_has_a_schema_once(void **state)
{
	json_t *seen = json_object();

	(void)state;
	rf_oem_each(note_type, seen);
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		for (const struct rf_prop *p = (*r)->props; p && p->path; p++) {
			if (strcmp(p->path, "Oem/ClusterBmc/@odata.type") == 0)
				assert_non_null(json_object_get(seen, p->text + 1));
		}
	}
	assert_true(json_object_size(seen) >= 10);
	json_decref(seen);
}

/* ---- where clients come from ---- */

static void trusted_peers_are_bounded_and_expire(void **state)
{
	static struct http_trusted t;
	struct in6_addr p = bmc_address_client_of("10.0.0.0");
	int64_t day = HTTP_TRUSTED_MS;

	(void)state;
	assert_false(http_trusted_find(&t, &p, 1));
	for (int i = 0; i < HTTP_TRUSTED_MAX; i++) {
		p.s6_addr[14] = (uint8_t)(i >> 8);
		p.s6_addr[15] = (uint8_t)i;
		http_trusted_add(&t, &p, 1 + i);
	}
	p = bmc_address_client_of("10.0.0.0");
	assert_true(http_trusted_find(&t, &p, 1 + day));
	assert_false(http_trusted_find(&t, &p, 2 + day));
	http_trusted_add(&t, &p, 1000); /* again: nobody has to go */
	p = bmc_address_client_of("10.0.0.1");
	assert_true(http_trusted_find(&t, &p, 1000));
	p = bmc_address_client_of("10.0.9.9");
	http_trusted_add(&t, &p, 1001); /* one too many: the oldest goes */
	assert_true(http_trusted_find(&t, &p, 1001));
	p = bmc_address_client_of("10.0.0.1");
	assert_false(http_trusted_find(&t, &p, 1001));
	p = bmc_address_client_of("10.0.0.0");
	assert_true(http_trusted_find(&t, &p, 1001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_make_what_is_above_them),
		cmocka_unit_test(etags_match_whole_or_by_their_settings),
		cmocka_unit_test(every_core_error_has_a_status_and_a_message),
		cmocka_unit_test(messages_carry_their_arguments_and_have_a_bound),
		cmocka_unit_test(cache_keeps_its_bound),
		cmocka_unit_test(very_long_body_is_not_cached),
		cmocka_unit_test(members_as_text_are_put_between_the_brackets),
		cmocka_unit_test(volatile_resource_is_never_cached),
		cmocka_unit_test(no_byte_of_a_url_can_cut_it_short),
		cmocka_unit_test_setup(key_is_made_once_and_nobody_else_can_read_it,
				       make_folder),
		cmocka_unit_test(what_is_no_pair_changes_nothing),
		cmocka_unit_test(pair_that_cannot_be_written_is_no_pair),
		cmocka_unit_test(handshakes_of_an_address_are_limited),
		cmocka_unit_test(ipv4_is_one_address_and_ipv6_a_network),
		cmocka_unit_test(empty_bucket_survives_a_flood_of_addresses),
		cmocka_unit_test(rate_of_zero_is_no_limit),
		cmocka_unit_test(every_oem_type_has_a_schema_once),
		cmocka_unit_test(trusted_peers_are_bounded_and_expire),
	};

	return cmocka_run_group_tests(tests, rf_fixture_set_up, rf_fixture_tear_down);
}
