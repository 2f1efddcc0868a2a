"""Models as Hugging Face keeps them come out as the very same numbers, or are refused in one sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from ingest.engines import kept_models, weights
from ingest.engines.errors import ModelUnreachable, ModelUnusable
from ingest.engines.loader import load
from ingest.engines.model_files import FASTER_WHISPER, OPENAI_WHISPER, resolve
from ingest.engines.timing_heads import timing_heads
from ingest.engines.window import SAMPLE_RATE, Window
from ingest.recognition.transcription import source_of, transcribe
from tests.ingest.engines import hugging_face as form
from tests.ingest.engines import spoiled_models as spoiled
from tests.ingest.recognition.test_transcription_real import JFK, plain, said

pytestmark = pytest.mark.weights

BOTH = [FASTER_WHISPER, pytest.param(OPENAI_WHISPER, marks=pytest.mark.torch)]
FORMS = ("whole", "sharded", "half", "adapter")
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return weights.bundled_base(tmp_path_factory.mktemp("bundled"))


@pytest.fixture(scope="module")
def base(bundled: Path) -> form.Arrays:
    return form.base_tensors(bundled)


@pytest.fixture(scope="module")
def written(bundled: Path, base: form.Arrays, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root, tokenizer, known = tmp_path_factory.mktemp("written"), bundled / "tokenizer.json", {}
    never = json.loads((bundled / "config.json").read_text())["suppress_ids"]
    config = form.base_config(suppress_tokens=never, begin_suppress_tokens=[220, 50257])

    def write(kind: str) -> Path:
        if kind not in known:
            folder = known[kind] = root / kind
            if kind == "adapter":
                without = form.take_apart(base, folder)
                form.write_repository(root / "whisper-km", without, config, tokenizer)
            else:
                numbers = {k: v.astype(np.float16) for k, v in base.items()} if kind == "half" else base
                form.write_repository(folder, numbers, config, tokenizer, 3 if kind == "sharded" else 1)
        return known[kind]

    return write


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """For each form of the model a folder of models, in which it is converted once."""
    root = tmp_path_factory.mktemp("kept")
    return lambda kind: root / kind


@pytest.mark.parametrize("kind", FORMS)
def test_the_same_numbers_come_out(
    kind: str, written: Callable[[str], Path], bundled: Path, kept: Callable[[str], Path]
) -> None:
    made = resolve(str(written(kind)), FASTER_WHISPER, kept(kind)).path
    ours, theirs = (weights.read_variables(folder / "model.bin") for folder in (made, bundled))
    assert set(ours) == set(theirs)
    for name, array in theirs.items():
        if kind == "adapter":
            assert np.max(np.abs(ours[name] - array.astype(np.float32)), initial=0) < 2e-6
        else:
            assert np.array_equal(ours[name], array)
    assert ours["encoder/conv1/weight"].dtype == (np.float16 if kind == "half" else np.float32)
    settings, original = (json.loads((folder / "config.json").read_text()) for folder in (made, bundled))
    assert settings == original | {"alignment_heads": timing_heads(6, 8, 80, True)}
    assert original["alignment_heads"] == settings["alignment_heads"]
    assert resolve(str(written(kind)), FASTER_WHISPER, kept(kind)).path == made
    assert [path.name for path in kept(kind).iterdir() if path.is_dir()] == [made.name]


@pytest.mark.torch
@pytest.mark.parametrize("kind", FORMS)
def test_the_other_engine_gets_the_same_numbers(
    kind: str, written: Callable[[str], Path], bundled: Path, kept: Callable[[str], Path]
) -> None:
    import torch

    ours = torch.load(resolve(str(written(kind)), OPENAI_WHISPER, kept(kind)).path, weights_only=True, mmap=True)
    theirs = weights.renamed(weights.read_variables(bundled / "model.bin"))
    assert ours["dims"]["n_vocab"] == 51865
    assert set(ours["model_state_dict"]) == set(theirs)
    for name, array in theirs.items():
        assert np.max(np.abs(ours["model_state_dict"][name].float().numpy() - array), initial=0) < 2e-6


# Of numbers that are the same to the last bit the same words come: each way of writing them is heard once by an engine.
HEARD = [(FASTER_WHISPER, "half"), (FASTER_WHISPER, "adapter"), (OPENAI_WHISPER, "sharded")]


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.torch
@pytest.mark.parametrize(("engine", "kind"), HEARD)
def test_the_same_words_are_heard(
    engine: str, kind: str, written: Callable[[str], Path], kept: Callable[[str], Path], shared_data: Path
) -> None:
    """Those that `test_transcription_real` has the bundled model hear with either engine."""
    model = load(engine, str(written(kind)), kept(kind), device="cpu")
    heard = transcribe(source_of(shared_data / "speech/jfk.flac"), model)
    assert said(heard) == plain(JFK)
    assert sum(len(utterance.words) for utterance in heard.utterances) == 22


def test_what_was_converted_loads_as_fast_as_what_was_not(
    written: Callable[[str], Path], kept: Callable[[str], Path], bundled: Path
) -> None:
    """In the processor's time, the shorter of two; half a second is what a busy machine adds to either."""
    resolve(str(written("whole")), FASTER_WHISPER, kept("whole"))
    took: dict[str, list[float]] = {str(bundled): [], str(written("whole")): []}
    for model in [*took, *took]:
        begun = time.process_time()
        load(FASTER_WHISPER, model, kept("whole"), threads=1, device="cpu")
        took[model].append(time.process_time() - begun)
    before, after = (min(times) for times in took.values())
    assert after <= 2 * before + 0.5


@pytest.mark.parametrize("engine", BOTH)
def test_one_shaped_like_large_v3_loads_by_the_same_code(engine: str, bundled: Path, tmp_path: Path) -> None:
    config = form.tiny_config()
    tensors = form.random_tensors(config)
    folder = form.write_repository(tmp_path / "tiny-v3", tensors, config, bundled / "tokenizer.json", shards=2)
    heads = {"alignment_heads": [[1, 0], [1, 1], [9, 9]], "suppress_tokens": [1, 2, 50300, 10**9]}
    (folder / "generation_config.json").write_text(json.dumps(heads))
    recogniser = load(engine, str(folder), tmp_path / "models", threads=1, device="cpu")
    assert recogniser.model.startswith("tiny-v3@")
    noise = np.random.default_rng(1).normal(0, 0.1, 2 * SAMPLE_RATE).astype(np.float32)
    [heard] = recogniser.transcribe_windows([Window(noise, 0, 2000)], "yue" if engine == OPENAI_WHISPER else "km", None)
    assert all(utterance.flags for utterance in heard)
    [made] = [one.path for one in kept_models.kept_models(tmp_path / "models") if one.path]
    kept = json.loads((made / "config.json").read_text())
    assert kept["alignment_heads"] == [[1, 0], [1, 1]]
    assert kept["suppress_ids"] == [1, 2, 50300]
    assert len(kept["lang_ids"]) == 100


def tiny(folder: Path, bundled: Path, **other: Any) -> Path:
    config = form.base_config(d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2)
    config |= {"decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
    return form.write_repository(folder, form.random_tensors(config), config | other, bundled / "tokenizer.json")


def brain_floats(folder: Path) -> None:
    """Its weights again in bfloat16."""
    from safetensors import TensorSpec, serialize_file
    from safetensors.numpy import load_file

    halves = {
        name: (array.view(np.uint32) >> 16).astype(np.uint16)
        for name, array in load_file(folder / "model.safetensors").items()
    }
    specs = {
        name: TensorSpec(dtype="bfloat16", shape=one.shape, data_ptr=one.ctypes.data, data_len=one.nbytes)
        for name, one in halves.items()
    }
    serialize_file(specs, folder / "model.safetensors")


def test_brain_floats_come_out_as_they_were(bundled: Path, tmp_path: Path) -> None:
    folder = tiny(tmp_path / "brain", bundled)
    brain_floats(folder)
    made = weights.read_variables(resolve(str(folder), FASTER_WHISPER, tmp_path / "models").path / "model.bin")
    config = json.loads((folder / "config.json").read_text())
    exact = form.random_tensors(config)["model.decoder.embed_tokens.weight"]
    assert made["decoder/embeddings/weight"].dtype == np.float32
    np.testing.assert_allclose(made["decoder/embeddings/weight"], exact, rtol=2**-7)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoiled.empty, "model.safetensors is missing"),
        (spoiled.pickled, "only as pytorch_model.bin, a kind of file that can run code"),
        (spoiled.cut_short, "is damaged or is not a safetensors file"),
        (spoiled.endless_header, "is damaged or is not a safetensors file"),
        (spoiled.shard_missing, "model-00001-of-00002.safetensors is missing"),
        (spoiled.shard_elsewhere, "is damaged"),
        (spoiled.no_config, "config.json is missing"),
        (spoiled.nested, "it is no JSON document"),
        (spoiled.configured(model_type="wav2vec2"), "of the kind wav2vec2, and only Whisper models"),
        (spoiled.configured(encoder_layers=10**9), "encoder_layers is 1000000000"),
        (spoiled.configured(encoder_layers=2), "encoder.layers.1"),
        (spoiled.configured(d_model="16"), "d_model is 16"),
        (spoiled.configured(d_model=32), "is not as large as config.json says"),
        (spoiled.configured(num_mel_bins=96), "num_mel_bins is 96"),
        (spoiled.configured(vocab_size=52000), "52000 tokens"),
        (spoiled.configured(decoder_attention_heads=3), "decoder_attention_heads is 3"),
        (spoiled.configured(max_target_positions=1024), "max_target_positions is 1024"),
        (spoiled.no_numbers, "decoder.layers.0.fc1.bias holds values that are no numbers"),
        (spoiled.no_tokenizer, "has no tokenizer"),
        (spoiled.bad_tokenizer, "The tokenizer in"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence_and_leaves_nothing(
    spoil: Callable[[Path], None], said: str, bundled: Path, tmp_path: Path
) -> None:
    folder, models = tiny(tmp_path / "khmer", bundled), tmp_path / "models"
    spoil(folder)
    with pytest.raises(ModelUnusable, match=said.replace(".", r"\.")) as refused:
        resolve(str(folder), FASTER_WHISPER, models)
    assert str(refused.value).count("\n") == 0
    assert refused.value.said("km") != str(refused.value)
    assert not models.exists() or list(models.iterdir()) == []


def test_a_full_disk_is_seen_before_anything_is_written(
    bundled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny(tmp_path / "khmer", bundled)
    full = (1 << 30, 1 << 30, 1 << 20)
    monkeypatch.setattr(kept_models.shutil, "disk_usage", lambda _: type("Usage", (), {"free": full[2]}))
    with pytest.raises(ModelUnusable, match="1 MB are free"):
        resolve(str(folder), FASTER_WHISPER, tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def adapter(folder: Path, bundled: Path, **other: object) -> Path:
    base = tiny(folder.parent / "whisper-km", bundled)
    tensors = form.random_tensors(json.loads((base / "config.json").read_text()))
    save_file(form.take_apart(tensors, folder, **other), base / "model.safetensors")
    return folder


@pytest.mark.parametrize("other", [{"use_dora": True}, {"peft_type": "IA3"}, {"lora_alpha": None}])
def test_adapters_of_other_kinds_are_refused(other: dict[str, object], bundled: Path, tmp_path: Path) -> None:
    folder = adapter(tmp_path / "adapter", bundled, **other)
    with pytest.raises(ModelUnusable, match="an adapter of a kind that is not read here"):
        resolve(str(folder), FASTER_WHISPER, tmp_path / "models")


def test_an_adapters_scale_is_the_one_it_was_trained_with(bundled: Path, tmp_path: Path) -> None:
    """With the root of the rank as divisor, and its own alpha for the values: taken apart with alpha / rank = 2."""
    folder = adapter(tmp_path / "adapter", bundled, use_rslora=True, lora_alpha=4, alpha_pattern={"v_proj": 8})
    made = weights.read_variables(resolve(str(folder), FASTER_WHISPER, tmp_path / "models").path / "model.bin")
    exact = form.random_tensors(json.loads((tmp_path / "whisper-km/config.json").read_text()))
    fused = made["decoder/layer_0/self_attention/linear_0/weight"]
    np.testing.assert_allclose(fused[:16], exact["model.decoder.layers.0.self_attn.q_proj.weight"], atol=1e-5)
    assert not np.allclose(fused[32:], exact["model.decoder.layers.0.self_attn.v_proj.weight"], atol=1e-3)


def test_an_adapter_that_does_not_fit_is_refused(bundled: Path, tmp_path: Path) -> None:
    folder = adapter(tmp_path / "adapter", bundled)
    save_file(
        {"base_model.model.model.encoder.conv9.weight": np.zeros(3, np.float32)}
        | {
            "base_model.model.model.encoder.x.lora_A.weight": np.zeros((4, 16), np.float32),
            "base_model.model.model.encoder.x.lora_B.weight": np.zeros((16, 4), np.float32),
        },
        folder / "adapter_model.safetensors",
    )
    with pytest.raises(ModelUnusable, match="does not fit its base model"):
        resolve(str(folder), FASTER_WHISPER, tmp_path / "models")


def test_an_adapter_whose_model_is_nowhere_names_it(bundled: Path, tmp_path: Path) -> None:
    folder = adapter(tmp_path / "adapter", bundled)
    (tmp_path / "whisper-km").rename(tmp_path / "other")
    with pytest.raises(ModelUnusable, match="its model /home/x/whisper-km is not here"):
        resolve(str(folder), FASTER_WHISPER, tmp_path / "models")


CONVERT = "import sys; from pathlib import Path; from ingest.engines.model_files import resolve\n"
CONVERT += "print(resolve(sys.argv[1], 'faster-whisper', Path(sys.argv[2])).path)"


def convert(folder: Path, models: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CONVERT, str(folder), str(models)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_half_way_it_leaves_no_model_and_begins_again(written: Callable[[str], Path], tmp_path: Path) -> None:
    process = convert(written("whole"), tmp_path)
    while process.poll() is None and not list(tmp_path.glob(".whole-*/model.bin")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    [left] = list(tmp_path.iterdir())
    assert left.name.startswith(".")
    assert kept_models.kept_models(tmp_path) == []
    for path in (left / "model.bin", left):
        os.utime(path, (time.time() - 4000,) * 2)
    made = resolve(str(written("whole")), FASTER_WHISPER, tmp_path).path
    assert [path.name for path in tmp_path.iterdir()] == [made.name]


def test_two_processes_that_convert_at_once_end_with_one_model(
    written: Callable[[str], Path], bundled: Path, tmp_path: Path
) -> None:
    both = [convert(written("half"), tmp_path) for _ in range(2)]
    told = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(told) == 1
    made = weights.read_variables(Path(told.pop().strip()) / "model.bin")
    theirs = weights.read_variables(bundled / "model.bin")["decoder/embeddings/weight"]
    assert np.array_equal(made["decoder/embeddings/weight"], theirs)
    assert len(list(tmp_path.iterdir())) == 1


MEASURE = """
import sys
from pathlib import Path
from ingest.engines import model_files
def most():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) << 10
if sys.argv[3] == "openai-whisper":
    import torch
before = most()
model_files.resolve(sys.argv[1], sys.argv[3], Path(sys.argv[2]))
print(most() - before)
"""


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_converting_takes_no_more_memory_than_twice_the_model(
    engine: str, written: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = written("whole")
    command = [sys.executable, "-c", MEASURE, str(folder), str(tmp_path), engine]
    taken = int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    assert taken <= 2 * (folder / "model.safetensors").stat().st_size


def test_a_folder_for_ctranslate2_without_a_tokenizer_gets_one(bundled: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("model.bin", "config.json", "vocabulary.txt"):
        (bare / name).symlink_to(bundled / name)
    made = resolve(str(bare), FASTER_WHISPER, tmp_path / "models").path
    assert (made / "tokenizer.json").is_file()
    assert (made / "model.bin").samefile(bundled / "model.bin")
    recogniser = load(FASTER_WHISPER, str(bare), tmp_path / "models", device="cpu")
    assert recogniser.token_count(" testimony") == 1
    (bare / "vocabulary.txt").unlink()
    with pytest.raises(ModelUnusable, match="has no tokenizer"):
        resolve(str(bare), FASTER_WHISPER, tmp_path / "other")


def test_a_stick_that_was_taken_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="stick or disk it lies on is plugged in"):
        resolve("/media/stick/khmer", FASTER_WHISPER, tmp_path)


def test_a_repository_out_of_reach_is_told_for_either_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    for engine in (FASTER_WHISPER, OPENAI_WHISPER):
        with pytest.raises(ModelUnreachable, match="somebody/whisper-small-khmer is not on this machine"):
            resolve("somebody/whisper-small-khmer", engine, tmp_path)
