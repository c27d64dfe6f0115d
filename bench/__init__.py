"""What is measured: one module for each subject, run by `make bench`."""
