"""The verbs of placements, by noun. Capacity changes only in `capacity`."""
