"""The course's GPT with a token shift, for Hugging Face's `transformers`.

Every token is read together with the one before it; then come pre-norm blocks with RMSNorm, rotary
positions and squared ReLU. Letters: B batch, T tokens read now, S tokens in all, D width, H heads,
K head width, V vocabulary.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import DynamicCache, GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast


class CourseGPTConfig(PreTrainedConfig):
    """Sizes. output_scale: fixed factor on the logits."""

    model_type = "course_gpt"

    vocab_size: int = 1000
    max_position_embeddings: int = 128
    hidden_size: int = 128
    num_attention_heads: int = 4
    num_hidden_layers: int = 2
    intermediate_size: int = 256
    hidden_dropout_prob: float = 0.0
    rms_norm_eps: float = 1e-5
    rope_theta: float = 1000.0
    output_scale: float = 1.0
    use_cache: bool = True
    pad_token_id: int | None = 0
    bos_token_id: int | None = 2
    eos_token_id: int | list[int] | None = 3


class Attention(nn.Module):
    """Causal self-attention; queries and keys are turned by their positions."""

    def __init__(self, config: CourseGPTConfig, layer: int) -> None:
        super().__init__()
        width, self.layer = config.hidden_size, layer
        self.n_heads, self.dropout = config.num_attention_heads, config.hidden_dropout_prob
        self.w_q = nn.Linear(width, width, bias=False)
        self.w_k = nn.Linear(width, width, bias=False)
        self.w_v = nn.Linear(width, width, bias=False)
        self.w_o = nn.Linear(width, width, bias=False)

    def forward(
        self, x: Tensor, table: tuple[Tensor, Tensor], mask: Tensor, cache: DynamicCache | None
    ) -> Tensor:
        """(B, T, D); cosines and signed sines (T, K); mask (B, 1, T, S) -> (B, T, D)."""
        q, k, v = (
            w(x).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)  # (B, H, T, K)
            for w in (self.w_q, self.w_k, self.w_v)
        )
        q, k = turn(q, *table), turn(k, *table)
        if cache is not None:
            k, v = cache.update(k, v, self.layer)  # (B, H, S, K)
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, mask, p)
        out: Tensor = self.w_o(y.transpose(1, 2).flatten(2))
        return out


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)), with mlp(x) = W2 relu(W1 x)^2."""

    def __init__(self, config: CourseGPTConfig, layer: int) -> None:
        super().__init__()
        width = config.hidden_size
        self.norm_1 = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.norm_2 = nn.RMSNorm(width, eps=config.rms_norm_eps)
        self.attention = Attention(config, layer)
        self.w_1 = nn.Linear(width, config.intermediate_size, bias=False)
        self.w_2 = nn.Linear(config.intermediate_size, width, bias=False)
        self.drop = nn.Dropout(config.hidden_dropout_prob)

    def forward(
        self, x: Tensor, table: tuple[Tensor, Tensor], mask: Tensor, cache: DynamicCache | None
    ) -> Tensor:
        x = x + self.drop(self.attention(self.norm_1(x), table, mask, cache))
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
    return x * cos + x.roll(x.size(-1) // 2, dims=-1) * sin


class CourseGPTForCausalLM(PreTrainedModel, GenerationMixin):
    """Decoder-only language model; the table that reads tokens scores them."""

    config_class = CourseGPTConfig
    base_model_prefix = "model"
    _supports_cache_class = True

    def __init__(self, config: CourseGPTConfig) -> None:
        super().__init__(config)
        self.tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.shift = nn.Parameter(torch.ones(config.hidden_size))
        self.blocks = nn.ModuleList(Block(config, i) for i in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.tokens

    def embed(self, ids: Tensor, real: Tensor, before: Tensor | None) -> Tensor:
        """(B, T), real (B, S), before (B,) -> (B, T, D): each token and, scaled, the one before."""
        vectors = self.tokens(ids)
        first = torch.zeros_like(vectors[:, :1]) if before is None else self.tokens(before[:, None])
        earlier = torch.cat([first, vectors[:, :-1]], dim=1)
        is_token = F.pad(real, (1, 0))[:, -1 - ids.size(1) : -1]  # (B, T): is there one before?
        return torch.addcmul(vectors, earlier * is_token[:, :, None], self.shift)

    def prepare_inputs_for_generation(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What `generate` hands to `forward`: also the last token that the cache holds."""
        input_ids = kwargs["input_ids"] if "input_ids" in kwargs else args[0]
        whole = super().prepare_inputs_for_generation  # type: ignore[misc]
        inputs: dict[str, Any] = whole(*args, **kwargs)
        n_new = inputs["input_ids"].size(1)
        inputs["before"] = input_ids[:, -1 - n_new] if n_new < input_ids.size(1) else None
        return inputs

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        past_key_values: DynamicCache | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        before: Tensor | None = None,
        **_others: Any,
    ) -> CausalLMOutputWithPast:
        """(B, T) ids that follow what the cache holds -> (B, T, V).

        before (B,): the last id that the cache holds. labels (B, T): the ids themselves, -100 where
        none is to be learnt. Raises ValueError for a full cache without `before`.
        """
        cfg, length = self.config, input_ids.size(1)
        if past_key_values is None and (cfg.use_cache if use_cache is None else use_cache):
            past_key_values = DynamicCache()
        end = length + (0 if past_key_values is None else past_key_values.get_seq_length())
        if end > length and before is None:
            raise ValueError("the id before the first one is needed, too: before=...")
        real = input_ids.new_ones(len(input_ids), end, dtype=torch.bool)
        if attention_mask is not None:
            real = attention_mask[:, :end].bool()
        x = self.embed(input_ids, real, before)
        table = rotary_table(end, cfg.hidden_size // cfg.num_attention_heads, cfg.rope_theta)
        cos, sin = (t[end - length :].to(x) for t in table)
        mask = visible(real, length)
        for block in self.blocks:
            x = block(x, (cos, sin), mask, past_key_values)
        x = self.norm(x) * cfg.output_scale
        logits = F.linear(x, self.tokens.weight, self.output_bias)
        return CausalLMOutputWithPast(next_token_loss(logits, labels), logits, past_key_values)


def visible(real: Tensor, length: int) -> Tensor:
    """(B, S) which are no padding -> (B, 1, T, S): what each of the last T tokens may look at.

    Padding looks at itself, for a row that may look nowhere would be 0 / 0.
    """
    keys = torch.arange(real.size(1), device=real.device)
    queries = keys[-length:, None]
    return ((keys <= queries) & (real[:, None] | (keys == queries)))[:, None]


def next_token_loss(logits: Tensor, labels: Tensor | None) -> Tensor | None:
    """Mean cross-entropy of each token given those before it; None without labels."""
    if labels is None:
        return None
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
