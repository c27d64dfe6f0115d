"""The whole main job, in a real browser, as each person who takes part (HOUSE.md, Tests)."""
