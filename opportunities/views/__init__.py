"""Pages of employers about their plan and what they offer."""
