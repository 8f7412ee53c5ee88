"""From several runs of a lecture to its section of expected.toml."""

from collections.abc import Sequence

from course_lib.cli.execution import Run
from course_lib.errors import CourseError
from course_lib.evaluation.expected import Section, summarise
from course_lib.i18n import _

# Seconds and MiB that a lecture may take unless it declares otherwise. The whole quick course has
# to fit into a quarter of an hour, each notebook into a laptop's memory.
DEFAULT_COSTS = {"quick": (60.0, 1024.0), "real": (3600.0, 8192.0)}


def calibrated(runs: Sequence[Run], declared_seconds: float, declared_mib: float) -> Section:
    """The section for runs with different seeds of one lecture in one profile.

    Raises CourseError if a run failed, if it cost more than is declared, or if the runs do not
    agree on the names of the results.
    """
    for seed, run in enumerate(runs):
        if run.error is not None:
            message = _("not calibrated, because the run with seed {seed} failed: {error}")
            raise CourseError(message.format(seed=seed, error=run.error))
    seconds, mib = max(run.seconds for run in runs), max(run.mib for run in runs)
    if seconds > declared_seconds:
        message = _(
            "took {seconds:.0f} s, {declared:.0f} declared: make it faster or use --seconds"
        )
        raise CourseError(message.format(seconds=seconds, declared=declared_seconds))
    if mib > declared_mib:
        message = _("held {mib:.0f} MiB, {declared:.0f} declared: make it smaller or use --memory")
        raise CourseError(message.format(mib=mib, declared=declared_mib))
    machine = runs[0].machine
    return Section(
        n_seeds=len(runs),
        device=machine["device"],
        torch=machine["torch"],
        threads=machine["threads"],
        declared_seconds=declared_seconds,
        declared_mib=declared_mib,
        seconds=round(seconds, 1),
        mib=round(mib),
        results=summarise([run.values() for run in runs]),
    )
