"""A message kind for tests that kill the sender: slow to write, with a lease of two seconds."""
