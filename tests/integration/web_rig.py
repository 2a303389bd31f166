# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium on the web pages of an agent, driven by Playwright (tests/web/driver.mjs).
Without Chromium, npm or built pages these tests are skipped."""
import contextlib
import fcntl
import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

import harness

PAGES = harness.BUILD / "redfish/webui/dist"
SHOTS = harness.BUILD / "tests/web/shots"
SOURCE = harness.TOP / "tests/web"
WAIT = 30000 * harness.SLOW  # ms; what a page needs on a busy machine
SLOWEST = 240  # s; for one step


def modules():
    """The folder of npm's packages, installed once in the build folder."""
    folder = harness.BUILD / "tests/web/npm"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "package-lock.json"
        wanted = (SOURCE / "package-lock.json").read_bytes()
        if not done.exists() or done.read_bytes() != wanted:
            install(folder)
            shutil.copy(SOURCE / "package-lock.json", done)
    return folder / "node_modules"


def install(folder):
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(folder / "node_modules", ignore_errors=True)
    work.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, work)
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
             "--fetch-timeout=20000"]
    try:
        run = subprocess.run(words, cwd=work, capture_output=True, text=True, timeout=180,
                             check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not get the browser's driver in three minutes")
    if run.returncode:
        pytest.skip("npm could not get the browser's driver: " + run.stderr.strip()[-200:])
    (work / "node_modules").rename(folder / "node_modules")


def needed():
    """Chromium and what drives it, or a skip with the reason."""
    for program, why in (("chromium", "no browser"), ("npm", "no npm"), ("node", "no node")):
        if not shutil.which(program):
            pytest.skip(f"{why} (apt-get install {program})")
    if not (PAGES / "index.html").exists():
        pytest.skip("no web pages were built")
    return modules()


class Page:
    """One tab, logged out at first. run() executes JavaScript with Playwright's `page` and
    `args`; a step that takes longer than WAIT fails."""

    def __init__(self, browser, name, origin):
        self.browser, self.name, self.origin = browser, name, origin

    def run(self, code, **args):
        return self.browser.ask({"run": code, "page": self.name, "args": args})

    def log_in(self, password, user="admin"):
        self.run("""await page.fill('[name=user]', args.user);
                    await page.fill('[name=password]', args.password);
                    await page.click('button.primary');
                    await page.waitForSelector('[name=user]', {state: 'detached'});""",
                 user=user, password=password)
        return self

    def go(self, where, wait=None):
        self.run("await page.goto(args.url); if (args.wait) await page.waitForSelector(args.wait);",
                 url=f"{self.origin}/#/{where}", wait=wait)
        return self

    def js(self, expression):
        """The value of an expression in the page."""
        return self.run("return await page.evaluate(args.it);", it=expression)

    def session(self):
        """What the page knows of its session; None when there is none."""
        return json.loads(self.js("sessionStorage.getItem('clusterbmc.session')") or "null")

    def count(self, selector):
        return self.run("return await page.locator(args.selector).count();", selector=selector)

    def wait(self, selector, **options):
        self.run("await page.waitForSelector(args.selector, args.options);",
                 selector=selector, options=options)

    def text(self, selector):
        return self.run("return (await page.locator(args.selector).first().innerText());",
                        selector=selector)

    def shot(self, name, full=False):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.run("await page.screenshot({path: args.path, fullPage: args.full});",
                 path=str(SHOTS / f"{name}.png"), full=full)


class Browser:
    """The driver's process. ask() has one request at a time. program: what runs as Chromium."""

    def __init__(self, program=None):
        self.count = 0
        self.process = subprocess.Popen(
            ["node", str(SOURCE / "driver.mjs"), str(needed()),
             str(program or shutil.which("chromium"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            bufsize=1, start_new_session=True, preexec_fn=harness.default_signals)
        self.lines = queue.Queue()
        self.said = []
        self.readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def ask(self, wanted):
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        line = self.lines.get(timeout=SLOWEST * harness.SLOW)
        assert line, "the browser ended: " + "".join(self.said)[-2000:]
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    @contextlib.contextmanager
    def page(self, agent, forgive="", origin=None, **context):
        """A tab on the agent's pages; fails at its end when there was an error on the console,
        an exception, or a request to anywhere else. forgive: a regular expression."""
        self.count += 1
        name, origin = f"page{self.count}", origin or f"https://127.0.0.1:{agent.https_port}"
        self.ask({"open": name, "options": {
            "origin": origin, "timeout": WAIT, "forgive": forgive,
            "context": {"locale": "en-GB", "viewport": {"width": 1400, "height": 900},
                        **context}}})
        page = Page(self, name, origin)
        try:
            yield page
        except BaseException:
            with contextlib.suppress(Exception):
                page.shot(f"failed-{name}")
            with contextlib.suppress(Exception):
                print(self.ask({"close": name}))
            raise
        notes = self.ask({"close": name})
        assert not notes, "\n".join(notes)

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)


@pytest.fixture(scope="module")
def browser():
    """For all tests of a file that imports it."""
    one = Browser()
    yield one
    one.close()


@contextlib.contextmanager
def serving():
    """A started agent that serves the pages; failed tests show its log."""
    from conftest import Agents
    one = Agents.new(agent)
    try:
        yield one.start()
    finally:
        Agents.remove(one)


def agent(**kw):
    """An agent that serves the pages that were built."""
    return harness.Agent(env={"CLUSTERBMC_WEBUI": str(PAGES), **kw.pop("env", {})}, **kw)
