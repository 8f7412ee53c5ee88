"""The encoder-decoder that the course trains: the published one, with what was learnt since."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import EncoderDecoder
from course_lib.models.modern_block import COPYING
from course_lib.models.transformer import Block, CrossBlock, layer_norm


class ModernTranslator(EncoderDecoder):
    """Pre-norm blocks, squared ReLU, and a bias that knows from the start which words are frequent.

    The same computation as Pegasus (Zhang et al., 2020) with `activation_function="relu2"`.

    Args:
        cfg: sizes; `n_layers` blocks in the encoder and as many in the decoder. The context length
            bounds the source and the target; no weight depends on it.
        n_targets: only the first so many ids are ever written, in a vocabulary that begins with the
            target language: no time is lost on scoring words of the other. None: all.
    """

    def __init__(
        self,
        cfg: TransformerConfig,
        rng: torch.Generator | None = None,
        n_targets: int | None = None,
    ) -> None:
        super().__init__(cfg)
        self.n_targets = cfg.vocab_size if n_targets is None else n_targets
        activation = "relu_squared"
        self.encoder = nn.ModuleList(Block(cfg, activation) for _ in range(cfg.n_layers))
        self.decoder = nn.ModuleList(CrossBlock(cfg, activation) for _ in range(cfg.n_layers))
        self.encoder_norm, self.decoder_norm = layer_norm(cfg), layer_norm(cfg)
        self.output_bias = nn.Parameter(torch.zeros(self.n_targets))
        start_translator(self, rng)

    def set_unigram(self, counts: Tensor) -> None:
        """Begin from how often each id is to be written, (V,): the bias becomes its log frequency.

        An id never seen counts as half a time.
        """
        smoothed = counts.double().clamp(min=0.5)
        with torch.no_grad():
            self.output_bias.copy_((smoothed / smoothed.sum()).log())

    def finish_encoder(self, x: Tensor) -> Tensor:
        out: Tensor = self.encoder_norm(x)
        return out

    def finish_decoder(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder_norm(x)
        return out

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., n_targets)."""
        return F.linear(hidden, self.tokens.weight[: self.n_targets], self.output_bias)


def start_translator(model: nn.Module, rng: torch.Generator | None) -> None:
    """First weights: attention copies a little of what it looks at, the MLPs do nothing.

    Small token vectors make the first logits nearly equal. See `start_modern` for why attention
    begins as a copy.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5, generator=rng)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
            _start_linear(module, name.rpartition(".")[2], rng)


def _start_linear(module: nn.Linear, name: str, rng: torch.Generator | None) -> None:
    with torch.no_grad():
        if name in ("w_v", "w_o"):
            nn.init.eye_(module.weight)
            module.weight.mul_(COPYING if name == "w_o" else 1)
        elif name == "2":  # the MLP's second matrix
            nn.init.zeros_(module.weight)
        else:
            nn.init.normal_(module.weight, std=module.in_features**-0.5, generator=rng)
