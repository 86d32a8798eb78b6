"""Memory of the web server and the job worker, at rest and at their peak (Linux: /proc).

The peak is what the kernel recorded (VmHWM) after 300 pages of ten kinds. Named alternative
in the same run: a bare Django process with the same settings that does nothing, which is the floor of any Django site.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

PASSWORD = "banjie-demo-2021"
PAGES = [
    "/", "/cockpit/", "/figures/", "/registers/", "/registers/projects/", "/registers/projects/?sort=-total_investment",
    "/registers/progress_reports/", "/figures/projects.completion/?period=2021-01..2021-10", "/search/?q=陶瓷",
]  # fmt: skip


def process_tree(pid: int) -> dict[int, str]:
    """The process and those it started, each with what it is."""
    found = {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found |= process_tree(int(child))
    return found


def megabytes(pid: int, what: str) -> float:
    kilobytes = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert kilobytes
    return int(kilobytes[1]) / 1024


def told(server: int, what: str) -> dict[str, float]:
    """Megabytes of the web server (all its processes) and of the worker."""
    sums = {"web": 0.0, "worker": 0.0}
    for pid, command in process_tree(server).items():
        sums["worker" if " work" in command else "web"] += megabytes(pid, what)
    return sums


def logged_in(site: str, username: str) -> urllib.request.OpenerDirector:
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{site}/accounts/login/").read()
    token = next(c.value for c in jar if c.name == "csrftoken")
    form = urllib.parse.urlencode({"login": username, "password": PASSWORD, "csrfmiddlewaretoken": token}).encode()
    request = urllib.request.Request(f"{site}/accounts/login/", form, {"Referer": site})
    assert "login" not in browser.open(request).url
    return browser


def bare_django(environment: dict[str, str]) -> float:
    script = "import django,os;django.setup();print([l for l in open('/proc/self/status') if 'VmRSS' in l][0].split()[1])"
    environment = environment | {"DJANGO_SETTINGS_MODULE": "banjie.settings"}
    out = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True).stdout
    return int(out) / 1024


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BANJIE_")}
    environment["BANJIE_DATA"] = tempfile.mkdtemp(prefix="banjie-bench-")
    banjie = [sys.executable, "-m", "banjie.cli.main"]
    subprocess.run([*banjie, "demo", "--no-serve"], env=environment, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        [*banjie, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        site = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{site}/accounts/login/").read()
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(5)
        rest = told(server.pid, "VmRSS")
        browser = logged_in(site, "statistician")
        record = re.search(r"/records/\d+/", browser.open(f"{site}/registers/projects/").read().decode())
        assert record is not None
        pages = [*PAGES, record[0]]
        for n in range(300):
            path = urllib.parse.quote(pages[n % len(pages)], safe="/?=&.-")
            browser.open(site + path).read()
        after = told(server.pid, "VmHWM")
        floor = bare_django(environment)
    finally:
        server.terminate()
        server.wait(20)
    print(f"{'':<10}{'at rest':>12}{'peak':>12}{'peak / bare Django':>22}")
    for name in ("web", "worker"):
        print(f"{name:<10}{rest[name]:>9.0f} MB{after[name]:>9.0f} MB{after[name] / floor:>22.1f}")
    print(f"bare Django with the same settings: {floor:.0f} MB")


if __name__ == "__main__":
    main()
