// SPDX-License-Identifier: Apache-2.0
// What a browser finds that is pointed at the bare address: one page with a link to the
// service root, its style sheet and its icon. The texts are files in redfish/pages,
// made into C strings by the build.
#include "http/pages.h"

#include "core/base/util.h"
#include "redfish/pages.h"

static const char index_html[] =
#include "redfish/pages/index.html.inc"
	;
static const char style_css[] =
#include "redfish/pages/style.css.inc"
	;
static const char icon_svg[] =
#include "redfish/pages/icon.svg.inc"
	;

#define POLICY                                                                    \
	"default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'"

#define PAGE(path, type, cache, text)                     \
	{                                                 \
		path, type, cache, text, sizeof(text) - 1 \
	}

static const struct http_page pages[] = {
	PAGE("/", "text/html;charset=utf-8", "no-cache", index_html),
	PAGE("/clusterbmc.css", "text/css;charset=utf-8", "public, max-age=3600",
	     style_css),
	PAGE("/favicon.ico", "image/svg+xml", "public, max-age=86400", icon_svg),
};

void rf_pages_init(void)
{
	http_pages_register(pages, ARRAY_SIZE(pages), POLICY);
}
