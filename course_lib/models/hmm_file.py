"""A hidden Markov model as a file: its tables of log-probabilities, in safetensors format."""

from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError, safe_open

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.hmm import HMM
from course_lib.models.hmm_learning import Parameters
from course_lib.storage import writing

KIND = {"kind": "hmm"}


def save_hmm(model: HMM, path: str | Path) -> None:
    """Write the model whole or not at all. Raises ValueError if it has learnt nothing yet."""
    if model.params is None:
        raise ValueError("this model has learnt nothing yet: there is nothing to save")
    tensors = {name: table.contiguous() for name, table in model.params._asdict().items()}
    with writing(path, "wb") as file:
        file.write(safetensors.torch.save(tensors, metadata=KIND))


def load_hmm(path: str | Path) -> HMM:
    """Read what `save_hmm` wrote. Raises CourseError if there is no such file or it is another."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
    except OSError as error:
        why = error.strerror or error
        raise CourseError(_("cannot read {path}: {why}").format(path=path, why=why)) from None
    except SafetensorError:
        raise CourseError(
            _("{path} is not a model file, or is damaged; save the model again").format(path=path)
        ) from None
    if metadata != KIND or set(tensors) != set(Parameters._fields):
        raise CourseError(_("{path} does not hold a hidden Markov model").format(path=path))
    model = HMM(*tensors["log_emit"].shape)
    model.params = Parameters(**tensors)
    return model
