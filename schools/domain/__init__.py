"""The verbs of schools, by noun. What reads a file plans first; `apply_…` writes the plan in one transaction."""
