"""What sets the archive up and looks after what it is made of; nothing here runs with it."""
