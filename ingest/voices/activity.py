"""Where in a recording somebody speaks: Silero's voice activity model, run as the sound streams past.

faster-whisper ships the model and runs it over a whole recording at once; here its memory (two small vectors and the
last four milliseconds of sound) is carried along, so a recording of six hours takes no more room than one of six
minutes.

Its memory has a flaw. After a minute of quiet the model has all but decided that nobody speaks here: it misses the
first half second of a voice and, measured on the test recordings, up to half of the frames that follow. Testimony is
full of long silences, so the memory is wiped after every two seconds in which nothing like a voice was heard.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.engines.window import Audio

FRAME_SAMPLES = 512
FRAME_MS = 32
_CONTEXT_SAMPLES = 64
_STATE = (1, 1, 128)
_STRETCH = 64  # frames looked at together, two seconds; counted from the start of the recording
_NOTHING = 0.1

Probabilities = NDArray[np.float32]


class VoiceActivity:
    """The probability of voice in each 32 ms of one recording, fed block by block."""

    def __init__(self) -> None:
        import onnxruntime  # with all it brings, a process that only answers pages has no use for it
        from faster_whisper.utils import get_assets_path

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            str(Path(get_assets_path()) / "silero_vad_v6.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._hidden = np.zeros(_STATE, dtype=np.float32)
        self._cell = np.zeros(_STATE, dtype=np.float32)
        self._before = np.zeros(_CONTEXT_SAMPLES, dtype=np.float32)
        self._rest: Audio = np.zeros(0, dtype=np.float32)

    def feed(self, block: Audio) -> Probabilities:
        """The probabilities of the stretches that `block` completes; what is left over waits for the next block."""
        sound = np.concatenate((self._rest, block))
        whole = len(sound) // (FRAME_SAMPLES * _STRETCH) * (FRAME_SAMPLES * _STRETCH)
        self._rest = sound[whole:]
        return self._frames(sound[:whole])

    def finish(self) -> Probabilities:
        """The probabilities of the rest, its last frame filled up with silence; empty when there is none."""
        rest, self._rest = self._rest, self._rest[:0]
        return self._frames(np.pad(rest, (0, -len(rest) % FRAME_SAMPLES)))

    def _frames(self, sound: Audio) -> Probabilities:
        if not len(sound):
            return np.zeros(0, dtype=np.float32)
        frames = sound.reshape(-1, FRAME_SAMPLES)
        tails = frames[:, -_CONTEXT_SAMPLES:]
        heard = np.concatenate((np.concatenate((self._before[None], tails[:-1])), frames), axis=1)
        self._before = tails[-1]
        return np.concatenate([self._stretch(heard[at : at + _STRETCH]) for at in range(0, len(heard), _STRETCH)])

    def _stretch(self, heard: Audio) -> Probabilities:
        given = {"input": heard, "h": self._hidden, "c": self._cell}
        spoken, self._hidden, self._cell = self._session.run(None, given)
        found = np.asarray(spoken, dtype=np.float32).reshape(-1)
        if found.max() < _NOTHING:
            self._hidden, self._cell = np.zeros_like(self._hidden), np.zeros_like(self._cell)
        return found
