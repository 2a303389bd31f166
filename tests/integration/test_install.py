# SPDX-License-Identifier: Apache-2.0
"""What `make install` lays down: it is complete, its programs run with the commands of the
units, and a plugin is built against it outside of the tree, as plugins/README.md says."""
import json
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness import BUILD, MIBS, SLOW, TOP, alive, eventually, free_ports

pytestmark = [pytest.mark.plain_only]

PLUGINS = (TOP / "plugins/README.md").read_text()


def run(argv, **kw):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300 * SLOW, check=False,
                          **kw)
    assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done.stdout


class Installed:
    """`make install` below a folder; `at(prefix's path)` is where a file came to lie."""

    def __init__(self, folder):
        self.root = folder / "root"
        run(["make", "-s", "install", f"DESTDIR={self.root}"], cwd=BUILD)
        self.prefix = Path(run(["make", "-s", "print-prefix"], cwd=BUILD).strip())
        self.folder = folder

    def at(self, path):
        return self.root / str(self.prefix / path).lstrip("/")

    def pkg_config(self):
        """The environment of a build that is to find clusterbmc.pc below the folder."""
        return {**os.environ, "PKG_CONFIG_PATH": str(self.at("lib/pkgconfig")),
                "PKG_CONFIG_SYSROOT_DIR": str(self.root)}


@pytest.fixture(scope="module")
def installed():
    folder = Path(tempfile.mkdtemp(prefix="clusterbmc-it."))
    folder.chmod(0o711)  # the daemon runs as somebody else
    try:
        yield Installed(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_all_that_a_service_and_a_plugin_need_is_installed(installed):
    wanted = ["sbin/clusterbmcd", "libexec/clusterbmc-priv", "libexec/clusterbmc-shell",
              "lib/sysusers.d/clusterbmc.conf", "lib/systemd/system/clusterbmc-shell@.service",
              "lib/tmpfiles.d/clusterbmc.conf", "lib/systemd/system/clusterbmcd.service",
              "lib/systemd/system/clusterbmc-priv.service", "etc/pam.d/clusterbmc",
              "etc/clusterbmc/clusterbmcd.yaml", "etc/clusterbmc/platforms/firefly-r2.yaml",
              "share/snmp/mibs/CLUSTER-BMC-MIB.txt", "share/doc/clusterbmc/clusterbmcd.yaml.md",
              "share/doc/clusterbmc/LICENSE", "share/man/man8/clusterbmcd.8",
              "share/man/man8/clusterbmc-priv.8", "share/man/man8/clusterbmc-shell.8", "share/man/man5/clusterbmcd.yaml.5",
              "lib/pkgconfig/clusterbmc.pc",
              "include/clusterbmc/bmc/plugin.h"]
    missing = [w for w in wanted if not installed.at(w).is_file()]
    assert not missing, missing
    headers = {p.name for p in (TOP / "agent/include/bmc").glob("*.h")}
    assert headers == {p.name for p in installed.at("include/clusterbmc/bmc").iterdir()}


def test_pkg_config_says_version_and_abi(installed):
    def pc(*words):
        return run(["pkg-config", *words, "clusterbmc"], env=installed.pkg_config()).strip()
    version = re.search(r"^AC_INIT\(\[clusterbmc\], \[(.+?)\]\)", (TOP / "configure.ac").read_text(),
                        re.M)[1]
    abi = re.search(r"^#define BMC_ABI (\d+)u$",
                    (TOP / "agent/include/bmc/plugin.h").read_text(), re.M)[1]
    assert pc("--modversion") == version
    assert pc("--variable=abi") == abi


class Service:
    """The two programs, started by the commands of the installed units, with one port."""

    def __init__(self, installed, config):
        self.installed, self.config = installed, config
        self.processes = []
        self.log = open(config.parent / "log", "ab")

    def command(self, unit):
        text = self.installed.at(f"lib/systemd/system/{unit}.service").read_text()
        program, *words = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.M)[1])
        assert words[0] == "--config", words
        return [str(self.installed.root / program.lstrip("/")), "--config", str(self.config)]

    def start(self, unit, *more):
        self.processes.append(subprocess.Popen(
            self.command(unit) + list(more), stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log))

    def log_text(self):
        return (self.config.parent / "log").read_text(errors="replace")

    def stop(self):
        for p in reversed(self.processes):
            p.terminate()
            p.wait(20 * SLOW)
            assert not alive(p.pid)
        self.log.close()


def readme_block(language, number=0):
    return re.findall(rf"^```{language}\n(.*?)^```$", PLUGINS, re.M | re.S)[number]


def outside_commands():
    """The lines that README gives for a plugin outside of the tree."""
    block = next(b for b in re.findall(r"^```sh\n(.*?)^```$", PLUGINS, re.M | re.S)
                 if "pkg-config" in b)
    return re.sub(r"\\\n\s*", "", block)


def own_user():
    return pwd.getpwuid(os.geteuid()).pw_name if os.geteuid() else "nobody"


def write_config(installed, folder, port):
    """README's example of an instance, with files in place of those of sysfs."""
    for name, text in (("temperature", "41500\n"), ("light", "0\n")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o666)
    instances = (readme_block("yaml").replace("/sys/class/hwmon/hwmon0/temp1_input",
                                              f"{folder}/temperature")
                 .replace("/sys/class/leds/uid/brightness", f"{folder}/light"))
    (folder / "platform.yaml").write_text(
        (TOP / "conf/platforms/host.yaml").read_text().replace("default: host", "default: lamp")
        + readme_block("yaml", 1))
    (folder / "state").mkdir()
    config = folder / "clusterbmcd.yaml"
    config.write_text(f"""platform: platform.yaml
state_dir: {folder}/state
plugin_dir: {installed.at("lib/clusterbmc")}
user: {own_user()}
helper: {{backend: file, socket: {folder}/priv.sock, file: {{dir: {folder}/state/accounts}}}}
http: {{https_port: 0}}
snmp: {{bind: 127.0.0.1, port: {port}, communities: [{{name: public, role: Operator}}]}}
{instances}""")
    return config


@pytest.fixture
def lamp(installed):
    """A service with README's plugin, built by README's commands."""
    folder = Path(tempfile.mkdtemp(prefix="lamp.", dir=installed.folder))
    folder.chmod(0o711)
    (folder / "lamp.c").write_text(readme_block("c"))
    run(["sh", "-euc", outside_commands()], cwd=folder, env=installed.pkg_config())
    port = free_ports(1)[0]
    service = Service(installed, write_config(installed, folder, port))
    service.folder, service.port, service.ready = folder, port, folder / "ready"
    try:
        yield service
    finally:
        service.stop()


def snmp(service, tool, *words):
    done = subprocess.run([tool, "-v2c", "-c", "public", "-M", MIBS, "-m", "CLUSTER-BMC-MIB",
                           "-OqvU", "-t", str(5 * SLOW), f"127.0.0.1:{service.port}", *words],
                          capture_output=True, text=True, timeout=60 * SLOW, check=False)
    return done.stdout.strip() + done.stderr


def test_readmes_plugin_is_built_outside_and_works_in_the_installed_daemon(installed, lamp):
    checked = run([*lamp.command("clusterbmcd"), "-t"])
    assert "is fine" in checked
    lamp.start("clusterbmc-priv")
    lamp.start("clusterbmcd", "--ready-file", str(lamp.ready))
    eventually(lambda: lamp.ready.exists() and lamp.ready.read_text().strip() or
               lamp.processes[1].poll() is not None, 30)
    assert json.loads(lamp.ready.read_text())["pid"], lamp.log_text()
    eventually(lambda: "41.500" in snmp(lamp, "snmpwalk", "cbmcSensorValue"), 10)
    assert snmp(lamp, "snmpset", "cbmcLocator.0", "=", "true") == "true"
    eventually(lambda: (lamp.folder / "light").read_text() == "1\n", 10)


def test_module_of_another_abi_is_refused_by_name(installed, lamp):
    header = lamp.folder / "bmc"
    shutil.copytree(installed.at("include/clusterbmc/bmc"), header)
    plugin = header / "plugin.h"
    plugin.write_text(plugin.read_text().replace("#define BMC_ABI 1u", "#define BMC_ABI 99u"))
    run(["gcc", "-shared", "-fPIC", "-DBMC_PLUGIN_SHARED", f"-I{lamp.folder}", "-o",
         str(installed.at("lib/clusterbmc/lamp.so")), "lamp.c"], cwd=lamp.folder)
    done = subprocess.run([*lamp.command("clusterbmcd"), "-t"], capture_output=True, text=True,
                          timeout=60 * SLOW, check=False)
    assert done.returncode == 1 and "lamp was built for ABI 99" in done.stderr


def test_missing_helper_is_said_with_path_and_reason(lamp):
    lamp.start("clusterbmcd", "--ready-file", str(lamp.ready))
    eventually(lambda: lamp.ready.exists() and lamp.ready.read_text().strip(), 30)
    assert f"root helper at {lamp.folder}/priv.sock: No such file or directory" \
        in lamp.log_text()


@pytest.mark.parametrize("program", ["sbin/clusterbmcd", "libexec/clusterbmc-priv",
                                     "libexec/clusterbmc-shell"])
def test_help_and_version_go_to_standard_output(installed, program):
    path = str(installed.at(program))
    assert run([path, "--help"]).startswith("usage: " + Path(program).name)
    assert run([path, "--version"]).startswith(Path(program).name + " ")
    wrong = subprocess.run([path, "--frobnicate"], capture_output=True, text=True, timeout=30,
                           check=False)
    assert wrong.returncode == 2 and not wrong.stdout and "usage:" in wrong.stderr


README = (TOP / "README.md").read_text()
STEPS = README.split("## Install it")[1].split("## Troubleshoot")[0]
# how the paths of the steps, of a build with --prefix=/usr, are installed by ours
PLACES = (("/usr/", ""), ("/etc/", "etc/"))


def steps():
    """Each command of the installation."""
    return [line.strip() for block in re.findall(r"^ *```sh\n(.*?)^ *```", STEPS, re.M | re.S)
            for line in block.splitlines()]


def test_steps_of_the_installation_name_what_is_installed(installed):
    made_by_steps = {"/etc/clusterbmc/server.key", "/etc/clusterbmc/server.pem"}
    named = set(re.findall(r"(?<![\w=])/(?:usr|etc)/[\w./-]+", "\n".join(steps()))) - made_by_steps
    assert len(named) >= 3
    for path in named:
        for begin, ours in PLACES:
            if path.startswith(begin):
                assert installed.at(ours + path.removeprefix(begin)).exists(), path
    for unit in ("clusterbmcd", "clusterbmc-priv"):
        assert unit in next(s for s in steps() if s.startswith("systemctl enable"))
        text = installed.at(f"lib/systemd/system/{unit}.service").read_text()
        assert "WantedBy=multi-user.target" in text


def test_steps_install_what_quickstart_knows_to_be_needed():
    known = (TOP / "quickstart").read_text()
    for line in (s for s in steps() if s.startswith("apt-get install")):
        for package in line.removeprefix("apt-get install -y ").split():
            assert re.search(rf"[\s\"]{re.escape(package)}[\s\"]", known), package


def test_step_of_the_certificate_names_it_in_the_sites_configuration(installed, tmp_path):
    config = tmp_path / "clusterbmcd.yaml"
    shutil.copy(installed.at("share/doc/clusterbmc/examples/site.yaml"), config)
    shutil.copytree(installed.at("etc/clusterbmc/platforms"), tmp_path / "platforms")
    with open(config, "a") as out:  # where plugins that are no part of the daemon are now
        out.write(f"plugin_dir: {installed.at('lib/clusterbmc')}\n")
    sed = next(s for s in steps() if s.startswith("sed "))
    run(["sh", "-euc", sed.replace("/etc/clusterbmc/clusterbmcd.yaml", shlex.quote(str(config)))])
    shown = run([str(installed.at("sbin/clusterbmcd")), "-p", "-c", str(config)])
    for key, file in (("certificate", "server.pem"), ("key", "server.key")):
        assert re.search(rf"^ *{key}: .*/etc/clusterbmc/{file}", shown, re.M), shown
