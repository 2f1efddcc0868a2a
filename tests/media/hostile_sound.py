"""Sound files that lie, are damaged or pretend: made from a seed and a second of real sound, stored nowhere.

Each container has its own lies (sizes, rates, channels, counts, depth), and all of them are cut, scratched and followed
by rubbish. `sounds` gives over two hundred; what it gives begins with those that were found to matter.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from media import ffmpeg
from tests.media.hostile import Flood

GB = 1024**3
ENDINGS = {
    "mp3": ["-c:a", "libmp3lame"],
    "m4a": ["-c:a", "aac"],
    "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus"],
    "flac": ["-c:a", "flac"],
    "aac": ["-c:a", "aac"],
    "webm": ["-c:a", "libopus"],
    "wav": ["-c:a", "pcm_s16le"],
    "wma": ["-c:a", "wmav2"],
    "aiff": ["-c:a", "pcm_s16be"],
    "caf": ["-c:a", "alac"],
    "au": ["-c:a", "pcm_mulaw"],
    "avi": ["-c:a", "libmp3lame"],
    "flv": ["-c:a", "libmp3lame", "-ar", "44100"],
    "ts": ["-c:a", "aac"],
    "mpg": ["-c:a", "mp2"],
    "wv": ["-c:a", "wavpack"],
}


class Sparse(NamedTuple):
    """A beginning, and then nothing but a hole up to `size` bytes."""

    head: bytes
    size: int


Content = bytes | Flood | Sparse


def write(path: Path, content: Content) -> Path:
    with path.open("wb") as file:
        if isinstance(content, Sparse):
            file.write(content.head)
            file.truncate(content.size)
        else:
            file.write(content.bytes() if isinstance(content, Flood) else content)
    return path


def real_sounds(folder: Path) -> dict[str, bytes]:
    """A second of a tone in every container that is taken, by its ending."""
    found = {"amr": b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50}
    for ending, coder in ENDINGS.items():
        target = folder / f"tone.{ending}"
        ffmpeg.run(["-f", "lavfi", "-i", "sine=d=1:r=16000", "-ar", "48000", *coder, ffmpeg.output_file(target)])
        found[ending] = target.read_bytes()
    return found


def sounds(seed: int, real: dict[str, bytes]) -> Iterator[tuple[str, Content]]:
    """Names and contents; a name says what is wrong and ends as somebody's telephone would have it."""
    yield from _sparse()
    yield from _lists()
    yield from _waves()
    yield from _atoms(real["m4a"])
    yield from _id3(real["mp3"])
    yield from _ogg(real["ogg"], real["opus"])
    yield from _flac(real["flac"])
    yield from _others(real)
    yield from _damaged(random.Random(seed), real)


def wav(rate: int = 8000, channels: int = 1, data: bytes = b"\1\0" * 8000, kind: int = 1, bits: int = 16) -> bytes:
    """A WAV file whose header says what it is told to say."""
    return riff(chunk(b"fmt ", shape(rate, channels, kind, bits)) + chunk(b"data", data))


def shape(rate: int, channels: int, kind: int, bits: int) -> bytes:
    size = channels * bits // 8
    return struct.pack("<HHIIHH", kind, channels, rate & 0xFFFFFFFF, rate * size & 0xFFFFFFFF, size & 0xFFFF, bits)


def chunk(name: bytes, data: bytes, said: int | None = None) -> bytes:
    return name + struct.pack("<I", len(data) if said is None else said) + data


def riff(body: bytes, name: bytes = b"RIFF") -> bytes:
    return name + struct.pack("<I", min(len(body) + 4, 0xFFFFFFFF)) + b"WAVE" + body


def _sparse() -> Iterator[tuple[str, Content]]:
    hole = chunk(b"fmt ", shape(48_000, 2, 1, 16)) + b"data" + struct.pack("<I", 3 * GB - 44)
    yield "hole.wav", Sparse(b"RIFF" + struct.pack("<I", 3 * GB - 8) + b"WAVE" + hole, 3 * GB)
    yield "hole.mp3", Sparse(b"ID3\x04\0\0\0\0\0\0", 3 * GB)
    yield "hole.m4a", Sparse(b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom", 3 * GB)
    yield "hole.ogg", Sparse(b"OggS" + bytes(24), 3 * GB)
    yield "hole.flac", Sparse(b"fLaC\0\0\0\x22" + bytes(34), 3 * GB)
    yield "nothing-known.mp3", Sparse(b"\x01\x02", 3 * GB)


def _lists() -> Iterator[tuple[str, Content]]:
    for name, text in {
        "m3u": "#EXTM3U\n#EXTINF:1,x\n/etc/passwd\n",
        "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n",
        "pls": "[playlist]\nFile1=/etc/passwd\n",
        "concat": "ffconcat version 1.0\nfile /etc/passwd\n",
        "asx": "<asx version='3'><entry><ref href='file:///etc/passwd'/></entry></asx>",
        "smil": "<smil><body><audio src='x.mp3'/></body></smil>",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\n",
        "dash": "<?xml version='1.0'?>\n<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>",
        "xspf": "<playlist version='1'><trackList/></playlist>",
        "names": "one.mp3\ntwo.wav\n",
        "shell": "#!/bin/sh\nrm -rf /\n",
        "php": "<?php system('id'); ?>",
        "python": "import os\nos.system('id')\n",
        "html": "<!doctype html><audio src='file:///etc/passwd'></audio>",
        "svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "lrc": "[00:01.00]words\n",
    }.items():
        yield f"{name}.mp3", text.encode()
    yield "wide.mp3", "#EXTM3U\nfile:///etc/passwd\n".encode("utf-16")


def _waves() -> Iterator[tuple[str, Content]]:
    for rate in (0, 1, 100, 1999, 768_001, 2**31 - 1, 2**31, 2**32 - 1):
        yield f"rate-{rate}.wav", wav(rate)
    for channels in (0, 3, 65, 1000, 65_535):
        yield f"channels-{channels}.wav", wav(channels=channels, data=bytes(range(1, 201)) * 1000)
    for bits in (0, 1, 7, 12, 33, 64, 65_535):
        yield f"bits-{bits}.wav", wav(bits=bits)
    for kind in (0, 2, 0x11, 0x31, 0x55, 0x161, 0xFFFE, 0xFFFF):
        yield f"kind-{kind}.wav", wav(kind=kind)
    for name, value in (("nan", np.nan), ("inf", np.inf), ("minus-inf", -np.inf), ("huge", 3e38)):
        for letter, bits in (("<f4", 32), ("<f8", 64)):
            samples = np.zeros(8000, dtype=letter)
            samples[::100] = value
            yield f"{name}-{bits}.wav", wav(data=samples.tobytes(), kind=3, bits=bits)
    fmt, tone = chunk(b"fmt ", shape(8000, 1, 1, 16)), b"\1\0" * 8000
    for said in (0, 1, 2**31, 2**32 - 1):
        yield f"size-{said}.wav", riff(fmt + chunk(b"data", tone, said))
        yield f"shape-size-{said}.wav", riff(chunk(b"fmt ", shape(8000, 1, 1, 16), said) + chunk(b"data", tone))
    yield "no-shape.wav", riff(chunk(b"data", tone))
    yield "no-data.wav", riff(fmt)
    yield "empty-data.wav", riff(fmt + chunk(b"data", b""))
    yield "data-first.wav", riff(chunk(b"data", tone) + fmt)
    yield "two-shapes.wav", riff(fmt + chunk(b"fmt ", shape(2**31 - 1, 9, 3, 64)) + chunk(b"data", tone))
    yield "only-name.wav", b"RIFF\0\0\0\0WAVE"
    yield "many-chunks.wav", riff(chunk(b"junk", b"") * 300_000 + fmt + chunk(b"data", tone))
    yield "many-data.wav", riff(fmt + chunk(b"data", b"\1\0") * 100_000)
    yield "deep.wav", riff(_nested(20_000) + fmt + chunk(b"data", tone))
    yield "deep-data.wav", riff(fmt + _nested(20_000))
    for number in (0, 2**62, 2**64 - 1):
        ds64 = struct.pack("<QQQI", number, number, number, 0xFFFFFFFF)
        yield f"rf64-{number}.wav", riff(chunk(b"ds64", ds64) + fmt + chunk(b"data", tone, 0xFFFFFFFF), b"RF64")
    notes = b"INFO" + b"".join(chunk(b"INAM", b"x\0" * 50) for _ in range(50_000))
    yield "notes.wav", riff(chunk(b"LIST", notes) + fmt + chunk(b"data", tone))
    yield "id3.wav", riff(fmt + chunk(b"id3 ", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(5000)) + chunk(b"data", tone))


def _nested(depth: int) -> bytes:
    """LIST chunks one in the other, each as long as what is left."""
    return b"".join(b"LIST" + struct.pack("<I", (depth - n) * 12 - 8) + b"INFO" for n in range(depth))


def atom(name: bytes, data: bytes = b"", said: int | None = None) -> bytes:
    return struct.pack(">I", len(data) + 8 if said is None else said) + name + data


def _atoms(real: bytes) -> Iterator[tuple[str, Content]]:
    ftyp = atom(b"ftyp", b"M4A \0\0\0\0M4A isom")
    for said in (0, 1, 7, 2**31, 2**32 - 1):
        for name in (b"moov", b"mdat", b"free"):
            yield f"{name.decode()}-{said}.m4a", ftyp + atom(name, bytes(100), said) + real[len(ftyp) :]
    yield "zero-atoms.m4a", Flood(ftyp, atom(b"free", said=0), 100_000)
    yield "free-atoms.m4a", Flood(ftyp, atom(b"free"), 500_000)
    yield "wide-size.m4a", ftyp + atom(b"mdat", struct.pack(">Q", 2**63) + bytes(50), 1) + real[len(ftyp) :]
    for inner in (b"moov", b"trak", b"udta", b"meta"):
        deep = b"".join(atom(inner, said=(100_000 - n) * 8) for n in range(100_000))
        yield f"deep-{inner.decode()}.m4a", ftyp + deep
        yield f"deep-{inner.decode()}-in-moov.m4a", ftyp + atom(b"moov", deep)
    for name in (b"stsz", b"stts", b"stsc", b"stco", b"elst", b"ctts", b"mvhd", b"mdhd", b"esds", b"mp4a", b"ilst"):
        at = real.find(name)
        if at > 0:
            lying = bytearray(real)
            lying[at + 8 : at + 24] = b"\x7f\xff\xff\xff" * 4
            yield f"lying-{name.decode()}.m4a", bytes(lying)
    item = atom(b"\xa9nam", atom(b"data", b"\0\0\0\1\0\0\0\0" + b"x" * 200))
    tags = atom(b"udta", atom(b"meta", bytes(4) + atom(b"ilst", item * 20_000)))
    yield "many-tags.m4a", real.replace(b"free", b"skip") + atom(b"moov", tags)
    cover = atom(b"covr", atom(b"data", b"\0\0\0\x0d\0\0\0\0" + b"\xff\xd8\xff" + bytes(20_000_000)))
    yield "cover.m4a", ftyp + atom(b"moov", atom(b"udta", atom(b"meta", bytes(4) + atom(b"ilst", cover))))


def _size(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _tag(frames: bytes, version: int = 4, flags: int = 0, said: int | None = None) -> bytes:
    return b"ID3" + bytes([version, 0, flags]) + _size(len(frames) if said is None else said) + frames


def _frame(name: bytes, data: bytes, flags: int = 0) -> bytes:
    return name + _size(len(data)) + struct.pack(">H", flags) + data


def _id3(real: bytes) -> Iterator[tuple[str, Content]]:
    text = _frame(b"TIT2", b"\3words")
    packed = zlib.compress(bytes(60_000_000))
    bomb = _frame(b"APIC", struct.pack(">I", 60_000_000) + packed, 0x0009)
    old_bomb = _frame(b"APIC", struct.pack(">I", 60_000_000) + packed, 0x0080)
    yield "nuls.mp3", _tag(bytes(5000)) + bytes(5000) + real
    yield "only-nuls.mp3", b"ID3" + bytes(100_000)
    yield "nul-titles.mp3", _tag(_frame(b"TIT2", b"\1\xff\xfe" + b"\0" * 10_000)) + real
    yield "endless.mp3", _tag(text, said=2**28 - 1) + real
    yield "bomb.mp3", _tag(bomb) + real
    yield "bombs.mp3", _tag(bomb * 100) + real
    yield "old-bomb.mp3", _tag(old_bomb, version=3) + real
    yield "frames.mp3", _tag(text * 500_000) + real
    yield "different-frames.mp3", _tag(b"".join(_frame(b"TXXX", b"\3%d\0x" % n) for n in range(200_000))) + real
    yield "picture.mp3", _tag(_frame(b"APIC", b"\0image/jpeg\0\3\0" + bytes(30_000_000))) + real
    yield "tag-in-tag.mp3", _tag(_tag(_tag(text))) + real
    yield "tags-in-a-row.mp3", Flood(b"", _tag(text), 200_000)
    yield "unsynchronised.mp3", _tag(text + b"\xff\0" * 2_000_000, flags=0x80) + real
    yield "extended.mp3", _tag(b"\x7f\x7f\x7f\x7f" + text, flags=0x40) + real
    yield "chapters.mp3", _tag(_frame(b"CHAP", b"a\0" + bytes(16) + text * 30) * 10_000) + real
    yield "then-a-list.mp3", _tag(text) + b"#EXTM3U\n/etc/passwd\n"
    yield "then-text.mp3", _tag(text) + b"words " * 1000
    yield "then-a-wave.mp3", _tag(text) + wav()
    yield "version-9.mp3", _tag(text, version=9) + real
    yield "at-the-end.mp3", real + b"TAG" + b"\xff" * 125


def _page(data: bytes, *, serial: int = 1, number: int = 0, granule: int = 0, kind: int = 0) -> bytes:
    laces = [255] * (len(data) // 255) + [len(data) % 255]
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, granule, serial, number, 0, len(laces))
    return head + bytes(laces) + data


def _ogg(vorbis: bytes, opus: bytes) -> Iterator[tuple[str, Content]]:
    rubbish = random.Random(5).randbytes(3000)
    yield "chained.ogg", vorbis * 30
    yield "chained-garbage.ogg", (vorbis + rubbish) * 20
    yield "chained-kinds.ogg", (vorbis + opus) * 10
    yield "only-pages.ogg", Flood(b"", _page(b""), 300_000)
    yield "serials.ogg", b"".join(_page(b"\1vorbis" + bytes(22), serial=n, kind=2) for n in range(50_000))
    for granule in (-1, 2**62, -(2**63)):
        yield f"granule-{granule}.ogg", vorbis + _page(b"x", granule=granule, number=99)
    for rate in (0, 1, 2**31 - 1, 2**32 - 1):
        head = b"\1vorbis" + struct.pack("<IBI", 0, 1, rate) + bytes(12) + b"\xb8\1"
        yield f"rate-{rate}.ogg", _page(head, kind=2) + vorbis[58:]
    for channels in (0, 255):
        head = b"OpusHead\1" + bytes([channels]) + struct.pack("<HIh", 0, 48_000, 0) + b"\xff" + bytes([channels] * 2)
        yield f"channels-{channels}.opus", _page(head, kind=2) + opus[47:]
    comment = b"OpusTags" + struct.pack("<I", 2**32 - 1) + bytes(5000)
    yield "comment.opus", opus[:47] + _page(comment, number=1) + opus[47:]
    many = b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", 2**31) + (struct.pack("<I", 3) + b"a=b") * 5000
    yield "comments.opus", opus[:47] + _page(many[:60_000], number=1) + opus[47:]


def _flac(real: bytes) -> Iterator[tuple[str, Content]]:
    def block(kind: int, data: bytes, said: int | None = None) -> bytes:
        return bytes([kind]) + struct.pack(">I", len(data) if said is None else said)[1:] + data

    def stream(rate: int, channels: int, samples: int) -> bytes:
        told = rate << 44 | (channels - 1) << 41 | 15 << 36 | samples
        return block(0, struct.pack(">HH", 16, 65_535) + bytes(6) + told.to_bytes(8, "big") + bytes(16))

    rest = real[42:]
    for rate, channels, samples in ((0, 1, 9), (1, 1, 9), (655_350, 8, 9), (48_000, 1, 2**36 - 1), (8000, 1, 0)):
        yield f"{rate}-{channels}-{samples}.flac", b"fLaC" + stream(rate, channels, samples) + rest
    yield "blocks.flac", b"fLaC" + stream(48_000, 1, 48_000) + block(1, b"") * 300_000 + rest
    yield "padding.flac", b"fLaC" + stream(48_000, 1, 48_000) + block(1, b"", 2**24 - 1) + rest
    picture = struct.pack(">II", 3, 2**32 - 1) + bytes(100)
    yield "picture.flac", b"fLaC" + stream(48_000, 1, 48_000) + block(6, picture) + rest
    comments = struct.pack("<II", 0, 2**32 - 1) + bytes(100)
    yield "comments.flac", b"fLaC" + stream(48_000, 1, 48_000) + block(4, comments) + rest
    yield "no-frames.flac", b"fLaC" + stream(48_000, 1, 2**36 - 1)
    yield "sync.flac", Flood(b"fLaC" + stream(48_000, 1, 48_000), b"\xff\xf8\xc9\x18\0", 400_000)


def _others(real: dict[str, bytes]) -> Iterator[tuple[str, Content]]:
    ebml = b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webmB\x87\x81\4B\x85\x81\2"
    endless = b"\x18S\x80g\x01\xff\xff\xff\xff\xff\xff\xff"
    yield "empty.webm", ebml
    yield "void.webm", Flood(ebml + endless, b"\xec\x80", 1_000_000)
    yield "deep.webm", Flood(ebml, endless, 100_000)
    yield "clusters.webm", Flood(ebml + endless, b"\x1fC\xb6u\x80", 500_000)
    yield "tracks.webm", Flood(ebml + endless + b"\x16T\xaek\x01\xff\xff\xff\xff\xff\xff\xff", b"\xae\x80", 300_000)
    yield "huge-size.webm", ebml + b"\x18S\x80g\x01\x7f\xff\xff\xff\xff\xff\xff" + bytes(500)
    yield "sync.mp3", Flood(b"", b"\xff\xfb", 2_000_000)
    yield "sync-and-head.mp3", Flood(b"", b"\xff\xfb\x90\x00", 1_000_000)
    yield "free-format.mp3", Flood(b"", b"\xff\xfb\x00\x00" + b"\1" * 500, 2000)
    yield "sync.aac", Flood(b"", b"\xff\xf1\x50\x80\0\x1f\xfc", 400_000)
    yield "no-length.aac", Flood(b"", b"\xff\xf1\x50\x80\0\0\0", 400_000)
    yield "modes.amr", b"#!AMR\n" + bytes(range(256)) * 2000
    yield "only-head.amr", b"#!AMR\n"
    yield "wide.amr", Flood(b"#!AMR-WB\n", b"\xff", 1_000_000)
    yield "channels.amr", b"#!AMR_MC1.0\n\xff\xff\xff\xff" + bytes(5000)
    chance = random.Random(7)
    yield from {
        "zip.m4a": b"PK\x03\x04" + bytes(500),
        "photo.mp3": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "document.wav": b"%PDF-1.7\n" + chance.randbytes(500),
        "packed.ogg": zlib.compress(bytes(10_000_000)),
        "program.mp3": b"\x7fELF\2\1\1" + bytes(500),
        "database.wav": b"SQLite format 3\0" + bytes(500),
        "nothing.wav": b"",
        "one-byte.mp3": b"\xff",
        "nuls.amr": bytes(100_000),
        "wave-in-wave.wav": riff(chunk(b"fmt ", shape(8000, 1, 1, 16)) + chunk(b"data", wav())),
        "name.mp3": real["wav"],
        "name.wav": real["opus"],
    }.items()
    for number in range(6):
        yield f"noise-{number}.mp3", chance.randbytes(chance.choice((10, 1000, 200_000)))


def _damaged(chance: random.Random, real: dict[str, bytes]) -> Iterator[tuple[str, Content]]:
    ways: list[tuple[str, Callable[[bytes], bytes]]] = [
        ("head", lambda whole: whole[:12]),
        ("cut", lambda whole: whole[: chance.randrange(13, len(whole))]),
        ("cut-late", lambda whole: whole[: len(whole) * 9 // 10]),
        ("tail", lambda whole: whole + chance.randbytes(200_000)),
        ("middle", lambda whole: whole[: len(whole) // 3] + chance.randbytes(5000) + whole[len(whole) // 2 :]),
        ("scratched", lambda whole: _scratched(chance, whole, 5)),
        ("rough", lambda whole: _scratched(chance, whole, 200)),
        ("head-scratched", lambda whole: _scratched(chance, whole[:200], 10) + whole[200:]),
        ("zeros", lambda whole: whole[:100] + bytes(len(whole) - 100)),
    ]
    for ending, whole in real.items():
        for name, spoil in ways:
            yield f"{name}.{ending}", spoil(whole)


def _scratched(chance: random.Random, whole: bytes, times: int) -> bytes:
    broken = bytearray(whole)
    for _ in range(times):
        broken[chance.randrange(4, len(broken))] = chance.randrange(256)
    return bytes(broken)
