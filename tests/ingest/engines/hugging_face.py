"""Whisper models as Hugging Face keeps them, written for tests: the bundled base, or a tiny one of random numbers.

Names are those of Transformers' own `convert_openai_to_hf.py`, applied to what openai-whisper calls them, so that the
table under test is not asked about itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ingest.engines import weights
from ingest.engines.vocabularies import special_tokens

Arrays = dict[str, NDArray[Any]]

_MAPPING = {
    "blocks": "layers",
    "mlp.0": "fc1",
    "mlp.2": "fc2",
    "mlp_ln": "final_layer_norm",
    "cross_attn_ln": "encoder_attn_layer_norm",
    "cross_attn.query": "encoder_attn.q_proj",
    "cross_attn.key": "encoder_attn.k_proj",
    "cross_attn.value": "encoder_attn.v_proj",
    "cross_attn.out": "encoder_attn.out_proj",
    "attn_ln": "self_attn_layer_norm",
    ".attn.query": ".self_attn.q_proj",
    ".attn.key": ".self_attn.k_proj",
    ".attn.value": ".self_attn.v_proj",
    ".attn.out": ".self_attn.out_proj",
    "decoder.ln.": "decoder.layer_norm.",
    "ln_post": "layer_norm",
    "token_embedding": "embed_tokens",
    "encoder.positional_embedding": "encoder.embed_positions.weight",
    "decoder.positional_embedding": "decoder.embed_positions.weight",
}


def base_tensors(folder: Path) -> Arrays:
    """A CTranslate2 folder's weights under Transformers' names, float32."""
    named = {}
    for name, array in weights.renamed(weights.read_variables(folder / "model.bin")).items():
        for theirs, ours in _MAPPING.items():
            name = name.replace(theirs, ours)
        named[f"model.{name}"] = np.array(array, dtype=np.float32)
    return named


def base_config(**other: object) -> dict[str, object]:
    return {
        "model_type": "whisper",
        "activation_function": "gelu",
        "vocab_size": 51865,
        "num_mel_bins": 80,
        "d_model": 512,
        "encoder_layers": 6,
        "decoder_layers": 6,
        "encoder_attention_heads": 8,
        "decoder_attention_heads": 8,
        "encoder_ffn_dim": 2048,
        "decoder_ffn_dim": 2048,
        "max_source_positions": 1500,
        "max_target_positions": 448,
        "scale_embedding": False,
        "suppress_tokens": [],
        **other,
    }


def tiny_config(**other: object) -> dict[str, object]:
    """Large-v3 in small: 128 mel bands, one more language, more layers in the encoder than in the decoder."""
    small = {"d_model": 32, "encoder_layers": 3, "decoder_layers": 2, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128}
    heads = {"encoder_attention_heads": 4, "decoder_attention_heads": 2}
    return base_config(vocab_size=51866, num_mel_bins=128, **small, **heads) | other


def random_tensors(config: dict[str, Any], seed: int = 3) -> Arrays:
    """Random weights of the shapes that a config asks for, written out once more and not taken from the table."""
    chance, width = np.random.default_rng(seed), config["d_model"]

    def drawn(*shape: int) -> NDArray[np.float32]:
        return (chance.normal(0, 0.05, shape)).astype(np.float32)

    made = {
        "encoder.conv1.weight": drawn(width, config["num_mel_bins"], 3),
        "encoder.conv2.weight": drawn(width, width, 3),
        "encoder.embed_positions.weight": drawn(1500, width),
        "decoder.embed_positions.weight": drawn(448, width),
        "decoder.embed_tokens.weight": drawn(config["vocab_size"], width),
        "encoder.conv1.bias": drawn(width),
        "encoder.conv2.bias": drawn(width),
    }
    for side in ("encoder", "decoder"):
        norms = [f"{side}.layer_norm"]
        for layer in range(config[f"{side}_layers"]):
            at, inner = f"{side}.layers.{layer}", config[f"{side}_ffn_dim"]
            norms += [f"{at}.self_attn_layer_norm", f"{at}.final_layer_norm"]
            attentions = ["self_attn"] + (["encoder_attn"] if side == "decoder" else [])
            norms += [f"{at}.encoder_attn_layer_norm"] if side == "decoder" else []
            for attention in attentions:
                for one in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    made[f"{at}.{attention}.{one}.weight"] = drawn(width, width)
                    if one != "k_proj":
                        made[f"{at}.{attention}.{one}.bias"] = drawn(width)
            made |= {f"{at}.fc1.weight": drawn(inner, width), f"{at}.fc1.bias": drawn(inner)}
            made |= {f"{at}.fc2.weight": drawn(width, inner), f"{at}.fc2.bias": drawn(width)}
        for norm in norms:
            made |= {f"{norm}.weight": 1 + drawn(width), f"{norm}.bias": drawn(width)}
    return {f"model.{name}": array for name, array in made.items()}


def write_repository(folder: Path, tensors: Arrays, config: dict[str, Any], tokenizer: Path, shards: int = 1) -> Path:
    """A repository's folder: weights whole or in shards, and a vocabulary without a `tokenizer.json`."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\nlanguage: km\n---\n# A model\n")
    write_vocabulary(folder, tokenizer, config["vocab_size"])
    if shards == 1:
        save_file(tensors, folder / "model.safetensors")
        return folder
    names, placed = sorted(tensors), {}
    for shard in range(shards):
        file = f"model-{shard + 1:05d}-of-{shards:05d}.safetensors"
        mine = names[shard::shards]
        save_file({name: tensors[name] for name in mine}, folder / file)
        placed |= dict.fromkeys(mine, file)
    index = {"metadata": {"total_size": 0}, "weight_map": placed}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def write_vocabulary(folder: Path, tokenizer: Path, count: int) -> None:
    """`vocab.json`, `merges.txt` and `added_tokens.json`, of the text tokens of a `tokenizer.json`."""
    model = json.loads(tokenizer.read_text())["model"]
    merges = [one if isinstance(one, str) else " ".join(one) for one in model["merges"]]
    (folder / "vocab.json").write_text(json.dumps({k: v for k, v in model["vocab"].items() if v < 50257}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    added = {name: number for number, name in special_tokens(count).items() if number > 50257 and "." not in name}
    (folder / "added_tokens.json").write_text(json.dumps(added))


def take_apart(tensors: Arrays, folder: Path, rank: int = 4, seed: int = 5, **other: object) -> Arrays:
    """A base and an adapter that give the tensors again: a random small matrix taken out of each query and value."""
    chance, alpha = np.random.default_rng(seed), 2 * rank
    base, adapter = dict(tensors), {}
    for name in tensors:
        if name.endswith(("q_proj.weight", "v_proj.weight")):
            rows, columns = tensors[name].shape
            first, second = (chance.normal(0, 0.1, s).astype(np.float32) for s in ((rank, columns), (rows, rank)))
            base[name] = tensors[name] - alpha / rank * second @ first
            module = f"base_model.model.{name.removesuffix('.weight')}"
            adapter |= {f"{module}.lora_A.weight": first, f"{module}.lora_B.weight": second}
    folder.mkdir(parents=True)
    save_file(adapter, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": alpha, "base_model_name_or_path": "/home/x/whisper-km"}
    (folder / "adapter_config.json").write_text(json.dumps(config | other))
    return base
