"""Which submissions have code that is alike? A page for the instructor, who judges."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from markupsafe import Markup

from course_lib.classroom.marking.submissions import Submission
from course_lib.classroom.reports.figures import as_svg, likeness_figure
from course_lib.classroom.reports.likeness import (
    COMMON_LEAST,
    COMMON_SHARE,
    Comparison,
    Pair,
    compare_all,
)
from course_lib.classroom.reports.pages import page
from course_lib.classroom.reports.submitted_code import (
    Shared,
    SubmittedCode,
    given_code,
    read_code,
    shared_part,
    summed_up,
)
from course_lib.classroom.reports.winnowing import NOISE, SURE
from course_lib.display.style import use_style
from course_lib.i18n import _
from course_lib.storage import writing

MOST_SHOWN = 50  # pairs with their code
N_BARS = 50


@dataclass(frozen=True)
class ShownPair:
    """Two submissions side by side."""

    likeness: float
    students: tuple[str, str]
    codes: tuple[Shared, Shared]


def compare_submissions(
    submissions: Sequence[Submission], path: str | Path, limit: float | None = None
) -> Comparison:
    """Compare the code of each with each and write a page on those that are alike.

    limit: from which likeness (0 to 1) on a pair is listed; None: where it is far from the others.
    Nothing of a submission is run. Raises CourseError if the page cannot be written.
    """
    given = given_code()
    codes = [read_code(submission) for submission in submissions]
    found = [summed_up(code) for code in codes]
    comparison = compare_all([summary.fingerprints for summary in found], given, limit)
    n_short = sum(summary.n_short for summary in found)
    with writing(path) as file:
        file.write(similarity_page(codes, comparison, n_short))
    return comparison


def similarity_page(codes: Sequence[SubmittedCode], comparison: Comparison, n_short: int) -> str:
    """The page as HTML. n_short: passages too short to be compared."""
    compared = set(comparison.compared)
    little = [c for place, c in enumerate(codes) if place not in compared and not c.problem]
    names = [code.student for code in codes]
    return page(
        "similar.html",
        n=len(codes),
        n_compared=len(compared),
        n_pairs=int(comparison.histogram.sum()),
        limit=comparison.limit,
        noise=NOISE,
        sure=SURE,
        n_short=n_short,
        common=max(COMMON_LEAST, int(COMMON_SHARE * len(codes))),
        figure=distribution(comparison),
        pairs=[(p.likeness, names[p.first], names[p.second]) for p in comparison.pairs],
        shown=[shown(p, codes, comparison.common) for p in comparison.pairs[:MOST_SHOWN]],
        groups=[[names[place] for place in group] for group in groups(comparison.pairs)],
        little=[code.student for code in little],
        unread=[code for code in codes if code.problem],
        shortened=[code.student for code in codes if code.shortened],
    )


def shown(pair: Pair, codes: Sequence[SubmittedCode], uncounted: frozenset[int]) -> ShownPair:
    """A pair with what counts as shared marked in both codes."""
    first, second = codes[pair.first], codes[pair.second]
    both = (first.all_hashes() & second.all_hashes()) - uncounted
    parts = (shared_part(first, both), shared_part(second, both))
    return ShownPair(pair.likeness, (first.student, second.student), parts)


def groups(pairs: Sequence[Pair]) -> list[list[int]]:
    """Three or more that are linked by pairs, the largest group first."""
    group_of: dict[int, set[int]] = {}
    for pair in pairs:
        one = group_of.get(pair.first, {pair.first}) | group_of.get(pair.second, {pair.second})
        group_of |= dict.fromkeys(one, one)
    found = {tuple(sorted(group)) for group in group_of.values() if len(group) > 2}
    return [list(group) for group in sorted(found, key=lambda group: (-len(group), group))]


def distribution(comparison: Comparison) -> Markup:
    """The figure of all pairs; nothing if there is none."""
    if not comparison.histogram.any():
        return Markup()
    counts = comparison.histogram.reshape(N_BARS, -1).sum(axis=1).tolist()
    label = _("how many pairs have which likeness")
    with mpl.rc_context():
        use_style()
        return as_svg(likeness_figure(counts, comparison.limit), label)
