"""How fast Riverbank writes and reads its stories, against the rate the project promises."""

import statistics
import time
from collections.abc import Callable

from benchmarks.report import Result
from course_lib.data import riverbank
from course_lib.i18n import _

N_STORIES = 2_000
PROMISED = 20_000  # sentences a second, on one core


def run() -> list[Result]:
    """Sentences per second of the process's own CPU time, median of five runs."""
    stories = riverbank.sample(N_STORIES, seed=0)  # also makes the grammar's tables, once
    n_sentences = sum(len(story.sentences) for story in stories)
    writing = median_seconds(lambda: riverbank.sample(N_STORIES, seed=1))
    scored = stories[:100]
    n_scored = sum(len(story.sentences) for story in scored)
    scoring = median_seconds(lambda: [riverbank.log_probs(story.words) for story in scored])
    unit = _("sentences/s")
    return [
        Result(_("Riverbank: writing stories"), n_sentences / writing, PROMISED, unit, target=1),
        Result(
            _("Riverbank: exact scoring beside writing"),
            n_scored / scoring,
            n_sentences / writing,
            unit,
        ),
    ]


def median_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of `work`; one slow run on a busy machine does not count."""
    seconds = []
    for _run in range(5):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)
