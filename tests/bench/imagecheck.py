# SPDX-License-Identifier: Apache-2.0
"""Checking an image of 1 GiB against `openssl dgst -sha256` of the same file."""
import os
import subprocess
import time

MIB = 1024


def timed(*command):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def image_check(folder, build, compare, row):
    """With `compare` and `row` of bench.py. The file is in the page cache for both."""
    images = folder / "firmware"
    images.mkdir()
    with open(images / "large.img", "wb") as f:
        for _ in range(MIB):
            f.write(os.urandom(1 << 20))
    (folder / "update.yaml").write_text(f"folder: {images}\n")
    try:
        ratio, ours, other = compare(
            lambda: 1 / timed(build / "tests/rigs/image-rig", folder / "update.yaml",
                              folder / "images", "check", "large.img"),
            lambda: 1 / timed("openssl", "dgst", "-sha256", images / "large.img"))
    finally:
        (images / "large.img").unlink()
    row("image check of 1 GiB, of the rate of openssl dgst",
        f"{ratio:.2f}  ({ours * MIB:.0f} MiB/s, {other * MIB:.0f} MiB/s)", ">= 0.80",
        ratio >= 0.8)
