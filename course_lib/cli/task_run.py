"""What training for any task shares: the encoder, a part set aside, the steps, what is said."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
import typer

from course_lib.cli.devices import find_device
from course_lib.cli.network_run import TOKENIZERS, make_tokenizer
from course_lib.cli.task_models import Pretrained, load_pretrained
from course_lib.cli.texts import check_writable, choice
from course_lib.data.task_batches import Example
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.config import TransformerConfig
from course_lib.models.head_file import Head
from course_lib.models.heads import POOLINGS
from course_lib.models.modern_bert import ModernBERT
from course_lib.text.marks import MARKS
from course_lib.training.fine_tuning import fine_tune, freeze
from course_lib.training.loop import LossFn
from course_lib.training.progress import progress

N_PASSES = 10  # over the training texts, unless --steps says otherwise
LEAST_STEPS, MOST_STEPS = 100, 3000


class NewEncoder(NamedTuple):
    """Sizes of an encoder that begins from nothing; the names are those of the options."""

    tokenizer: str = "bpe"
    vocab_size: int = 2000
    size: int = 128
    layers: int = 2
    heads: int = 4
    context: int = 256
    dropout: float = 0.1


@dataclass(frozen=True, kw_only=True)
class TaskOptions:
    """What the user asked for; the names are those of the commands' options."""

    files: list[Path]
    out: Path
    dev: Path | None
    dev_share: float
    pretrained: Path | None
    new: NewEncoder
    freeze: str
    pooling: str = "mean"
    steps: int | None
    lr: float
    batch_tokens: int
    seed: int
    device: str

    @classmethod
    def of(cls, values: Mapping[str, Any], out: Path) -> "TaskOptions":
        """From the arguments of a command. Raises CourseError if they do not go together."""
        given = {name: values[name] for name in NewEncoder._fields if values[name] is not None}
        if values["pretrained"] is not None and given:
            options = ", ".join("--" + name.replace("_", "-") for name in given)
            message = _("{options}: with --from the encoder and its tokenizer are as they are")
            raise CourseError(message.format(options=options))
        names = {field.name for field in fields(cls)}
        chosen = {name: value for name, value in values.items() if name in names}
        return cls(**{**chosen, "out": values["out"] or out}, new=NewEncoder(**given))

    def check(self) -> None:
        """Refuse, before any work, what cannot go well."""
        check_writable(self.out)
        choice(self.new.tokenizer, TOKENIZERS, _("tokenizer"))
        choice(self.pooling, POOLINGS, _("pooling"))
        self.freezing()
        if not 0 < self.dev_share < 1:
            raise CourseError(_("--dev-share must be more than 0 and less than 1"))

    def freezing(self) -> Literal["all"] | int | None:
        """What will not move. Raises CourseError for anything but none, all or a number."""
        if self.freeze == "none":
            return None
        if self.freeze == "all":
            return "all"
        if not self.freeze.isdecimal():
            raise CourseError(_("--freeze must be none, all or a number of blocks"))
        return int(self.freeze)


def start(options: TaskOptions, texts: Iterable[str], rng: torch.Generator) -> Pretrained:
    """The encoder to begin with, pre-trained or new, and its tokenizer.

    texts: what a new tokenizer is learnt from. Raises CourseError for a file of another kind, or if
    there are no blocks to freeze.
    """
    if options.pretrained is not None:
        found = load_pretrained(options.pretrained)
    else:
        new = options.new
        tokenizer = make_tokenizer(texts, new.tokenizer, new.vocab_size, MARKS)
        cfg = TransformerConfig(
            vocab_size=len(tokenizer),
            context_length=new.context,
            d_model=new.size,
            n_heads=new.heads,
            n_layers=new.layers,
            dropout=new.dropout,
        )
        found = Pretrained(ModernBERT(cfg, rng=rng), tokenizer)
    try:
        freeze(found.encoder, options.freezing())
    except ValueError as error:
        raise CourseError(str(error)) from None
    return found


def set_aside(
    n: int, share: float, rng: torch.Generator, labels: Sequence[str] | None = None
) -> tuple[list[int], list[int]]:
    """Numbers of the texts to learn from, and of those to test on; of the latter at least one.

    A label's last text stays among those to learn from. Raises CourseError for less than two texts,
    or if every text has a label of its own.
    """
    if n < 2:
        raise CourseError(_("one text is too few: some are to learn from, others to test on"))
    order = torch.randperm(n, generator=rng).tolist()
    wanted, counts = max(1, round(share * n)), Counter(labels)
    dev: list[int] = []
    for i in order:
        if len(dev) == min(wanted, n - 1):
            break
        if labels is None or counts[labels[i]] > 1:
            dev.append(i)
            if labels is not None:
                counts[labels[i]] -= 1
    if not dev:
        raise CourseError(_("every text has a label of its own: there is nothing to learn"))
    tested = set(dev)
    return [i for i in range(n) if i not in tested], sorted(dev)


def learn(
    model: Head,
    examples: Sequence[Example],
    loss_fn: LossFn,
    options: TaskOptions,
    rng: torch.Generator,
) -> None:
    """Train the model, and leave it on the CPU; Ctrl-C ends the command."""
    n_steps = options.steps or default_steps(examples, options.batch_tokens)
    torch.manual_seed(options.seed)  # dropout's
    model.to(find_device(options.device))
    tokens = options.batch_tokens
    try:
        with progress(n_steps) as on_step:
            fine_tune(
                model, examples, loss_fn, rng, n_steps, options.lr, n_tokens=tokens, on_step=on_step
            )
    except KeyboardInterrupt:
        typer.echo(_("stopped: nothing is kept"), err=True)
        raise typer.Exit(130) from None
    model.cpu().eval()


def default_steps(examples: Sequence[Example], batch_tokens: int) -> int:
    """So many that each text is read N_PASSES times, within sensible bounds."""
    n_tokens = sum(len(example.ids) for example in examples)
    return min(MOST_STEPS, max(LEAST_STEPS, N_PASSES * n_tokens // batch_tokens))


def notice(n: int, message: str) -> None:
    """Say, on stderr, what happened to n texts, if n > 0; `message` holds {n}."""
    if n:
        typer.echo(message.format(n=n), err=True)


def space_between(words: Iterable[str]) -> str:
    """What stands between words when they are put together: nothing in Japanese or Chinese."""
    found = list(words)
    n_asian = sum(any("\u3040" <= c <= "\u9fff" for c in word) for word in found)
    return "" if 2 * n_asian > len(found) else " "
