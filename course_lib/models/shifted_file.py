"""A `ShiftedGPT` as tensors and settings: taken apart by `network_file.gpt_tensors`."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from course_lib.models.config import TransformerConfig
from course_lib.models.shifted_gpt import ShiftedGPT


def shifted_from_tensors(tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> ShiftedGPT:
    """The model that `gpt_tensors` took apart.

    Raises ValueError, TypeError, KeyError or RuntimeError for anything else.
    """
    model = ShiftedGPT(
        TransformerConfig(**settings["sizes"]),
        rotary_base=settings["rotary_base"],
        output_scale=settings["output_scale"],
    )
    model.load_state_dict(dict(tensors))
    return model.eval()
