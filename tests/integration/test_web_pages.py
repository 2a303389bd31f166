# SPDX-License-Identifier: Apache-2.0
"""Pages beyond the chassis: firmware, logs, accounts; and what holds of all pages (axe, both
languages, memory). See web_rig.py and test_web.py."""
import csv
import json
import random
from pathlib import Path

import pytest
import requests

import harness
from harness import PASSWORD, ROOT, eventually
from web_rig import browser, modules, serving  # noqa: F401

pytestmark = [pytest.mark.plain_only]

PAGES = ["chassis", "boards/sub1-03", "overview", "overview/sub1-03", "firmware", "alarms", "events",
         "tasks", "accounts", "neighbours", "settings", "about"]
FAULTS = {"sub2-03": "flash_fail", "sub5-05": "flash_refuse", "sub9-08": "flash_bad"}
CODES = {"sub2-03": "[write-io]", "sub5-05": "[accepts-conflict]", "sub9-08": "[verify-corrupt]"}


@pytest.fixture(scope="module")
def agent(browser):  # pylint: disable=unused-argument
    with serving() as one:
        eventually(lambda: all(one.node_state(b) in ("Linux", "Android")
                               for b in harness.R2_BOARDS[::8]), 60)
        yield one


def click(page, name, role="button"):
    page.run("await page.getByRole(args.role, {name: args.name, exact: true}).click();",
             name=name, role=role)


def saved(page, name):
    """The text of the file that a button hands out."""
    path = page.run("""const [file] = await Promise.all([page.waitForEvent('download'),
                           page.getByRole('button', {name: args.name, exact: true}).click()]);
                       return await file.path();""", name=name)
    return Path(path).read_text()


# ---- all pages ----

SHOWN = "await page.waitForFunction(() => !document.querySelector('main [aria-busy]'));"
AXE = """await page.evaluate(args.axe);
         return await page.evaluate(async only => (await axe.run(
             {resultTypes: ['violations'], iframes: false, ...(only ? {runOnly: [only]} : {})})).violations
            .filter(v => ['serious', 'critical'].includes(v.impact))
             .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html).join(' ')}`), args.only);"""


def serious(page, name, axe):
    """All rules in light colours; in dark ones those about colours."""
    found = page.run(AXE, axe=axe, only=None)
    page.shot(f"{name.replace('/', '-')}-light", full=True)
    page.run("await page.emulateMedia({colorScheme: 'dark'});"
             "await page.waitForSelector('[data-theme=dark]');")
    found += page.run(AXE, axe=axe, only="color-contrast")
    page.shot(f"{name.replace('/', '-')}-dark")
    page.run("await page.emulateMedia({colorScheme: 'light'});"
             "await page.waitForSelector('[data-theme=light]');")
    return found


def test_axe_finds_nothing_serious(agent, browser):
    axe = (modules() / "axe-core/axe.min.js").read_text()
    with browser.page(agent, colorScheme="light") as page:
        found = {"login": serious(page, "login", axe)}
        page.log_in(PASSWORD)
        for name in PAGES:
            page.go(name, "main h1")
            page.run(SHOWN)
            found[name] = serious(page, name, axe)
    assert {name: bad for name, bad in found.items() if bad} == {}


# ---- firmware ----

def test_72_boards_are_updated_to_the_end_and_three_fail(agent, browser, tmp_path):
    image = tmp_path / "site.img"
    image.write_bytes(random.Random(7).randbytes(300_000))
    for board, fault in FAULTS.items():
        agent.sim("fault", id=board, fault=fault, seconds=600)
    with browser.page(agent) as page:
        page.log_in(PASSWORD).go("firmware", "[data-list=available] option")
        page.run("""const list = name => page.locator(`[data-list=${name}]`);
                    await page.setInputFiles('#image-file', args.image);
                    await list('available').locator('option').nth(1).dblclick();
                    await list('chosen').locator('option').waitFor({state: 'attached'});
                    await page.fill('.filter', 'sub3-');
                    await list('available').selectOption(['sub3-01', 'sub3-05']);
                    await page.getByRole('button', {name: 'Add →'}).click();""", image=str(image))
        assert page.count("[data-list=chosen] option") == 3
        assert page.count("[data-list=available] option") == 6
        page.run("""await page.fill('.filter', '');
                    await page.getByRole('button', {name: 'Delete all'}).click();
                    await page.getByRole('button', {name: 'Add all'}).click();
                    await page.getByRole('spinbutton', {name: 'Boards first, on trial'}).fill('2');
                    await page.getByRole('spinbutton', {name: 'Boards in a wave'}).fill('70');""")
        assert page.count("[data-list=chosen] option") == 72
        said = page.text(".estimate")
        assert "First 2" in said and "70 together" in said, said
        page.shot("firmware", full=True)
        click(page, "Update boards: 72")
        assert "site.img" in page.text("dialog")
        page.run("await page.click('dialog .danger');")
        page.wait("[data-update]")
        page.shot("firmware-progress")
        page.wait("[data-state=Exception], [data-state=Completed]")
        assert page.text("[data-update] .notice") == "69 boards updated, 3 failed."
        failed = page.run("""return page.locator('tr.failed').evaluateAll(rows =>
                                 rows.map(r => [r.cells[0].innerText, r.cells[4].innerText]));""")
        assert dict(failed) == CODES
        assert page.count("tr.done") == 69
        page.shot("firmware-result")
        page.go("firmware", "input[type=radio]:checked")  # sent once, it is in the store
        page.run("await page.goBack(); await page.waitForSelector('[data-update]');")
        rows = list(csv.DictReader(saved(page, "Save as CSV").splitlines()))
        assert {r["board"] for r in rows if r["result"] == "failed"} == set(FAULTS)
    for board in FAULTS:
        agent.sim("clear", id=board)


def test_a_dry_run_writes_nothing_and_an_update_is_cancelled(agent, browser):
    before = agent.sim("flashed", id="sub1-01")
    with browser.page(agent) as page:
        page.log_in(PASSWORD).go("firmware", "input[type=radio]")
        page.run("""await page.check('input[type=radio]');
                    await page.locator('[data-list=available]').selectOption(['sub1-01', 'sub1-02']);
                    await page.getByRole('button', {name: 'Add →'}).click();
                    await page.getByRole('button', {name: 'Check only'}).click();""")
        page.wait("[data-state=Completed]")
        assert "nothing is written" in page.text("[data-update] h2")
        assert agent.sim("flashed", id="sub1-01") == before
        agent.sim("fault", id="sub1-01", fault="flash_hang", seconds=600)
        page.go("firmware", "[data-list=chosen] option")
        click(page, "Update boards: 2")
        page.run("await page.click('dialog .danger');")
        page.wait("[data-update] tr:has-text('sub1-01'):has-text('writ')")
        click(page, "Cancel update")
        page.run("await page.click('dialog .danger');")
        page.wait("tr.cancelled")
        agent.sim("clear", id="sub1-01")
        page.wait("[data-state=Cancelled]")


# ---- logs ----

def test_the_event_log_is_filtered_and_saved(agent, browser):
    text = '=cmd|"<b>x</b>"'
    sent = agent.post("EventService/Actions/EventService.SubmitTestEvent", {
        "Message": text, "MessageId": "ClusterBmc.1.0.TestEvent", "Severity": "Warning"})
    assert sent.status_code < 300, sent.text
    with browser.page(agent) as page:
        page.log_in(PASSWORD).go("events", "tbody tr")
        page.run("await page.fill('input[type=search]', 'cmd');"
                 "await page.selectOption('select[aria-label=Severity]', 'Warning');"
                 "await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);")
        assert text in page.text("tbody tr") and page.count("tbody b") == 0
        found = json.loads(saved(page, "Save as JSON"))
        assert [e["Severity"] for e in found] == ["Warning"] and text in found[0]["Message"]
        rows = list(csv.DictReader(saved(page, "Save as CSV").splitlines()))
        assert len(rows) == 1 and not rows[0]["message"].startswith("=")
        page.run("await page.selectOption('select[aria-label=Log]', 'Audit');"
                 "await page.fill('input[type=search]', ''); await page.selectOption('select[aria-label=Severity]', '');")
        page.wait("tbody tr")


# ---- accounts ----

def refused(agent, user, password):
    return requests.get(agent.url(f"{ROOT}/Systems"), auth=(user, password), verify=False,
                        timeout=60).status_code == 401


def test_the_life_of_an_account(agent, browser):
    with browser.page(agent) as page, browser.page(agent, forgive="40[0-9]") as other:
        page.log_in(PASSWORD).go("accounts", "[data-account=admin]")
        click(page, "New account")
        page.run("""await page.fill('dialog [name=user]', 'olga');
                    await page.selectOption('dialog [name=role]', 'Operator');
                    await page.fill('dialog [name=password]', 'first-Password-1');
                    await page.fill('dialog [name=again]', 'first-Password-1');
                    await page.click('dialog .primary');
                    await page.waitForSelector('[data-account=olga]');""")
        assert "Operator" in page.text("[data-account=olga]")

        other.log_in("first-Password-1", user="olga").wait(".login [name=again]")
        other.run("""await page.fill('[name=password]', 'second-Password-2');
                     await page.fill('[name=again]', 'second-Password-2');
                     await page.click('button.primary'); await page.waitForSelector('.nav');""")
        other.go("accounts", "[name=old]")
        assert other.count("[data-account]") == 0, "an operator manages no accounts"
        other.run("""await page.fill('[name=old]', 'wrong-Password-0');
                     await page.fill('[name=password]', 'third-Password-3');
                     await page.fill('[name=again]', 'third-Password-3');
                     await page.click('.stack .primary'); await page.waitForSelector('.notice.critical');""")
        assert "old password is wrong" in other.text(".notice.critical")
        other.run("""await page.fill('[name=old]', 'second-Password-2');
                     await page.fill('[name=again]', 'fourth-Password-4');
                     await page.click('.stack .primary');""")
        other.wait(".notice.critical:has-text('differ')")
        other.run("""await page.fill('[name=again]', 'third-Password-3');
                     await page.click('.stack .primary'); await page.waitForSelector('.toast.ok');""")
        assert refused(agent, "olga", "second-Password-2")
        assert not refused(agent, "olga", "third-Password-3")

        page.run("""await page.locator(`[data-session="${args.id}"]`).getByRole('button').click();
                    await page.click('dialog .danger');""",
                 id=other.session()["uri"].rsplit("/", 1)[1])
        other.wait(".login [name=user]")
        page.run("""await page.getByRole('button', {name: 'Change olga'}).click();
                    await page.selectOption('dialog [name=role]', 'ReadOnly');
                    await page.uncheck('dialog [name=enabled]');
                    await page.click('dialog .primary');
                    await page.locator('[data-account=olga]', {hasText: 'ReadOnly'}).waitFor();""")
        assert agent.json("AccountService/Accounts/olga")["Enabled"] is False
        page.run("""await page.getByRole('button', {name: 'Remove olga'}).click();
                    await page.click('dialog .danger');
                    await page.waitForSelector('[data-account=olga]', {state: 'detached'});""")
        assert agent.get("AccountService/Accounts/olga").status_code == 404


# ---- dashboards ----

def test_a_dashboard_shows_the_chosen_period(agent, browser):
    """Of an hour's samples the last ten minutes, without what was before."""
    report = eventually(lambda: (r := agent.json(
        f"{ROOT}/TelemetryService/MetricReports/BoardCpuLoad.Hour"))["MetricValues"] and r, 90)
    own = report["Oem"]["ClusterBmc"]
    own["IntervalSeconds"] = 20
    own["Series"] = [",".join(["99"] * 150 + [str(n) for n in range(30)])] * len(own["Series"])
    with browser.page(agent) as page:
        page.run("""await page.route('**/MetricReports/BoardCpuLoad.Hour',
                        route => route.fulfill({json: args.report}));""", report=report)
        page.log_in(PASSWORD).go("overview", ".plot")
        cpu = "figure.plot:has(.plot-lines[aria-label^='CPU load'])"
        page.wait(f"{cpu} tbody tr >> nth=0", state="attached")

        def most():
            return page.run("return await page.locator(args.it).first().textContent();",
                            it=f"{cpu} tbody tr td:last-child")
        for period, wanted in (("Minutes", "29 %"), ("Hour", "99 %"), ("Minutes", "29 %")):
            page.run("await page.getByLabel('Period').selectOption(args.period);", period=period)
            eventually(lambda: most() == wanted, 30)  # pylint: disable=cell-var-from-loop


@pytest.mark.parametrize("stream", [True, False])
def test_a_dashboard_is_read_again_until_it_is_paused(agent, browser, stream):
    with browser.page(agent, forgive="EventService/SSE") as page:
        if not stream:
            page.run("await page.route('**/EventService/SSE', route => route.abort());")
        page.run("""page.asked = 0;
                    page.on('requestfinished', r => { page.asked += r.url().includes('/MetricReports/'); });
                    await page.clock.install(); await page.reload();""")
        page.log_in(PASSWORD).wait(f".connection.{'live' if stream else 'polling'}")
        page.go("overview", ".plot")
        page.run(SHOWN)

        def after(seconds):
            """Reports that were read meanwhile."""
            return page.run("""const before = page.asked;
                               await page.clock.runFor(args.ms);
                               await page.waitForTimeout(1000);
                               return page.asked - before;""", ms=seconds * 1000)
        page.run("await page.getByLabel('Refresh by itself').selectOption('5');")
        eventually(lambda: after(6) >= 1, 60)
        page.run("await page.getByRole('button', {name: 'Pause'}).click();")
        after(6)  # what was under way
        after(6)
        assert after(120) == 0
        page.run("await page.getByRole('button', {name: 'Refresh', exact: true}).click();")
        eventually(lambda: after(1) >= 1, 60)
        page.run("await page.getByRole('button', {name: 'Pause'}).click();")
        eventually(lambda: after(6) >= 1, 60)


# ---- words and memory ----

def test_every_page_has_all_its_words_in_chinese(agent, browser):
    with browser.page(agent, locale="zh-CN") as page:
        page.log_in(PASSWORD)
        for name in PAGES:
            page.go(name, "main h1")
            page.run(SHOWN)
            keys = page.js("[...document.body.innerText.matchAll(/\\b[a-z]+(\\.[A-Za-z]+)+\\b/g)].map(m => m[0])"
                           ".filter(k => !/^(localhost|vm|redfish|site|bmc|x)\\./.test(k))")
            assert not [k for k in keys if k.split(".")[0] in
                        ("page", "overview", "plot", "firmware", "events", "alarms", "tasks", "account",
                         "session", "settings", "cert", "about", "board", "chassis", "task", "state",
                         "neighbours")], keys
            assert any("一" <= c <= "鿿" for c in page.text("main h1")) or "/" in name


def held(page):
    """Bytes, DOM nodes and listeners that the page holds."""
    return page.run("""const cdp = await page.context().newCDPSession(page);
                       await cdp.send('Performance.enable');
                       for (let i = 0; i < 3; i++)
                           await cdp.send('HeapProfiler.collectGarbage');
                       const {metrics} = await cdp.send('Performance.getMetrics');
                       await cdp.detach();
                       const of = name => metrics.find(m => m.name === name).value;
                       return [of('JSHeapUsedSize'), of('Nodes'), of('JSEventListeners')];""")


def test_a_page_that_stays_open_does_not_grow(agent, browser):
    def happen(n):
        with requests.Session() as http:
            http.auth = ("admin", PASSWORD)
            for i in range(n):
                http.post(agent.url(f"{ROOT}/EventService/Actions/EventService.SubmitTestEvent"),
                          json={"Message": f"Event {i} of a long hour",
                                "MessageId": "ClusterBmc.1.0.TestEvent"}, verify=False, timeout=60)

    def around():  # never to where it is: that loads the page again
        for name in ("overview", "events", "firmware", "tasks"):
            page.go(name, "main h1")
            page.run(SHOWN)
        page.go("chassis", "[data-board]")

    with browser.page(agent) as page:
        page.log_in(PASSWORD).wait(".connection.live")
        happen(200)  # what is kept of events is full
        around()
        around()
        before = held(page)
        happen(300)
        for _ in range(3):
            around()
        grown = [now - then for now, then in zip(held(page), before)]
    print(f"{before}, then {grown} more")
    # nodes: the table of 300 events that was last shown may still be there
    assert all(g < limit for g, limit in zip(grown, (2_000_000, 8000, 100))), (before, grown)
