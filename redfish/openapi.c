// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document: every URI with its methods, from the list of resources, so none
// can be missing; bodies are described by DMTF's published schemas.
#include <pthread.h>
#include <string.h>

#include "core/base/util.h"
#include "redfish/list.h"

#define SCHEMAS      "http://redfish.dmtf.org/schemas/v1/"
#define PATH_MAX_LEN 512

/* ---- paths ---- */

/* The last character of the placeholder that begins here; NULL: none does. */
static const char *placeholder_end(const char *p)
{
	if (*p == '{')
		return strchr(p, '}');
	return *p == '*' ? p : NULL;
}

/* Whether a pattern ends where the other has `len` characters, whatever the names of
 * their placeholders are. */
static bool same_place(const char *pattern, const char *other, size_t len)
{
	const char *end = other + len;

	while (*pattern && other < end) {
		const char *last = placeholder_end(pattern),
			   *other_last = placeholder_end(other);

		if (last && other_last) {
			pattern = last;
			other = other_last;
		} else if (*pattern != *other) {
			return false;
		}
		pattern++;
		other++;
	}
	return !*pattern && other == end;
}

/* The type of what stands at the first `len` characters of a pattern: "Chassis". */
static const char *type_at(const char *uri, size_t len)
{
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if ((*r)->type[0] && same_place((*r)->uri, uri, len))
			return (*r)->type;
	}
	return "Member";
}

/* Writes a name that the path does not have yet: "TaskId", "TaskId2". */
static void put_placeholder(FILE *out, const char *uri, size_t len, const char *done)
{
	const char *type = type_at(uri, len);
	char name[96];
	int n = 1, type_len = (int)strcspn(type, ".");

	(void)snprintf(name, sizeof(name), "{%.*sId}", type_len, type);
	while (strstr(done, name) && n < 9)
		(void)snprintf(name, sizeof(name), "{%.*sId%d}", type_len, type, ++n);
	(void)fputs(name, out);
}

/* A pattern with the names of placeholders that DMTF's own document gives them. */
static void path_of(const struct rf_resource *res, char ret[PATH_MAX_LEN])
{
	memset(ret, 0, PATH_MAX_LEN);
	FILE *out = fmemopen(ret, PATH_MAX_LEN - 1, "w");

	if (!out)
		return;
	for (const char *p = res->uri; *p; p++) {
		const char *last = placeholder_end(p);

		if (!last) {
			(void)fputc(*p, out);
			continue;
		}
		p = last;
		(void)fflush(out);
		put_placeholder(out, res->uri, (size_t)(p + 1 - res->uri), ret);
	}
	(void)fclose(out);
}

static bool is_first_at_its_place(const struct rf_resource *const *r)
{
	for (const struct rf_resource *const *o = rf_resources; o != r; o++) {
		if (same_place((*o)->uri, (*r)->uri, strlen((*r)->uri)))
			return false;
	}
	return true;
}

/* ---- what is at a path ---- */

static void put_schema(FILE *out, const char *indent, const char *type)
{
	int name = (int)(strrchr(type, '.') - type);
	char key[128];

	(void)snprintf(key, sizeof(key), "%s", type);
	for (char *c = key; *c; c++)
		*c = *c == '.' ? '_' : *c;
	(void)fprintf(out,
		      "%scontent:\n%s  application/json:\n%s    schema:\n"
		      "%s      $ref: " SCHEMAS "%.*s.yaml#/components/schemas/%s\n",
		      indent, indent, indent, indent, name, type, key);
}

static void put_error(FILE *out)
{
	(void)fputs("        default:\n          description: An error\n"
		    "          content:\n            application/json:\n"
		    "              schema:\n                $ref: " SCHEMAS
		    "redfish-error.v1_0_2.yaml#/components/schemas/"
		    "redfish-error_v1_0_2_RedfishError\n",
		    out);
}

static void put_parameters(FILE *out, const char *path)
{
	const char *open = strchr(path, '{');

	if (open)
		(void)fputs("    parameters:\n", out);
	for (; open; open = strchr(open + 1, '{'))
		(void)fprintf(out,
			      "      - name: %.*s\n        in: path\n"
			      "        required: true\n        schema:\n"
			      "          type: string\n",
			      (int)strcspn(open + 1, "}"), open + 1);
}

static void put_method(FILE *out, const char *method, const char *type,
		       const char *answers)
{
	bool takes_body = strcmp(method, "patch") == 0 || strcmp(method, "post") == 0;

	(void)fprintf(out, "    %s:\n", method);
	if (takes_body) {
		(void)fputs("      requestBody:\n        required: true\n", out);
		if (type)
			put_schema(out, "        ", type);
		else
			(void)fputs("        content:\n          application/json:\n"
				    "            schema:\n              type: object\n",
				    out);
	}
	(void)fputs("      responses:\n", out);
	for (; *answers; answers += 3) {
		(void)fprintf(out, "        '%.3s':\n          description: %s\n",
			      answers,
			      answers[2] == '0'   ? "The resource"
			      : answers[2] == '1' ? "Created"
			      : answers[2] == '2' ? "A task does it"
						  : "Done");
		if (type && answers[2] < '2' && strcmp(method, "head") != 0)
			put_schema(out, "          ", type);
	}
	put_error(out);
}

/* The methods of all resources at this place. */
static void allow_at(const struct rf_resource *first, char ret[128])
{
	ret[0] = 0;
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		char allow[64];
		if (!same_place((*r)->uri, first->uri, strlen(first->uri)))
			continue;
		rf_allow(*r, false, allow);
		if (strlen(allow) > strlen(ret))
			(void)bmc_copy(ret, 128, allow);
	}
}

static const char *created_type(const struct rf_resource *res)
{
	return res->members && res->members[0] ? res->members[0]->type : NULL;
}

static void put_methods(FILE *out, const struct rf_resource *res)
{
	const char *type = res->type[0] ? res->type : NULL;
	char allow[128];

	allow_at(res, allow);
	put_method(out, "get", type, "200");
	put_method(out, "head", type, "200");
	if (strstr(allow, "PATCH"))
		put_method(out, "patch", type, "200202204");
	if (strstr(allow, "POST"))
		put_method(out, "post", created_type(res), "201202");
	if (strstr(allow, "DELETE"))
		put_method(out, "delete", NULL, "202204");
}

static void put_actions(FILE *out, const struct rf_resource *first, const char *path)
{
	char seen[1024] = "";

	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (!same_place((*r)->uri, first->uri, strlen(first->uri)))
			continue;
		for (const struct rf_action *a = (*r)->actions; a && a->name; a++) {
			size_t len = strlen(seen);
			if (strstr(seen, a->name))
				continue;
			(void)bmc_copy(seen + len, sizeof(seen) - len, a->name);
			(void)fprintf(out, "  %s/Actions/%s:\n", path, a->name);
			put_parameters(out, path);
			put_method(out, "post", NULL, "200202204");
		}
	}
}

/* ---- the document ---- */

static void write_document(FILE *out)
{
	char path[PATH_MAX_LEN];

	(void)fputs("openapi: 3.0.1\n"
		    "info:\n"
		    "  title: Redfish service of a cluster server\n"
		    "  version: '1'\n"
		    "components:\n"
		    "  securitySchemes:\n"
		    "    BasicAuth:\n      type: http\n      scheme: basic\n"
		    "    SessionAuth:\n      type: apiKey\n      in: header\n"
		    "      name: X-Auth-Token\n"
		    "security:\n  - BasicAuth: []\n  - SessionAuth: []\n"
		    "paths:\n",
		    out);
	for (const struct rf_resource *const *r = rf_resources; *r; r++) {
		if (!is_first_at_its_place(r))
			continue;
		path_of(*r, path);
		(void)fprintf(out, "  %s:\n", path);
		put_parameters(out, path);
		put_methods(out, *r);
		put_actions(out, *r, path);
	}
}

/* Made once: the tables are constant, and unauthenticated clients may ask for it. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *document; /* NULL: no memory when it was made */

static void make_document(void)
{
	size_t len;
	FILE *out = open_memstream(&document, &len);

	if (!out)
		return;
	write_document(out);
	(void)fclose(out);
}

static int openapi(struct rf_request *q)
{
	(void)pthread_once(&once, make_document);
	char *text = document ? strdup(document) : NULL;
	if (!text)
		return rf_answer_error(q, BMC_ENOMEM, NULL);
	return rf_answer_text(q, 200, text, "application/yaml;charset=utf-8");
}

const struct rf_resource rf_openapi = {
	.uri = "/redfish/v1/openapi.yaml",
	.type = "",
	.raw = openapi,
	.flags = RF_UNAUTHENTICATED,
};
