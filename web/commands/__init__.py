"""The subcommands of `messenger`, one file each, named like the command.

What each does stands here as well, so that listing them imports none of them: some bring a recogniser or the site.
"""

from __future__ import annotations

from collections.abc import Mapping

SHORT_HELPS: Mapping[str, str] = {
    "align": "Find when each line of LYRICS is sung in AUDIO.",
    "backup": "Write a backup to TARGET, a folder or s3://BUCKET/PREFIX, or bring an earlier one there up to date.",
    "bag": "Put TESTIMONY (its id) into a bag in the folder OUT: original, transcripts, catalogue, consent, checksums.",
    "catalogue": "Take the whole catalogue out as CSV or XLSX, and bring it back corrected.",
    "check": "Check the ledgers, the threads, the files and the index; nothing is changed.",
    "demo": "Take the invented sample collection in and show it.",
    "export": "Take SONG, named as in its address, along in FORM.",
    "ingest": "Take in the recordings in PATHS (files or folders), and finish what an earlier run left unfinished.",
    "init": "Make or update the data folder; safe to run at any time.",
    "pack": "Put songs that are open to everybody into OUT, to be carried where there is no internet.",
    "models": "List the speech models on this machine, bring in another, take one away, or try them side by side.",
    "provenance": "Show the sources of SONG (its id, address or title), line by line.",
    "reindex": "Make the search index anew; the old one answers until the new one is whole.",
    "remake": "Make again what is missing and can be made from the originals; nothing else is touched.",
    "restore": "Make the backup in SOURCE, a folder or s3://BUCKET/PREFIX, an archive again where the settings say.",
    "search": 'Find QUERY: words, "phrases", begin*, -not, OR, theme: community: place: year: lang: song: speaker:',
    "serve": "Serve the site, with workers beside it unless the queue is elsewhere.",
    "sources": "Propose passages that LINE may have come from, of what may be sung; a person decides.",
    "tags": "Suggest themes for TEXT (`-` reads standard input), by the cues every archive begins with.",
    "thesaurus": "Take the themes out as a SKOS file, or take such a file in.",
    "transcribe": "Transcribe AUDIO and print its words with their times, flagged where they are not to be trusted.",
    "transcript": "Bring a transcript in, or take one out.",
    "unclaimed": "List, adopt or set aside recordings in the store that the database does not know.",
    "users": "Make, invite, list, disable and enable accounts.",
    "vault": "Make the vault's key, and try it.",
    "words": "Cut TEXT (`-` reads standard input) into words; offsets count code points of the text as given.",
    "worker": "Work on recordings that wait, here or on another machine of the same archive.",
}
