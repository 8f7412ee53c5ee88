"""Models of the Hugging Face hub by their names; and what is said, in one line, if that fails."""

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from torch import nn

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.formats import load_model_folder
from course_lib.interop.model_folder import read_any_config

FILES = ("*.json", "*.txt", "*.model", "*.safetensors")  # settings, tokenizers, weights
PICKLES = ("pytorch_model*.bin",)  # of models that are kept in no other form


class HubModel(NamedTuple):
    """A model that the course speaks of. needs: packages without which its text cannot be split."""

    name: str
    what: str
    needs: tuple[str, ...] = ()


KNOWN = (
    HubModel("openai-community/gpt2", _("GPT-2, small: English")),
    HubModel("google-bert/bert-base-uncased", _("BERT, base: English")),
    HubModel(
        "tohoku-nlp/bert-base-japanese-v3",
        _("BERT, base: Japanese; once cl-tohoku/bert-base-japanese-v3"),
        ("fugashi", "unidic_lite"),
    ),
    HubModel("sonoisa/t5-base-japanese", _("T5, base: Japanese"), ("sentencepiece",)),
    HubModel("Helsinki-NLP/opus-mt-ja-en", _("Marian: Japanese to English"), ("sentencepiece",)),
)


class AutoClass(Protocol):
    """AutoTokenizer, AutoModelForMaskedLM and their like."""

    def from_pretrained(self, name: str, **settings: Any) -> Any: ...


def fetch(name: str | Path) -> Path:
    """The folder with the model of that name, fetched once; a folder of this machine is itself.

    Weights in the older form, which are pickles, are fetched only where there are no others.
    Raises CourseError, in one line, if there is no such model, or no network, or no permission, or
    a package is missing.
    """
    if str(name) and Path(name).is_dir():
        return Path(name)
    name = str(name)
    check_packages(name)
    with plain_errors(name):
        folder = Path(snapshot_download(name, allow_patterns=list(FILES)))
        if not any(folder.glob("*.safetensors")):
            snapshot_download(name, allow_patterns=list(PICKLES))
    return folder


def from_hub(auto: AutoClass, name: str | Path, **settings: Any) -> Any:
    """What an Auto class of `transformers` makes of that name or folder; errors as in `fetch`."""
    folder = fetch(name)
    with plain_errors(str(name)):
        return auto.from_pretrained(str(folder), **settings)


def load_from_hub(name: str | Path) -> nn.Module:
    """The course's own model with the weights of that name: a GPT-2, a BERT, a GPT-1, a Marian.

    Raises CourseError as `fetch` does, and for other kinds of models and for pickles.
    """
    folder = fetch(name)
    return load_model_folder(folder, str(read_any_config(folder).get("model_type")))


def check_packages(name: str) -> None:
    """Raise CourseError if a model that the course knows needs a package that is not there."""
    for known in KNOWN:
        if name.partition("/")[2] == known.name.partition("/")[2]:
            missing = [p for p in known.needs if importlib.util.find_spec(p) is None]
            if missing:
                raise _needs(name, " ".join(missing))


@contextlib.contextmanager
def plain_errors(name: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes a CourseError of one line."""
    try:
        yield
    except CourseError:
        raise
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise _explained(name, error) from None


def _explained(name: str, error: BaseException) -> CourseError:
    """The first reason in the chain of errors that is understood here."""
    chain = list(_chain(error))
    for kind, message in _reasons():
        if any(isinstance(link, kind) for link in chain):
            return CourseError(message.format(name=name, cache=constants.HF_HUB_CACHE))
    package = next((link.name for link in chain if isinstance(link, ImportError)), None)
    if package:
        return _needs(name, package)
    first_line = next((line for line in str(error).splitlines() if line.strip()), repr(error))
    message = _("{name} could not be opened: {why}")
    return CourseError(message.format(name=name, why=first_line.strip()))


def _reasons() -> list[tuple[type[BaseException], str]]:
    """Kinds of errors, the special before the general, and what to say of each."""
    offline = _(
        "no network, and {name} is not in {cache}: go online once, or open one of the course's own "
        "models (`course export`)"
    )
    return [
        (
            GatedRepoError,
            _(
                "{name} is gated: accept its terms at https://huggingface.co/{name}, then log in "
                "with `hf auth login`"
            ),
        ),
        (
            RepositoryNotFoundError,
            _("the hub has no model {name!r} that you may see: check how it is spelt"),
        ),
        (
            HFValidationError,
            _("{name!r} is no name of a model: it should be like openai-community/gpt2"),
        ),
        (LocalEntryNotFoundError, offline),
        (OfflineModeIsEnabled, offline),
        (EntryNotFoundError, _("{name} on the hub lacks a file that is needed to open it")),
        (ConnectionError, offline),
        (TimeoutError, offline),
    ]


def _needs(name: str, packages: str) -> CourseError:
    message = _("{name} needs packages that are not here: pip install {packages}")
    return CourseError(message.format(name=name, packages=packages.replace("_", "-")))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, what caused that, ..."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
