# SPDX-License-Identifier: Apache-2.0
"""The program bmc beside an agent, as a user of this machine runs it."""
import json
import os
import shutil
import subprocess
from pathlib import Path

from harness import BUILD, SLOW, eventually

# What a caller's shell may have set.
FOREIGN = ("BMC_", "XDG_", "NO_COLOR", "http_proxy", "https_proxy")


class Bmc:
    """Runs `bmc` (and links to it) in a folder of its own, which is its HOME."""

    def __init__(self, agent):
        self.agent = agent
        self.folder = agent.folder / "home"
        self.bin = self.folder / "bin"
        self.bin.mkdir(parents=True, exist_ok=True)
        for name in ("bmc", "bmc_adb"):
            (self.bin / name).unlink(missing_ok=True)
            (self.bin / name).symlink_to("program")
        shutil.copy(BUILD / "bmc", self.bin / "program")  # others can't enter every build folder

    def tool(self, name, text):
        """Another program that bmc finds in PATH."""
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def environment(self, **more):
        mine = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        return {**mine, "HOME": str(self.folder), "PATH": f"{self.bin}:{os.environ['PATH']}",
                "BMC_SOCKET": str(self.agent.state / "http.sock"), **more}

    def run(self, *words, stdin="", env=None, timeout=60):
        return subprocess.run([str(self.bin / "bmc"), *words], input=stdin, text=True,
                              capture_output=True, timeout=timeout * SLOW, check=False,
                              env=self.environment(**(env or {})), cwd=self.folder)

    def shell(self, line):
        """A line for a shell, with its standard output."""
        return subprocess.run(["bash", "-c", line], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=60 * SLOW, check=False,
                              env=self.environment(), cwd=self.folder)

    def remote(self, *words, password=None, **kw):
        """Over HTTPS, with a password file."""
        file = self.folder / "password"
        file.write_text((password or self.agent.password) + "\n")
        env = {"BMC_HOST": f"127.0.0.1:{self.agent.https_port}", "BMC_USER": "admin",
               "BMC_PASSWORD_FILE": str(file), **kw.pop("env", {})}
        return self.run(*words, env=env, **kw)

    def json(self, *words, **kw):
        done = self.run(*words, "-o", "json", **kw)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def state(self, node):
        return self.run(node, "state").stdout.strip().split(": ")[-1]

    def wait_state(self, node, word, seconds=30):
        eventually(lambda: self.state(node) == word, seconds)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def golden_files(folder):
    return sorted(p for p in Path(folder).iterdir() if p.suffix == ".txt")
