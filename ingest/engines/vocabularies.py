"""A model's tokenizer, made where its folder has none.

`tokenizer.json` is what both engines' libraries read. Older repositories have `vocab.json` and `merges.txt` instead,
and folders that were converted for CTranslate2 often only the list of tokens. Whisper's merges can be told from that
list: a token's place in it is the rank at which its bytes were joined.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from archive.language.messages import Message
from ingest.engines.errors import ModelUnusable
from ingest.engines.tensors import LONGEST_JSON, read_json

ENGLISH, MULTILINGUAL, WITH_CANTONESE = 51864, 51865, 51866  # how many tokens the models of OpenAI's know
_CODES: Final = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue"
)
_LANGUAGES: Final = tuple(_CODES.split())
_TIMES = 1501

_NO_TOKENIZER = Message("{folder} has no tokenizer: tokenizer.json, or vocab.json with merges.txt, is missing.")
_BAD_TOKENIZER = Message("The tokenizer in {folder} is damaged, or is not Whisper's: copy or fetch the folder again.")
_OTHER_VOCABULARY = Message(
    "{folder} has {count} tokens, and Whisper's models have 51864 to 51866: one with tokens of its own is not read."
)


def special_tokens(count: int) -> dict[int, str]:
    """The tokens that are no text, by number, for a vocabulary of that many.

    Raises:
        KeyError: no model of Whisper's kind has so many.
    """
    first, languages = {ENGLISH: (50256, 99), MULTILINGUAL: (50257, 99), WITH_CANTONESE: (50257, 100)}[count]
    names = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{code}|>" for code in _LANGUAGES[:languages]),
        *("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
        *(f"<|{step * 0.02:.2f}|>" for step in range(_TIMES)),
    ]
    return {first + place: name for place, name in enumerate(names)}


def language_numbers(count: int) -> list[int]:
    """The numbers of the tokens that name a language."""
    languages = set(_LANGUAGES)
    return [number for number, name in special_tokens(count).items() if name[2:-2] in languages]


def check_count(folder: Path, count: int) -> None:
    """Raises `ModelUnusable` for a model with tokens of its own."""
    if count not in (ENGLISH, MULTILINGUAL, WITH_CANTONESE):
        raise ModelUnusable(_OTHER_VOCABULARY, folder=folder, count=count)


def tokenizer_of(folder: Path, count: int, otherwise: Path | None = None) -> tuple[str, list[str]]:
    """The text of a folder's `tokenizer.json`, as it stands or made of what is there, and all tokens in order.

    Args:
        count: how many tokens the model knows.
        otherwise: a folder whose tokenizer serves where this one has none: an adapter's base.

    Raises:
        ModelUnusable: there is none, or it is damaged.
    """
    here = next((one for one in (folder, otherwise) if one is not None and _has_tokenizer(one)), None)
    if here is None:
        raise ModelUnusable(_NO_TOKENIZER, folder=folder)
    try:
        text = _given(here) if (here / "tokenizer.json").is_file() else _made(here, count)
        text = _with_specials(text, count)
        tokenizer = Tokenizer.from_str(text)
        special = special_tokens(count)
        tokens = [tokenizer.id_to_token(number) or special.get(number) or "" for number in range(count)]
    except ModelUnusable:
        raise
    except Exception as error:  # the library raises a bare Exception for what it cannot read
        raise ModelUnusable(_BAD_TOKENIZER, folder=here) from error
    if [tokens[number] for number in list(special)[:2]] != list(special.values())[:2]:
        raise ModelUnusable(_BAD_TOKENIZER, folder=here)
    return text, tokens


def tokens_of_ctranslate2(folder: Path) -> list[str]:
    """The tokens of a CTranslate2 folder, in order; empty where it has no list of them."""
    listed = next((folder / name for name in ("vocabulary.json", "vocabulary.txt") if (folder / name).is_file()), None)
    if listed is None or listed.stat().st_size > LONGEST_JSON:
        return []
    text = listed.read_text(encoding="utf-8", errors="replace")
    if listed.suffix == ".txt":
        return text.removesuffix("\n").split("\n")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [str(token) for token in document] if isinstance(document, list) else []


def tokenizer_from_tokens(folder: Path, tokens: Sequence[str]) -> str:
    """The text of a `tokenizer.json` for a list of tokens alone.

    Raises:
        ModelUnusable: they are not the tokens of a Whisper model.
    """
    if not tokens:
        raise ModelUnusable(_NO_TOKENIZER, folder=folder)
    check_count(folder, len(tokens))
    text_tokens = tokens[: min(special_tokens(len(tokens)))]
    ranks = {token: rank for rank, token in reversed(list(enumerate(text_tokens))) if token}
    joined = [_parts(token, ranks) for token in text_tokens if len(token) > 1]
    return _with_specials(_document(ranks, [" ".join(two) for two in joined if len(two) == 2]), len(tokens))


def _parts(token: str, ranks: Mapping[str, int]) -> list[str]:
    """What a token was joined of: its letters, joined by every rank before its own."""
    own, pieces = ranks[token], list(token)
    while len(pieces) > 2:
        pairs = [ranks.get(one + two, own) for one, two in pairwise(pieces)]
        best = min(pairs)
        if best >= own:
            break
        at = pairs.index(best)
        pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
    return pieces


def _has_tokenizer(folder: Path) -> bool:
    return (folder / "tokenizer.json").is_file() or all((folder / n).is_file() for n in ("vocab.json", "merges.txt"))


def _given(folder: Path) -> str:
    path = folder / "tokenizer.json"
    if path.stat().st_size > LONGEST_JSON:
        raise ModelUnusable(_BAD_TOKENIZER, folder=folder)
    return path.read_text(encoding="utf-8")


def _made(folder: Path, count: int) -> str:
    """Of `vocab.json` and `merges.txt`, the two files of a byte-level BPE."""
    vocabulary = {**read_json(folder / "vocab.json"), **read_json(folder / "added_tokens.json")}
    first = min(special_tokens(count))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [line for line in lines if line and not line.startswith("#version")]
    return _document({token: int(number) for token, number in vocabulary.items() if int(number) < first}, merges)


def _document(vocabulary: Mapping[str, int], merges: Sequence[str]) -> str:
    bytes_only = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    document: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": bytes_only,
        "post_processor": None,
        "decoder": {**bytes_only, "add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "vocab": dict(vocabulary),
            "merges": list(merges),
        },
    }
    return json.dumps(document, ensure_ascii=False)


def _with_specials(text: str, count: int) -> str:
    """The same tokenizer, with those of Whisper's special tokens that it lacks; a name it has keeps its number."""
    document = json.loads(text)
    there = {entry["content"] for entry in document["added_tokens"]} | set(document["model"]["vocab"])
    taken = {entry["id"] for entry in document["added_tokens"]}
    also = {"<|nospeech|>": "<|nocaptions|>"}
    missing = [
        {"id": number, "content": name, "special": True}
        for number, name in list(special_tokens(count).items())[:-_TIMES]
        if number not in taken and name not in there and also.get(name) not in there
    ]
    if not missing:
        return text
    flat = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    document["added_tokens"] = sorted([*document["added_tokens"], *({**flat, **one} for one in missing)], key=_number)
    for one in missing:
        document["model"]["vocab"].setdefault(one["content"], one["id"])
    return json.dumps(document, ensure_ascii=False)


def _number(entry: Mapping[str, Any]) -> int:
    return int(entry["id"])
