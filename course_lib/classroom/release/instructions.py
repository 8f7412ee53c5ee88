"""INSTRUCTIONS.md: what the students read first."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.session import ALL_CELLS_SECONDS, CELL_SECONDS
from course_lib.classroom.release.sources import solution_name
from course_lib.i18n import _

FILE_NAME = "INSTRUCTIONS.md"


@dataclass(frozen=True)
class Terms:
    """What the instructor says about an assignment. policy: on AI tools, Markdown.

    due: in the instructor's words, may be "".     install: how to get course_lib, one line.
    """

    policy: str
    install: str
    due: str = ""


def instructions(assignment: Assignment, notebooks: dict[str, NotebookNode], terms: Terms) -> str:
    """The whole text. `notebooks`: lecture -> its notebook, for the titles in its language."""
    records = assignment.records()
    parts = [
        f"# {assignment.name}",
        summary(records, terms.due),
        table(records, notebooks),
        _("★ is a line or two, ★★ a function, ★★★ an experiment. Minutes are a typical reader's."),
        what_to_do(records[0].name),
        where_it_works(terms.install),
        handing_in(sorted(notebooks)),
        what_counts(records),
        _("## AI tools") + f"\n\n{terms.policy}",
    ]
    return "\n\n".join(parts) + "\n"


def summary(records: Sequence[Exercise], due: str) -> str:
    points, minutes = sum(r.points for r in records), sum(r.minutes for r in records)
    words = _("Exercises: {n}. Points: {points}. Time: about {time}.")
    lines = [words.format(n=len(records), points=points, time=duration(minutes))]
    if due:
        lines.append(_("**Due: {due}**").format(due=due))
    return "\n\n".join(lines)


def duration(minutes: int) -> str:
    """77 -> "1 h 17 min"."""
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _("{minutes} min").format(minutes=minutes)
    words = _("{hours} h {minutes} min") if minutes else _("{hours} h")
    return words.format(hours=hours, minutes=minutes)


def table(records: Sequence[Exercise], notebooks: dict[str, NotebookNode]) -> str:
    """One line an exercise, in the order of the notebooks, and one for all."""
    titles = {name: title for notebook in notebooks.values() for name, title in headings(notebook)}
    columns = (_("notebook"), _("exercise"), "", "", _("points"), _("minutes"))
    rows = [
        (f"{r.lecture}.ipynb", f"`{r.name}`", titles[r.name], "★" * r.stars, r.points, r.minutes)
        for r in records
    ]
    points, minutes = sum(r.points for r in records), sum(r.minutes for r in records)
    total = (_("**all**"), "", "", "", f"**{points}**", f"**{minutes}**")
    ruler = ("---", "---", "---", "---", "---:", "---:")
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (columns, ruler, *rows, total))


def headings(notebook: NotebookNode) -> list[tuple[str, str]]:
    """(exercise, title) as the tasks have them: "## ★★ Title" is the line before all others."""
    return [
        (name, notebook.cells[place - 1].source.partition("\n")[0].lstrip("#★ "))
        for place, cell in enumerate(notebook.cells)
        if (name := solution_name(cell))
    ]


def what_to_do(example: str) -> str:
    words = _(
        """\
## What to do

1. Open a notebook and run its first cells.
2. Read a task, then write your code in the place of `raise NotImplementedError()`. Leave the `def`
   line as it is: the function is found by its name.
3. Run your cell, then the cell with `check`. It tries your function and names the idea that is
   still missing. Mend it, run both cells again. Check as often as you like: nobody counts.
4. Stuck? `hint({example})` gives a nudge, `hint({example}, 2)` more, `hint({example}, 3)` nearly
   everything. Hints cost nothing.
5. At the end restart the kernel and run all cells, so that nothing depends on a cell that you have
   changed or deleted since."""
    )
    return words.format(example=example)


def where_it_works(install: str) -> str:
    words = _(
        """\
## Where it works

- **JupyterLab, Jupyter Notebook:** open the file.
- **VS Code:** open the file, and as its kernel choose the Python that has the course's package.
- **Colab:** upload the notebook; when you are done, *File → Download → Download .ipynb*.
- **JupyterHub with nbgrader:** fetch the assignment, and submit it there, too. The button
  *Validate* does not look at what `check` says; ✓ is what you want to see.

`check` and `hint` are part of the package `course_lib`. Where it is missing, the first code cell
says so; everything else works, and your answers can be handed in all the same.
{install}"""
    )
    return words.format(install=install).strip()


def handing_in(lectures: list[str]) -> str:
    words = _(
        """\
## Handing in

Save, and hand in {files}
under the same name. Answers that are not finished may stay: each exercise is marked by itself. You
need not clear outputs, and any program that saves notebooks will do."""
    )
    files = ", ".join(f"`{lecture}.ipynb`" for lecture in lectures)
    return words.format(files=files)


def what_counts(records: Sequence[Exercise]) -> str:
    """What is marked, and the limits: the tightest of these exercises."""
    words = _(
        """\
## What is marked

- **The functions in the table, by their names**, as they are when all cells have run. Each is
  called with inputs that you have not seen, of the same kind as those of `check`. If all its
  results are right, it earns all its points, else none.
- To be surer, `check({example}, seed=7)` tries other inputs of the same kind; any number will do.
- Everything else is yours: more cells, more functions, prints, plots, other names for variables,
  another order, NumPy instead of PyTorch where the result is the same.
- A cell that stops with an error is skipped, and the others still count.
- All calls of a function together may take {seconds:g} seconds, a cell {cell:g}, all cells of a
  notebook {cells:g}. There are {memory} MB of memory and no network. So comment out long
  experiments of your own before you hand in.
- Afterwards you hear which answers are right and, for the others, which idea is missing."""
    )
    limits = [record.limits for record in records]
    seconds = min(limit.seconds for limit in limits)
    memory = min(limit.memory_mb for limit in limits)
    return words.format(
        example=records[0].name,
        seconds=seconds,
        cell=CELL_SECONDS,
        cells=ALL_CELLS_SECONDS,
        memory=memory,
    )
