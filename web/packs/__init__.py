"""Packs: songs to be carried on a stick or a village server, put together by the band."""
