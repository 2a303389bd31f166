// SPDX-License-Identifier: Apache-2.0
/* Rockchip's parameter.txt. */
#include "image/parameter.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/util.h"

#define GPT_SECTORS 34u /* protective MBR, header, 32 of entries */
#define SECTORS_MAX (UINT64_C(1) << 40)

/* What is left of a line. */
struct text {
	const char *at, *end;
};

static bool takes(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

static bool take_number(struct text *t, uint64_t *ret)
{
	const char *start;

	if (t->end - t->at > 2 && t->at[0] == '0' && (t->at[1] | 32) == 'x')
		t->at += 2;
	for (start = t->at, *ret = 0; t->at < t->end && isxdigit((unsigned char)*t->at);
	     t->at++) {
		int c = tolower((unsigned char)*t->at);

		if (*ret >= SECTORS_MAX)
			return false;
		*ret = *ret * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return t->at > start;
}

/* "(name)" or "(name:flag)". */
static bool take_name(struct text *t, struct image_partition *ret, bool *ret_grow)
{
	const char *close = memchr(t->at, ')', (size_t)(t->end - t->at));

	if (!takes(t, '(') || !close)
		return false;
	const char *colon = memchr(t->at, ':', (size_t)(close - t->at));
	size_t len = (size_t)((colon ? colon : close) - t->at);

	if (len == 0 || len > IMAGE_PARTITION_NAME)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)t->at[i]) && !strchr("_-.", t->at[i]))
			return false;
	memcpy(ret->name, t->at, len);
	ret->name[len] = '\0';
	*ret_grow = colon && (size_t)(close - colon) == sizeof(":grow") - 1 &&
		    memcmp(colon, ":grow", sizeof(":grow") - 1) == 0;
	t->at = close + 1;
	return true;
}

/* "SIZE@START(name)"; a size of "-", or the flag `grow`: to the end. */
static bool take_partition(struct text *t, struct image_partition *ret)
{
	bool rest = takes(t, '-'), grow;

	*ret = (struct image_partition){ 0 };
	if (!rest && (!take_number(t, &ret->sectors) || ret->sectors == 0))
		return false;
	if (!takes(t, '@') || !take_number(t, &ret->start) || !take_name(t, ret, &grow))
		return false;
	if (grow)
		ret->sectors = 0;
	return true;
}

const struct image_partition *image_parameter_find(const struct image_parameter *p,
						   const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->of[i].name, name) == 0)
			return &p->of[i];
	return NULL;
}

/* Whether `next` may stand behind what is there. */
static int check(const struct image_parameter *p, const struct image_partition *next,
		 struct bmc_error *err)
{
	const struct image_partition *last = p->n ? &p->of[p->n - 1] : NULL;

	if (p->n == IMAGE_PARTITIONS_MAX)
		return bmc_fail(err, BMC_ENOSPC, "parameter: more than %u partitions",
				IMAGE_PARTITIONS_MAX);
	if (image_parameter_find(p, next->name))
		return bmc_fail(err, BMC_ECORRUPT, "parameter: two partitions `%s`",
				next->name);
	if (p->gpt && next->start < GPT_SECTORS)
		return bmc_fail(err, BMC_ECORRUPT,
				"parameter: `%s` overlaps the partition table",
				next->name);
	if (last && (last->sectors == 0 || last->start + last->sectors > next->start))
		return bmc_fail(err, BMC_ECORRUPT, "parameter: `%s` and `%s` overlap",
				last->name, next->name);
	return BMC_OK;
}

static int take_table(struct text t, struct image_parameter *p, struct bmc_error *err)
{
	struct image_partition next;

	do {
		if (!take_partition(&t, &next))
			return bmc_fail(err, BMC_ECORRUPT,
					"parameter: partition %zu of mtdparts is not "
					"SIZE@START(name)",
					p->n + 1);
		int r = check(p, &next, err);

		if (r != BMC_OK)
			return r;
		p->of[p->n++] = next;
	} while (takes(&t, ','));
	if (t.at < t.end && !isspace((unsigned char)*t.at))
		return bmc_fail(err, BMC_ECORRUPT,
				"parameter: text behind partition `%s`", next.name);
	return BMC_OK;
}

/* The value of "KEY: value" at the start of this line. */
static bool value_of(struct text line, const char *key, struct text *ret)
{
	size_t len = strlen(key);

	if ((size_t)(line.end - line.at) <= len ||
	    strncasecmp(line.at, key, len) != 0 || line.at[len] != ':')
		return false;
	for (line.at += len + 1; line.at < line.end && *line.at == ' '; line.at++)
		;
	*ret = line;
	return true;
}

static bool hex_byte(const char *s, unsigned char *ret)
{
	struct text t = { s, s + 2 };
	uint64_t n;

	if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]) ||
	    !take_number(&t, &n))
		return false;
	*ret = (unsigned char)n;
	return true;
}

/* A GUID's text into its bytes: the first three groups are little endian (UEFI). */
static bool take_uuid(struct text t, unsigned char ret[16])
{
	static const unsigned char place[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
						 8, 9, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && !takes(&t, '-'))
			return false;
		if (t.end - t.at < 2 || !hex_byte(t.at, &ret[place[i]]))
			return false;
		t.at += 2;
	}
	return true;
}

/* "uuid:name=GUID" */
static int take_uuid_line(struct text t, struct image_parameter *p,
			  struct bmc_error *err)
{
	for (size_t i = 0; i < p->n; i++) {
		struct image_partition *part = &p->of[i];
		size_t len = strlen(part->name);

		if ((size_t)(t.end - t.at) <= len || t.at[len] != '=' ||
		    memcmp(t.at, part->name, len) != 0)
			continue;
		t.at += len + 1;
		part->has_uuid = take_uuid(t, part->uuid);
		return part->has_uuid ? BMC_OK
				      : bmc_fail(err, BMC_ECORRUPT,
						 "parameter: the uuid of `%s` is none",
						 part->name);
	}
	return bmc_fail(err, BMC_ECORRUPT, "parameter: a uuid of no partition");
}

static bool next_line(struct text *rest, struct text *ret)
{
	if (rest->at == rest->end)
		return false;
	const char *nl = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));

	*ret = (struct text){ rest->at, nl ? nl : rest->end };
	rest->at = nl ? nl + 1 : rest->end;
	return true;
}

/* Calls `take` for the values of `key`. */
static int each(struct text rest, const char *key, struct image_parameter *p,
		int (*take)(struct text, struct image_parameter *, struct bmc_error *),
		struct bmc_error *err)
{
	struct text line, value;
	int r = BMC_OK;

	while (r == BMC_OK && next_line(&rest, &line))
		if (value_of(line, key, &value))
			r = take(value, p, err);
	return r;
}

static int take_type(struct text t, struct image_parameter *p, struct bmc_error *err)
{
	(void)err;
	p->gpt = t.end - t.at >= 3 && strncasecmp(t.at, "GPT", 3) == 0;
	return BMC_OK;
}

/* "... mtdparts=rk29xxnand:PARTITIONS ..." */
static int take_cmdline(struct text t, struct image_parameter *p, struct bmc_error *err)
{
	static const char word[] = "mtdparts=";
	const char *at = memmem(t.at, (size_t)(t.end - t.at), word, sizeof(word) - 1);
	const char *colon = at ? memchr(at, ':', (size_t)(t.end - at)) : NULL;

	if (!colon || p->n)
		return bmc_fail(err, BMC_ECORRUPT,
				"parameter: CMDLINE has no mtdparts, or there are two");
	return take_table((struct text){ colon + 1, t.end }, p, err);
}

int image_parameter_read(const char *text, size_t len, struct image_parameter *ret,
			 struct bmc_error *err)
{
	const struct text all = { text, text + len };

	*ret = (struct image_parameter){ 0 };
	if (len > IMAGE_PARAMETER_MAX)
		return bmc_fail(err, BMC_ENOSPC, "parameter: more than %u bytes",
				IMAGE_PARAMETER_MAX);
	int r = each(all, "TYPE", ret, take_type, err);

	if (r == BMC_OK)
		r = each(all, "CMDLINE", ret, take_cmdline, err);
	if (r == BMC_OK)
		r = each(all, "uuid", ret, take_uuid_line, err);
	if (r == BMC_OK && ret->n == 0)
		return bmc_fail(err, BMC_ECORRUPT, "parameter: no partition table");
	return r;
}
