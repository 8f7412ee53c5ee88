"""Fetching and keeping data, on tiny made-up data sets served from this machine."""

import contextlib
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from course_lib.data.corpora import registry
from course_lib.data.corpora.store import State, ensure, fetch, verify
from course_lib.errors import CourseError

ONE, TWO = b"one fish\n" * 400, "二匹の魚\n".encode() * 900


class Server(http.server.ThreadingHTTPServer):
    """Serves `pages`, notes what was `asked` for; `cut` pages break off, `slow` ones never come."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut: set[str] = set()
        self.slow: set[str] = set()


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path in self.server.slow:
            threading.Event().wait(0.5)
            return
        body = self.server.pages.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path in self.server.cut else body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def server():
    server = Server()
    server.pages = {"/one.txt": ONE, "/two.txt": TWO}
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(server, tmp_path, monkeypatch):
    """An empty data folder that does not exist yet, and a manifest of the set "fishes"."""
    files = [
        {
            "file": f"fishes/{name}.txt",
            "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "url": f"http://127.0.0.1:{server.server_port}/{name}.txt",
        }
        for name, body in (("one", ONE), ("two", TWO))
    ]
    about = "task language description license license_stated_in citation rows splits"
    texts = dict.fromkeys([*about.split(), "canonical_url", "notes"], "made up")
    manifest = tmp_path / "manifest.json"
    record = {"name": "fishes", **texts, "files": files}
    manifest.write_text(json.dumps({"datasets": [record]}), encoding="utf-8")
    monkeypatch.setattr(registry, "MANIFEST", manifest)
    monkeypatch.setenv("COURSE_DATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def files_below(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


BOTH = {"fishes/one.txt": ONE, "fishes/two.txt": TWO}


def test_missing_files_are_fetched_and_the_second_time_nothing_is_asked_for(home, server, capfd):
    assert ensure("fishes") == home / "fishes"
    assert files_below(home) == BOTH
    assert sorted(server.asked) == ["/one.txt", "/two.txt"]
    assert ensure("fishes") == home / "fishes"
    assert fetch("fishes") == 0
    assert len(server.asked) == 2
    assert capfd.readouterr() == ("", "")  # not a terminal: no progress bar, no log


def test_only_what_is_missing_is_fetched(home, server):
    (home / "fishes").mkdir(parents=True)
    (home / "fishes/one.txt").write_bytes(ONE)
    assert fetch("fishes") == 1
    assert server.asked == ["/two.txt"]


def test_a_file_kept_by_the_user_is_never_replaced_by_reading(home):
    ensure("fishes")
    changed = ONE.replace(b"fish", b"bird", 1)  # the same length
    (home / "fishes/one.txt").write_bytes(changed)
    with pytest.raises(CourseError, match=r"fishes/one.txt in .*home is not the published") as info:
        ensure("fishes")
    assert "course data fetch fishes" in str(info.value)
    assert (home / "fishes/one.txt").read_bytes() == changed
    assert verify("fishes") == {"fishes/one.txt": State.ALTERED, "fishes/two.txt": State.RIGHT}


def test_fetch_mends_an_altered_file(home):
    ensure("fishes")
    (home / "fishes/one.txt").write_bytes(ONE[:-1])  # another length
    assert fetch("fishes") == 1
    assert files_below(home) == BOTH
    ensure("fishes")


def test_altered_bytes_from_the_network_are_refused(home, server):
    server.pages["/two.txt"] = TWO.replace("魚".encode(), "鳥".encode(), 1)
    with pytest.raises(CourseError, match=r"fishes: http.*two.txt does not send the published"):
        ensure("fishes")
    assert files_below(home) == {"fishes/one.txt": ONE}  # what was right may stay


def test_a_failed_repair_leaves_the_old_file(home, server):
    ensure("fishes")
    (home / "fishes/one.txt").write_bytes(b"mine")
    server.pages["/one.txt"] = b"neither"
    with pytest.raises(CourseError, match="published bytes"):
        fetch("fishes")
    assert files_below(home) == {"fishes/one.txt": b"mine", "fishes/two.txt": TWO}


def test_a_download_that_breaks_off_leaves_nothing(home, server):
    server.cut = {"/one.txt"}
    with pytest.raises(CourseError, match=r"cannot download .*one.txt \(.*broke off\)"):
        ensure("fishes")
    assert files_below(home) == {}


def test_a_page_that_is_gone_says_so(home, server):
    del server.pages["/one.txt"]
    with pytest.raises(CourseError, match=r"one.txt \(HTTP 404\).*COURSE_DATA_HOME") as info:
        ensure("fishes")
    assert "\n" not in str(info.value)
    assert str(home) in str(info.value)
    assert files_below(home) == {}


@pytest.mark.usefixtures("home")
def test_without_network_one_line_says_what_to_do(server):
    server.shutdown()
    server.server_close()
    with pytest.raises(CourseError, match=r"^data set fishes: .*\(no connection\)") as info:
        ensure("fishes")
    assert "\n" not in str(info.value)
    assert "course data fetch fishes" in str(info.value)


@pytest.mark.usefixtures("home")
def test_a_server_that_does_not_answer(server, monkeypatch):
    monkeypatch.setattr("course_lib.data.corpora.download.TIMEOUT", 0.05)
    server.slow = {"/one.txt"}
    with pytest.raises(CourseError, match=r"no answer within 0\.05 s"):
        ensure("fishes")


def test_a_terminal_sees_how_far_it_is(home, monkeypatch, capfd):
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes stderr for a terminal
    fetch("fishes")
    printed = capfd.readouterr()
    assert printed.out == ""
    kilobytes = f"{(len(ONE) + len(TWO)) / 1000:.1f}"
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed.err).split("\r")[-1]
    assert f"{kilobytes}/{kilobytes} kB" in last
    assert files_below(home) == BOTH


@contextlib.contextmanager
def ordinary_user():
    """Root may write anywhere; run the block as somebody who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that any user may enter; pytest's own are private to the user who runs it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders work otherwise there")
def test_a_read_only_folder_with_the_right_bytes_is_enough(home, server, open_folder, monkeypatch):
    ensure("fishes")
    shutil.copytree(home / "fishes", open_folder / "fishes")
    (open_folder / "fishes").chmod(0o555)
    open_folder.chmod(0o555)
    monkeypatch.setenv("COURSE_DATA_HOME", str(open_folder))
    server.asked.clear()
    with ordinary_user():
        with pytest.raises(PermissionError):
            (open_folder / "fishes/new.txt").write_text("the folder is read-only indeed")
        assert ensure("fishes") == open_folder / "fishes"  # which any user may read, too
    assert server.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of folders work otherwise there")
@pytest.mark.usefixtures("home")
def test_a_read_only_folder_without_the_data_is_named(open_folder, monkeypatch):
    fetch("fishes")  # so that all modules are loaded before the user changes
    open_folder.chmod(0o555)
    monkeypatch.setenv("COURSE_DATA_HOME", str(open_folder))
    with (
        ordinary_user(),
        pytest.raises(CourseError, match=r"cannot write to .*Permission denied") as info,
    ):
        ensure("fishes")
    assert str(open_folder) in str(info.value)
    assert "COURSE_DATA_HOME" in str(info.value)


def test_a_data_folder_that_is_a_file_is_named(home):
    home.write_text("not a folder")
    with pytest.raises(CourseError, match=r"fishes: cannot write to .*home"):
        ensure("fishes")
    assert home.read_text() == "not a folder"


def test_a_full_disk_leaves_nothing(home):
    resource = pytest.importorskip("resource", reason="this system has no limit on file sizes")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    fetch("fishes")
    shutil.rmtree(home)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(ONE) // 2, hard))
    try:
        with pytest.raises(CourseError, match=r"fishes: cannot write to .*make room"):
            ensure("fishes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_below(home) == {}


def test_several_processes_may_fetch_at_once(home):
    script = (
        "import sys; from pathlib import Path; from course_lib.data.corpora import registry;"
        "registry.MANIFEST = Path(sys.argv[1]);"
        "from course_lib.data import corpora; print(corpora.ensure('fishes'))"
    )
    command = [sys.executable, "-c", script, str(registry.MANIFEST)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    printed = [process.communicate(timeout=60)[0].strip() for process in running]
    assert [process.returncode for process in running] == [0] * 4
    assert printed == [str(home / "fishes")] * 4
    assert files_below(home) == BOTH
