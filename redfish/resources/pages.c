// SPDX-License-Identifier: Apache-2.0
// What a browser finds that is pointed at the bare address: one page with a link to the
// service root, its style sheet and its icon. The texts are files in redfish/pages,
// made into C strings by the build.
#include <string.h>

#include "core/base/util.h"
#include "redfish/request.h"
#include "redfish/resources/list.h"

#define HTML "text/html;charset=utf-8"
#define CSS  "text/css;charset=utf-8"
#define SVG  "image/svg+xml"

static const char index_html[] =
#include "redfish/pages/index.html.inc"
	;
static const char style_css[] =
#include "redfish/pages/style.css.inc"
	;
static const char icon_svg[] =
#include "redfish/pages/icon.svg.inc"
	;

static int answer(struct rf_request *q, const char *text, const char *type)
{
	q->policy = "default-src 'none'; img-src 'self'; style-src 'self'; "
		    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
	return rf_answer_text(q, 200, strdup(text), type);
}

static int front(struct rf_request *q)
{
	return answer(q, index_html, HTML);
}

static int style(struct rf_request *q)
{
	return answer(q, style_css, CSS);
}

static int icon(struct rf_request *q)
{
	return answer(q, icon_svg, SVG);
}

#define PAGE(path, get)                                  \
	{                                                \
		.uri = (path), .type = "", .raw = (get), \
		.flags = RF_UNAUTHENTICATED | RF_PAGE,   \
	}

const struct rf_resource rf_front_page = PAGE("/", front);
const struct rf_resource rf_style_sheet = PAGE("/clusterbmc.css", style);
const struct rf_resource rf_icon = PAGE("/favicon.ico", icon);
