"""`course data` on a tiny made-up data set."""

import functools
import hashlib
import http.server
import json
import threading

import pytest
from typer.testing import CliRunner

from course_lib.cli.data import data_app
from course_lib.data import riverbank
from course_lib.data.corpora import data_sets, registry
from course_lib.errors import CourseError

BODY = b"one fish\ntwo fish\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder, a manifest of two sets, and a server that has the first one's file."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "fish.txt").write_bytes(BODY)
    handler = functools.partial(Quiet, directory=served)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    about = "task language description license license_stated_in citation rows splits notes"
    texts = dict.fromkeys([*about.split(), "canonical_url"], "made up")
    records = [
        {
            "name": name,
            **texts,
            "license": f"licence of {name}",
            "files": [_file(name, page, server)],
        }
        for name, page in (("fishes", "fish.txt"), ("birds", "gone.txt"))
    ]
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"datasets": records}), encoding="utf-8")
    monkeypatch.setattr(registry, "MANIFEST", manifest)
    monkeypatch.setenv("COURSE_DATA_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    server.shutdown()
    server.server_close()


def _file(name: str, page: str, server: http.server.HTTPServer) -> dict:
    return {
        "file": f"{name}/all.txt",
        "bytes": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "url": f"http://127.0.0.1:{server.server_port}/{page}",
    }


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def course_data(*args: str) -> str:
    """What the command prints; its CourseError is raised, as the `course` command expects."""
    result = CliRunner().invoke(data_app, args)
    if result.exception:
        raise result.exception
    return result.output


def test_list_shows_every_set_and_whether_it_is_here(home):
    before = course_data("list")
    assert all(f" {name} " in before for name in ("fishes", "birds"))
    assert " yes " not in before
    course_data("fetch", "fishes")
    (line,) = (line for line in course_data("list").splitlines() if "fishes" in line)
    assert " yes " in line
    assert str(home) in before


def test_list_of_a_name_shows_its_licence(home):
    assert "licence: licence of birds" in course_data("list", "birds")
    assert not home.exists()


def test_fetch_then_again(home):
    assert "fishes: 1 files fetched" in course_data("fetch", "fishes")
    assert (home / "fishes/all.txt").read_bytes() == BODY
    second = course_data("fetch", "fishes")
    assert "fishes: already there" in second
    assert "licence of fishes" in second


def test_fetch_of_all_stops_at_the_first_that_cannot_be_had(home):
    with pytest.raises(CourseError, match=r"data set birds: cannot download .*HTTP 404"):
        course_data("fetch", "--all")
    assert (home / "fishes/all.txt").exists()


def test_fetch_wants_a_name_that_exists_before_it_begins(home):
    with pytest.raises(CourseError, match="--all"):
        course_data("fetch")
    with pytest.raises(CourseError, match="did you mean 'birds'"):
        course_data("fetch", "fishes", "brids")
    assert not home.exists()


def test_verify(home):
    assert "no data sets in" in course_data("verify")
    course_data("fetch", "fishes")
    assert course_data("verify") == "fishes: right\n"
    (home / "fishes/all.txt").write_bytes(BODY.upper())
    with pytest.raises(CourseError, match="course data fetch fishes` mends that"):
        course_data("verify")
    with pytest.raises(CourseError, match="birds"):  # named, so it should be there
        course_data("verify", "birds")
    course_data("fetch", "fishes")
    assert course_data("verify", "fishes") == "fishes: right\n"


def test_the_real_manifest_can_be_listed():
    output = course_data("list")
    assert all(name in output for name in data_sets())


def test_build_writes_riverbank_and_check_sees_one_other_letter(tmp_path, monkeypatch):
    few = {"dev": riverbank.sample(3, seed=0), "test": riverbank.sample(2, seed=1)}
    monkeypatch.setattr("course_lib.data.riverbank.build.draw_splits", lambda: few)
    monkeypatch.setattr("course_lib.cli.data.OWN_DATA", tmp_path)
    assert str(tmp_path) in course_data("build")
    assert "every byte" in course_data("build", "--check")
    stories = tmp_path / "riverbank/dev.txt"
    assert stories.read_text(encoding="utf-8").count("\n") == 3
    stories.write_bytes(stories.read_bytes().replace(b"a", b"o", 1))
    with pytest.raises(CourseError, match=r"dev\.txt"):
        course_data("build", "--check")
