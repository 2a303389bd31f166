// SPDX-License-Identifier: Apache-2.0
/* The exposition of /metrics: its names, labels and values, from rows that sources put.
 */
#include "core-fixture.h"

#include <time.h>

#include "metrics/render.h"

static char *shown;

static const char *render(enum mx_format format)
{
	struct mx_text t = { .format = format };
	size_t len;

	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	free(shown);
	shown = NULL;
	t.to = open_memstream(&shown, &len);
	assert_non_null(t.to);
	mx_render(&t, s);
	mx_render_now(&t, s, mx_clock());
	assert_int_equal(fclose(t.to), 0);
	return shown;
}

static int tear_down_metrics(void **state)
{
	free(shown);
	shown = NULL;
	return tear_down(state);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		n++;
	return n;
}

/* Whether it is a whole line of the text format. */
static void expect(const char *line)
{
	char whole[256];

	(void)snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(render(MX_TEXT), whole))
		fail_msg("no line %s", line);
}

static void refuse(const char *part)
{
	if (strstr(render(MX_TEXT), part))
		fail_msg("%s is there", part);
}

static bool ends(const char *text, const char *with)
{
	size_t a = strlen(text), b = strlen(with);

	return a >= b && strcmp(text + a - b, with) == 0;
}

/* ---- names ---- */

static void clean_names_end_with_their_units(void **state)
{
	char suffix[40];

	(void)state;
	for (const struct mx_metric *m = mx_clean; m->name; m++) {
		const struct bmc_field *f = bmc_field_at(m->kind, m->offset);
		bool counter = f->type == BMC_COUNTER;
		const char *unit =
			f->type == BMC_TIME ? "_seconds" : mx_scale(f->unit)->suffix;

		(void)snprintf(suffix, sizeof(suffix), "%s%s", unit,
			       counter ? "_total" : "");
		if (!ends(m->name, suffix) || counter != (m->type == MX_COUNTER) ||
		    (!counter && ends(m->name, "_total")) ||
		    (f->type == BMC_ENUM) != (m->state != NULL))
			fail_msg("%s", m->name);
		for (const struct mx_metric *o = mx_clean; o < m; o++)
			assert_string_not_equal(o->name, m->name);
	}
}

static void heads_stand_once_and_before_their_samples(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_NIC, "nic1", "rx_bytes", 7, NULL), 0);
	expect("# TYPE clusterbmc_nic_receive_bytes_total counter\n"
	       "clusterbmc_nic_receive_bytes_total{nic=\"nic1\"} 7");
	assert_int_equal(count(render(MX_TEXT), "# TYPE node_cluster_up gauge\n"), 1);
	render(MX_OPENMETRICS);
	assert_non_null(strstr(shown, "# TYPE clusterbmc_nic_receive_bytes counter\n"
				      "clusterbmc_nic_receive_bytes_total{nic="));
}

/* ---- values ---- */

static void unknown_value_has_no_sample(void **state)
{
	(void)state;
	refuse("node_cluster_fan_speed");
	refuse("clusterbmc_fan_speed_rpm");
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 4270, NULL), 0);
	expect("node_cluster_fan_speed{fan=\"fan1\"} 4270");
	expect("clusterbmc_fan_speed_rpm{fan=\"fan1\"} 4270");
	refuse("_rpm{fan=\"fan2\"}");
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 0, NULL), 0);
	expect("node_cluster_fan_speed{fan=\"fan1\"} 0");
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", BMC_UNKNOWN, NULL), 0);
	refuse("_speed_rpm{");
}

static void values_are_in_base_units(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", -50, NULL), 0);
	assert_int_equal(say(first, BMC_PSU, "psu1", "input_power", 182001, NULL), 0);
	assert_int_equal(say(first, BMC_FAN, "fan2", "duty", 35500, NULL), 0);
	assert_int_equal(say(first, BMC_DISK, "disk1", "hours", 2, NULL), 0);
	expect("clusterbmc_sensor_temperature_celsius{sensor=\"temp1\"} -0.05");
	expect("clusterbmc_psu_input_watts{psu=\"psu1\"} 182.001");
	expect("clusterbmc_fan_duty_ratio{fan=\"fan2\"} 0.355");
	expect("clusterbmc_disk_powered_seconds_total{disk=\"disk1\"} 7200");
	expect("node_hwmon_temp_celsius{chip=\"platform_ntc\",nodename=\"sub1-01\","
	       "sensor=\"temp1\"} -0.05");
	refuse("clusterbmc_sensor_voltage_volts");
}

static void labels_are_escaped(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_DISK, "disk1", "present", 1, NULL), 0);
	assert_int_equal(say(first, BMC_DISK, "disk1", "bytes", 5, NULL), 0);
	assert_int_equal(say(first, BMC_DISK, "disk1", "model", 0, "A\"B\\C"), 0);
	expect("node_cluster_disk_up{device=\"disk1\",model=\"A\\\"B\\\\C\"} 1");
	assert_int_equal(say(first, BMC_DISK, "disk1", "device", 0, "sda"), 0);
	expect("node_cluster_disk_bytes_total{device=\"sda\"} 5");
	expect("clusterbmc_disk_size_bytes{disk=\"disk1\"} 5");
}

static void check_text(const char *label, int64_t value, int64_t multiplier,
		       const char *line)
{
	struct mx_text t = { .format = MX_TEXT };
	size_t len;

	free(shown);
	t.to = open_memstream(&shown, &len);
	assert_non_null(t.to);
	mx_family(&t, "a", MX_GAUGE, "b");
	mx_sample(&t);
	mx_label(&t, "c", label);
	mx_value(&t, value, multiplier, 1000);
	assert_int_equal(fclose(t.to), 0);
	if (!strstr(shown, line))
		fail_msg("%s is not %s", shown, line);
}

static void what_is_out_of_range_spoils_no_line(void **state)
{
	(void)state;
	check_text("x\xffy\nz", 1, 1, "a{c=\"x?y?z\"} 0.001\n");
	check_text("", INT64_MAX, 1000000, "a{c=\"\"} 9223372036854775.807\n");
	check_text("", INT64_MIN, 1000000, "a{c=\"\"} -9223372036854775.808\n");
	check_text("", -1, 1000, "a{c=\"\"} -1\n");
}

/* ---- boards ---- */

static void boards_are_up_by_their_states(void **state)
{
	(void)state;
	board_says("sub1-01", 1, "adb", "device", "android");
	board_says("sub1-02", 1, "loader", "none", "unknown");
	board_says("sub2-01", 1, "none", "none", "unknown");
	expect("node_cluster_up{state=\"android\",subnode=\"sub1-01\"} 1");
	expect("node_cluster_up{state=\"loader\",subnode=\"sub1-02\"} 0.5");
	expect("node_cluster_up{state=\"offline\",subnode=\"sub2-01\"} 0");
	expect("clusterbmc_board_state{board=\"sub1-02\",state=\"loader\"} 1");
	expect("clusterbmc_board_state{board=\"sub1-02\",state=\"android\"} 0");
	assert_int_equal(
		count(render(MX_TEXT), "_state{board=\"sub1-02\",state=\"loader\"}"),
		1);
}

static void sensors_have_health_and_boards_their_red_lines(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", 25000, NULL), 0);
	expect("clusterbmc_sensor_health{sensor=\"temp1\",health=\"OK\"} 1");
	expect("clusterbmc_sensor_health{sensor=\"temp1\",health=\"Critical\"} 0");
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "cpu_red", 87500, NULL), 0);
	expect("clusterbmc_board_cpu_red_ratio{board=\"sub1-01\"} 0.875");
}

/* ---- the process ---- */

static double value_of(const char *name)
{
	char line[80];
	const char *at;

	(void)snprintf(line, sizeof(line), "\n%s ", name);
	at = strstr(render(MX_TEXT), line);
	assert_non_null(at);
	return strtod(at + strlen(line), NULL);
}

static void start_of_the_process_is_in_the_past(void **state)
{
	double start = value_of("process_start_time_seconds"), now = (double)time(NULL);

	(void)state;
	assert_true(start <= now + 1 && start > now - 3600);
}

static void scrape_says_how_long_it_took(void **state)
{
	int64_t before = mx_clock();
	double took = value_of("clusterbmc_scrape_duration_seconds");

	(void)state;
	assert_true(took > 0 && took * 1e9 <= (double)(mx_clock() - before));
}

/* ---- size ---- */

static void thousand_boards_are_shown(void **state)
{
	static const char r2[] =
		"platform: many\n"
		"chassis: [{id: enclosure}]\n"
		"blades: [{range: {b: 1-125}, id: \"blade{b}\", index: \"{b}\"}]\n"
		"boards: [{range: {b: 1-125, s: 1-8}, id: \"sub{b}-{s:02}\", "
		"index: \"{b}.{s}\", parent: \"blade{b}\"}]\n";
	char id[32];

	(void)tear_down_metrics(state);
	assert_int_equal(bmc_loop_init(), 0);
	load_platform(r2);
	start_inventory();
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(id, sizeof(id), "sub%d-%02d", i / 8 + 1, i % 8 + 1);
		assert_int_equal(
			say(first, BMC_BOARD, id, "soc_temperature", 40000 + i, NULL),
			0);
	}
	expect("clusterbmc_board_soc_temperature_celsius{board=\"sub125-08\"} 40.999");
	assert_int_equal(
		count(shown, "\nclusterbmc_board_soc_temperature_celsius{board="),
		1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(clean_names_end_with_their_units,
						set_up, tear_down_metrics),
		cmocka_unit_test_setup_teardown(
			heads_stand_once_and_before_their_samples, set_up,
			tear_down_metrics),
		cmocka_unit_test_setup_teardown(unknown_value_has_no_sample, set_up,
						tear_down_metrics),
		cmocka_unit_test_setup_teardown(values_are_in_base_units, set_up,
						tear_down_metrics),
		cmocka_unit_test_setup_teardown(labels_are_escaped, set_up,
						tear_down_metrics),
		cmocka_unit_test_setup_teardown(what_is_out_of_range_spoils_no_line,
						set_up, tear_down_metrics),
		cmocka_unit_test_setup_teardown(boards_are_up_by_their_states, set_up,
						tear_down_metrics),
		cmocka_unit_test_setup_teardown(
			sensors_have_health_and_boards_their_red_lines, set_up,
			tear_down_metrics),
		cmocka_unit_test_setup_teardown(start_of_the_process_is_in_the_past,
						set_up, tear_down_metrics),
		cmocka_unit_test_setup_teardown(scrape_says_how_long_it_took, set_up,
						tear_down_metrics),
		cmocka_unit_test_setup_teardown(thousand_boards_are_shown, set_up,
						tear_down_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
