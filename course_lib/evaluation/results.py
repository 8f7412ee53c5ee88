"""The results of one run beside what was expected of them, as data and as a small table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course_lib.evaluation.expected import Section
from course_lib.i18n import _


@dataclass(frozen=True)
class Result:
    """One number that a lecture reports. `value` is None if it was expected and did not come;
    `low` and `high` are None if nothing was expected.
    """

    name: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def met(self) -> bool:
        """Whether the value lies in its band; a NaN lies nowhere."""
        if self.value is None or self.low is None or self.high is None:
            return False
        return self.low <= self.value <= self.high


def compare(values: Mapping[str, float], section: Section) -> list[Result]:
    """Every value found and every value expected, in the order found; the missing ones last."""
    bands = {name: e.band(section.n_seeds) for name, e in section.results.items()}
    found = [Result(name, value, *bands.get(name, ())) for name, value in values.items()]
    missing = [Result(name, None, *bands[name]) for name in bands if name not in values]
    return found + missing


def result_table(results: Sequence[Result]) -> str:
    """A line per result: name, value, expected band, ✓ or ✗."""
    rows = [(_("result"), _("value"), _("expected"), "")]
    rows += [(r.name, value_text(r), band_text(r), "✓" if r.met else "✗") for r in results]
    name, value, band = (max(len(row[column]) for row in rows) for column in range(3))
    return "\n".join(
        f"{row[0]:<{name}}  {row[1]:>{value}}  {row[2]:<{band}}  {row[3]}".rstrip() for row in rows
    )


def value_text(result: Result) -> str:
    """The value to four digits, or "missing"."""
    return _("missing") if result.value is None else number_text(result.value)


def band_text(result: Result) -> str:
    """The two limits with "…" between them, or "unknown" if there are none."""
    if result.low is None or result.high is None:
        return _("unknown: calibrate")
    return f"{number_text(result.low)} … {number_text(result.high)}"


def number_text(value: float) -> str:
    """Four significant digits; whole thousands in full, because 1.235e+04 reads badly."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
