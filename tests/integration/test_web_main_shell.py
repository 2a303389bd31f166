# SPDX-License-Identifier: Apache-2.0
"""The shell of main in Debian's Chromium: a window like those of boards where it is set up;
else words that say how to."""
import contextlib

import pytest
from harness import ROOT, PASSWORD, eventually
from main_shell_rig import bound
from test_web_shell import screen, shows, type_line
from web_rig import agent as serving_agent
from web_rig import browser, serving  # noqa: F401

pytestmark = [pytest.mark.plain_only]


def ready(agent):
    eventually(lambda: agent.get(f"{ROOT}/Systems/main").json()["Status"]["State"] == "Enabled", 20)


@pytest.fixture(scope="module")
def agent(browser):  # pylint: disable=unused-argument
    from conftest import Agents
    with contextlib.ExitStack() as ends:
        def make():
            one = Agents.new(serving_agent)
            ends.callback(Agents.remove, one)
            return one
        one, service = ends.enter_context(bound(make))
        service.start()
        ready(one)
        yield one


def test_shell_of_main_from_its_page_to_its_exit(agent, browser):
    with browser.page(agent, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.log_in(PASSWORD).go("boards/main", wait="a[href='#/shell/main']")
        page.run("await page.click(\"a[href='#/shell/main']\");")
        page.wait(".xterm-rows")
        type_line(page, "exec /bin/sh")  # whatever shell the account has
        type_line(page, "PS1='here> '; echo it is $((6 * 7))")
        shows(page, "it is 42")
        page.js("navigator.clipboard.writeText('echo pasted $((40 + 3))\\r')")
        page.run("await page.getByRole('button', {name: 'Paste'}).click();")
        shows(page, "pasted 43")
        type_line(page, "stty size | tr ' ' x")
        before = eventually(lambda: sizes(page), 10)
        page.run("await page.setViewportSize({width: 900, height: 600});")

        def changed():
            type_line(page, "stty size | tr ' ' x")
            return sizes(page) - before
        eventually(changed, 10, every=0.5)
        type_line(page, "exit 3")
        page.wait(".shell-state.exit")
        assert "3" in page.text(".shell-state")


def sizes(page):
    """Lines as 24x80."""
    words = {line.strip() for line in screen(page).splitlines()}
    return {w for w in words if w.replace("x", "", 1).isdigit() and "x" in w}


def test_page_of_main_without_a_shell_says_how_to_set_it_up(browser):
    with serving() as one:
        ready(one)
        with browser.page(one, forgive="404|WebSocket") as page:
            page.log_in(PASSWORD).go("boards/main", wait=".toolbar p.muted")
            assert "doc/shell.md" in page.text(".toolbar p.muted")
            assert page.count("a[href='#/shell/main']") == 0
            page.go("shell/main", wait=".shell-state.lost")
            page.wait(".notice.warning")
            assert "doc/shell.md" in page.text(".notice.warning")
