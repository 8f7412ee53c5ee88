"""The `ModernTranslator` to and from the folders of `transformers`, where it is a Pegasus."""

from pathlib import Path

import torch

from course_lib.interop.model_folder import read_config, write_folder
from course_lib.interop.translator_names import (
    BIAS,
    POSITIONS,
    filled,
    our_config,
    read_weights,
    their_settings,
    their_tensors,
    write_generation,
)
from course_lib.models.modern_translator import ModernTranslator

SAME_MODEL = {"activation_function": ("relu2",)}


def load_pegasus(folder: str | Path) -> ModernTranslator:
    """Read a Pegasus with squared ReLU, as `transformers` saves it.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged.
    """
    cfg = our_config(read_config(folder, "pegasus"), SAME_MODEL, folder)
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = ModernTranslator(cfg)
    theirs = read_weights(folder, cfg)
    theirs.setdefault(BIAS, torch.zeros(1, cfg.vocab_size))  # there it may be left out
    theirs[BIAS] = theirs[BIAS].flatten()
    return filled(model, theirs, folder, "Pegasus")


def save_pegasus(model: ModernTranslator, folder: str | Path) -> None:
    """Write a folder that `PegasusForConditionalGeneration` and `load_pegasus` open.

    Raises ValueError for another `norm_eps` than 1e-5, or other marks than the course's, and for a
    captioner, which is no Pegasus.
    """
    if type(model) is not ModernTranslator:
        raise ValueError(f"transformers has no class for {type(model).__name__}")
    settings = {
        **their_settings(model),
        "model_type": "pegasus",
        "architectures": ["PegasusForConditionalGeneration"],
        "activation_function": "relu2",
    }
    tensors = their_tensors(model)
    tensors |= {name: model.positions.clone() for name in POSITIONS}
    write_generation(folder, model.cfg)
    write_folder(folder, settings, tensors)
