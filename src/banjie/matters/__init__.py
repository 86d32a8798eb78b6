"""Processes: stages, tasks, clocks. A matter is a record that runs through one (DESIGN §5)."""
