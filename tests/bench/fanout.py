# SPDX-License-Identifier: Apache-2.0
"""HTTP fan-out of one image to 72 boards: our server's offers against nginx with sendfile,
over loopback without TLS, one connection a board, all at once; the client drops what comes
in the kernel. For bench.py."""
import json
import os
import subprocess
from pathlib import Path

from harness import BUILD, eventually, free_ports

BOARDS = 72
SIZE = 32 << 20

CONFIG = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
	access_log off;
	sendfile on;
	client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
	fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
	server {{ listen 127.0.0.1:{port}; root {folder}/tree; }}
}}
"""


def fetch(port, paths):
    """Bytes a second, of all boards together."""
    out = subprocess.run([str(BUILD / "tests/bench/http-fetch"), str(port)],
                         input="\n".join(paths) + "\n", capture_output=True, text=True,
                         check=True).stdout
    result = json.loads(out)
    if not len(paths) * SIZE <= result["bytes"] <= len(paths) * (SIZE + 2000):
        raise RuntimeError(f"fan-out: {out}")
    return result["bytes"] / result["seconds"]


def nginx(folder):
    port = free_ports(1)[0]
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + CONFIG.format(folder=folder, port=port))
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                               start_new_session=True, stderr=subprocess.DEVNULL)
    return process, port


def reachable(port):
    return subprocess.run(["curl", "-sfI", "-o", os.devnull, f"http://127.0.0.1:{port}/image"],
                          check=False).returncode == 0


def fan_out(compare, row, folder):
    """One line of the table. `compare` and `row` are bench.py's."""
    folder = Path(folder) / "fanout"
    (folder / "tree").mkdir(parents=True)
    image = folder / "tree/image"
    image.write_bytes(os.urandom(1 << 20) * (SIZE >> 20))
    other, port = nginx(folder)
    ours = subprocess.Popen([str(BUILD / "tests/bench/offer-fan"), str(image), str(BOARDS),
                             str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            text=True, start_new_session=True)
    try:
        our_port = int(ours.stdout.readline())
        paths = [ours.stdout.readline().strip() for _ in range(BOARDS)]
        eventually(lambda: reachable(port), 5)
        ratio, mine, its = compare(lambda: fetch(our_port, paths),
                                   lambda: fetch(port, ["/image"] * BOARDS))
        row(f"an image to {BOARDS} boards over HTTP, of nginx's rate",
            f"{ratio:.2f}  ({mine / 2**20:.0f} MiB/s, {its / 2**20:.0f} MiB/s)", ">= 0.90",
            ratio >= 0.9)
    finally:
        ours.communicate(input="", timeout=30)
        other.terminate()
        other.wait()
