"""`course data`: what texts there are, getting them, checking them, making our own anew."""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from course_lib.data import corpora
from course_lib.data.corpora import State
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT

OWN_DATA = PROJECT / "data"  # what the project itself wrote and ships

data_app = typer.Typer(
    add_completion=False, no_args_is_help=True, help=_("list, fetch, verify or build the texts")
)

Names = Annotated[list[str] | None, typer.Argument(help=_("names of data sets"), metavar="NAME...")]


@data_app.command("list")
def list_sets(names: Names = None) -> None:
    """All data sets; with names, their licences and sources too."""
    if names:
        for name in names:
            _describe(corpora.data_set(name))
        return
    typer.echo(_("data sets in {home}").format(home=corpora.data_home()))
    table = Table(box=None)
    for heading in (_("name"), _("language"), _("MB"), _("here"), _("task")):
        table.add_column(heading, overflow="fold")
    for data_set in corpora.data_sets().values():
        size = f"{data_set.bytes / 1e6:.1f}"
        n_here = _n_here(data_set.name)
        here = _("yes") if n_here == len(data_set.files) else _("partly") if n_here else _("no")
        table.add_row(data_set.name, data_set.language, size, here, data_set.task)
    Console().print(table)


def _describe(data_set: corpora.DataSet) -> None:
    about = {
        _("name"): data_set.name,
        _("task"): data_set.task,
        _("description"): data_set.description,
        _("rows"): data_set.rows,
        _("splits"): data_set.splits,
        _("licence"): data_set.license,
        _("stated in"): data_set.license_stated_in,
        _("citation"): data_set.citation,
        _("source"): data_set.canonical_url,
        _("notes"): data_set.notes,
    }
    for heading, text in about.items():
        if text:
            typer.echo(f"{heading}: {text}")
    typer.echo()


@data_app.command()
def fetch(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help=_("every data set"))] = False,
) -> None:
    """Download what is missing or altered; what is right is left alone."""
    if not names and not everything:
        raise CourseError(
            _("name the data sets to fetch, or say --all; `course data list` shows them")
        )
    chosen = list(corpora.data_sets()) if everything else names or []
    for name in chosen:
        corpora.data_set(name)  # an unknown name stops us before the first download
    for name in chosen:
        n_files = corpora.fetch(name)
        message = _("{name}: {n} files fetched") if n_files else _("{name}: already there")
        typer.echo(message.format(name=name, n=n_files))
        typer.echo("  " + _("licence: {licence}").format(licence=corpora.data_set(name).license))


@data_app.command()
def verify(names: Names = None) -> None:
    """Compare every byte with what was published; without names, of all sets that are here."""
    chosen = names or [name for name in corpora.data_sets() if _n_here(name)]
    bad = []
    for name in chosen:
        wrong = {file: s for file, s in corpora.verify(name).items() if s is not State.RIGHT}
        typer.echo(f"{name}: {_problem(wrong) if wrong else _('right')}")
        bad += [name] if wrong else []
    if bad:
        message = _("not as published in {home}: {names}; `course data fetch {names}` mends that")
        raise CourseError(message.format(home=corpora.data_home(), names=" ".join(bad)))
    if not chosen:
        typer.echo(_("no data sets in {home}").format(home=corpora.data_home()))


@data_app.command()
def build(
    check: Annotated[
        bool, typer.Option("--check", help=_("change nothing; fail if a byte differs"))
    ] = False,
) -> None:
    """Write Riverbank's files anew from its grammar, or check that they are what it writes."""
    from course_lib.data.riverbank.build import build as write
    from course_lib.data.riverbank.build import check as compare

    if check:
        compare(OWN_DATA)
        typer.echo(_("{folder}: every byte is what the grammar writes").format(folder=OWN_DATA))
    else:
        write(OWN_DATA)
        typer.echo(_("{folder}: written").format(folder=OWN_DATA))


def _n_here(name: str) -> int:
    """How many files of a data set the data folder has."""
    return sum((corpora.data_home() / file.file).exists() for file in corpora.data_set(name).files)


def _problem(wrong: Mapping[str, State]) -> str:
    words = {State.MISSING: _("missing"), State.ALTERED: _("altered")}
    return ", ".join(f"{file} {words[found]}" for file, found in wrong.items())
