"""`course demo`: a page on this machine, where one can try the trained models in a browser."""

import socket
from typing import Annotated

import typer

from course_lib.cli.demo_readers import ENCODER
from course_lib.cli.prompter import INSTRUCTED
from course_lib.cli.translator import SHIPPED
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models import checkpoints

HOST = "127.0.0.1"  # nobody else on the network can see the page


def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=_("the page's port; 0: any that is free"))
    ] = 8765,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help=_("show the page in the browser"))
    ] = True,
) -> None:
    """Open a page to try the trained models: translate, sum up, prompt, classify, tag.

    It runs until Ctrl-C, on this machine only.
    """
    for name in (SHIPPED, ENCODER, INSTRUCTED):
        checkpoints.load(name)  # whatever is wrong is said now, and not on the page
    port = free_port(port)
    from nicegui import ui

    from course_lib.cli import demo_page

    typer.echo(_("http://{host}:{port}  (Ctrl-C ends it)").format(host=HOST, port=port))
    ui.run(
        demo_page.build,
        host=HOST,
        port=port,
        title=_("Language models"),
        show=open_browser,
        reload=False,
        show_welcome_message=False,
    )


def free_port(wanted: int) -> int:
    """That port, or any if it is 0. Raises CourseError if another program has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, wanted))
        except OSError:
            message = _("port {port} is taken by another program; choose one: --port 0 finds any")
            raise CourseError(message.format(port=wanted)) from None
        return int(found.getsockname()[1])
