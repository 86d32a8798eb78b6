"""What has to arrive again and again: expected items with a due time, what is missing, and who is told (DESIGN §5)."""
