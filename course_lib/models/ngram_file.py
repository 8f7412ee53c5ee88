"""An n-gram model as tensors: the counts are stored, and smoothed again when they are read."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_counts import CountTable
from course_lib.models.ngram_smoothing import SMOOTHINGS


def ngram_tensors(model: NGramModel) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The model's tables, two tensors per order, and its settings.

    Raises ValueError if it has counted nothing, or if its smoothing is not one of the package's.
    """
    tensors = {}
    for order, table in enumerate(model.tables, start=1):
        tensors[f"keys_{order}"] = torch.from_numpy(table.keys)
        tensors[f"counts_{order}"] = torch.from_numpy(table.counts)
    names = [name for name, kind in SMOOTHINGS.items() if type(model.smoothing) is kind]
    if not names:
        raise ValueError(f"only the package's own smoothings can be saved, not {model.smoothing}")
    numbers = dict(vars(model.smoothing))
    return tensors, {"vocab_size": model.vocab_size, "smoothing": names[0], "numbers": numbers}


def ngram_from_tensors(tensors: Mapping[str, Tensor], settings: Mapping[str, Any]) -> NGramModel:
    """The model that `ngram_tensors` took apart. Raises ValueError, KeyError for anything else."""
    vocab_size, order = int(settings["vocab_size"]), len(tensors) // 2
    smoothing = SMOOTHINGS[settings["smoothing"]](**settings["numbers"])
    tables: list[CountTable] = []
    for k in range(1, order + 1):
        keys, counts = (tensors[f"{name}_{k}"].numpy() for name in ("keys", "counts"))
        n_contexts = len(tables[-1]) if tables else 1
        if keys.shape != counts.shape or not _is_table(keys, n_contexts * vocab_size):
            raise ValueError(f"the table of order {k} is damaged")
        tables.append(CountTable(keys, vocab_size, counts))
    return NGramModel.from_tables(tables, smoothing)


def _is_table(keys: np.ndarray, end: int) -> bool:
    """Integers in one row, each larger than the one before, all from 0 to `end` - 1?"""
    if keys.dtype != np.int64 or keys.ndim != 1:
        return False
    return not len(keys) or bool(keys[0] >= 0 and keys[-1] < end and (np.diff(keys) > 0).all())
