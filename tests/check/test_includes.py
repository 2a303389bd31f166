# SPDX-License-Identifier: Apache-2.0
"""Who may know whom. Dependencies point one way: a folder includes only folders that stand
above it in the table, so there is no circle and no arrow up; of another folder only its
public headers are visible; each library is known by the folders that are named for it."""
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from sources import TOP, c_files, includes

pytestmark = [pytest.mark.plain_only]

LIBRARIES = ("microhttpd", "gnutls", "nettle", "jansson", "net-snmp", "yaml", "sqlite3",
             "gpiod", "security", "crypt.h", "zlib", "libusb", "curl", "wslay",
             "lzma", "zstd")
GENERATED = ("config.h", "builtin-plugins.h")
ALL = None


class Folder(NamedTuple):
    """`public`: headers that other folders see, ALL of them or those named; `sees`: the
    folders that it may include."""
    public: tuple
    sees: str
    libraries: tuple = ()


CORE = "bmc core/base core/model core/ports core/snapshot"
FRONTEND = CORE + " core/events core/actions"

# The order is that of the layers, the lowest first.
FOLDERS = {
    "bmc": Folder(ALL, "", ("libusb",)),  # header-only helpers of plugins
    "core/base": Folder(ALL, "bmc"),
    "core/model": Folder(ALL, "bmc core/base"),
    "core/ports": Folder(ALL, "bmc core/base core/model"),
    "core/platform": Folder(("platform.h",), "bmc core/base core/model"),
    "core/snapshot": Folder(("snapshot.h", "history.h"), "bmc core/base core/model"),
    "core/access": Folder(("policy.h", "claims.h", "allowed.h"), CORE),
    "core/inventory": Folder(("inventory.h",), CORE + " core/platform core/access"),
    "core/events": Folder(("audit.h", "event.h"), CORE + " core/inventory"),
    "core/plugin": Folder(("instance.h", "stream.h"),
                          CORE + " core/platform core/access core/inventory core/events"),
    "core/tasks": Folder(("tasks.h", "run.h", "resume.h"),
                         CORE + " core/access core/inventory core/events core/plugin"),
    "core/actions": Folder(("action.h", "actions.h"), CORE + " core/access core/inventory"
                           " core/events core/plugin core/tasks"),
    "conf": Folder(("conf.h", "daemon.h"), CORE + " core/platform core/plugin", ("yaml",)),
    "state": Folder(("state.h",), CORE + " core/events", ("sqlite3",)),
    "priv": Folder(("client.h", "proto.h", "names.h"), CORE + " core/platform conf",
                   ("gpiod", "security", "gnutls", "crypt.h", "jansson")),
    "auth": Folder(("auth.h",), CORE + " core/inventory core/events core/actions priv",
                   ("gnutls",)),
    "subscriptions": Folder(("subscriptions.h",),
                            CORE + " core/inventory core/events core/actions"),
    "certificates": Folder(("certificates.h",),
                           CORE + " core/inventory core/events core/actions"),
    "http": Folder(("http.h", "login.h", "webui.h", "request.h", "file.h", "stream.h",
                    "websocket.h", "pages.h", "gzip.h", "identity.h", "multipart.h", "negotiate.h",
                    "stored-certificate.h"),
                   CORE + " core/events",
                   ("microhttpd", "gnutls", "wslay", "zlib")),
    "discovery": Folder(("discovery.h",), CORE),
    "scan": Folder(ALL, "bmc core/base discovery", ("jansson", "curl")),
    "neighbours": Folder(("neighbours.h",), CORE + " scan"),
    "cli/scan": Folder((), "bmc core/base scan", ("jansson", "curl", "microhttpd")),
    "image": Folder(("image.h", "gpt.h", "bundle.h"), "bmc core/base",
                    ("gnutls", "zlib", "lzma", "zstd")),
    "update": Folder(("update.h", "offer.h"), FRONTEND + " core/inventory core/plugin http image",
                     ("curl", "gnutls")),
    "telemetry": Folder(("telemetry.h",),
                        CORE + " core/inventory core/events core/actions"),
    "local": Folder(("local.h",), FRONTEND + " http", ("jansson",)),
    "shell": Folder(("shell.h",), FRONTEND + " core/plugin http", ("jansson",)),
    "metrics": Folder(("metrics.h",), FRONTEND + " http"),
    "redfish": Folder(("redfish.h",), FRONTEND + " http telemetry",
                      ("gnutls", "jansson", "zlib")),
    "redfish/events": Folder(("events.h", "subscriptions.h"), FRONTEND + " http redfish telemetry",
                             ("jansson", "curl")),
    "redfish/resources": Folder((), FRONTEND + " http neighbours redfish redfish/events telemetry",
                                ("jansson",)),
    "snmp": Folder(("snmp.h",), FRONTEND, ("net-snmp", "nettle", "gnutls")),
    "cli": Folder(ALL, "bmc core/base", ("curl", "jansson", "wslay")),
    "cli/commands": Folder((), "bmc core/base cli", ("curl", "jansson")),
    "daemon": Folder(ALL, CORE + " core/inventory core/plugin conf priv"),
    "plugins": Folder((), "bmc", LIBRARIES),  # a plugin brings what its hardware needs
}
# Headers that are public for these folders only.
FRIENDS = {
    "core/snapshot/build.h": ("core/inventory",),
    "discovery/*": ("scan",),  # a searcher speaks the same protocol
    "redfish/*": ("redfish/resources", "redfish/events"),
}


# They know every part.
MAIN = ("agent/main.c", "agent/frontends.c", "agent/frontends.h")


def folder_of(path):
    """The row of a file, by the longest name that fits; main.c has none: it knows all."""
    name = header(path)
    return max((f for f in FOLDERS if name.startswith(f + "/")), key=len, default=None)


def header(path):
    """A header as others include it: "core/base/util.h"."""
    return re.sub(r"^agent/(include/)?", "", str(path))


def resolve(path, name):
    """The file that an #include of our own means."""
    places = (path.parent / name, f"agent/include/{name}", f"agent/{name}", name)
    return next((p for p in (TOP / q for q in places) if p.is_file()), None)


def arrows():
    """(file, folder, other folder, header) of each include across folders."""
    for path in c_files(".c", ".h"):
        mine = folder_of(path)
        for system, name in includes(path):
            if system or name in GENERATED or name.endswith(".inc") or not mine:
                continue
            target = resolve(path, name)
            assert target, f'{path} includes "{name}", which is nowhere'
            target = target.relative_to(TOP)
            same = target.parts[:2] == path.parts[:2] if mine == "plugins" else \
                folder_of(target) == mine
            if not same:
                yield path, mine, folder_of(target), header(target)


def is_visible(mine, other, name):
    public = FOLDERS[other].public
    base = name.rsplit("/", 1)[-1]
    return public is ALL or base in public or mine in FRIENDS.get(name, ()) or \
        mine in FRIENDS.get(f"{other}/*", ())


def test_the_table_is_in_the_order_of_the_layers():
    """Each folder sees only what stands above it: so the rules have no circle."""
    order = list(FOLDERS)
    for name, folder in FOLDERS.items():
        late = [f for f in folder.sees.split() if order.index(f) >= order.index(name)]
        assert not late, f"{name} sees {late}"
        assert len(set(folder.sees.split())) == len(folder.sees.split()), name


def test_dependencies_point_one_way_and_to_public_headers():
    found = []
    for path, mine, other, name in arrows():
        if other not in FOLDERS[mine].sees.split():
            found.append(f"{path} includes {name}: {mine} may not see {other}")
        elif not is_visible(mine, other, name):
            found.append(f"{path} includes {name}, which {other} keeps for itself")
    assert not found, "\n".join(found)


def test_a_rule_that_is_broken_is_found():
    """The means of the test above, on names that are wrong."""
    assert folder_of(Path("agent/core/tasks/run.c")) == "core/tasks"
    assert folder_of(Path("redfish/resources/chassis.c")) == "redfish/resources"
    assert folder_of(Path("redfish/render.c")) == "redfish"
    assert folder_of(Path("agent/include/bmc/model.h")) == "bmc"
    assert folder_of(Path("agent/main.c")) is None
    assert not is_visible("snmp", "core/snapshot", "core/snapshot/build.h")
    assert is_visible("core/inventory", "core/snapshot", "core/snapshot/build.h")
    assert not is_visible("snmp", "redfish", "redfish/render.h")
    assert "core/inventory" not in FOLDERS["snmp"].sees.split()


def test_each_library_has_its_folders():
    found = []
    for path in c_files(".c", ".h"):
        mine = folder_of(path)
        for system, name in includes(path):
            library = next((lib for lib in LIBRARIES if name.startswith(lib)), None)
            if system and library and (not mine or library not in FOLDERS[mine].libraries):
                found.append(f"{path} uses <{name}>")
    assert not found, "\n".join(found)


def test_every_source_belongs_to_a_folder_with_a_row():
    unknown = [str(p) for p in c_files(".c", ".h")
               if folder_of(p) is None and str(p) not in MAIN]
    assert not unknown


def test_resources_reach_rows_only_through_their_view():
    """A body is cached until what it was made from changes, so nothing of it may come
    from a look-up that was not noted."""
    hidden = ("view.h", "uri.h", "render.h", "cache.h", "snapshot.h", "inventory.h")
    found = []
    for path in c_files(".c"):
        if not str(path).startswith("redfish/resources/"):
            continue
        found += [f"{path} includes {name}" for _, name in includes(path)
                  if name.split("/")[-1] in hidden]
        text = (TOP / path).read_text()
        found += [f"{path} says {word}" for word in ("bmc_snapshot", "->snap", "auto_snapshot")
                  if word in text]
    assert not found, "\n".join(found)
