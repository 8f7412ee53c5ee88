"""The record of a run: a table of step, loss and learning rate that can be read while it grows."""

from collections.abc import Sequence
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import writing
from course_lib.training.config import TrainConfig
from course_lib.training.schedules import learning_rate

HEADER = "step,loss,rate\n"


class LossRecord:
    """A CSV file with one line for each step; its numbers are exact.

    It begins with the losses of the steps already done: those that the checkpoint holds, not those
    that the file held before. So lines that a crash lost, and lines of steps that are taken again,
    do not matter: a run that was resumed leaves the same file as one that was not.

    Raises CourseError if the file cannot be written.
    """

    def __init__(self, path: str | Path, cfg: TrainConfig, done: Sequence[float] = ()) -> None:
        self.path, self.cfg, self.n_done = Path(path), cfg, 0
        with writing(self.path) as file:
            file.write(HEADER + self._lines(done))

    def add(self, losses: Sequence[float]) -> None:
        """Write down the losses of the next steps."""
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(self._lines(losses))
        except OSError as error:
            message = _("cannot write {path}: {why}")
            raise CourseError(message.format(path=self.path, why=error.strerror)) from None

    def _lines(self, losses: Sequence[float]) -> str:
        first, self.n_done = self.n_done, self.n_done + len(losses)
        rows = enumerate(losses, start=first)
        return "".join(f"{i},{loss!r},{learning_rate(i, self.cfg)!r}\n" for i, loss in rows)
