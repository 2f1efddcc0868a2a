"""From sound to utterances, a window at a time."""
