"""How far training has come, on one line that renews itself."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from course_lib.i18n import _

SECONDS = 0.2  # between two looks at the loss, for each of which a GPU must wait


@contextlib.contextmanager
def progress(n_steps: int) -> Iterator[Callable[[int, Tensor], None]]:
    """Inside the block, what it gives can be `train`'s on_step: a bar with steps, loss, time left.

    On stderr, and only if that is a terminal (or a notebook). A resumed run starts where it is.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[shown]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(_("training"), total=n_steps, shown="")
    looked = -SECONDS

    def on_step(step: int, loss: Tensor) -> None:
        nonlocal looked
        if time.monotonic() - looked >= SECONDS or step + 1 == n_steps:
            looked = time.monotonic()
            shown = _("loss {loss:.3f}").format(loss=loss.item())
            bar.update(task, completed=step + 1, shown=shown)

    with bar:
        yield on_step
