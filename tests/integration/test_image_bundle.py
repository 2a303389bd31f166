# SPDX-License-Identifier: Apache-2.0
"""Signed bundles: made by the commands of doc/bundle.md, and by a forger."""
import hashlib
import io
import re
import subprocess
import tarfile

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

import harness as rig

EPERM, ENOTSUP, ECORRUPT = -6, -8, -21
GOOD, REFUSED = "3", "4"
SIGNED = "2"
RIG = rig.BUILD / "tests/rigs/image-rig"
BOOT, ROOTFS = b"boot" * 300, b"root" * 5000


@pytest.fixture(scope="module")
def key():
    return ed25519.Ed25519PrivateKey.generate()


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)


def manifest(files, **changes):
    """The manifest of (name, role, content)."""
    head = {"Filetype": "clusterbmc firmware bundle", "Version": "1", "Info": "a test",
            "Release": "1.2.3", "Target": "330C", **changes}
    lines = [f"{k}: {v}" for k, v in head.items()]
    for name, role, data in files:
        lines += ["", f"File: {name}", f"Role: {role}", f"Size: {len(data)}",
                  f"SHA-256: {hashlib.sha256(data).hexdigest()}"]
    return ("\n".join(lines) + "\n").encode()


def member(name, data, **attributes):
    """A file of a ustar archive, with its header."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for k, v in attributes.items():
        setattr(info, k, v)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)


def sign(key, content):
    return key.sign(hashlib.sha256(content).digest())


END = bytes(1024)
FILES = [("boot.img", "partition boot", BOOT), ("rootfs.img", "partition rootfs", ROOTFS)]


def content(files=FILES, text=None, tail=END):
    return member("manifest", manifest(files) if text is None else text) + \
        b"".join(member(n, d) for n, _, d in files) + tail


class Check:
    """Checks files of a firmware folder, with the keys that are trusted."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "firmware").mkdir()

    def __call__(self, data, *keys, **conf):
        (self.folder / "firmware/x.img").write_bytes(data)
        lines = [f"folder: {self.folder}/firmware"] + [f"{k}: {v}" for k, v in conf.items()]
        if keys:
            lines.append("keys:")
        for i, k in enumerate(keys):
            path = self.folder / f"{i}.pem"
            path.write_bytes(k if isinstance(k, bytes) else pem(k))
            lines.append(f"  - {{name: key{i}, file: {path}}}")
        (self.folder / "update.yaml").write_text("\n".join(lines) + "\n")
        done = subprocess.run([RIG, self.folder / "update.yaml", self.folder / "images", "check",
                               "x.img"], timeout=60, capture_output=True, text=True, check=False)
        assert not rig.SANITIZERS.search(done.stderr), done.stderr
        self.error, *rows = done.stdout.splitlines()
        self.row = dict(r.split("=", 1) for r in rows)
        return 0 if self.error == "ok" else int(self.error.split()[0])


@pytest.fixture
def check(tmp_path):
    return Check(tmp_path)


def bundle(key, body, signature=None):
    return member("signature", sign(key, body) if signature is None else signature) + body


def test_a_bundle_is_made_by_the_commands_of_the_manual(check, tmp_path):
    page = (rig.TOP / "doc/bundle.md").read_text()
    (tmp_path / "boot.img").write_bytes(BOOT)
    (tmp_path / "rootfs.img").write_bytes(ROOTFS)
    for script in re.findall(r"```sh\n(.*?)```", page, re.S):
        subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, check=True,
                       capture_output=True)
    made = (tmp_path / "release.bundle").read_bytes()
    public = (tmp_path / "release.pem").read_bytes()
    assert check(made, public, unsigned="deny") == 0, check.error
    assert check.row["format"] == "bundle" and check.row["version"] == "2026.11.1"
    assert check.row["chip"] == "330C" and check.row["signer"] == "key0"
    assert check.row["trust"] == SIGNED and check.row["state"] == GOOD


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048", "rsa4096"])
def test_other_keys_sign_too(check, kind):
    body = content()
    digest = hashlib.sha256(body).digest()
    if kind.startswith("rsa"):
        key = rsa.generate_private_key(65537, int(kind[3:]))
        signature = key.sign(digest, padding.PKCS1v15(), hashes.SHA256())
    else:
        key = ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1())
        signature = key.sign(digest, ec.ECDSA(hashes.SHA256()))
    other = ed25519.Ed25519PrivateKey.generate()
    assert check(bundle(None, body, signature), other, key) == 0, check.error
    assert check.row["signer"] == "key1"


def test_a_weak_key_is_not_taken(check):
    weak = rsa.generate_private_key(65537, 1024)
    assert check(bundle(ed25519.Ed25519PrivateKey.generate(), content()), weak) == -1
    assert check(b"x", b"no key") == -1


def test_without_a_trusted_key_it_is_refused(check, key):
    made = bundle(key, content())
    assert check(made, unsigned="allow") == EPERM
    assert "`update.keys`" in check.error
    assert check(made, ed25519.Ed25519PrivateKey.generate(), unsigned="allow") == EPERM
    assert check.row["state"] == REFUSED and check.row["trust"] != SIGNED
    assert check(made, key, unsigned="deny") == 0


def test_unsigned_images_are_refused_by_the_policy(check):
    assert check(b"raw" * 1000, unsigned="deny") == EPERM
    assert "`update.unsigned: allow`" in check.error
    assert check(b"raw" * 1000, unsigned="allow") == 0
    assert check.row["trust"] == "1"


def test_no_byte_can_be_changed(check, key):
    made = bundle(key, content())
    for at in [*range(0, 157, 13), 257, 512, 540, 575, 600, 1023, *range(1024, len(made), 997),
               len(made) - 1]:
        forged = bytearray(made)
        forged[at] ^= 1
        assert check(bytes(forged), key) in (EPERM, ECORRUPT), at
    for cut in (512, 1023, 1024, 1025, 2048, len(made) - 512, len(made) - 1):
        assert check(made[:cut], key) in (EPERM, ECORRUPT), cut
    assert check(made + bytes(512), key) == EPERM


# What a maker's key has signed is checked all the same.
@pytest.mark.parametrize("name", ["../boot.img", "/boot.img", "a/b.img", "..", ".hidden", "-rf",
                                  "a b", "a\tb", "ü.img"])
def test_names_that_are_paths_are_refused(check, key, name):
    files = [(name, "partition boot", BOOT)]
    assert check(bundle(key, content(files)), key) == ECORRUPT


WRONG = {
    "unlisted member": content(text=manifest(FILES[:1])),
    "missing member": content(FILES[:1], manifest(FILES)),
    "another order": content(FILES, manifest(FILES[::-1])),
    "member twice": content(FILES + FILES[:1], manifest(FILES)),
    "name twice": content([FILES[0], ("boot.img", "partition b", BOOT)]),
    "partition twice": content([FILES[0], ("b.img", "partition boot", BOOT)]),
    "two disks": content([("a", "disk", BOOT), ("b", "disk", BOOT)]),
    "disk and partition": content([("a", "disk", BOOT), FILES[0]]),
    "update and more": content([("a", "update", BOOT), FILES[0]]),
    "no file": content([]),
    "no end": content(tail=b""),
    "half an end": content(tail=bytes(512)),
    "odd end": content(tail=bytes(1100)),
    "rest after the end": content(tail=END + member("x", b"x") + END),
    "long tail": content(tail=bytes(65536 + 512)),
    "larger size": content(text=manifest(FILES).replace(b"Size: 1200", b"Size: 1201")),
    "smaller size": content(text=manifest(FILES).replace(b"Size: 1200", b"Size: 1199")),
    "huge size": content(text=manifest(FILES).replace(b"Size: 1200", b"Size: " + b"9" * 40)),
    "no size": content(text=manifest(FILES).replace(b"Size: 1200", b"Size: 0")),
    "signed size": content(text=manifest(FILES).replace(b"Size: 1200", b"Size: -1200")),
    "other digest": content(text=re.sub(rb"SHA-256: .", b"SHA-256: g", manifest(FILES))),
    "wrong digest": content([("boot.img", "partition boot", BOOT[::-1])],
                            manifest([("boot.img", "partition boot", BOOT)])),
    "another type": content(text=manifest(FILES, Filetype="Flipper firmware")),
    "no info": content(text=manifest(FILES, Info="")),
    "long info": content(text=manifest(FILES, Info="x" * 128)),
    "long release": content(text=manifest(FILES, Release="x" * 48)),
    "control character": content(text=manifest(FILES, Info="a\x1b[1mb")),
    "long target": content(text=manifest(FILES, Target="RK339")),
    "odd target": content(text=manifest(FILES, Target="3/0C")),
    "unknown role": content([("a", "bootloader", BOOT)]),
    "no partition": content([("a", "partition ", BOOT)]),
    "long partition": content([("a", "partition " + "x" * 33, BOOT)]),
    "NUL in it": content(text=manifest(FILES) + b"\0"),
    "unknown key": content(text=manifest(FILES) + b"More: x\n"),
    "no manifest": member("readme", manifest(FILES)) + END,
    "long manifest": content(text=manifest(FILES) + b"\n" * 65536),
    "too many files": content([(f"f{i}", f"partition p{i}", b"x") for i in range(65)]),
    "link": member("manifest", manifest([("a", "disk", b"x")])) +
    member("a", b"x", type=tarfile.SYMTYPE, linkname="/etc/passwd") + END,
    "hard link": member("manifest", manifest([("a", "disk", b"x")])) +
    member("a", b"x", type=tarfile.LNKTYPE, linkname="manifest") + END,
    "folder": member("manifest", manifest([("a", "disk", b"x")])) +
    member("a", b"x", type=tarfile.DIRTYPE) + END,
    "device": member("manifest", manifest([("a", "disk", b"x")])) +
    member("a", b"x", type=tarfile.BLKTYPE) + END,
    "prefix of a path": member("manifest", manifest([("b", "disk", b"x")])) +
    member("p" * 99 + "/b", b"x") + END,
    "size beyond the end": member("manifest", manifest([("a", "disk", b"x")])) +
    member("a", b"")[:124] + b"77777777777\0" + member("a", b"")[136:] + END,
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_a_signed_bundle_is_refused(check, key, what):
    assert check(bundle(key, WRONG[what]), key) == ECORRUPT, check.error
    assert check.row["state"] == REFUSED and check.row["reason"]


def test_another_version_of_the_format_is_told(check, key):
    assert check(bundle(key, content(text=manifest(FILES, Version="2"))), key) == ENOTSUP
    assert check(bundle(key, content([("a", "update", bundle(key, content()))])), key) == ENOTSUP


def test_limits_are_taken(check, key):
    many = [(f"f{i}", f"partition p{i}", b"x") for i in range(64)]
    assert check(bundle(key, content(many)), key) == 0, check.error
    text = manifest(FILES, Info="x" * 127, Release="x" * 47)
    text += b"\n" * (65536 - len(text))
    assert check(bundle(key, content(text=text, tail=bytes(65536))), key) == 0, check.error
    assert check(bundle(key, content([("a", "partition " + "x" * 32, BOOT)])), key) == 0


@pytest.mark.parametrize("length", [0, 513])
def test_a_signature_has_to_fit_its_place(check, key, length):
    assert check(member("signature", bytes(length)) + content(), key) == ECORRUPT


def test_a_tar_without_signature_is_no_disk(check):
    assert check(content(), unsigned="allow") == ECORRUPT


def test_the_chip_has_to_be_the_same_everywhere(check, key):
    loader = (rig.TOP / "tests/fuzz/seeds/image/loader").read_bytes()
    files = [("l.bin", "loader", loader), *FILES]
    assert check(bundle(key, content(files)), key) == 0, check.error
    other = content(files, manifest(files, Target="350B"))
    assert check(bundle(key, other), key) == ECORRUPT and "chip" in check.error
    update = (rig.TOP / "tests/fuzz/seeds/image/rkfw").read_bytes()
    inner = [("update.img", "update", update)]
    assert check(bundle(key, content(inner)), key) == 0, check.error
    assert check.row["chip"] == "330C"
    other = content(inner, manifest(inner, Target="350B"))
    assert check(bundle(key, other), key) == ECORRUPT and "chip" in check.error


def test_partitions_have_to_be_in_the_parameter(check, key):
    table = b"TYPE: GPT\nCMDLINE:mtdparts=rk29xxnand:0x00002000@0x00004000(boot)," \
            b"-@0x00006000(rootfs)\n"
    files = [("parameter.txt", "parameter", table), *FILES]
    assert check(bundle(key, content(files)), key) == 0, check.error
    files[0] = ("parameter.txt", "parameter", table.replace(b"rootfs", b"other"))
    assert check(bundle(key, content(files)), key) == ECORRUPT
