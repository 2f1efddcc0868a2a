"""Campaigns: a page of each for whoever may know of it, and the room where the band writes them."""
