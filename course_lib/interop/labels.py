"""Names of labels, as config.json has them for `pipeline`: id2label and label2id."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.i18n import _


def label_settings(n: int, labels: Sequence[str] | None) -> dict[str, Any]:
    """Settings for n labels; without names, LABEL_0 and so on.

    Raises ValueError if the number of names is another, or one is there twice.
    """
    names = [f"LABEL_{i}" for i in range(n)] if labels is None else list(labels)
    if len(names) != n:
        raise ValueError(f"{len(names)} names for {n} labels")
    ids = {name: i for i, name in enumerate(names)}
    if len(ids) < n:
        raise ValueError(f"one of the labels {names} is there twice")
    return {"id2label": {str(i): name for name, i in ids.items()}, "label2id": ids}


def n_labels(settings: Mapping[str, Any], folder: str | Path) -> int:
    """How many labels config.json speaks of; two if of none, as there."""
    names = settings.get("id2label")
    n = len(names) if isinstance(names, dict) else settings.get("num_labels", 2)
    if not isinstance(n, int) or n < 1:
        message = _("{folder}: config.json is damaged: {why}")
        raise CourseError(message.format(folder=folder, why=f"num_labels={n!r}"))
    return n


def labels_of(settings: Mapping[str, Any]) -> list[str]:
    """The names that config.json gives to the labels, in order; none if it has no names."""
    names = settings.get("id2label")
    if not isinstance(names, dict):
        return []
    return [str(names[key]) for key in sorted(names, key=int)]
