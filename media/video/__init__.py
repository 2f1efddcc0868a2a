"""A karaoke video: title card, lines swept word by word, credits, over the song's own sound.

For projectors at village gatherings (16:9) and for phones (9:16). libass draws the text with complex shaping and with
our own font, so that Khmer comes out as it is written on machines that have no Khmer font at all.

`layout` says where everything stands, `extents` asks libass where the words of a row lie, `script` writes what libass
is to draw, `making` has ffmpeg draw it over the sound.
"""

from media.video.layout import TALL, WIDE, Cards, Picture
from media.video.making import Video, make_video
from media.video.script import CREDITS_MS, TITLE_MS

__all__ = ["CREDITS_MS", "TALL", "TITLE_MS", "WIDE", "Cards", "Picture", "Video", "make_video"]
