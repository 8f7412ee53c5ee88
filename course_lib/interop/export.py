"""A model with its tokenizer and its card as one folder of Hugging Face's form, and back."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from course_lib.interop.formats import Format, Labels, format_of, load_model_folder
from course_lib.interop.labels import labels_of
from course_lib.interop.model_card import Card, is_card, readme
from course_lib.interop.model_folder import CONFIG, WEIGHTS, read_any_config
from course_lib.interop.shipped_cards import shipped_card
from course_lib.interop.tokenizer_folder import (
    SETTINGS,
    TOKENIZER,
    load_tokenizer_folder,
    save_tokenizer_folder,
)
from course_lib.interop.whole_folder import writing_folder
from course_lib.models import checkpoints
from course_lib.models.rnn import RecurrentLM
from course_lib.storage import writing
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab

README, GENERATION = "README.md", "generation_config.json"
FILES = {README, CONFIG, GENERATION, WEIGHTS, TOKENIZER, SETTINGS}  # beside them code may stand
CODE = "modeling_course_*.py"
NO_LIMIT = 10**9  # tokens


class Imported(NamedTuple):
    """What a folder holds. The labels' names, in the order of the logits, if there are any."""

    model: Any  # in eval mode and float32, on the CPU
    tokenizer: Tokenizer
    labels: list[str]


def export(
    model: nn.Module,
    tokenizer: Tokenizer | Vocab,
    folder: str | Path,
    labels: Labels = None,
    card: Card | None = None,
    prefix: str = "",
) -> Path:
    """Write a folder that the Auto classes and `pipeline` of `transformers` open, and return it.

    Args:
        model: one that `transformers` has a class for, or whose code can go with it.
        tokenizer: what makes its ids; a `Vocab` stands for words with spaces between them.
        folder: a new name, or that of an older export, which is replaced when all is written.
        labels: names of a classifier's or tagger's labels, in the order of its logits.
        card: what README.md says of the model.
        prefix: what a text is to begin with, " " for a tagger whose words all had a space before
            them in training.

    Raises CourseError if the folder holds something else, or the disk refuses; ValueError if the
    model cannot be exported or does not go with the tokenizer or the labels. Then nothing is
    written, and an older export stays.
    """
    form, cfg = format_of(model), _config(model)
    n_words = len(tokenizer)
    if n_words != cfg.vocab_size:
        raise ValueError(f"a tokenizer of {n_words} ids, but a model of {cfg.vocab_size}")
    max_length = getattr(cfg, "context_length", NO_LIMIT)  # a recurrent one reads on for ever
    card = card or Card(type(model).__name__, "", "", "")
    with writing_folder(folder, is_export) as new:
        form.save(model, new, labels)
        save_tokenizer_folder(tokenizer, new, form.around, max_length, prefix)
        _write_generation(model, form, new)
        with writing(new / README) as file:
            file.write(readme(card, form.use))
    return Path(folder)


def export_shipped(name: str, folder: str | Path) -> Path:
    """The same for a model that comes with the course, as "bert_riverbank", with its card."""
    shipped = checkpoints.load(name)
    tokenizer = checkpoints.load_tokenizer(name)
    return export(shipped.model, tokenizer, folder, card=shipped_card(name, shipped))


def import_folder(folder: str | Path) -> Imported:
    """Read an exported folder back: the same weights, the same ids.

    No code of the folder is run. Raises CourseError if a part is missing, damaged or of another
    kind.
    """
    folder = Path(folder)
    settings = read_any_config(folder)
    model = load_model_folder(folder, str(settings.get("model_type")))
    return Imported(model, load_tokenizer_folder(folder), labels_of(settings))


def is_export(folder: Path) -> bool:
    """Whether the folder was written by `export`, and nothing was put into it since."""
    card = folder / README
    known = all(path.name in FILES or path.match(CODE) for path in folder.iterdir())
    return known and card.is_file() and is_card(card.read_text("utf-8", "replace"))


def _config(model: Any) -> Any:
    """The sizes of the model, or of the one that its head stands on."""
    return next(part.cfg for part in (model, *model.children()) if hasattr(part, "cfg"))


def _write_generation(model: Any, form: Format, folder: Path) -> None:
    """What `generate` is to know: where a text begins and ends, and what never comes next."""
    if form.use.task != "text-generation":
        return
    cfg = Vocab if isinstance(model, RecurrentLM) else model.cfg
    settings = {
        "pad_token_id": cfg.pad_id,
        "bos_token_id": cfg.start_id,
        "eos_token_id": cfg.end_id,
    }
    never = [i for i in (cfg.pad_id, cfg.start_id) if i is not None and i != cfg.end_id]
    if never:
        settings["suppress_tokens"] = never
    with writing(folder / GENERATION) as file:
        json.dump(settings, file, indent=2)
        file.write("\n")
