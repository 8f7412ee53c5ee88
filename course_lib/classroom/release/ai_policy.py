"""May students use AI tools? Three answers, written for students; or the instructor's own."""

from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_text

CHOICES = ("none", "assist", "open")


def policy(choice: str) -> str:
    """The text for one of CHOICES, or of the instructor's file (Markdown).

    Raises CourseError if it is neither.
    """
    if choice in CHOICES:
        return {"none": none, "assist": assist, "open": everything}[choice]()
    if not Path(choice).is_file():
        message = _("{choice!r} is no AI policy: {names}, or a text file of your own")
        raise CourseError(message.format(choice=choice, names=", ".join(CHOICES)))
    return read_text(choice).strip()


def none() -> str:
    return _(
        """\
**No AI tools for this assignment.** Please write these functions without a chat model, and without
code completion that suggests whole lines; switch that off in your editor or on Colab. You may read
whatever you like: the lecture, books, the documentation of Python and PyTorch. You may talk about
ideas with other students. `hint` is always allowed and costs nothing.

The reason is simple: these functions are small so that you can find them yourself, and finding them
is what you will need later. If you used such a tool all the same, say so in a comment in the cell.
An honest note is always better than being asked about it."""
    )


def assist() -> str:
    return _(
        """\
**AI tools may explain, but not write your answers.** You may ask a chat model what an error
message means, what a function of PyTorch does, or why an idea of the lecture holds. Do not ask it
for the function that the exercise wants, and do not paste the task into it. Try `hint` first.

You should be able to explain every line that you hand in. If a tool gave you more than an
explanation, say in a comment in the cell what it was; that is honest, and honest notes are not
held against you."""
    )


def everything() -> str:
    return _(
        """\
**AI tools are allowed.** Use them as you would at work: you answer for what you hand in. So read
what they write, try it on an example that you can compute by hand, and do not hand in a line that
you cannot explain. Models are often wrong about shapes, masks and places that are off by one, and
just that is what the exercises ask about.

Say in a comment in the cell which tool you used and for what. Being asked to explain an answer is
part of the course and no accusation."""
    )
