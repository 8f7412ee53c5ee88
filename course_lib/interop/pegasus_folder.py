"""The `ModernTranslator` to and from the folders of `transformers`, where it is a Pegasus."""

from pathlib import Path

import torch
import torch.nn.functional as F

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
    theirs = read_weights(folder, cfg)
    bias = theirs[BIAS].flatten()
    possible = bias.isneginf().logical_not().nonzero()
    n_targets = int(possible.max()) + 1 if len(possible) else cfg.vocab_size
    theirs[BIAS] = bias[:n_targets]
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = ModernTranslator(cfg, n_targets=n_targets)
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
    # There all words are scored: -inf for those that are never written.
    n_others = model.cfg.vocab_size - model.n_targets
    tensors[BIAS] = F.pad(tensors[BIAS], (0, n_others), value=-torch.inf)
    tensors |= {name: model.positions.clone() for name in POSITIONS}
    write_generation(folder, model.cfg)
    write_folder(folder, settings, tensors)
