"""Names of the hub: what goes wrong is said in one line, and what is here opens the same way."""

import errno
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import torch
import transformers
from huggingface_hub import errors

from course_lib.errors import CourseError
from course_lib.interop import hub
from course_lib.interop.gpt2_folder import save_gpt2
from course_lib.interop.hub import fetch, from_hub, load_from_hub
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT

NAME = "somebody/some-model"


def response(status: int) -> httpx.Response:
    return httpx.Response(status, request=httpx.Request("HEAD", f"https://hub.test/{NAME}"))


def hub_error(kind: type, status: int) -> Exception:
    return kind("a long text\nof several lines", response=response(status))


def wrapped(inner: BaseException) -> Exception:
    """An error as `transformers` wraps it: another one, of several lines, from the first."""
    try:
        try:
            raise inner
        except BaseException as error:
            raise OSError("We couldn't connect\nto the hub\n") from error
    except OSError as outer:
        return outer


def failing(error: BaseException) -> Callable[..., str]:
    def download(*_args: object, **_settings: object) -> str:
        raise error

    return download


FAILURES = {
    "no such name": (hub_error(errors.RepositoryNotFoundError, 404), "spelt"),
    "gated": (hub_error(errors.GatedRepoError, 403), "accept its terms"),
    "not in the cache": (errors.LocalEntryNotFoundError("..."), "no network"),
    "switched off": (errors.OfflineModeIsEnabled("..."), "no network"),
    "wrapped": (wrapped(errors.LocalEntryNotFoundError("...")), "no network"),
    "no route": (wrapped(ConnectionError("refused")), "no network"),
    "a file lacks": (hub_error(errors.RemoteEntryNotFoundError, 404), "lacks a file"),
    "no name": (errors.HFValidationError("Repo id must be in the form\n..."), "is no name"),
    "full disk": (OSError(errno.ENOSPC, "No space left on device"), "No space left"),
    "package": (ModuleNotFoundError("No module named 'fugashi'", name="fugashi"), "pip install"),
    "other": (RuntimeError("\nfirst line\nsecond line"), "first line"),
}


def said(call: Callable[..., object], *args: object) -> str:
    with pytest.raises(CourseError) as caught:
        call(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("failure", FAILURES)
def test_what_goes_wrong_is_one_line(monkeypatch: pytest.MonkeyPatch, failure: str):
    error, words = FAILURES[failure]
    monkeypatch.setattr(hub, "snapshot_download", failing(error))
    message = said(fetch, NAME)
    assert words in message
    assert NAME in message


def test_gated_and_missing_are_told_apart():
    """The hub's error for the first is a kind of the second."""
    assert issubclass(errors.GatedRepoError, errors.RepositoryNotFoundError)


def test_with_the_network_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The real download, with a network on which no name is found."""

    def no_name(*_args: object, **_settings: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    for name in ("openai-community/gpt2", NAME):
        message = said(fetch, name)
        assert "no network" in message
        assert name in message
        assert str(tmp_path) in message


def test_switched_off_by_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert "no network" in said(fetch, NAME)


@pytest.mark.parametrize("name", ["two words/x", "a/b/c", "", "../x"])
def test_what_is_no_name(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "is no name" in said(fetch, name)


def test_a_package_that_is_not_here(monkeypatch: pytest.MonkeyPatch):
    """Known before anything is fetched, under the old name of the Japanese BERT, too."""
    monkeypatch.setattr(hub, "snapshot_download", failing(AssertionError("fetched")))
    monkeypatch.setattr(hub.importlib.util, "find_spec", lambda name: None)
    for name in ("tohoku-nlp/bert-base-japanese-v3", "cl-tohoku/bert-base-japanese-v3"):
        assert "pip install fugashi unidic-lite" in said(fetch, name)


def test_known_names_look_like_names():
    for known in hub.KNOWN:
        owner, _slash, name = known.name.partition("/")
        assert owner
        assert name
        assert known.what


@pytest.fixture
def gpt2(tmp_path: Path) -> tuple[GPT, Path]:
    cfg = TransformerConfig(vocab_size=40, context_length=12, d_model=16, n_heads=2, n_layers=1)
    model = GPT(cfg).eval()
    save_gpt2(model, tmp_path / "gpt2")
    return model, tmp_path / "gpt2"


def test_a_folder_opens_like_a_name(gpt2: tuple[GPT, Path], monkeypatch: pytest.MonkeyPatch):
    """By the course's own loader and by an Auto class: the same logits."""
    model, folder = gpt2
    monkeypatch.setattr(hub, "snapshot_download", lambda name, allow_patterns: str(folder))
    ids = torch.tensor([[3, 7, 9], [1, 2, 4]])
    for name in (folder, "openai-community/gpt2"):
        ours = load_from_hub(name)
        theirs = from_hub(transformers.AutoModelForCausalLM, name)
        with torch.no_grad():
            torch.testing.assert_close(ours(ids), model(ids))
            torch.testing.assert_close(theirs(ids).logits, model(ids), atol=1e-5, rtol=0)


def test_pickles_only_where_there_is_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[list[str]] = []

    def download(name: str, allow_patterns: list[str]) -> str:
        asked.append(allow_patterns)
        return str(tmp_path)

    monkeypatch.setattr(hub, "snapshot_download", download)
    fetch(NAME)
    assert asked == [list(hub.FILES), list(hub.PICKLES)]
    asked.clear()
    (tmp_path / "model.safetensors").write_bytes(b"")
    fetch(NAME)
    assert asked == [list(hub.FILES)]


def test_a_folder_that_is_no_model(tmp_path: Path):
    assert "config.json" in said(load_from_hub, tmp_path)
    assert str(tmp_path) in said(from_hub, transformers.AutoModel, tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    assert "'t5'" in said(load_from_hub, tmp_path)
