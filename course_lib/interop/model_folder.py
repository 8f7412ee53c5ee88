"""A model as Hugging Face's libraries keep it: a folder with config.json and model.safetensors.

Only JSON and safetensors are read, which can hold no code. Weights of the older kind
(pytorch_model.bin) are pickles, which can, and are refused.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_text, writing

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def read_any_config(folder: str | Path) -> dict[str, Any]:
    """The settings in config.json. Raises CourseError if there is none."""
    path = Path(folder) / CONFIG
    if not path.exists():
        message = _("{folder} is not a model's folder: it has no {name}")
        raise CourseError(message.format(folder=folder, name=CONFIG))
    return _read_json(path)


def read_config(folder: str | Path, model_type: str) -> dict[str, Any]:
    """The settings in config.json. Raises CourseError unless they are of such a model."""
    path, settings = Path(folder) / CONFIG, read_any_config(folder)
    found = settings.get("model_type")
    if found != model_type:
        message = _("{path} describes a model of type {found!r}, but {wanted!r} is needed here")
        raise CourseError(message.format(path=path, found=found, wanted=model_type))
    return settings


def read_tensors(folder: str | Path) -> dict[str, Tensor]:
    """All weights by name, from one file or from several (shards).

    Raises CourseError if there are none, or some are damaged, cut off or pickles.
    """
    folder = Path(folder)
    if (folder / WEIGHTS).exists():
        return _read_file(folder / WEIGHTS)
    if (folder / INDEX).exists():
        tensors: dict[str, Tensor] = {}
        for name in _shards(folder / INDEX):
            tensors |= _read_file(folder / name)
        return tensors
    for name in PICKLES:
        if (folder / name).exists():
            message = _(
                "{path} is a pickle, which can run code when it is opened; "
                "get the model's {name} instead"
            )
            raise CourseError(message.format(path=folder / name, name=WEIGHTS))
    message = _("{folder} has no weights: {name} is missing")
    raise CourseError(message.format(folder=folder, name=WEIGHTS))


def check_tensors(
    tensors: Mapping[str, Tensor], wanted: Mapping[str, torch.Size], folder: str | Path, kind: str
) -> None:
    """Raises CourseError, naming the first bad tensor, unless names and shapes are as wanted.

    kind: what the folder should hold, for the message.
    """
    for name, shape in wanted.items():
        if name not in tensors:
            message = _("{folder} is incomplete: there is no tensor {name}")
            raise CourseError(message.format(folder=folder, name=name))
        if tensors[name].shape != shape:
            message = _("{folder}: tensor {name} has shape {found}, but config.json needs {wanted}")
            sizes = {"found": tuple(tensors[name].shape), "wanted": tuple(shape)}
            raise CourseError(message.format(folder=folder, name=name, **sizes))
    if unknown := tensors.keys() - wanted.keys():
        message = _("{folder} holds a tensor {name}, which a {kind} does not have")
        raise CourseError(message.format(folder=folder, name=min(unknown), kind=kind))


def architecture(settings: Mapping[str, Any]) -> str | None:
    """The class that config.json names, if it names one."""
    names = settings.get("architectures")
    return names[0] if isinstance(names, list) and names else None


def check_same_model(
    settings: Mapping[str, Any], same: Mapping[str, tuple[Any, ...]], folder: str | Path
) -> None:
    """Raises CourseError if a setting changes what is computed to what the course does not.

    same: for each such setting the values that are known, the one that is meant without it first.
    """
    for name, values in same.items():
        if settings.get(name, values[0]) not in values:
            message = _("{folder}: config.json sets {name} to {value!r}; only {wanted!r} is known")
            raise CourseError(
                message.format(folder=folder, name=name, value=settings[name], wanted=values[0])
            )


def write_folder(
    folder: str | Path, settings: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> None:
    """Write config.json and model.safetensors. Raises CourseError if the disk refuses."""
    folder = Path(folder)
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with writing(folder / WEIGHTS, "wb") as file:
        file.write(safetensors.torch.save(whole, {"format": "pt"}))
    with writing(folder / CONFIG) as file:
        json.dump(settings, file, indent=2, sort_keys=True)
        file.write("\n")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        message = _("{path} is damaged: it is not a JSON object; get the folder again")
        raise CourseError(message.format(path=path))
    return content


def _shards(path: Path) -> list[str]:
    """Names of the files in which the index says the weights are; all in the index's folder."""
    weight_map = _read_json(path).get("weight_map")
    names = set(weight_map.values()) if isinstance(weight_map, dict) else set()
    if not names or not all(isinstance(n, str) and Path(n).name == n for n in names):
        message = _("{path} is damaged: it does not list files of weights; get the folder again")
        raise CourseError(message.format(path=path))
    return sorted(names)


def _read_file(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        why = error.strerror or error
        raise CourseError(_("cannot read {path}: {why}").format(path=path, why=why)) from None
    except SafetensorError:
        message = _("{path} is damaged or cut off; get the folder again")
        raise CourseError(message.format(path=path)) from None
