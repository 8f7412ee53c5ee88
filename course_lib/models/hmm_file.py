"""A hidden Markov model as tensors: its tables of log-probabilities, named as in `Parameters`."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from course_lib.models.hmm import HMM
from course_lib.models.hmm_learning import Parameters


def hmm_tensors(model: HMM) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The model's tables and its settings, of which it has none.

    Raises ValueError if it has learnt nothing yet.
    """
    if model.params is None:
        raise ValueError("this model has learnt nothing yet: there is nothing to save")
    return model.params._asdict(), {}


def hmm_from_tensors(tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> HMM:  # noqa: ARG001
    """The model that `hmm_tensors` took apart. Raises ValueError, KeyError for anything else."""
    params = Parameters(*(tensors[name] for name in Parameters._fields))
    n_states, vocab_size = params.log_emit.shape
    shapes = [(n_states,), (n_states, n_states), (n_states, vocab_size), (n_states,), ()]
    for name, table, shape in zip(Parameters._fields, params, shapes, strict=True):
        if table.shape != shape or not table.is_floating_point() or bool(table.isnan().any()):
            raise ValueError(f"the table {name} is damaged")
    model = HMM(n_states, vocab_size)
    model.params = params
    return model
