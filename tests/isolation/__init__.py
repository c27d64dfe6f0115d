"""Who may do what at every address, and that nobody reaches what is another's."""
