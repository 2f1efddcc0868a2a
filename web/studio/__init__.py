"""The studio: when each line is sung, how it is cut into words, and which recordings it is sung to."""
