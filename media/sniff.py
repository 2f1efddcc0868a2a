"""What a file is by its first bytes, never by its name.

The container found here is forced upon ffmpeg afterwards, so a list of other files can never be opened as if it were
sound: a playlist named `x.mp3` makes a trusting decoder play out another narrator's recording. Signatures: RFC 9639
(FLAC), RFC 3533 (Ogg), RFC 8794 (EBML), ISO/IEC 14496-12 (MP4, 3GP), RFC 4867 (AMR), ISO/IEC 11172-3 (MP3), ISO/IEC
13818-7 (ADTS) and 13818-1 (MPEG streams), the ID3v2.4 structure document, Microsoft's RIFF and ASF, and Apple's AIFF
and CAF. What no decoder here reads is named, with the way to make it readable.
"""

from __future__ import annotations

import re
from pathlib import Path

import puremagic

from archive.language.messages import Message
from media.refused import Broken, EmptyFile, NotSound, PlaylistRefused, cannot_be_read

_HEAD = 64 * 1024
_MOST_PIECES = 2000
"""Chunks of a WAV file, or ID3 tags in a row; a decoder looks at each of them, however many there are."""
_BRAND_ENDS = 12
_AMR_SIZES = {
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6),
}
"""Bytes of a frame in each mode, the byte that names it included; what is behind them is reserved, or no data (15)."""
_LARGE = 16 * 1024 * 1024
_LOOKS, _LOOK = 256, 4096
_LIST_SUFFIXES = r"(?:mp3|wav|flac|m4a|mp4|ogg|oga|opus|amr|3gp|aac|webm|mka|m3u8?|ts)"
_LIST_HEADS = re.compile(
    r"\A\s*(?:\#EXTM3U|\#EXTINF|ffconcat\s+version|\[playlist\]|\[reference\]|v=0\s*\r?\n\s*o=|RTSPtext|SMILtext|<asx\b"
    r"|(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)?<(?:playlist|smil|MPD|SmoothStreamingMedia)\b)",
    re.IGNORECASE | re.DOTALL,
)
_LIST_LINE = re.compile(
    rf"^(?:file\s+\S|file:|https?:|rtsp:|concat:|[^<>\n]*\.{_LIST_SUFFIXES}['\"]?\s*$)", re.IGNORECASE
)
_KINDS = {
    "application/pdf": Message("a PDF document"),
    "application/zip": Message("a packed folder (ZIP)"),
    "application/x-7z-compressed": Message("a packed folder (7z)"),
    "application/vnd.rar": Message("a packed folder (RAR)"),
    "application/x-rar-compressed": Message("a packed folder (RAR)"),
    "application/gzip": Message("a packed file (gzip)"),
    "application/msword": Message("a Word document"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Message("a Word document"),
    "application/x-sqlite3": Message("a database"),
    "application/vnd.sqlite3": Message("a database"),
    "application/x-msdownload": Message("a program"),
    "image/jpeg": Message("a picture"),
    "image/png": Message("a picture"),
    "image/gif": Message("a picture"),
    "image/webp": Message("a picture"),
    "image/bmp": Message("a picture"),
    "image/tiff": Message("a picture"),
    "image/heic": Message("a picture"),
}
"""What people do bring by mistake; a rarer guess from a few bytes says less than nothing."""
_SIGNATURES = (
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"#!AMR", "amr"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "asf"),
    (b"caff\x00\x01", "caf"),
    (b"riff\x2e\x91\xcf\x11", "w64"),
    (b".snd\x00\x00", "au"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x02dss", "dss"),
    (b"\x03dss", "dss"),
    (b"wvpk", "wv"),
)
_PACKET, _PACKETS = 0x47, 8
_NOT_READ = {
    b"\x03ds2": Message("a dictation in DS2"),
    b"\x07ds2": Message("a dictation in DS2"),
    b"\x01ds2": Message("a dictation in DS2"),
    b".RMF": Message("RealAudio"),
    b".ra\xfd": Message("RealAudio"),
    b"MS_VOICE": Message("a recording of a Sony recorder (DVF, MSV)"),
    b"MThd": Message("notes for instruments (MIDI)"),
    b"MAC ": Message("Monkey's Audio"),
}
"""Sound that cannot be decoded safely here, by its first bytes."""
_MP4_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def demuxer_of(path: Path) -> str | None:
    """The ffmpeg demuxer for this file's bytes; None for bytes that are not text and carry no signature we know.

    Raises:
        EmptyFile: there are no bytes.
        PlaylistRefused: it is a list of other files or addresses.
        NotSound: it is text, a picture, a document or anything else that is no sound.
        Broken: it has more pieces than any recorder writes, or is one large hole.
    """
    if not path.is_file():
        raise NotSound(Message("This is not a file of its own, but a folder or a device."))
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise EmptyFile(Message("The file is empty. Look on the telephone and send it again."))
    if _is_a_hole(path):
        raise Broken(
            Message("The file holds nothing but zeros: its copying broke off. Copy it again from the recorder.")
        )
    if found := _container(head, path):
        return found
    for signature, kind in _NOT_READ.items():
        if head.startswith(signature):
            raise cannot_be_read(kind)
    text = _as_text(head)
    if text is not None:
        if _is_list(text):
            raise PlaylistRefused(Message("This is a list of files and not a sound. Send the recording itself."))
        raise NotSound(Message("The file holds text, not sound."))
    if other := _other_kind(head):
        raise NotSound(Message("The file is not a sound recording: its content is {kind}."), kind=other)
    return None


def missing_bytes(path: Path) -> int:
    """How many bytes more a WAV file's RIFF header counts than the file has; ffmpeg itself passes over that.

    A recorder that never came to close the file leaves 0 or the largest number there, which announces nothing.
    """
    with path.open("rb") as file:
        head = file.read(8)
    announced = int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or announced in (0, 0xFFFFFFFF):
        return 0
    missing = announced + 8 - path.stat().st_size
    return missing if missing > 1024 else 0


def _container(head: bytes, path: Path) -> str | None:
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        if _in_too_many_pieces(path):
            raise Broken(Message("The file is made of more pieces than any recorder writes; it is damaged."))
        return "wav"
    if head[4:8] in _MP4_FIRST_BOXES:
        return "mov"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    for signature, demuxer in _SIGNATURES:
        if head.startswith(signature):
            if demuxer == "amr" and _odd_amr(head):
                raise Broken(Message("The file begins like a recording, but no sound can be read from it."))
            return demuxer
    if _is_transport_stream(head):
        return "mpegts"
    if head.startswith(b"ID3") and len(head) >= 10:
        return _behind_id3(path)
    return _mpeg_audio(head)


def _is_transport_stream(head: bytes) -> bool:
    """Whether packets of an MPEG transport stream follow one another, of 188 bytes or, from a camera's card, of 192."""
    for first, length in ((0, 188), (4, 192)):
        starts = range(first, first + _PACKETS * length, length)
        if len(head) > starts[-1] and all(head[at] == _PACKET for at in starts):
            return True
    return False


def _in_too_many_pieces(path: Path) -> bool:
    """Whether a WAV file has more chunks than are worth looking at."""
    size, at = path.stat().st_size, 12
    with path.open("rb") as file:
        for _ in range(_MOST_PIECES):
            file.seek(at)
            length = file.read(8)[4:]
            at += 8 + int.from_bytes(length, "little") + (int.from_bytes(length, "little") & 1)
            if len(length) < 4 or at >= size:
                return False
    return True


def leaves_silence_out(path: Path, demuxer: str | None) -> bool:
    """Whether it is a telephone's file, in which silence may be frames without data: AMR, or 3GP, which holds it."""
    if demuxer != "mov":
        return demuxer == "amr"
    with path.open("rb") as file:
        return file.read(_BRAND_ENDS)[4:].startswith(b"ftyp3g")


def _odd_amr(head: bytes) -> bool:
    """Whether one in ten frames says what RFC 4867 gives no meaning to; a byte of those decodes to 20 ms of nothing."""
    first = next((one for one in _AMR_SIZES if head.startswith(one)), None)
    if first is None:
        return False
    sizes, at, frames, odd = _AMR_SIZES[first], len(first), 0, 0
    while at < len(head):
        mode = head[at] >> 3 & 15
        odd += bool(head[at] & 0x83) or len(sizes) <= mode < 15
        at += sizes[mode] if mode < len(sizes) else 1
        frames += 1
    return odd > max(10, frames // 10)


def _is_a_hole(path: Path) -> bool:
    """Whether a large file holds no byte but zeros after its head, wherever one looks; a hole costs no disk to make."""
    size = path.stat().st_size
    if size < _LARGE:
        return False
    with path.open("rb") as file:
        for number in range(1, _LOOKS + 1):
            file.seek((size - _LOOK) * number // _LOOKS)
            if any(file.read(_LOOK)):
                return False
    return True


def bytes_before_sound(path: Path) -> int:
    """The length of the ID3 tags a file begins with; 0 when there are none, or they claim to go on past its end.

    Tags may unpack to gigabytes, so a decoder is let in behind them.
    """
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        for _ in range(_MOST_PIECES):
            file.seek(at)
            head = file.read(10)
            if len(head) < 10 or not head.startswith(b"ID3"):
                return at
            length = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            at += 10 + length + (10 if head[5] & 0x10 else 0)
            if at >= size:
                return 0
    return at


def _behind_id3(path: Path) -> str:
    """The container after the ID3 tags; a cover may push it far in."""
    with path.open("rb") as file:
        file.seek(bytes_before_sound(path))
        after = file.read(4)
    if after == b"fLaC":
        return "flac"
    return _mpeg_audio(after) or "mp3"


def _mpeg_audio(head: bytes) -> str | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = (head[1] >> 1) & 3
    if layer == 0:
        return "aac" if head[1] & 0xF0 == 0xF0 else None
    if layer == 3:  # Layer I is extinct, and its sync word is also the byte mark of UTF-16 text
        return None
    return "mp3" if head[2] >> 4 != 15 and (head[2] >> 2) & 3 != 3 else None


def _as_text(head: bytes) -> str | None:
    """The head as text when it is text in any common encoding; None when it is not."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if head.startswith(mark):
            return head.decode(encoding, "ignore")
    if any(byte < 9 or 13 < byte < 32 for byte in head):
        return None
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 4:
            return head[: error.start].decode("utf-8")
    printable = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in head)
    return head.decode("latin-1") if printable > 0.7 * len(head) else None


def _is_list(text: str) -> bool:
    text = text.lstrip("\ufeff")
    if _LIST_HEADS.search(text):
        return True
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and all(_LIST_LINE.match(line) for line in lines)


def _other_kind(head: bytes) -> Message | None:
    """A name for a well-known kind of file that is not sound, when the signature is long enough to be believed."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    best = matches[0] if matches else None
    if best is None or best.confidence < 0.4 or best.mime_type.startswith(("audio/", "video/")):
        return None
    return _KINDS.get(best.mime_type)
