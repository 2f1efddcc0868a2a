"""Sets of songs: the band's lists for sessions, and the stage that goes through one."""
