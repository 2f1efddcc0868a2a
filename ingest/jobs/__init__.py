"""Work to be done: who has it until when, and how far it is."""
