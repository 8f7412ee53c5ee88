"""What the machine cannot do in a step of training, said in one line."""

import contextlib
from collections.abc import Iterator

import torch

from course_lib.errors import CourseError
from course_lib.i18n import _

OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
COMPILERS = ("torch._dynamo", "torch._inductor")  # where torch.compile's own errors are defined


@contextlib.contextmanager
def explained(step: int) -> Iterator[None]:
    """Turn too little memory, or a failure to compile, into a CourseError that says what to do."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if _is_out_of_memory(error):
            message = _(
                "out of memory in step {step}: make the batches smaller (n_accumulate adds them up"
                " again), the texts shorter, or the model smaller"
            )
            raise CourseError(message.format(step=step)) from error
        if type(error).__module__.startswith(COMPILERS):
            why = " ".join(str(error).splitlines()[:2]).strip()  # what failed, and how
            message = _("torch.compile failed: {why}; train without it")
            raise CourseError(message.format(why=why)) from error
        raise


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in OUT_OF_MEMORY)
