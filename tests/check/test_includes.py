# SPDX-License-Identifier: Apache-2.0
"""Who may know whom: dependencies point one way, from the faces and the plugins to the
core, and each library has one folder that knows it."""
import pytest

from sources import TOP, c_files, includes

LIBRARIES = ("microhttpd", "gnutls", "nettle", "jansson", "net-snmp", "yaml", "sqlite3",
             "gpiod", "security", "zlib", "libusb", "curl")
ANY = LIBRARIES  # a plugin brings what its hardware needs
GENERATED = ("config.h", "builtin-plugins.h")

# folder: (folders whose headers it may include, libraries it may use); the first folder
# that fits a file counts
FOLDERS = {
    "plugins": (("bmc",), ANY),
    "redfish": (("bmc", "core", "http", "redfish"), ("gnutls", "jansson", "zlib")),
    "agent/http": (("bmc", "core", "http"), ("microhttpd", "gnutls")),
    "agent/snmp": (("bmc", "core", "snmp"), ("net-snmp",)),
    "agent/metrics": (("bmc", "core", "metrics"), ()),
    "agent/include": (("bmc",), ()),
    "agent/core": (("bmc", "core"), ()),
    "agent/conf": (("bmc", "core", "conf"), ("yaml",)),
    "agent/state": (("bmc", "core", "state"), ("sqlite3",)),
    "agent/auth": (("bmc", "core", "auth", "priv", "conf"), ("gnutls", "security")),
    "agent/daemon": (("bmc", "core", "conf", "priv", "daemon"), ()),
    "agent/priv": (("bmc", "core", "priv", "conf"), ("gpiod", "security", "gnutls")),
}


def folder_of(path):
    return next((f for f in FOLDERS if str(path).startswith(f + "/")), None)


def local_ok(path, name, allowed):
    if name in GENERATED:
        return True
    if "/" not in name:  # a neighbour
        return (TOP / path.parent / name).exists()
    head = name.split("/")[0]
    # the folders of a plugin or of redfish are its own, too
    return head in allowed or (TOP / path.parent / name).exists()


def problems(path):
    folder = folder_of(path)
    if folder is None:
        return
    allowed, libraries = FOLDERS[folder]
    for system, name in includes(path):
        library = next((lib for lib in LIBRARIES if name.startswith(lib)), None)
        if system and library and library not in libraries:
            yield f"{path} uses <{name}>"
        if not system and not local_ok(path, name, allowed):
            yield f'{path} includes "{name}"'


@pytest.mark.plain_only
def test_dependencies_point_one_way():
    found = [p for path in c_files(".c", ".h") for p in problems(path)]
    assert not found, "\n".join(found)


@pytest.mark.plain_only
def test_only_main_knows_both_faces():
    for path in c_files(".c", ".h"):
        names = [name for system, name in includes(path) if not system]
        faces = {face for face in ("redfish", "snmp") for n in names
                 if n.startswith(face + "/")}
        assert len(faces) < 2 or str(path) == "agent/main.c", path


@pytest.mark.plain_only
def test_every_source_belongs_to_a_folder_with_a_rule():
    unknown = [str(p) for p in c_files(".c", ".h")
               if folder_of(p) is None and str(p) != "agent/main.c"]
    assert not unknown


@pytest.mark.plain_only
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
