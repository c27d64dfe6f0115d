"""The demonstration: two hubs with a year behind and ahead of them, told through the domain's own verbs.

`world.build` is the whole of it. Everything is invented; days are counted from today, and the
dice have a fixed seed, so that two demos made on one day are alike.
"""
