"""`course generate`: a trained language model writes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import torch
import typer
from torch import Tensor, nn

from course_lib.cli.devices import Device
from course_lib.cli.evaluation import ModelPath, Split, load_for
from course_lib.cli.model_kinds import Trained
from course_lib.cli.training import Seed
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference import decoding
from course_lib.inference.beam import beam_search
from course_lib.models.language_model import LanguageModel, ReadingModel
from course_lib.text.vocab import Vocab

BROKEN = "\ufffd"  # what stands for bytes that are no whole character, or not yet


def generate(
    model: ModelPath,
    prompt: Annotated[str, typer.Option(help=_("how the text begins"))] = "",
    n: Annotated[int, typer.Option("--n", min=1, help=_("how many texts; one is streamed"))] = 5,
    max_words: Annotated[
        int, typer.Option("--max-words", "--max-tokens", min=1, help=_("tokens to add at most"))
    ] = 50,
    temperature: Annotated[
        float, typer.Option(help=_("below 1: likelier tokens; 0: always the likeliest"), min=0.0)
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(min=1, help=_("only the k likeliest tokens"))] = None,
    top_p: Annotated[
        float | None, typer.Option(help=_("only the likeliest tokens that make up this share"))
    ] = None,
    beam: Annotated[
        int | None, typer.Option(min=1, help=_("search for the likeliest texts with so many beams"))
    ] = None,
    split: Split = None,
    seed: Seed = 0,
    device: Device = "auto",
) -> None:
    """Let a trained language model write, one text a line."""
    trained = load_for(model, split, device)
    begin = trained.tokenizer.encode(prompt)
    ids = torch.cat([torch.tensor([Vocab.start_id]), begin]).to(_device_of(trained.model))
    if beam is not None:
        found = beam_search(
            Known.of(trained.model), ids[None], max_words, max(beam, n), Vocab.end_id
        )
        for hypothesis in found[0][:n]:
            typer.echo(_text(trained, begin, hypothesis.ids))
        return
    choose = chooser(temperature, top_k, top_p, seed, ids.device)
    known = Known.of(trained.model)
    tokens = decoding.stream(known, ids.repeat(n, 1), max_words, choose, Vocab.end_id)
    if n == 1:
        write_as_it_comes(trained, begin, tokens)
        return
    for row in torch.cat(list(tokens), dim=1):
        typer.echo(_text(trained, begin, row))


def chooser(
    temperature: float, top_k: int | None, top_p: float | None, seed: int, device: torch.device
) -> Callable[[Tensor], Tensor]:
    """From logits (B, V) to tokens (B, 1), as the options say."""
    rng = torch.Generator(device).manual_seed(seed)

    def choose(logits: Tensor) -> Tensor:
        if (logits == -torch.inf).all(dim=-1).any():
            raise CourseError(_("the model knows nothing to follow; begin with other words"))
        logits = decoding.temperature(logits, temperature)
        logits = logits if top_k is None else decoding.keep_top_k(logits, top_k)
        logits = logits if top_p is None else decoding.keep_top_p(logits, top_p)
        return decoding.sample(logits, rng)

    return choose


def write_as_it_comes(trained: Trained, begin: Tensor, tokens: Iterable[Tensor]) -> None:
    """Print a text token by token; bytes wait until they are a character."""
    ids, shown = begin, ""
    for token in tokens:
        ids = torch.cat([ids, token[0].cpu()])
        text = _text(trained, ids[:0], ids).rstrip(BROKEN)
        typer.echo(text[len(shown) :], nl=False)
        shown = text
    typer.echo(_text(trained, ids[:0], ids)[len(shown) :])


def _text(trained: Trained, begin: Tensor, new: Tensor) -> str:
    (row,) = decoding.cut_at_end(new[None].cpu(), Vocab.end_id)
    return trained.tokenizer.decode(torch.cat([begin, row]))


def _device_of(model: Any) -> torch.device:
    return next(model.parameters()).device if isinstance(model, nn.Module) else torch.device("cpu")


class Known:
    """A language model that never says <unk>, which nobody wants to read."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    @staticmethod
    def of(model: LanguageModel) -> "Known":
        """With a memory, if the model has one."""
        return KnownReading(model) if isinstance(model, ReadingModel) else Known(model)

    def next_logits(self, ids: Tensor) -> Tensor:
        return _without_unknown(self.model.next_logits(ids))

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        return self.model.log_probs(texts)


class KnownReading(Known):
    """The same for a model that reads on."""

    model: ReadingModel[Any]

    @property
    def context_length(self) -> int | None:
        return self.model.context_length

    def read(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        logits, state = self.model.read(ids, state)
        return _without_unknown(logits), state


def _without_unknown(logits: Tensor) -> Tensor:
    unknown = torch.tensor([Vocab.unk_id], device=logits.device)
    return logits.index_fill(1, unknown, -torch.inf)
