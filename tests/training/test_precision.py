"""Products in 16 bits: near the result in 32, and weights that stay in 32."""

import pytest
import torch

from course_lib.errors import CourseError
from course_lib.training.checkpoint import Checkpoints
from course_lib.training.loop import TrainConfig, train
from course_lib.training.objectives import next_token_loss
from course_lib.training.precision import Precision

from .small_runs import batches, small_gpt, weights

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
CFG = TrainConfig(n_steps=8, lr=0.01)


def losses_of(device="cpu", **settings):
    model = small_gpt().to(device)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "dropout"):
            module.dropout = 0.0
    cfg = TrainConfig(**{"n_steps": 8, "lr": 0.01} | settings)
    return torch.tensor(train(model, next_token_loss, batches(), cfg)), model


def test_bfloat16_is_near_float32_but_not_it():
    exact, _ = losses_of()
    near, model = losses_of(precision="bfloat16")
    torch.testing.assert_close(near, exact, rtol=0.02, atol=0)
    assert not torch.equal(near, exact)
    assert weights(model).dtype == torch.float32


def test_products_run_in_the_named_precision():
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        with Precision(name, torch.device("cpu")).autocast():
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype


def test_float16_without_a_gpu_is_refused():
    with pytest.raises(CourseError, match="float16 training needs a CUDA device, not cpu"):
        losses_of(precision="float16")


def test_compiled_and_plain_training_agree(monkeypatch):
    """The graph is captured but not turned into machine code, so that no compiler is needed."""
    plain, _ = losses_of(n_steps=3)
    asked = []

    def capture(model, compile=torch.compile):
        asked.append(model)
        return compile(model, backend="eager")

    monkeypatch.setattr(torch, "compile", capture)
    compiled, model = losses_of(n_steps=3, compile=True)
    torch.testing.assert_close(compiled, plain)
    assert asked == [model]


@needs_cuda
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_gpu_learns_what_the_cpu_learns(optimizer):
    cpu, cpu_model = losses_of(optimizer=optimizer)
    gpu, gpu_model = losses_of("cuda", optimizer=optimizer)
    torch.testing.assert_close(cpu, gpu, rtol=2e-2 if optimizer == "muon" else 1e-3, atol=1e-3)
    moved = (weights(cpu_model) - weights(small_gpt())).norm()
    apart = (weights(cpu_model) - weights(gpu_model).cpu()).norm()
    assert apart < (0.1 if optimizer == "muon" else 0.02) * moved


@needs_cuda
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_sixteen_bits_on_a_gpu_are_near(precision):
    exact, _ = losses_of("cuda")
    near, _ = losses_of("cuda", precision=precision)
    torch.testing.assert_close(near, exact, rtol=0.02, atol=0)


@needs_cuda
@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_a_gpu_run_resumes_exactly(tmp_path, precision):
    cfg = TrainConfig(n_steps=8, lr=0.01, precision=precision)
    saved = Checkpoints(path=tmp_path / "c", every=3)
    whole = train(small_gpt().cuda(), next_token_loss, batches(), cfg)

    def stop(step, _loss):
        if step == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(small_gpt().cuda(), next_token_loss, batches(), cfg, stop, checkpoints=saved)
    again = train(small_gpt(4).cuda(), next_token_loss, batches(), cfg, checkpoints=saved)
    assert again == whole
