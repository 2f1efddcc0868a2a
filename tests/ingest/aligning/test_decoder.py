"""The decoder in numpy is the network that PyTorch runs: the same attention, the same chances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.aligning.listener import FRAMES, HeadRow, HeardWindow, Listener
from ingest.engines.model_files import ModelFiles
from tests.ingest.engines.test_openai_whisper import tiny

__all__ = ["tiny"]

PREFIX = [50258, 50259, 50359, 50363]
TEXTS = ([100, 200, 300], [400], [100, 200, 300, 500, 600])


@pytest.mark.torch
def test_each_text_is_read_as_pytorch_reads_it_alone(tiny: Path) -> None:
    import torch
    from whisper.model import disable_sdpa

    from ingest.engines import openai_whisper

    files = ModelFiles("tiny", tiny, None)
    model = openai_whisper.load_checkpoint(files, "cpu")
    encoded = torch.from_numpy(np.random.default_rng(2).normal(size=(1, FRAMES, 16)).astype(np.float32))
    rows = [HeadRow(layer, head, ahead=False) for layer in range(2) for head in range(2)]
    listener = Listener(openai_whisper.opened(files, 1), 1)
    found = listener.attend(HeardWindow(0, encoded[0].numpy()), PREFIX, TEXTS, rows)

    looked: list[torch.Tensor] = []
    for block in model.decoder.blocks:
        block.cross_attn.register_forward_hook(lambda _module, _given, result: looked.append(result[-1][0]))
    for text, ours in zip(TEXTS, found, strict=True):
        looked.clear()
        with torch.no_grad(), disable_sdpa():
            logits = model.decoder(torch.tensor([[*PREFIX, *text]]), encoded)[0]
        theirs = np.stack([looked[row.layer][row.head][len(PREFIX) :].softmax(dim=-1).numpy() for row in rows])
        assert np.abs(ours.readings - theirs).max() < 1e-6
        chances = logits.log_softmax(dim=-1)[len(PREFIX) - 1 : -1][range(len(text)), text].numpy()
        assert np.abs(ours.log_probabilities - chances).max() < 1e-4
