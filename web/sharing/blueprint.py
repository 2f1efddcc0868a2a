"""What is for other sites and programs, as addresses; everything here is asked as the public, whoever asks."""

from __future__ import annotations

from flask import Blueprint

sharing = Blueprint("sharing", __name__)
