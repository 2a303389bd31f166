# SPDX-License-Identifier: Apache-2.0
"""The shell's window in Debian's Chromium: what is typed, another size, copy and paste, and
how it ends. The page's rig fails a test at any error on the console."""
import pytest
import requests
from harness import PASSWORD, ROOT, eventually
from web_rig import browser, serving  # noqa: F401

pytestmark = [pytest.mark.plain_only]

NODE = "sub1-03"


@pytest.fixture(scope="module")
def agent(browser):  # pylint: disable=unused-argument
    with serving() as one:
        eventually(lambda: one.get(f"{ROOT}/Systems/{NODE}").json()["Status"]["State"]
                   == "Enabled", 20)
        yield one


def screen(page):
    return page.js("document.querySelector('.xterm-rows')?.innerText ?? ''").replace("\xa0", " ")


def shows(page, text):
    eventually(lambda: text in screen(page) or None, 10)


def type_line(page, text):
    page.run("await page.keyboard.type(args.text); await page.keyboard.press('Enter');", text=text)


def open_shell(page):
    page.go(f"shell/{NODE}", wait=".xterm-rows")
    shows(page, f"{NODE}:/ $")


def test_shell_from_the_boards_page_to_its_exit(agent, browser):
    with browser.page(agent, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.log_in(PASSWORD).go(f"boards/{NODE}", wait="a[href='#/shell/sub1-03']")
        page.run("await page.click(\"a[href='#/shell/sub1-03']\");")
        page.wait(".xterm-rows")
        shows(page, "sub1-03:/ $")
        type_line(page, "echo <b>bold</b> & more")
        shows(page, "<b>bold</b> & more")
        assert page.count(".xterm-rows b") == 0
        page.run("""await page.evaluate(() => navigator.clipboard.writeText(
                        'echo \\x1b[38;2;1;200;3mcoloured\\x1b[0m\\r'));
                    await page.getByRole('button', {name: 'Paste'}).click();""")
        page.wait(".xterm-rows span[style*='rgb(1, 200, 3)']")
        type_line(page, "exit 3")
        page.wait(".shell-state.exit")
        assert "3" in page.text(".shell-state")
        page.shot("shell")
        page.run("await page.getByRole('button', {name: 'Open again'}).click();")
        page.wait(".shell-state.open")
        shows(page, "sub1-03:/ $")


def test_size_follows_the_window(agent, browser):
    with browser.page(agent) as page:
        page.log_in(PASSWORD)
        open_shell(page)
        type_line(page, "size")
        eventually(lambda: len(screen(page).split()) > 4, 5)
        before = screen(page)
        page.run("await page.setViewportSize({width: 900, height: 600});")

        def changed():
            type_line(page, "size")
            lines = [line.strip() for line in screen(page).splitlines()
                     if line.strip().replace(" ", "").isdigit()]
            return len(set(lines)) > 1
        eventually(changed, 10, every=0.5)
        assert before


def test_copy_and_paste(agent, browser):
    with browser.page(agent, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.log_in(PASSWORD)
        open_shell(page)
        page.js("navigator.clipboard.writeText('echo pasted here\\r')")
        page.run("await page.getByRole('button', {name: 'Paste'}).click();")
        shows(page, "\npasted here")
        page.run("""const row = page.locator('.xterm-rows > div', {hasText: /^pasted here/}).first();
                    await row.click({clickCount: 3});
                    await page.keyboard.press('Control+Shift+C');""")
        eventually(lambda: "pasted here" in page.js("navigator.clipboard.readText()"), 5)


def test_much_output_stays_bounded_and_stops_with_the_page(agent, browser):
    with browser.page(agent) as page:
        page.log_in(PASSWORD)
        open_shell(page)
        type_line(page, "yes")
        shows(page, "y\ny\ny\ny")
        page.go("chassis", wait="[data-board]")
        entries = f"{ROOT}/Managers/bmc/LogServices/Events/Entries"
        eventually(lambda: any("StreamClosed" in e["MessageId"] and "cancelled" in e["Message"]
                               for e in agent.get(entries).json()["Members"]))


def test_session_that_ends_closes_the_window(agent, browser):
    with browser.page(agent, forgive="401|WebSocket") as page:
        page.log_in(PASSWORD)
        open_shell(page)
        r = requests.delete(agent.url(page.session()["uri"]), verify=False, timeout=60,
                            headers={"X-Auth-Token": page.session()["token"]})
        assert r.status_code in (200, 204)
        eventually(lambda: page.count(".shell-state.error") or page.count("[name=user]"), 20)
