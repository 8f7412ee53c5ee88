"""What every benchmark returns, and the table that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from course_lib.i18n import _


@dataclass(frozen=True)
class Result:
    """One comparison: the course's figure and its peer's, in the same unit, from the same run.

    `ours` and `peer` are rates (the larger the better), `unit` says of what. `target` is the least
    ratio the project promises; None where the peer is named only for orientation. `spread`: the
    smallest and the largest ratio, where both were measured several times in turns.
    """

    name: str
    ours: float
    peer: float
    unit: str
    target: float | None = None
    spread: tuple[float, float] | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.peer

    @property
    def met(self) -> bool:
        """Is the promise kept? True where there is none."""
        return self.target is None or self.ratio >= self.target


def table(results: Sequence[Result]) -> Table:
    """The results, one per line."""
    shown = Table(_("what"), _("course"), _("peer"), _("unit"), _("ratio"), _("target"), "")
    for column in shown.columns[1:3] + shown.columns[4:6]:
        column.justify = "right"
    for result in results:
        shown.add_row(
            result.name,
            f"{result.ours:,.0f}",
            f"{result.peer:,.3g}" if result.peer < 100 else f"{result.peer:,.0f}",
            result.unit,
            _ratio(result),
            "" if result.target is None else f"{result.target:,g}",
            "✓" if result.met else "✗",
        )
    return shown


def _ratio(result: Result) -> str:
    shown = f"{result.ratio:,.2f}" if result.ratio < 100 else f"{result.ratio:,.0f}"
    if result.spread is None:
        return shown
    return f"{shown} ({result.spread[0]:,.2f}-{result.spread[1]:,.2f})"
