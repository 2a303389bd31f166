# SPDX-License-Identifier: Apache-2.0
"""The bare address shows a page and an icon to a browser, without a login."""
import re
from xml.etree import ElementTree

import pytest
import requests

pytestmark = [pytest.mark.plain_only]

PAGES = {"/": "text/html", "/clusterbmc.css": "text/css", "/favicon.ico": "image/svg+xml"}


def ask(agent, method, path, **kw):
    return requests.request(method, agent.url(path), verify=False, timeout=30, **kw)


@pytest.mark.parametrize("path", PAGES)
def test_get_and_head_need_no_login(agent, path):
    got, head = ask(agent, "GET", path), ask(agent, "HEAD", path)
    for r in (got, head):
        assert r.status_code == 200
        assert "WWW-Authenticate" not in r.headers
        assert r.headers["Content-Type"].split(";")[0] == PAGES[path]
        assert r.headers["X-Content-Type-Options"] == "nosniff"
        policy = r.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
    assert got.content and not head.content
    assert head.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused_with_allow(agent, path, method):
    r = ask(agent, method, path)
    assert r.status_code == 405
    assert r.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", PAGES)
def test_browser_that_has_a_page_is_told_so(agent, path):
    first = ask(agent, "GET", path)
    etag = first.headers["ETag"]
    assert etag != ask(agent, "GET", "/clusterbmc.css" if path == "/" else "/").headers["ETag"]
    if path == "/":
        assert first.headers["Cache-Control"] == "no-cache"
    else:
        assert "max-age=" in first.headers["Cache-Control"]
    again = ask(agent, "GET", path, headers={"If-None-Match": f'"x", {etag}'})
    assert again.status_code == 304 and not again.content
    assert again.headers["ETag"] == etag and "Cache-Control" in again.headers
    assert ask(agent, "GET", path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_redfish_allows_no_page_anything(agent):
    r = agent.get("/redfish/v1")
    assert r.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert r.headers["Cache-Control"] == "no-cache"


def test_wrong_credentials_do_not_hide_the_page(agent):
    assert ask(agent, "GET", "/", headers={"X-Auth-Token": "nonsense"}).status_code == 200


def test_page_links_to_the_service_root_and_to_nothing_that_is_missing(agent):
    page = ask(agent, "GET", "/").text
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert "/redfish/v1/" in links
    for link in links:
        assert link.startswith("/"), "nothing is loaded from elsewhere"
        assert ask(agent, "GET", link).status_code == 200, link
    assert "<script" not in page and "style=" not in page and " on" + "click" not in page
    assert 'name="viewport"' in page


def test_icon_is_a_picture(agent):
    root = ElementTree.fromstring(ask(agent, "GET", "/favicon.ico").text)
    assert root.tag.endswith("svg") and len(root) > 1


def test_unknown_paths_are_as_before(agent):
    r = ask(agent, "GET", "/index.php")
    assert r.status_code == 401 and "WWW-Authenticate" in r.headers
    assert agent.get("/index.php").status_code == 404
