"""`course exercises serve`: a page on this machine that checks uploaded notebooks, for practice."""

import os
import threading
from email.parser import BytesParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated

import typer

from course_lib.classroom.marking.practice import practise
from course_lib.classroom.marking.sandbox import probe
from course_lib.classroom.marking.session import Opener
from course_lib.classroom.marking.submissions import MOST_BYTES
from course_lib.classroom.marking.warm import WarmWorkers
from course_lib.classroom.reports.pages import page
from course_lib.errors import CourseError
from course_lib.i18n import _

HOST = "127.0.0.1"  # nobody else on the network can see the page
FORM_BYTES = 4096  # what a form adds to the notebook in it
N_AT_ONCE = os.cpu_count() or 1


def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=_("the page's port; 0: any that is free"))
    ] = 8766,
    jobs: Annotated[int, typer.Option(min=1, help=_("notebooks at a time"))] = N_AT_ONCE,
) -> None:
    """Open a page where a notebook can be uploaded and checked: no marks, nothing is kept.

    Notebooks run in a sandbox, on this machine only. It runs until Ctrl-C.
    """
    probe()
    with WarmWorkers() as workers, open_server(port, workers, jobs) as server:
        url = f"http://{HOST}:{server.server_port}"
        typer.echo(_("{url}  (Ctrl-C ends it)").format(url=url))
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def open_server(port: int, open_box: Opener, n_at_once: int) -> "PracticeServer":
    """Raises CourseError if the port is taken."""
    try:
        return PracticeServer(port, open_box, n_at_once)
    except OSError:
        message = _("port {port} is taken by another program; choose one: --port 0 finds any")
        raise CourseError(message.format(port=port)) from None


class PracticeServer(ThreadingHTTPServer):
    """Answers in a thread for each request, of which `n_at_once` run a notebook."""

    daemon_threads = True

    def __init__(self, port: int, open_box: Opener, n_at_once: int) -> None:
        self.open_box = open_box
        self.free = threading.Semaphore(n_at_once)
        super().__init__((HOST, port), Practice)


class Practice(BaseHTTPRequestHandler):
    """The page with the form, and with what there is to say about a notebook."""

    server: PracticeServer
    timeout = 60  # seconds that a browser may take to send a notebook

    def do_GET(self) -> None:
        if self.path != "/":
            self.answer(HTTPStatus.NOT_FOUND, _("there is only one page here: /"))
        else:
            self.answer(HTTPStatus.OK)

    def do_POST(self) -> None:
        # Another site that is open in the same browser must not send notebooks in its name.
        own = f"{HOST}:{self.server.server_port}"
        origin = self.headers.get("Origin", f"http://{own}")
        if self.headers.get("Host") != own or origin != f"http://{own}":
            self.answer(HTTPStatus.FORBIDDEN, _("open this page as http://{own}").format(own=own))
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self.answer(HTTPStatus.LENGTH_REQUIRED, _("no notebook came in"))
        elif int(length) > MOST_BYTES + FORM_BYTES:
            megabytes = MOST_BYTES // 2**20
            words = _("the notebook is larger than {n} MB").format(n=megabytes)
            self.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        else:
            self.check(self.rfile.read(int(length)))

    def check(self, form: bytes) -> None:
        """Answer with what there is to say about the notebook in a form."""
        try:
            with self.server.free:
                said = practise(
                    notebook_in(form, self.headers["Content-Type"]), self.server.open_box
                )
        except CourseError as error:
            self.answer(HTTPStatus.BAD_REQUEST, str(error))
        else:
            self.answer(HTTPStatus.OK, said=said)

    def answer(self, status: HTTPStatus, problem: str = "", said: object = None) -> None:
        body = page("practice.html", problem=problem, said=said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing is kept, not even who was here."""


def notebook_in(form: bytes, content_type: str | None) -> bytes:
    """The file in a form that a browser sent. Raises CourseError if there is none."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    for part in BytesParser().parsebytes(head + form).walk():
        if part.get_param("name", header="Content-Disposition") == "notebook":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content
    raise CourseError(_("no notebook came in"))
