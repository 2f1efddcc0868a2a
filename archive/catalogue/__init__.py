"""What is said of a testimony: descriptions, terms, places, index points."""
