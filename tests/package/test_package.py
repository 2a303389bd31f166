# SPDX-License-Identifier: Apache-2.0
"""The packages' life on a bare Debian 12: installed, started, upgraded, removed and purged,
with the system's own accounts. Run by `./quickstart package --test`, as root."""
import json
import re
import shutil
from pathlib import Path

import pytest

from root import PACKAGES, Root, eventually, sh

FIRST, SECOND = "First-Lamp-41", "a-new-Password-7"
API = "https://127.0.0.1/redfish/v1"
# What a system's own programs write beside a package's files.
OTHERS = re.compile(r"^/(run|proc|sys|tmp|root|var/(cache|log|lib/(dpkg|apt|systemd|pam|ucf))|"
                    r"etc/(ld\.so\.cache|passwd|group|shadow|gshadow|subuid|subgid|\.pwd\.lock))")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    r = Root(tmp_path_factory.mktemp("package") / "root")
    try:
        r.apt("update")
        yield r
    finally:
        r.close()


def the_package(name="clusterbmc"):
    file, = PACKAGES.glob(f"{name}_*.deb")
    return file


def newer(folder, version):
    """The same package with a higher version, another comment in a platform file and another
    one in the configuration."""
    tree = folder / "newer"
    sh("dpkg-deb", "-R", the_package(), tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub("^Version: .*$", f"Version: {version}", control.read_text(),
                              flags=re.M))
    for name in ("platforms/host.yaml", "clusterbmcd.yaml"):
        with open(tree / "etc/clusterbmc" / name, "a") as f:
            f.write(f"# as of {version}\n")
    sh("dpkg-deb", "-b", tree, folder / f"clusterbmc_{version}.deb")
    shutil.rmtree(tree)
    return folder / f"clusterbmc_{version}.deb"


def files(root):
    found = sh("find", root.folder, "-xdev", "-printf", "/%P\n").stdout.splitlines()
    return {f for f in found if not OTHERS.match(f)}


def curl(root, path, *words, user=None, code=200):
    """The answer's JSON, from inside of the root's own network."""
    login = ["--user", user] if user else []
    out = sh("nsenter", "--target", root.pid, "--net", "curl", "-sk", "-w", "\n%{http_code}",
             "-H", "Content-Type: application/json", *login, *words, API + path).stdout
    body, _, status = out.rpartition("\n")
    assert int(status) == code, f"{path}: {status} {body}"
    return json.loads(body) if body else None


def answers(root):
    return sh("nsenter", "--target", root.pid, "--net", "curl", "-skf", API,
              check=False).returncode == 0


def start(root):
    root.start("clusterbmc-priv")
    root.start("clusterbmcd")
    eventually(lambda: answers(root) or root.services["clusterbmcd"].poll() is not None)
    assert answers(root), root.log("clusterbmcd")


def stop(root):
    assert root.stop("clusterbmcd") == 0, root.log("clusterbmcd")
    root.stop("clusterbmc-priv")


def pam(root, service, user, password):
    return root.run("pamtester", service, user, "authenticate", "acct_mgmt",
                    input=password + "\n", check=False).returncode == 0


def owner(root, path):
    return root.run("stat", "-c", "%a %U:%G", path).stdout.strip()


def script(root, name):
    return root.path(f"/var/lib/dpkg/info/clusterbmc.{name}").read_text()


def test_life(root, tmp_path):
    """One story: each step needs the one before it."""
    root.apt("install", "pamtester", "passwd", "systemd")
    before = files(root)
    root.apt("install", root.copy(the_package()), root.copy(the_package("clusterbmc-tools")))
    installed(root)
    first_start(root)
    kept = use_it(root)
    upgrade(root, tmp_path, kept)
    factory_reset(root)
    remove(root)
    purge(root, before)


def installed(root):
    ids = root.run("id", "clusterbmc").stdout
    assert "clusterbmc" in ids
    for group in ("admin", "operator", "readonly"):
        root.run("getent", "group", f"clusterbmc-{group}")
    assert owner(root, "/var/lib/clusterbmc") == "700 clusterbmc:clusterbmc"
    assert owner(root, "/etc/clusterbmc/clusterbmcd.yaml") == "640 root:clusterbmc"
    for name in ("clusterbmcd", "clusterbmc-priv"):
        assert root.path(f"/etc/systemd/system/multi-user.target.wants/{name}.service"
                         ).is_symlink(), "not started at boot"
        assert name in script(root, "postinst")
    conffiles = root.run("dpkg-query", "-W", "-f", "${Conffiles}", "clusterbmc").stdout
    for name in ("clusterbmc/clusterbmcd.yaml", "clusterbmc/platforms/host.yaml",
                 "pam.d/clusterbmc"):
        assert f" /etc/{name} " in conffiles
    # once more changes nothing
    known = root.run("cat", "/etc/passwd", "/etc/group").stdout
    root.run("/var/lib/dpkg/info/clusterbmc.postinst", "configure", "")
    assert root.run("cat", "/etc/passwd", "/etc/group").stdout == known
    root.run("clusterbmcd", "-t")
    assert "not found" not in root.run("ldd", "/usr/sbin/clusterbmcd").stdout


def first_start(root):
    start(root)
    status = Path(f"/proc/{root.main_process('clusterbmcd')}/status").read_text()
    uid = int(re.search(r"^Uid:\t(\d+)", status, re.M)[1])
    assert uid == int(root.run("id", "-u", "clusterbmc").stdout), "not its own user"
    root.run("/usr/libexec/clusterbmc-priv", "--first-account", "admin", "--must-change",
             input=FIRST + "\n")
    curl(root, "/Systems", user=f"admin:{FIRST}", code=403)
    # root's own commands need no login
    assert json.loads(root.run("bmc", "redfish", "GET", "/redfish/v1/Systems/main").stdout)["Id"] \
        == "main"


def use_it(root):
    """Passwords that are changed over Redfish are PAM's; what has to be there after an
    upgrade."""
    admin = "/AccountService/Accounts/admin"
    body = json.dumps({"Password": SECOND})
    assert not pam(root, "clusterbmc", "admin", SECOND)
    curl(root, admin, "-X", "PATCH", "-d", body, user=f"admin:{FIRST}")
    assert pam(root, "clusterbmc", "admin", SECOND) and pam(root, "login", "admin", SECOND)
    assert not pam(root, "clusterbmc", "admin", FIRST)
    assert not pam(root, "login", "admin", FIRST)
    # an account that the system had
    root.run("useradd", "--create-home", "alice")
    root.run("chpasswd", input="alice:Quartz-Stone-52\n")
    root.run("usermod", "-aG", "clusterbmc-operator", "alice")
    assert pam(root, "login", "alice", "Quartz-Stone-52")
    eventually(lambda: "alice" in json.dumps(
        curl(root, "/AccountService/Accounts", user=f"admin:{SECOND}")))
    curl(root, "/AccountService/Accounts/alice", "-X", "PATCH", "-d",
         json.dumps({"Password": "Other-Stone-53"}), user=f"admin:{SECOND}")
    assert pam(root, "login", "alice", "Other-Stone-53")
    assert not pam(root, "login", "alice", "Quartz-Stone-52")
    curl(root, "/Systems/main", user="alice:Other-Stone-53")
    curl(root, "/Systems/main", "-X", "PATCH", "-d", '{"AssetTag": "rack 7"}',
         user=f"admin:{SECOND}")
    return curl(root, "")["UUID"]


def upgrade(root, tmp_path, uuid):
    """While it runs, with a configuration that was edited."""
    config = root.path("/etc/clusterbmc/clusterbmcd.yaml")
    config.write_text(config.read_text() + "log_level: info\n")
    root.apt("install", root.copy(newer(tmp_path, "0.1.1~test")))
    assert re.search(r"deb-systemd-invoke \$_dh_action 'clusterbmc-priv.service' "
                     r"'clusterbmcd.service'", script(root, "postinst"))
    assert "_dh_action=restart" in script(root, "postinst")
    assert "log_level: info" in config.read_text() and "as of" not in config.read_text()
    assert "as of 0.1.1~test" in root.path("/etc/clusterbmc/platforms/host.yaml").read_text()
    assert owner(root, "/etc/clusterbmc/clusterbmcd.yaml") == "640 root:clusterbmc"
    stop(root)  # what systemd does then
    start(root)
    curl(root, "/Systems/main", user=f"admin:{FIRST}", code=401)
    tag = curl(root, "/Systems/main", user=f"admin:{SECOND}")["AssetTag"]
    assert (tag, curl(root, "")["UUID"]) == ("rack 7", uuid)


def factory_reset(root):
    stop(root)  # no systemd is here that the command could ask for it
    root.run("clusterbmc-recovery", "reset", "--yes")
    assert root.run("id", "admin", check=False).returncode, "an account that was made here"
    assert "clusterbmc" not in root.run("id", "alice").stdout
    assert pam(root, "login", "alice", "Other-Stone-53"), "the system's account stays"
    start(root)
    curl(root, "/Systems/main", user=f"admin:{SECOND}", code=401)
    curl(root, "/Systems/main", user="alice:Other-Stone-53", code=401)
    root.run("/usr/libexec/clusterbmc-priv", "--first-account", "admin", input=FIRST + "\n")
    eventually(lambda: answers(root))
    assert not curl(root, "/Systems/main", user=f"admin:{FIRST}")["AssetTag"]


def remove(root):
    assert "deb-systemd-invoke stop" in script(root, "prerm")
    stop(root)
    root.apt("remove", "clusterbmc")
    assert not root.path("/usr/sbin/clusterbmcd").exists()
    assert root.path("/etc/clusterbmc/clusterbmcd.yaml").exists()
    assert list(root.path("/var/lib/clusterbmc").iterdir())


def purge(root, before):
    root.apt("purge", "clusterbmc", "clusterbmc-tools")
    root.apt("autoremove", "--purge")
    left = files(root) - before
    ours = {f for f in left if "clusterbmc" in f}
    assert not ours, sorted(ours)
    root.run("id", "clusterbmc")  # its number is not given to others
    root.run("id", "alice")
