"""The verbs of opportunities, by noun: `plans` (templates, plans, steps), `offers`
(opportunities) and `sessions`."""
