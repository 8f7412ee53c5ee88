"""The course's modern encoder for Hugging Face's `transformers`, with its heads.

Pre-norm blocks with RMSNorm, rotary positions and squared ReLU, read in both directions; segment
vectors tell the two texts of a pair apart. Letters: B batch, T tokens, D width, H heads, K head
width, L labels, V vocabulary.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import (
    BaseModelOutputWithPooling,
    MaskedLMOutput,
    QuestionAnsweringModelOutput,
    SequenceClassifierOutput,
    TokenClassifierOutput,
)
from transformers.models.bert.modeling_bert import BertForPreTrainingOutput

N_SEGMENTS = 2  # the first text of a pair, and the second


class CourseBertConfig(PreTrainedConfig):
    """Sizes. n_numbers: how many numbers a classifier is given with each text."""

    model_type = "course_bert"

    vocab_size: int = 1000
    max_position_embeddings: int = 128
    hidden_size: int = 128
    num_attention_heads: int = 4
    num_hidden_layers: int = 2
    intermediate_size: int = 256
    hidden_dropout_prob: float = 0.0
    rms_norm_eps: float = 1e-5
    rope_theta: float = 100.0
    pooling: str = "class_token"  # or "mean"
    n_numbers: int = 0
    pad_token_id: int | None = 0


class Attention(nn.Module):
    """Self-attention; queries and keys are turned by their positions."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.n_heads, self.dropout = config.num_attention_heads, config.hidden_dropout_prob
        self.w_q = nn.Linear(width, width, bias=False)
        self.w_k = nn.Linear(width, width, bias=False)
        self.w_v = nn.Linear(width, width, bias=False)
        self.w_o = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, table: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        """(B, T, D); cosines and signed sines, (T, K) each; mask (B, 1, 1, T) -> (B, T, D)."""
        q, k, v = (
            w(x).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (B, H, T, K)
            for w in (self.w_q, self.w_k, self.w_v)
        )
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(turn(q, *table), turn(k, *table), v, mask, p)
        out: Tensor = self.w_o(y.transpose(1, 2).flatten(2))
        return out


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)), with mlp(x) = W2 relu(W1 x)^2."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.norm_1 = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.norm_2 = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.attention = Attention(config)
        self.w_1 = nn.Linear(width, config.intermediate_size, bias=False)
        self.w_2 = nn.Linear(config.intermediate_size, width, bias=False)
        self.drop = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x: Tensor, table: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        x = x + self.drop(self.attention(self.norm_1(x), table, mask))
        out: Tensor = x + self.drop(self.w_2(F.relu(self.w_1(self.norm_2(x))).square()))
        return out


def rotary_table(length: int, d_head: int, base: float) -> tuple[Tensor, Tensor]:
    """Cosines and signed sines of t / base^(2i/K): (T, K) each, for `turn`."""
    steps = torch.arange(0, d_head, 2, dtype=torch.float64) / d_head
    angles = torch.arange(length, dtype=torch.float64)[:, None] / base**steps  # (T, K/2)
    cos, sin = angles.cos().float(), angles.sin().float()
    return torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the pairs of numbers at (i, i + K/2) of x (..., T, K)."""
    return x * cos.to(x) + x.roll(x.size(-1) // 2, dims=-1) * sin.to(x)


class CourseBertPreTrainedModel(PreTrainedModel):
    """What all of them share."""

    config_class = CourseBertConfig
    base_model_prefix = "encoder"


class CourseBertModel(CourseBertPreTrainedModel):
    """The encoder: a vector for each token, and one for the text."""

    _keys_to_ignore_on_load_unexpected = [r"^head\.", r"^output\."]  # noqa: RUF012  it has no head

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__(config)
        self.tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.segments = nn.Embedding(N_SEGMENTS, config.hidden_size)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.pooler = nn.Linear(config.hidden_size, config.hidden_size)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.tokens

    def visible(self, input_ids: Tensor, attention_mask: Tensor | None) -> Tensor:
        """(B, T) bool: the given mask, or everything but padding."""
        if attention_mask is not None:
            return attention_mask.bool()
        return input_ids != (-1 if self.config.pad_token_id is None else self.config.pad_token_id)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        return_dict: bool = True,
        **_others: Any,
    ) -> BaseModelOutputWithPooling | tuple[Tensor, ...]:
        """(B, T) ids -> (B, T, D), and (B, D) of the first token. ValueError if T is too long."""
        cfg, length = self.config, input_ids.size(1)
        if length > cfg.max_position_embeddings:
            raise ValueError(f"{length} tokens, but the model reads {cfg.max_position_embeddings}")
        segments = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        x = self.tokens(input_ids) + self.segments(segments)
        d_head = cfg.hidden_size // cfg.num_attention_heads
        cos, sin = rotary_table(length, d_head, cfg.rope_theta)
        mask = self.visible(input_ids, attention_mask)[:, None, None, :]
        for block in self.blocks:
            x = block(x, (cos.to(x), sin.to(x)), mask)
        x = self.norm(x)
        out = BaseModelOutputWithPooling(x, self.pooler(x[:, 0]).tanh())
        return out if return_dict else out.to_tuple()


class PretrainingHead(nn.Module):
    """What the encoder learnt to read by: guessing hidden words, and whether two texts follow."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.next_sentence = nn.Linear(config.hidden_size, 2)

    def word_logits(self, hidden: Tensor, table: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, V), by the table that reads the words."""
        x = self.norm(F.gelu(self.dense(hidden)))
        return F.linear(x, table, self.output_bias)


class CourseBertForMaskedLM(CourseBertPreTrainedModel):
    """It guesses hidden words."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__(config)
        self.encoder = CourseBertModel(config)
        self.head = PretrainingHead(config)
        self.post_init()

    def forward(
        self, input_ids: Tensor, labels: Tensor | None = None, **inputs: Any
    ) -> MaskedLMOutput:
        """labels (B, T): the right ids, -100 where none is asked for."""
        inputs.pop("return_dict", None)
        hidden = self.encoder(input_ids, **inputs)[0]
        logits = self.head.word_logits(hidden, self.encoder.tokens.weight)
        return MaskedLMOutput(mean_loss(logits, labels), logits)


class CourseBertForPreTraining(CourseBertForMaskedLM):
    """The same, and it says whether the second text follows the first: label 0 if it does."""

    def forward(  # type: ignore[override]
        self, input_ids: Tensor, **inputs: Any
    ) -> BertForPreTrainingOutput:
        inputs.pop("return_dict", None)
        hidden, pooled = self.encoder(input_ids, **inputs).to_tuple()[:2]
        return BertForPreTrainingOutput(
            prediction_logits=self.head.word_logits(hidden, self.encoder.tokens.weight),
            seq_relationship_logits=self.head.next_sentence(pooled),
        )


class CourseBertForSequenceClassification(CourseBertPreTrainedModel):
    """One label for a text or a pair; with a single label a number."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__(config)
        self.encoder = CourseBertModel(config)
        self.drop = nn.Dropout(config.hidden_dropout_prob)
        self.output = nn.Linear(config.hidden_size + config.n_numbers, config.num_labels or 1)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        numbers: Tensor | None = None,
        labels: Tensor | None = None,
        **inputs: Any,
    ) -> SequenceClassifierOutput:
        """-> (B, L). numbers (B, n_numbers): what is known with each text."""
        inputs.pop("return_dict", None)
        hidden, x = self.encoder(input_ids, attention_mask, **inputs).to_tuple()[:2]
        if self.config.pooling == "mean":
            weights = self.encoder.visible(input_ids, attention_mask)[:, :, None].to(hidden)
            x = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
        x = self.drop(x)
        logits = self.output(x if numbers is None else torch.cat([x, numbers], dim=-1))
        if labels is not None and self.config.num_labels == 1:
            return SequenceClassifierOutput(F.mse_loss(logits[:, 0], labels.to(logits)), logits)
        return SequenceClassifierOutput(mean_loss(logits, labels), logits)


class CourseBertForTokenClassification(CourseBertPreTrainedModel):
    """One label for every token."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__(config)
        self.encoder = CourseBertModel(config)
        self.drop = nn.Dropout(config.hidden_dropout_prob)
        self.output = nn.Linear(config.hidden_size, config.num_labels or 1)
        self.post_init()

    def forward(
        self, input_ids: Tensor, labels: Tensor | None = None, **inputs: Any
    ) -> TokenClassifierOutput:
        """-> (B, T, L). labels (B, T): -100 where there is none."""
        inputs.pop("return_dict", None)
        logits = self.output(self.drop(self.encoder(input_ids, **inputs)[0]))
        return TokenClassifierOutput(mean_loss(logits, labels), logits)


class CourseBertForQuestionAnswering(CourseBertPreTrainedModel):
    """Where an answer starts and where it ends."""

    def __init__(self, config: CourseBertConfig) -> None:
        super().__init__(config)
        self.encoder = CourseBertModel(config)
        self.output = nn.Linear(config.hidden_size, 2)
        self.post_init()

    def forward(self, input_ids: Tensor, **inputs: Any) -> QuestionAnsweringModelOutput:
        """-> (B, T) scores of the answer's first token, and of its last."""
        inputs.pop("return_dict", None)
        start, end = self.output(self.encoder(input_ids, **inputs)[0]).unbind(dim=-1)
        return QuestionAnsweringModelOutput(start_logits=start, end_logits=end)


def mean_loss(logits: Tensor, labels: Tensor | None) -> Tensor | None:
    """Mean cross-entropy over the labels that are not -100; None without labels."""
    if labels is None:
        return None
    return F.cross_entropy(logits.flatten(0, -2), labels.flatten())
