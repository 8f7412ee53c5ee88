"""What every lecture must reach: `notebooks/expected.toml`, its bands, reading and writing it."""

import json
import math
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import PROJECT, read_text, writing

EXPECTED = PROJECT / "notebooks" / "expected.toml"
COVERAGE = 0.999  # share of new runs that a band should hold, if results scatter normally
ROUNDING = 1e-3  # relative: other processors and thread counts add numbers in another order
HEADER = "# What every lecture must reach. Written by `course calibrate`; never edit it by hand.\n"


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One result over the calibration seeds: its mean and its standard deviation (n - 1)."""

    mean: float
    sd: float

    def band(self, n_seeds: int) -> tuple[float, float]:
        """(low, high), between which one more run should fall.

        The prediction interval for one new draw from a normal population of which n_seeds draws
        are known: mean ± t sd sqrt(1 + 1/n), t being Student's quantile with n - 1 degrees of
        freedom. Its two parts are the scatter of the new run and our ignorance of the true mean;
        t also covers our ignorance of the true sd, so few seeds honestly give a wide band.
        COVERAGE is high because a course checks about a hundred results at a time. ROUNDING is
        added for machines other than the calibrating one, and rules when a result does not depend
        on the seed at all (sd = 0).

        Source: Hahn & Meeker, Statistical Intervals (1991), section 4.8.
        """
        spread = t_quantile(n_seeds - 1) * self.sd * math.sqrt(1 + 1 / n_seeds)
        half = spread + ROUNDING * abs(self.mean) + 1e-9
        return self.mean - half, self.mean + half


@dataclass(frozen=True, kw_only=True)
class Section:
    """One lecture in one profile: its results, how they were measured, what it may cost."""

    n_seeds: int
    device: str
    torch: str
    threads: int
    declared_seconds: float  # what the lecture may take on two cores
    declared_mib: float
    seconds: float  # the most that any calibration run took
    mib: float
    results: Mapping[str, Expectation]


def t_quantile(dof: int, coverage: float = COVERAGE) -> float:
    """The t for which a Student variable with `dof` degrees of freedom lies in ±t, by bisection.

    Raises ValueError if dof < 1.
    Source: the finite sums of Abramowitz & Stegun (1964), 26.7.3 and 26.7.4.
    """
    if dof < 1:
        raise ValueError(f"{dof} degrees of freedom: a spread needs at least two runs")
    low, high = 0.0, math.pi / 2  # the angle atan(t / sqrt(dof))
    for _step in range(100):
        angle = (low + high) / 2
        low, high = (angle, high) if _within(angle, dof) < coverage else (low, angle)
    return math.sqrt(dof) * math.tan(low)


def _within(angle: float, dof: int) -> float:
    """P(|t| <= sqrt(dof) tan(angle)) for Student's t."""
    odd = dof % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for k in range(2 + odd, dof + 1, 2):  # (dof - odd) / 2 terms
        total += term
        term *= (k - 1) / k * math.cos(angle) ** 2
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total


def summarise(runs: Sequence[Mapping[str, float]]) -> dict[str, Expectation]:
    """Results of runs that differ in their seed alone -> mean and sd of each.

    Raises CourseError if there are fewer than two runs, if they do not name the same results, or if
    a value is not finite.
    """
    if len(runs) < 2:
        raise CourseError(_("a band needs at least 2 seeds; ask for more with --seeds"))
    if any(run.keys() != runs[0].keys() for run in runs):
        raise CourseError(_("the runs do not report the same results; name the same ones always"))
    columns = {name: [run[name] for run in runs] for name in runs[0]}
    for name, values in columns.items():
        if not all(math.isfinite(v) for v in values):
            raise CourseError(_("{name} is not a finite number: mend it").format(name=name))
    return {
        name: Expectation(mean=statistics.fmean(values), sd=statistics.stdev(values))
        for name, values in columns.items()
    }


def read_expected(path: Path = EXPECTED) -> dict[str, dict[str, Section]]:
    """{lecture: {profile: Section}}; empty if the file does not exist. Raises CourseError."""
    if not path.exists():
        return {}
    try:
        lectures = tomllib.loads(read_text(path))
        return {
            lecture: {profile: _section(table) for profile, table in profiles.items()}
            for lecture, profiles in lectures.items()
        }
    except (tomllib.TOMLDecodeError, TypeError, AttributeError, KeyError) as error:
        raise CourseError(
            _("{path} is damaged ({why}): restore it from git, or run course calibrate").format(
                path=path, why=error
            )
        ) from None


def _section(table: dict[str, Any]) -> Section:
    results = {name: Expectation(**value) for name, value in table["results"].items()}
    return Section(**{**table, "results": results})


def write_expected(sections: Mapping[str, Mapping[str, Section]], path: Path = EXPECTED) -> None:
    """The whole file or nothing, lectures and results in alphabetical order."""
    with writing(path) as file:
        file.write(HEADER)
        for lecture, profiles in sorted(sections.items()):
            for profile, section in sorted(profiles.items()):
                file.write(f"\n[{lecture}.{profile}]\n{_toml(section, lecture, profile)}")


def _toml(section: Section, lecture: str, profile: str) -> str:
    table = asdict(section)
    results = table.pop("results")
    lines = [f"{key} = {_number_or_string(value)}" for key, value in table.items()]
    lines += ["", f"[{lecture}.{profile}.results]"]
    for name, value in sorted(results.items()):
        pair = ", ".join(f"{key} = {_number_or_string(x)}" for key, x in value.items())
        lines.append(f"{name} = {{ {pair} }}")
    return "\n".join(lines) + "\n"


def _number_or_string(value: float | str) -> str:
    """Eight digits are more than ROUNDING needs and keep a diff readable."""
    return json.dumps(value) if isinstance(value, str) else f"{value:.8g}"
