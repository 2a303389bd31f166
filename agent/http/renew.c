// SPDX-License-Identifier: Apache-2.0
// See renew.h. Called by the server's start and reload, and by a timer.
#include "http/renew.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "http/tls.h"

#define SOON_S  (30 * 86400LL) /* renewed, or warned about, so long before the end */
#define RETRY_S 60             /* when there is nothing to offer */
#define CHECK_S 3600           /* the clock may have been set meanwhile */
#define WARN_S  86400

static struct {
	struct http_pair files, installed;
	bool self_made;    /* what is in `files` */
	bool is_installed; /* that is offered */
	time_t warned;
	struct bmc_timer *timer;
} renew;

static bool load_installed(void)
{
	struct bmc_error err = { 0 };
	int r = renew.installed.key[0] ? http_tls_load(&renew.installed, &err)
				       : BMC_ENOTFOUND;

	if (r < 0 && r != BMC_ENOTFOUND)
		log_err("%s; the self-made certificate is used instead", err.what);
	return r == 0;
}

/* Loads the pair. Of a self-made one that is missing or broken it makes a new one: a
 * power cut may have left only a part of it. */
static int load(struct bmc_error *err)
{
	renew.is_installed = load_installed();
	int r = renew.is_installed ? 0 : http_tls_load(&renew.files, err);

	if (!renew.self_made || (r != BMC_ENOTFOUND && r != BMC_EINVAL))
		return r;
	if (access(renew.files.key, F_OK) == 0 ||
	    access(renew.files.certificate, F_OK) == 0)
		log_warning("%s; both are made again", err->what);
	r = http_certificate_make(&renew.files, err);
	return r < 0 ? r : http_tls_load(&renew.files, err);
}

static void warn(time_t ends, time_t now)
{
	char date[32] = "";
	struct tm tm;

	if (renew.warned && now >= renew.warned && now - renew.warned < WARN_S)
		return;
	renew.warned = now;
	(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&ends, &tm));
	const char *path = renew.is_installed ? renew.installed.certificate
					      : renew.files.certificate;
	log_warning("https: the certificate in %s %s %s: replace it and its key, then "
		    "send SIGHUP",
		    path, ends > now ? "ends on" : "ended on", date);
	bmc_event_raise("CertificateExpires", 0, path, date, NULL);
}

static void make_again(void)
{
	struct bmc_error err = { 0 };
	int r = http_certificate_make(&renew.files, &err);

	if (r == 0)
		r = http_tls_load(&renew.files, &err);
	if (r < 0)
		log_err("%s; the certificate is not renewed yet", err.what);
}

static int64_t next_check(time_t now)
{
	time_t ends = http_tls_ends();

	if (!ends)
		return RETRY_S;
	return ends - now > SOON_S ? MIN(ends - now - SOON_S, CHECK_S) : CHECK_S;
}

static void check(void *arg)
{
	struct bmc_error err = { 0 };
	time_t now = time(NULL), ends = http_tls_ends();

	(void)arg;
	if (!ends && renew.self_made && load(&err) == 0)
		log_notice("https: key and certificate are there now");
	if (ends && ends - now <= SOON_S && renew.self_made && !renew.is_installed)
		make_again();
	else if (ends && ends - now <= SOON_S)
		warn(ends, now);
	renew.timer = bmc_timer_new(bmc_now() + next_check(now) * 1000, check, NULL);
}

void http_renew_load(const struct http_pair *files, bool self_made,
		     const char *installed)
{
	struct bmc_error err = { 0 };

	http_renew_done();
	renew.files = *files;
	renew.self_made = self_made;
	(void)bmc_copy(renew.installed.key, sizeof(renew.installed.key), installed);
	(void)bmc_copy(renew.installed.certificate, sizeof(renew.installed.certificate),
		       installed);
	if (load(&err) < 0)
		log_err("%s; %s: repair it and send SIGHUP", err.what,
			http_tls_ends() ? "the certificate in use stays"
					: "Redfish over TLS does not answer");
	check(NULL);
}

void http_renew_done(void)
{
	renew.timer = bmc_timer_cancel(renew.timer);
	renew.warned = 0;
}
