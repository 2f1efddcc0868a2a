"""What stands in the log, in the words of the page; the log itself keeps short names that never change."""

from __future__ import annotations

from typing import Final

from archive.ledgers import chain
from web.site.language import _l, lazy_pgettext, number

ACTIONS: Final = {
    "about.written": _l("Wrote about the archive"),
    "account.disabled": _l("Closed an account"),
    "account.enabled": _l("Opened an account again"),
    "account.invited": _l("Invited somebody"),
    "account.made": _l("Made an account"),
    "account.password-changed": _l("Changed a password"),
    "account.presented": _l("Changed a name or a language"),
    "account.reset": _l("Let somebody choose a new password"),
    "account.role-changed": _l("Changed what an account may do"),
    "account.session-ended": _l("Ended a session"),
    "account.sessions-ended": _l("Ended the other sessions"),
    "account.token-ended": _l("Ended a token"),
    "account.token-made": _l("Made a token for a program"),
    "campaign.begun": _l("Began a campaign"),
    "catalogue.exported": _l("Took the catalogue out"),
    "catalogue.imported": _l("Brought a corrected catalogue in"),
    "catalogue.undone": _l("Took back what a catalogue had changed"),
    "code.issued": _l("Gave a narrator a code"),
    "consent.grant": _l("The narrator allowed more"),
    "consent.narrow": _l("The narrator allowed less"),
    "consent.readmit": _l("Opened again what was taken back"),
    "consent.suspend": _l("Closed for now"),
    "consent.reconfirm": _l("The narrator confirmed again"),
    "consent.withdraw": _l("The narrator took it back"),
    "evidence.read": _l("Opened the evidence of a consent"),
    "instruction.kept": _l("Put in an instruction read aloud"),
    "instruction.removed": _l("Took out an instruction read aloud"),
    "line.taken-up-again": _l("Took up a held line again"),
    "lyric.kept": _l("Kept a version of the words"),
    "marked-words.kept": _l("Left words elsewhere that a mark takes out"),
    "narrator.chosen": _l("Tied a testimony to a narrator"),
    "narrator.merged": _l("Made two records of narrators one"),
    "narrator.renamed": _l("Changed a narrator’s chosen name"),
    "narrator.split": _l("Made a narrator’s record two"),
    "near-copy.kept": _l("Left what is nearly a narrator’s words"),
    "near-copy.removed": _l("Removed what was nearly a narrator’s words"),
    "original.repaired": _l("Put an original back from a backup"),
    "permission.ended": _l("A time that was allowed ended"),
    "point.set": _l("Set a moment"),
    "point.changed": _l("Changed a moment"),
    "tap.put-away": _l("Put away what was tapped while she spoke"),
    "tap.speaker": _l("Wrote a speaker into the transcript who was tapped while she spoke"),
    "tap.speaker-undone": _l("Took a tapped speaker out of the transcript again"),
    "point.removed": _l("Took a moment away"),
    "recording.adopted": _l("Took in a recording found in the store"),
    "recording.discarded": _l("Removed a recording that came in by mistake"),
    "recording.put-back": _l("Put a recording back"),
    "recording.refused": _l("Refused a recording"),
    "recording.salvaged": _l("Took what can be heard of a recording that was cut off"),
    "recording.set-aside": _l("Set a recording aside"),
    "recording.submitted": _l("Handed a recording in"),
    "invitation.made": _l("Made an invitation to record"),
    "invitation.taken-back": _l("Took an invitation to record back"),
    "recording.joined": _l("Put the stretches of a broken-off recording together"),
    "redaction.heard": _l("Listened to what was taken out"),
    "redaction.marked": _l("Took a part out"),
    "redaction.unmarked": _l("Put a part back"),
    "request.asked": _l("Asked to be let in by name"),
    "request.granted": _l("Let a researcher in by name"),
    "request.declined": _l("Declined a researcher’s request"),
    "revoicing.added": _l("Put a reading in"),
    "revoicing.heard": _l("Listened to a reading"),
    "revoicing.removed": _l("Took a reading out"),
    "song.begun": _l("Began a song"),
    "song.deleted": _l("Deleted a song"),
    "song.held": _l("A song is held"),
    "song.published": _l("Published a song"),
    "song.renamed": _l("Renamed a song"),
    "song.retired": _l("Retired a song"),
    "song.unpublished": _l("Took a song off the site"),
    "sound-key.destroyed": _l("Destroyed the key of a recording"),
    "sound.heard-through": _l("Listened to a recording until its end"),
    "sound.heard-through-taken-back": _l("Took back having listened to the end"),
    "sound.sealed": _l("Sealed an original"),
    "sound.unsealed": _l("Opened a seal"),
    "store.adopted": _l("Took in what was found in the store"),
    "set.begun": _l("Began a set"),
    "set.shown": _l("Showed a set to everybody"),
    "set.hidden": _l("Showed a set to the band alone"),
    "set.put-back": _l("Put a set back"),
    "set.removed": _l("Took a set away"),
    "set.sung": _l("Wrote down what was sung"),
    "term.made": _l("Added a theme"),
    "term.back": _l("Took a theme up again"),
    "term.merged": _l("Made two themes one"),
    "term.moved": _l("Moved a theme"),
    "term.labels": _l("Changed the names of a theme"),
    "term.retired": _l("Retired a theme"),
    "term.undone": _l("Took back a change of the themes"),
    "testimony.described": _l("Corrected the description of a testimony"),
    "testimony.purged": _l("Removed what was made of a testimony"),
    "thesaurus.imported": _l("Took in a file of themes"),
    "transcript.approved": _l("Approved a transcript"),
    "transcript.brought": _l("Brought a transcript in"),
    "transcript.reviewed": _l("Went through a transcript"),
    "transcript.started": _l("Began to correct a transcript"),
    "translation.started": _l("Began a translation"),
    "vault.destroyed": _l("Destroyed what lay in the vault"),
    "vault.kept": _l("Put something into the vault"),
    "vault.read": _l("Read from the vault"),
    "withdrawal.readmitted": _l("Opened again what was taken back"),
    "withdrawal.replayed": _l("Wrote down a withdrawal that was known elsewhere"),
    "withdrawals.file-made": _l("Made the file of withdrawals anew"),
    "withdrawals.looked": _l("Saw that the file of withdrawals was made again"),
    "withdrawals.rebuilt": _l("Made the file of withdrawals from the database"),
}
KINDS: Final = {
    "archive": _l("The archive"),
    "account": _l("Account"),
    "campaign": _l("Campaign"),
    "line": lazy_pgettext("of a song", "Line"),
    "narrator": _l("Narrator"),
    "recording": _l("Recording"),
    "set": _l("Set of songs"),
    "song": _l("Song"),
    "term": _l("Theme"),
    "testimony": _l("Testimony"),
}


LEDGERS: Final = {"consent_event": _l("The ledger"), "audit_entry": _l("The log")}
BREAKS: Final = {
    "this row is missing": _l("this row is missing"),
    "this row was changed after it was written": _l("this row was changed after it was written"),
    "this row does not follow the one before it": _l("this row does not follow the one before it"),
    "this row is missing; the audit log remembers it": _l("this row is missing; the log remembers it"),
}


def broken(one: chain.Break) -> str:
    """A row that is not as it was written; one that cannot be read at all is said to be so in every case."""
    what = BREAKS.get(one.what, _l("this row cannot be read"))
    return f"{LEDGERS.get(one.ledger, one.ledger)} {number(one.seq)}: {what}"


def action(name: str) -> str:
    """What was done; a name of a later version stays as it is."""
    return str(ACTIONS.get(name, name))


def kind(subject: str) -> str:
    """What kind of thing it was done to."""
    name = subject.partition(":")[0]
    return str(KINDS.get(name, name))
