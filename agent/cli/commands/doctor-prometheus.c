// SPDX-License-Identifier: Apache-2.0
// doctor's checks of Prometheus: does it have the boards, does it run, and what does
// its journal say. Called by commands/doctor.c.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands/capture.h"
#include "cli/commands/doctor.h"
#include "cli/metrics.h"
#include "cli/url.h"
#include "core/base/util.h"

#define QUERY_MS    5000
#define OLD_S       300 /* two scrapes at the slowest usual interval */
#define JOURNAL_MAX (512U << 10)

static void judge_samples(const json_t *rows, struct cli_finding *f)
{
	size_t n = json_array_size(rows);
	double when = json_real_value(json_object_get(json_array_get(rows, 0), "time"));
	double age = (double)time(NULL) - when;

	if (!n) {
		cli_set_finding(f, CLI_BROKEN, "Prometheus has no node_cluster_up");
		cli_advise(f, "Is the agent one of its targets (its page /targets)? An "
			      "example is conf/prometheus of clusterbmc.");
	} else if (age > OLD_S || age < -OLD_S) {
		cli_set_finding(
			f, CLI_BROKEN,
			"Prometheus' time differs by %.0f s from this machine's", age);
		cli_advise(f,
			   "Set the clock of the machine that it runs on: timedatectl "
			   "set-ntp true.");
	} else {
		cli_set_finding(f, CLI_WELL, "Prometheus has %zu boards", n);
	}
}

static bool is_installed(void)
{
	static const char *const words[] = { "systemctl", "cat", "prometheus", NULL };
	char *text = NULL;
	int code = cli_capture(words, 4096, &text);

	free(text);
	return code == 0;
}

static void check_query(struct cli_diagnosis *p, struct cli_finding *f)
{
	struct cli_error err = { 0 };
	char *url;
	json_t *answer, *rows;

	if (!*p->prometheus) {
		cli_set_finding(f, CLI_SKIPPED, "where Prometheus is was not said");
		cli_advise(f, "--prometheus URL, or BMC_PROMETHEUS.");
		return;
	}
	url = cli_url_with(p->prometheus, "/api/v1/query", "query", "node_cluster_up");
	answer = url ? cli_url_json(url, QUERY_MS, &err) : NULL;
	rows = answer ? cli_metrics_of_prometheus(answer, &err) : NULL;
	free(url);
	if (rows) {
		judge_samples(rows, f);
	} else if (!p->asked && !is_installed()) {
		cli_set_finding(f, CLI_SKIPPED, "no Prometheus on this machine");
		cli_advise(f, "--prometheus URL, or BMC_PROMETHEUS, says where it is.");
	} else {
		cli_set_finding(f, CLI_BROKEN, "Prometheus: %s", err.what);
		cli_advise(f, "sudo systemctl status prometheus");
	}
	json_decref(rows);
	json_decref(answer);
}

static void check_service(struct cli_diagnosis *p, struct cli_finding *f)
{
	static const char *const words[] = { "systemctl", "is-active", "prometheus",
					     NULL };
	char *text = NULL;
	int code = p->local ? cli_capture(words, 4096, &text) : -1;

	if (text)
		text[strcspn(text, "\n")] = 0;
	/* as systemctl(1): 3 is one that does not run, 4 none of that name */
	if (!p->local || code < 0 || code == 4 ||
	    (code && strcmp(text, "inactive") != 0 && strcmp(text, "failed") != 0)) {
		cli_set_finding(f, CLI_SKIPPED,
				"no service prometheus on this machine");
	} else if (code) {
		cli_set_finding(f, CLI_BROKEN, "the service prometheus is %.40s", text);
		cli_advise(f, "sudo systemctl restart prometheus; sudo journalctl -u "
			      "prometheus says why.");
	} else {
		cli_set_finding(f, CLI_WELL, "the service prometheus is active");
	}
	free(text);
}

/* Words of Prometheus 2's log and of those before, and what Firefly's manual says. */
static const struct {
	const char *words, *what, *next;
} signs[] = {
	{ "orrupt", "its write-ahead log is corrupt",
	  "Delete the corrupt file that the journal names (sudo journalctl -u "
	  "prometheus), then: sudo systemctl restart prometheus" },
	{ "out-of-order samples", "samples came out of order: the clock went back",
	  "Set the clock (timedatectl status), then empty the database: sudo systemctl "
	  "stop prometheus; sudo rm -rf /var/lib/prometheus/metrics2/*; sudo systemctl "
	  "start prometheus" },
	{ "no space left on device", "its disk is full",
	  "df -h /var/lib/prometheus; keep less: --storage.tsdb.retention.size in "
	  "/etc/default/prometheus" },
};

static void check_journal(struct cli_diagnosis *p, struct cli_finding *f)
{
	static const char *const words[] = { "journalctl", "-u",   "prometheus",
					     "-n",         "1000", "--no-pager",
					     "-o",         "cat",  "-b",
					     NULL };
	char *text = NULL;
	int code = p->local ? cli_capture(words, JOURNAL_MAX, &text) : -1;

	if (code != 0 || !text || !*text || strstr(text, "-- No entries --")) {
		cli_set_finding(f, CLI_SKIPPED,
				"no journal of prometheus can be read%s",
				p->is_root || !p->local ? "" : " (sudo?)");
		free(text);
		return;
	}
	cli_set_finding(f, CLI_WELL, "nothing known to be bad is in its journal");
	for (size_t i = ARRAY_SIZE(signs); i-- > 0;) {
		if (!strcasestr(text, signs[i].words))
			continue;
		cli_set_finding(f, CLI_BROKEN, "%s", signs[i].what);
		cli_advise(f, "%s", signs[i].next);
	}
	free(text);
}

const struct cli_check cli_more_checks[] = {
	{ "query", check_query },
	{ "prometheus", check_service },
	{ "journal", check_journal },
	{ .name = NULL },
};
