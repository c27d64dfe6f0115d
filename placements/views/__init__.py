"""The pages of placements, by who looks at them."""
