"""What the tests of exported folders share."""

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch import nn

from course_lib.data import riverbank
from course_lib.errors import CourseError
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.text.marks import MARKS
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import WordTokenizer

TOLERANCE = {"atol": 1e-4, "rtol": 0.0}
WORDS = riverbank.vocabulary()
READER = WordTokenizer(WORDS, MARKS, byte_fallback=False, split_by="spaces")
WRITER = Vocab(WORDS)
TEXTS = ["nina walked to the beach .", "the river was very cold and long .", "he swam"]
SECOND = ["she was there .", "it was not", "the bank was old and he knew it ."]
TRUST = {"trust_remote_code": True}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """No network; and the code of folders is kept nowhere but here."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", tmp_path / "cache")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def sizes(vocab_size: int, **more: Any) -> TransformerConfig:
    fixed = {"context_length": 48, "d_model": 24, "n_heads": 3, "n_layers": 2, "d_ff": 40}
    return TransformerConfig(vocab_size=vocab_size, dropout=0.0, **{**fixed, **more})


def randomised(model: nn.Module) -> nn.Module:
    """Large weights and biases: at their first values many mistakes would hardly show."""
    rng = torch.Generator().manual_seed(0)
    for name, weight in model.named_parameters():
        is_scale = "norm" in name.lower() and name.endswith("weight")
        nn.init.normal_(weight, mean=float(is_scale), std=0.3, generator=rng)
    return model.eval()


def same_weights(ours: nn.Module, again: nn.Module) -> bool:
    theirs = again.state_dict()
    return ours.state_dict().keys() == theirs.keys() and all(
        torch.equal(weight, theirs[name]) for name, weight in ours.state_dict().items()
    )


def opened(auto: str, folder: Path) -> nn.Module:
    """The model as that library opens it: no weight missing, none left over."""
    kind = getattr(transformers, auto)
    model, report = kind.from_pretrained(folder, output_loading_info=True, **TRUST)
    assert not any(report.values()), report
    return model


def small() -> tuple[nn.Module, Vocab]:
    return randomised(ModernGPT(sizes(len(WRITER)))), WRITER


def error_of(call: Any, *args: Any) -> str:
    """What is said: one line."""
    with pytest.raises(CourseError) as caught:
        call(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)
