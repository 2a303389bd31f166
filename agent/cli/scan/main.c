// SPDX-License-Identifier: Apache-2.0
// bmc-scan, the BMC Scan Tool: finds the agents of the network and lists them for
// users, Ansible and Prometheus.
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/scan/file.h"
#include "cli/scan/options.h"
#include "cli/scan/serve.h"
#include "cli/scan/view.h"
#include "core/base/log.h"
#include "core/base/util.h"

#define KEPT_SCANS 5 /* in a row that may miss a device of a list that is kept */

static bool run(const struct scan_options *o, struct scan_list *ret)
{
	struct scan *s = scan_new(o);
	bool ok;

	if (!s)
		return false;
	while (scan_step(s, -1, 1000))
		;
	ok = scan_list_copy(ret, scan_found(s));
	scan_free(s);
	return ok;
}

static int failed(const char *what)
{
	(void)fprintf(stderr, "bmc-scan: %s: %s\n", what, strerror(errno));
	return SCAN_EXIT_FAILED;
}

/* ---- once ---- */

/* On standard error: the list stays what programs read. */
static void give_hint(const struct scan_command *c)
{
	(void)fprintf(stderr, "bmc-scan: %s %s\n", scan_word(c->language, SCAN_NONE),
		      scan_word(c->language,
				c->scan.multicast ? SCAN_HINT : SCAN_HINT_NAMED));
}

static int list_once(const struct scan_command *c)
{
	struct scan_list l = { NULL, 0 };
	bool is_for_programs = c->format == SCAN_ANSIBLE || c->format == SCAN_PROM_SD;
	bool ok, some;

	if (isatty(STDERR_FILENO) && c->format == SCAN_TABLE)
		(void)fprintf(stderr, "%s\n", scan_word(c->language, SCAN_SEARCHING));
	if (!run(&c->scan, &l))
		return failed("scan");
	ok = c->host ? scan_write_host(stdout, &l, c->host)
		     : scan_write(stdout, c->format, &l, c->language);
	some = scan_list_answering(&l) > 0;
	scan_list_free(&l);
	if (!ok)
		return failed("output");
	if (!some && !is_for_programs)
		give_hint(c);
	return some || is_for_programs ? SCAN_EXIT_OK : SCAN_EXIT_NONE;
}

/* ---- for Prometheus ---- */

/* Where Prometheus reads: the file, HTTP, or both. */
static bool publish(const struct scan_command *c, const struct scan_list *l)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok = out && scan_write(out, SCAN_PROM_SD, l, c->language);

	if (out)
		ok = fclose(out) == 0 && ok;
	if (ok && c->prom_file && !scan_file_write(c->prom_file, text)) {
		(void)failed(c->prom_file);
		ok = false;
	}
	if (ok && c->serve) {
		scan_serve_put(text);
		text = NULL;
	}
	free(text);
	return ok;
}

static void sleep_until(int64_t when)
{
	int64_t left;

	while ((left = when - bmc_now()) > 0) {
		const struct timespec t = { left / 1000, left % 1000 * 1000000 };
		(void)nanosleep(&t, NULL);
	}
}

static int keep_published(const struct scan_command *c)
{
	struct scan_list kept = { NULL, 0 };
	bool ok;

	do {
		struct scan_list now = { NULL, 0 };
		int64_t begun = bmc_now();

		ok = run(&c->scan, &now) && scan_list_keep(&kept, &now, KEPT_SCANS) &&
		     publish(c, &kept);
		scan_list_free(&now);
		if (c->interval_ms)
			sleep_until(begun + c->interval_ms);
	} while (c->interval_ms);
	scan_list_free(&kept);
	return ok ? SCAN_EXIT_OK : SCAN_EXIT_FAILED;
}

static int serve(const struct scan_command *c)
{
	char why[160];
	int r = c->serve ? scan_serve_start(c->serve, why) : SCAN_EXIT_OK;

	if (r == SCAN_EXIT_OK)
		return keep_published(c);
	(void)fprintf(stderr, "bmc-scan: --serve: %s\n", why);
	return r;
}

static int act(const struct scan_command *c)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

	if (c->serve || c->prom_file)
		return serve(c);
	if (terminal && !c->format_given)
		return scan_view(c);
	return list_once(c);
}

int main(int argc, char **argv)
{
	struct scan_command c;
	int r;

	bmc_log_init(LOG_WARNING);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	r = scan_options_read(argc, argv, &c);
	if (r < 0)
		r = act(&c);
	scan_options_done(&c);
	curl_global_cleanup();
	return r;
}
