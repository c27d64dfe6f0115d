"""A whole hub's rows for measuring: many, believable in shape, written in bulk.

Unlike the demo (`config.demo`), nothing here is told through the domain's verbs: it would take
hours. What the rows must agree on (places taken, days that never overlap, states and their
dates) is kept by construction and by the database's own constraints.
"""
