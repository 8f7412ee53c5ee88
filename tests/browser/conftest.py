"""A real browser, and the servers it looks at. Without Chromium these tests are skipped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_lib.cli.environment import open_loopback

SECONDS = 300  # a busy machine is no error; whoever waits goes on as soon as there is an answer
NAMES = ("chromium", "chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SECONDS * 1000)
    open_loopback()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A new window, which notes where it asks for anything: `page.hosts`."""
    window = chromium.new_page(viewport={"width": 1100, "height": 1400})
    window.set_default_timeout(SECONDS * 1000)
    window.hosts = set()
    window.on("request", lambda request: window.hosts.add(request.url.split("/")[2]))
    yield window
    window.close()


@pytest.fixture(scope="session")
def demo_url(chromium) -> Iterator[str]:
    """`course demo`, running."""
    command = [sys.executable, "-m", "course_lib", "demo", "--no-open", "--port", "0"]
    # NiceGUI starts its own test mode where it finds pytest's variables.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().split()[0]
        yield answering(url, server)
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)


@pytest.fixture(scope="session")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that JupyterLab shows."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def lab_url(chromium, lab_folder: Path) -> Iterator[str]:
    """JupyterLab, running, with settings of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {f"JUPYTERLAB_{name}_DIR": lab_folder / name for name in ("SETTINGS", "WORKSPACES")}
    settings |= {"JUPYTER_CONFIG_DIR": lab_folder / "config", "COURSE_STATIC": "0"}
    never = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    options = [
        "--no-browser",
        "--allow-root",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={lab_folder}",
        "--IdentityProvider.token=",
        f"--LabApp.check_for_updates_class={never}",
        "--LabApp.expose_app_in_browser=True",
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    environment = os.environ | {name: str(value) for name, value in settings.items()}
    log = (lab_folder / "server.log").open("w")
    with log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server:
        yield answering(f"http://127.0.0.1:{port}", server)
        server.terminate()
        server.wait(timeout=60)


def answering(url: str, server: subprocess.Popen) -> str:
    """The address, as soon as somebody answers there."""
    host, port = url.removeprefix("http://").split(":")
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server has ended"
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return url
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")
