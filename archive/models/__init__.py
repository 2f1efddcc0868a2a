"""The nouns of the archive, one file each."""

from archive.models.about import AboutText, SpokenInstruction
from archive.models.account import AccessRequest, Account, AccountLink, AccountSession
from archive.models.arrangement import Arrangement
from archive.models.audit import AuditEntry, Release
from archive.models.base import Base, new_id, now
from archive.models.campaign import Campaign
from archive.models.candidate import LinkCandidate
from archive.models.clipping import Clipping
from archive.models.comment import LineComment
from archive.models.consent import ConsentEvent, Permission, SoundMarkKey, Tombstone
from archive.models.description import DescriptionChange
from archive.models.detail import DetailChange
from archive.models.discarded import Discarded
from archive.models.draft import Draft, DraftPresence
from archive.models.edit import TranscriptEdit
from archive.models.fixity import OriginalLook
from archive.models.gathered import (
    CollectionReader,
    GatheredPassage,
    PassageCode,
    PassageCoding,
    PassageCollection,
)
from archive.models.harvested import HarvestedRecord
from archive.models.identity import ArchiveIdentity
from archive.models.job import StageRun
from archive.models.lock import SegmentLock
from archive.models.lyric import LyricLine, LyricVersion
from archive.models.marked_text import MarkedText
from archive.models.narrator import Narrator, VaultEntry
from archive.models.own_visit import CodeKey, OwnDecision, OwnVisit
from archive.models.recognition import RecognisedWindow, RecognitionCheckpoint
from archive.models.recorded import RecorderArrival, RecorderInvitation, TappedMoment
from archive.models.recording import Recording
from archive.models.redaction import Redaction
from archive.models.refused_upload import RefusedUpload
from archive.models.revoicing import Revoicing
from archive.models.rival import RivalText
from archive.models.screen import Screen
from archive.models.search import KeptSearch
from archive.models.segment import Segment, SegmentTranslation
from archive.models.set_list import SetEntry, SetList
from archive.models.song import Song
from archive.models.source import Source
from archive.models.studio import AlignmentWish, OfferedRecording, StudioEdit
from archive.models.tagging import Tagging
from archive.models.term import Term, TermChange, TermLabel, TermMove
from archive.models.testimony import IndexPoint, Testimony
from archive.models.theme_lesson import ThemeLesson
from archive.models.timing import LineTiming
from archive.models.token import ApiToken
from archive.models.transcript import TranscriptVersion
from archive.models.typed import TypedTranscript
from archive.models.unclaimed import UnclaimedRecording

__all__ = [
    "AboutText",
    "AccessRequest",
    "Account",
    "AccountLink",
    "AccountSession",
    "AlignmentWish",
    "ApiToken",
    "ArchiveIdentity",
    "Arrangement",
    "AuditEntry",
    "Base",
    "Campaign",
    "Clipping",
    "CodeKey",
    "CollectionReader",
    "ConsentEvent",
    "DescriptionChange",
    "DetailChange",
    "Discarded",
    "Draft",
    "DraftPresence",
    "GatheredPassage",
    "HarvestedRecord",
    "IndexPoint",
    "KeptSearch",
    "LineComment",
    "LineTiming",
    "LinkCandidate",
    "LyricLine",
    "LyricVersion",
    "MarkedText",
    "Narrator",
    "OfferedRecording",
    "OriginalLook",
    "OwnDecision",
    "OwnVisit",
    "PassageCode",
    "PassageCoding",
    "PassageCollection",
    "Permission",
    "RecognisedWindow",
    "RecognitionCheckpoint",
    "RecorderArrival",
    "RecorderInvitation",
    "Recording",
    "Redaction",
    "RefusedUpload",
    "Release",
    "Revoicing",
    "RivalText",
    "Screen",
    "Segment",
    "SegmentLock",
    "SegmentTranslation",
    "SetEntry",
    "SetList",
    "Song",
    "SoundMarkKey",
    "Source",
    "SpokenInstruction",
    "StageRun",
    "StudioEdit",
    "Tagging",
    "TappedMoment",
    "Term",
    "TermChange",
    "TermLabel",
    "TermMove",
    "Testimony",
    "ThemeLesson",
    "Tombstone",
    "TranscriptEdit",
    "TranscriptVersion",
    "TypedTranscript",
    "UnclaimedRecording",
    "VaultEntry",
    "new_id",
    "now",
]
