"""The recorder: agreed aloud, kept encrypted on a member's own device, sent when there is a line."""
