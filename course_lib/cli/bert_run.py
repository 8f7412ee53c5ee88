"""One run of `course train bert`: from text files to an encoder that has learnt to read."""

from collections.abc import Callable, Iterator

import torch
import typer
from rich.console import Console
from torch import Tensor

from course_lib.cli.devices import find_device
from course_lib.cli.network_run import Material, Options, check, make_tokenizer, train_and_save
from course_lib.cli.task_run import space_between
from course_lib.cli.texts import TextFiles
from course_lib.data.pretraining_batches import PretrainingBatch, pretraining_batches
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.config import TransformerConfig
from course_lib.text.marks import MARKS
from course_lib.text.segmentation import JAPANESE_END
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.words import sentences
from course_lib.training.bert_recipes import RATE, fresh, pretraining_task, start_counted
from course_lib.training.objectives import pretraining_loss

# Tokens whose neighbours are counted: with more the table would take over 400 megabytes, and with
# fewer than twice the places of a vector there is too little to say.
MOST_COUNTED = 10_000

Sizes = Callable[[int], TransformerConfig]


def sizes_of(dropout: float, **sizes: int) -> Sizes:
    """From the number of tokens to the model's sizes, named as in `TransformerConfig`."""
    return lambda n_tokens: TransformerConfig(vocab_size=n_tokens, dropout=dropout, **sizes)


def run_bert(sizes: Sizes, row_length: int, options: Options) -> None:
    """Read, train, write. Raises CourseError for whatever the user can mend."""
    check(options)
    texts = TextFiles(options.texts, options.unit)
    with Console(stderr=True).status(_("reading ...")):
        tokens = make_tokenizer(texts, options.tokenizer, options.vocab_size, MARKS)
        documents = [sentence_ids(text, tokens) for text in texts]
    if not any(sum(map(len, document)) > 1 for document in documents):
        names = ", ".join(map(str, options.texts))
        raise CourseError(_("there are no words in {names}; give a text").format(names=names))
    task, counts = pretraining_task(documents, tokens.vocab, row_length, RATE)
    rng = torch.Generator().manual_seed(options.seed)
    model = fresh(sizes(len(tokens)), counts, rng)
    if 2 * model.cfg.d_model <= len(tokens) <= MOST_COUNTED:
        start_counted(model, documents, rng)
    model.to(find_device(options.device))

    def batches() -> Iterator[PretrainingBatch]:
        rng = torch.Generator().manual_seed(options.seed)
        return pretraining_batches(documents, task, options.batch_tokens, rng)

    train_and_save(model, Material(pretraining_loss, batches), tokens, options)
    message = _("{n} texts, {tokens} tokens of {types} kinds, {weights} weights -> {out}")
    n_weights = sum(weight.numel() for weight in model.parameters())
    read = {"n": len(documents), "tokens": int(counts.sum()), "types": len(tokens)}
    typer.echo(message.format(weights=n_weights, out=options.out, **read))


def sentence_ids(text: str, tokenizer: Tokenizer) -> list[Tensor]:
    """A text's sentences as ids; all but the first with the space before them."""
    found = [
        part
        for line in text.splitlines()
        for sentence in sentences(line)
        for part in JAPANESE_END.split(sentence)
        if part
    ]
    space = space_between(found)
    return [tokenizer.encode((space if i else "") + part) for i, part in enumerate(found)]
