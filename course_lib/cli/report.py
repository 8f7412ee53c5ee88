"""The table that `course run` ends with."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from course_lib.cli.execution import Run
from course_lib.evaluation.expected import Section
from course_lib.evaluation.results import band_text, value_text
from course_lib.i18n import _

GOOD, BAD = Text("✓", style="green"), Text("✗", style="bold red")


def too_large(run: Run, section: Section | None) -> bool:
    """Whether the lecture held more memory than it declares."""
    return section is not None and run.mib > section.declared_mib


def too_slow(run: Run, section: Section | None) -> bool:
    """Whether the lecture took longer than it declares."""
    return section is not None and run.seconds > section.declared_seconds


def passed(run: Run, section: Section | None, strict: bool) -> bool:
    """Whether the run counts as a success. Time counts only if `strict`: computers differ."""
    too_costly = too_large(run, section) or (strict and too_slow(run, section))
    return run.met and not too_costly


def run_table(runs: Sequence[Run], sections: Mapping[str, Section]) -> Table:
    """A row per lecture, and below it one per result. `sections` has a lecture's declared costs."""
    table = Table(title=_("the lectures, executed"), title_justify="left")
    table.add_column(_("lecture"), no_wrap=True)
    table.add_column(_("seconds"), justify="right")
    table.add_column(_("peak MiB"), justify="right")
    table.add_column(_("result"))
    table.add_column(_("value"), justify="right")
    table.add_column(_("expected"), justify="right", no_wrap=True)
    table.add_column("")
    for run in runs:
        section = sections.get(run.lecture)
        verdict = run.error or (_("all cells ran") if run.results else "")
        costs = _costs(run, section)
        table.add_row(
            run.lecture, *costs, Text(verdict), "", "", GOOD if passed(run, section, False) else BAD
        )
        for result in run.results:
            mark = GOOD if result.met else BAD
            row = (Text(result.name), value_text(result), band_text(result), mark)
            table.add_row("", "", "", *row)
        table.add_section()
    return table


def _costs(run: Run, section: Section | None) -> tuple[Text, Text]:
    """Seconds and MiB, each with what the lecture declares."""
    seconds, mib = Text(f"{run.seconds:.1f}"), Text(f"{run.mib:,.0f}")
    if section is not None:
        seconds.append(f" / {section.declared_seconds:.0f}")
        mib.append(f" / {section.declared_mib:,.0f}")
    if too_slow(run, section):
        seconds.stylize("yellow")
        seconds.append(" " + _("slow"))
    if too_large(run, section):
        mib.stylize("bold red")
    return seconds, mib


def print_table(table: Table) -> None:
    """Print it as wide as the terminal; wide enough for most tables where there is none."""
    console = Console()
    if not console.is_terminal:
        console.width = 120
    console.print(table)
