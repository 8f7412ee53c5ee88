"""The course's recurrent language models for Hugging Face's `transformers`.

What it remembers of a text is one vector per layer. `generate` hands it the whole text at every
step, which it reads again: that library's caches are made for attention. Letters: B batch,
T tokens, D embedding width, H state width, V vocabulary.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class CourseRNNConfig(PreTrainedConfig):
    """Sizes."""

    model_type = "course_rnn"

    vocab_size: int = 1000
    embedding_size: int = 64
    hidden_size: int = 192
    num_hidden_layers: int = 1
    cell: str = "lstm"  # or "gru" or "rnn"
    hidden_dropout_prob: float = 0.0
    use_cache: bool = False
    pad_token_id: int | None = 0
    bos_token_id: int | None = 2
    eos_token_id: int | list[int] | None = 3


class CourseRNNForCausalLM(PreTrainedModel, GenerationMixin):
    """Embedding, recurrent layers, linear scores."""

    config_class = CourseRNNConfig
    base_model_prefix = "model"

    def __init__(self, config: CourseRNNConfig) -> None:
        super().__init__(config)
        p = config.hidden_dropout_prob
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        self.dropout = nn.Dropout(p)
        self.recurrent = CELLS[config.cell](
            config.embedding_size,
            config.hidden_size,
            config.num_hidden_layers,
            batch_first=True,
            dropout=p if config.num_hidden_layers > 1 else 0.0,
        )
        self.head = nn.Linear(config.hidden_size, config.vocab_size)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.embedding

    def prepare_inputs_for_generation(  # type: ignore[override]
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **_others: Any
    ) -> dict[str, Any]:
        """What `generate` hands to `forward`: always the whole text."""
        return {"input_ids": input_ids, "attention_mask": attention_mask}

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        **_others: Any,
    ) -> CausalLMOutputWithPast:
        """(B, T) -> (B, T, V). Padding on the left changes nothing.

        labels (B, T): the ids themselves, -100 where none is to be learnt.
        """
        mask = input_ids != self.config.pad_token_id if attention_mask is None else attention_mask
        n_skipped = mask.int().argmax(dim=1)  # (B,) leading places that hold no token
        x = self.dropout(self.embedding(moved_left(input_ids, n_skipped)))
        hidden = moved_left(self.recurrent(x)[0], -n_skipped)
        logits = self.head(self.dropout(hidden))
        loss = None
        if labels is not None:
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        return CausalLMOutputWithPast(loss, logits)


def moved_left(rows: Tensor, n: Tensor) -> Tensor:
    """Turn each row n places to the left; what falls off comes in again on the right.

    (B, T, ...), (B,) -> (B, T, ...).
    """
    places = torch.arange(rows.size(1), device=rows.device) + n[:, None]
    index = places % rows.size(1)
    return rows[torch.arange(len(rows), device=rows.device)[:, None], index]
