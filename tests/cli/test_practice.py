"""The practice page: what a browser sends, and what must not happen."""

import contextlib
import http.client
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from course_lib.classroom.marking.session import Opener
from course_lib.cli.practice import HOST, PracticeServer, notebook_in, open_server
from course_lib.errors import CourseError
from tests.classroom.marking.notebooks import COUNT_WORDS, saved
from tests.classroom.marking.scripted_box import scripted
from tests.interrupts import heed_interrupts

BORDER = "----a-border"
FORM = {"Content-Type": f"multipart/form-data; boundary={BORDER}"}


def form(content: bytes, name: str = "notebook") -> bytes:
    """As a browser sends a file."""
    head = f'Content-Disposition: form-data; name="{name}"; filename="a.ipynb"'
    start = f"--{BORDER}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n"
    return start.encode() + content + f"\r\n--{BORDER}--\r\n".encode()


def says(words: list) -> Opener:
    """A worker that answers each call with the same words."""
    return scripted(lambda r: [r[1], "done"] if r[0] == "cell" else [r[1], *words])  # type: ignore[return-value]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[PracticeServer]:
    with open_server(0, says(request.param), 1) as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def asked(port: int, method: str, path: str = "/", body: bytes = b"", **headers: str):
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request(method, path, body, FORM | headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


NO_DICT = ["value", 3]
EVIL = ["raised", "ValueError", "<script>alert(1)</script>"]


@pytest.mark.parametrize("server", [NO_DICT], indirect=True)
def test_a_page_with_a_form_and_then_what_check_says(server):
    answer, text = asked(server.server_port, "GET")
    assert answer.status == 200
    assert 'type="file" name="notebook"' in text
    answer, text = asked(server.server_port, "POST", body=form(saved([COUNT_WORDS])))
    assert answer.status == 200
    assert "0 of 1 exercises pass" in text
    assert "✗ count_words, case 1 of" in text
    assert "a number came back where a dictionary is due" in text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("server", [EVIL], indirect=True)
def test_nothing_that_a_notebook_says_becomes_markup(server):
    __, text = asked(server.server_port, "POST", body=form(saved([COUNT_WORDS])))
    assert "your function stopped with ValueError: &lt;script&gt;alert(1)" in text
    assert "<script" not in text


@pytest.mark.parametrize("server", [["missing"]], indirect=True)
@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (form(b"{"), {}, 400, "not a Jupyter notebook"),
        (form(saved(["x = 1"])), {}, 400, "no function that is an exercise"),
        (form(b"", name="another"), {}, 400, "no notebook came in"),
        (b"", {}, 400, "no notebook came in"),
        (b"\xff\xfe", {"Content-Type": "multipart/form-data"}, 400, "no notebook came in"),
        (b"x", {"Content-Type": "text/plain"}, 400, "no notebook came in"),
        (b"", {"Content-Length": str(2**40)}, 413, "larger than 16 MB"),
        (b"", {"Content-Length": "-1"}, 411, "no notebook came in"),
        (b"", {"Content-Length": "²"}, 411, "no notebook came in"),
        (form(saved([COUNT_WORDS])), {"Origin": "https://another.example"}, 403, "open this page"),
        (form(saved([COUNT_WORDS])), {"Host": "another.example"}, 403, "open this page"),
        (form(saved([COUNT_WORDS])), {}, 200, "no function called <code>count_words"),
    ],
)  # fmt: skip
def test_whatever_comes_in_is_answered_in_words(server, body, headers, status, words):
    answer, text = asked(server.server_port, "POST", body=body, **headers)
    assert answer.status == status
    assert words.replace("<code>", "`") in text
    assert asked(server.server_port, "GET", "/etc/passwd")[0].status == 404


@pytest.mark.parametrize("content", [b"", b"a\r\nb\n\n", "ü\r".encode(), bytes(range(256)), b"--x"])
def test_a_file_comes_out_of_a_form_as_it_went_in(content):
    assert notebook_in(form(content), FORM["Content-Type"]) == content


def test_a_port_that_is_taken_is_told():
    with (
        open_server(0, says(NO_DICT), 1) as first,
        pytest.raises(CourseError, match=f"port {first.server_port} is taken"),
    ):
        open_server(first.server_port, says(NO_DICT), 1)


@pytest.mark.usefixtures("sandbox")
def test_the_command_checks_a_notebook_in_a_sandbox_until_it_is_interrupted():
    command = [sys.executable, "-m", "course_lib", "exercises", "serve", "--port", "0"]
    command += ["--jobs", "1"]
    piped = {"stdout": subprocess.PIPE, "text": True, "preexec_fn": heed_interrupts}
    with subprocess.Popen(command, **piped) as process, contextlib.ExitStack() as at_the_end:
        at_the_end.callback(process.kill)
        assert process.stdout is not None
        port = urlsplit(process.stdout.readline().split()[0]).port
        assert port is not None
        where = "import os\n" + COUNT_WORDS
        __, text = asked(port, "POST", body=form(saved([where])))
        assert "1 of 1 exercises pass" in text
        reads = "def count_words(words): return open('/etc/passwd').read()"
        __, text = asked(port, "POST", body=form(saved([reads])))
        assert "your function stopped with FileNotFoundError" in text
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
