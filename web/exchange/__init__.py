"""What other archives' software reads: records for harvesters."""
