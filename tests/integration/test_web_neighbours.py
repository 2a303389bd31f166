# SPDX-License-Identifier: Apache-2.0
"""The page of the other agents of the network, in a browser on a link with two of them. See
web_rig.py and lan.py."""
import json
import os
import re

import pytest

from harness import PASSWORD, eventually
from lan import Neighbours
from test_web_pages import serious
from web_rig import PAGES, Browser, modules, needed

pytestmark = [
    pytest.mark.plain_only,
    pytest.mark.skipif(os.getuid() != 0, reason="network namespaces are for root")]
ROW = "[data-neighbour]"


class Serving(Neighbours):
    """The first agent has the pages and does not search at first."""

    def edited(self, text, state):
        text = super().edited(text, state)
        if str(state).endswith("001"):
            text = text.replace("enabled: true }", "enabled: false }")
        return re.sub(r"^  webui: .*", f'  webui: "{PAGES}"', text, flags=re.M)


@pytest.fixture(scope="module")
def lan():
    needed()
    n = Serving(2)
    n.origin = f"https://{n.agents[0].address}:{n.PORT}"
    # Chromium gives up what it loads when an interface gets an address
    eventually(lambda: "tentative" not in (text := n.run("ip", "address").stdout) and
               "NO-CARRIER" not in text, 60)
    yield n
    n.close()


@pytest.fixture(scope="module")
def browser(lan, tmp_path_factory):
    program = tmp_path_factory.mktemp("browser") / "chromium"
    program.write_text(f'#!/bin/sh\nexec nsenter --net=/proc/{lan.hub}/ns/net chromium "$@"\n')
    program.chmod(0o755)
    one = Browser(program)
    yield one
    one.close()


def test_it_is_switched_on_searches_and_leads_to_the_other_agent(lan, browser):
    other = lan.agents[1]
    with browser.page(lan.agents[0], origin=lan.origin) as page:
        page.log_in(PASSWORD).go("neighbours", ".notice.warning")
        assert "SSDP" in page.text(".notice.warning")
        page.shot("neighbours-off")
        page.run("await page.getByRole('button', {name: 'Switch SSDP on'}).click();")
        page.wait(".toolbar:has-text('Total devices: ')")
        page.shot("neighbours-searching")
        page.wait(f"{ROW}:has-text('{other.name}')")
        row = page.text(ROW).split("\t")
        assert row[:4] == ["1", other.name, other.address, str(lan.PORT)], row
        assert row[4] == "0.1.0" and re.search(r"\d\d:\d\d:\d\d", row[5]), row
        assert page.count(ROW) == 1, "not itself"
        page.wait(".toolbar button:not([disabled])")
        assert page.text(".toolbar strong") == "Total devices: 1"
        page.run("await page.getByRole('button', {name: 'Refresh'}).click();"
                 "await page.waitForSelector('.toolbar strong:has-text(\"Searching\")');"
                 "await page.waitForSelector('.toolbar button:not([disabled])');")
        axe = (modules() / "axe-core/axe.min.js").read_text()
        assert serious(page, "neighbours", axe) == []
        opened = page.run("""const [tab] = await Promise.all([page.context().waitForEvent('page'),
                                 page.getByRole('link', {name: `Open the pages of ${args.name}`}).click()]);
                             await tab.waitForSelector('[name=user]');
                             return [tab.url(), await tab.evaluate('window.opener === null')];""",
                          name=other.name)
        assert opened[0].startswith(f"https://{other.address}:{lan.PORT}/") and opened[1]


@pytest.mark.parametrize("locale, word", [("en-GB", "Searching for network devices..."),
                                          ("zh-CN", "正在搜索网络设备...")])
def test_an_empty_list_says_that_it_searches(lan, browser, locale, word):
    with browser.page(lan.agents[0], origin=lan.origin, locale=locale) as page:
        answer(page, {"SearchEnabled": True, "Searching": True, "SearchedAt": None, "Members": []})
        page.log_in(PASSWORD).go("neighbours", ".muted")
        page.wait(f"main p:has-text('{word}')")


def answer(page, document):
    page.run("""await page.route('**/Oem/ClusterBmc/Neighbours', route => route.fulfill({
                    contentType: 'application/json', body: args.body}));""", body=json.dumps(document))


def test_what_hostile_machines_say_is_shown_and_not_run(lan, browser):
    bad = {"Id": 1, "DeviceName": "<img src=x onerror=document.body.dataset.run=1>",
           "UUID": "1", "IPv4Address": None, "IPv6Address": "fe80::1%eth0", "Port": 443,
           "SoftwareVersion": None, "StartTime": None, "SeenAt": "2026-01-01T00:00:00Z"}
    uris = ["javascript:document.body.dataset.run=1", "https://[fe80::1%eth0]:443/", ""]
    with browser.page(lan.agents[0], origin=lan.origin) as page:
        answer(page, {"SearchEnabled": True, "Searching": False, "SearchedAt": None,
                      "Members": [{**bad, "UUID": uri, "Uri": uri} for uri in uris]})
        page.log_in(PASSWORD).go("neighbours", ROW)
        assert page.count(ROW) == len(uris)
        assert bad["DeviceName"] in page.text(ROW)
        assert page.count("main img") == 0 and page.count(f"{ROW} a") == 0
        assert page.run("return page.getAttribute('body', 'data-run');") is None


def test_who_may_not_switch_it_on_is_told_who_may(lan, browser):
    with browser.page(lan.agents[0], origin=lan.origin) as page:
        answer(page, {"SearchEnabled": False, "Searching": False, "SearchedAt": None, "Members": []})
        page.log_in(PASSWORD).go("neighbours", ".notice.warning")
        page.js("(() => { const s = JSON.parse(sessionStorage.getItem('clusterbmc.session'));"
                "s.roles = ['ReadOnly']; sessionStorage.setItem('clusterbmc.session', JSON.stringify(s)); })()")
        page.run("await page.reload();")
        page.wait(".notice.warning:has-text('Administrator')")
        assert page.count(".notice button") == 0
