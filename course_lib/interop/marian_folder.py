"""The published `Translator` to and from the folders of `transformers`, where it is a Marian."""

from pathlib import Path

import torch

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.model_folder import read_config, write_folder
from course_lib.interop.translator_names import (
    BIAS,
    filled,
    our_config,
    read_weights,
    their_settings,
    their_tensors,
    write_generation,
)
from course_lib.models.translator import Translator

SAME_MODEL = {"activation_function": ("relu",), "share_encoder_decoder_embeddings": (True,)}


def load_marian(folder: str | Path) -> Translator:
    """Read a Marian with ReLU, as `transformers` saves it: config.json and model.safetensors.

    The weights become float32. Raises CourseError if the folder holds something else, or is
    incomplete or damaged; also for a bias on the output, which the published model does not have.
    """
    cfg = our_config(read_config(folder, "marian"), SAME_MODEL, folder)
    with torch.device("meta"):  # shapes only: the first, random weights would be thrown away
        model = Translator(cfg)
    theirs = read_weights(folder, cfg)
    if theirs.pop(BIAS).any():
        message = _("{folder}: this Marian has a bias on its output, which the Translator has not")
        raise CourseError(message.format(folder=folder))
    return filled(model, theirs, folder, "Marian")


def save_marian(model: Translator, folder: str | Path) -> None:
    """Write a folder that `MarianMTModel.from_pretrained(folder)` and `load_marian` open.

    Raises ValueError for another `norm_eps` than 1e-5, or other marks than the course's.
    """
    settings = {
        **their_settings(model),
        "model_type": "marian",
        "architectures": ["MarianMTModel"],
        "activation_function": "relu",
        "decoder_vocab_size": model.cfg.vocab_size,
        "share_encoder_decoder_embeddings": True,
    }
    tensors = their_tensors(model)
    tensors[BIAS] = torch.zeros(1, model.cfg.vocab_size)
    write_generation(folder, model.cfg)
    write_folder(folder, settings, tensors)
