// SPDX-License-Identifier: Apache-2.0
// Avahi's file, see dnssd.h.
#include "discovery/dnssd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/util.h"

/* What bmc-scan and other clients browse. No document of DMTF names a type; this one is
 * what Redfish services use. */
#define TYPE "_redfish._tcp"

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("&<>\"'", *text))
			(void)fprintf(out, "&#%d;", *text);
		else
			(void)fputc(*text, out);
	}
}

static void put_record(FILE *out, const char *key, const char *value)
{
	(void)fprintf(out, "    <txt-record>%s=", key);
	put_text(out, value);
	(void)fputs("</txt-record>\n", out);
}

size_t dnssd_write(const struct dnssd_service *s, char ret[DNSSD_FILE_MAX])
{
	FILE *out = fmemopen(ret, DNSSD_FILE_MAX, "w");
	long len;

	if (!out)
		return 0;
	(void)fprintf(
		out,
		"<?xml version=\"1.0\" standalone=\"no\"?>\n"
		"<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n"
		"<!-- Written by clusterbmcd (discovery.dns_sd) while it runs. -->\n"
		"<service-group>\n"
		"  <name replace-wildcards=\"yes\">%%h</name>\n"
		"  <service>\n"
		"    <type>" TYPE "</type>\n"
		"    <port>%u</port>\n",
		s->port);
	put_record(out, "path", s->path);
	put_record(out, "uuid", s->uuid);
	put_record(out, "model", s->model);
	put_record(out, "version", s->version);
	put_record(out, "start", s->start);
	(void)fputs("  </service>\n</service-group>\n", out);
	(void)fflush(out);
	len = ferror(out) ? 0 : ftell(out);
	(void)fclose(out);
	return len > 0 && len < DNSSD_FILE_MAX ? (size_t)len : 0;
}

bool dnssd_publish(const char *file, const struct dnssd_service *s)
{
	char text[DNSSD_FILE_MAX];
	size_t len = s ? dnssd_write(s, text) : 0;
	auto_fd int fd = -1;

	if (s && !len) {
		errno = EMSGSIZE;
		return false;
	}
	fd = open(file,
		  O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
		  0644);
	return fd >= 0 && write(fd, text, len) == (ssize_t)len;
}
