# SPDX-License-Identifier: Apache-2.0
"""bmc as a user has it: run to its end, or on a terminal that the test types into."""
import contextlib
import json
import os
import pty
import re
import select
import subprocess
import time

import jsonschema

from harness import BUILD, SLOW, default_signals

PROGRAM = str(BUILD / "bmc")


def environment(agent, **more):
    """Nothing of the machine's own settings for bmc."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("BMC_") and k not in ("NO_COLOR", "TERM", "LANG", "LC_ALL")}
    return {**kept, "BMC_SOCKET": str(agent.state / "http.sock"), "HOME": str(agent.folder),
            "XDG_CACHE_HOME": str(agent.folder / "cache"), "TERM": "xterm", **more}


def remote(agent):
    """The options that reach the agent over HTTPS."""
    return ["--host", f"127.0.0.1:{agent.https_port}", "--ca", str(agent.state / "https.crt")]


def bmc(agent, *words, code=0, program=PROGRAM, stdin=None, **env):
    """Output and messages of a run that ends with `code`."""
    run = subprocess.run([program, *words], capture_output=True, text=True, check=False,
                         input=stdin if stdin is not None else "", timeout=120 * SLOW,
                         env=environment(agent, **env))
    assert run.returncode == code, f"{words}: {run.returncode}\n{run.stdout}\n{run.stderr}"
    return run.stdout, run.stderr


def bmc_json(agent, *words, schema=None, **kw):
    """The JSON it prints, checked."""
    data = json.loads(bmc(agent, *words, "-o", "json", **kw)[0])
    if schema:
        jsonschema.validate(data, schema)
    return data


def rows_of(**columns):
    """The schema of rows, each with all of these members: a name is a JSON type, or several
    of them."""
    return {"type": "array", "items": {
        "type": "object", "required": list(columns), "additionalProperties": False,
        "properties": {k: {"type": v} for k, v in columns.items()}}}


class Terminal:
    """A program on a pseudo-terminal of 80 columns."""

    def __init__(self, words, env):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            default_signals()
            os.execvpe(words[0], words, env)
        self.status = None

    def read(self, seconds):
        """More of what it shows; False: it has ended."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            more = os.read(self.fd, 65536)
        except OSError:  # Linux: the other side is closed
            return False
        self.text += more.decode(errors="replace")
        return bool(more)

    def expect(self, pattern, seconds=60):
        """Until it shows this; what it showed up to there is taken away."""
        end = time.monotonic() + seconds * SLOW
        while not (found := re.search(pattern, self.text)):
            alive = self.read(0.2)
            assert alive or re.search(pattern, self.text), f"it ended: {self.text!r}"
            assert time.monotonic() < end, f"no {pattern!r} in {self.text!r}"
        self.text = self.text[found.end():]
        return found

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, seconds=60):
        """Its exit code, or the negative number of the signal; what it showed is in text."""
        end = time.monotonic() + seconds * SLOW
        while self.read(0.2):
            assert time.monotonic() < end, self.text
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def close(self):
        os.close(self.fd)
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)


@contextlib.contextmanager
def terminal(agent, *words, **env):
    one = Terminal([PROGRAM, *words], environment(agent, **env))
    try:
        yield one
    finally:
        one.close()
