"""What is measured: one module for each subject, run by `make bench`."""

import os

#: How often each case is measured, after once unmeasured.
RUNS = int(os.environ.get("BENCH_RUNS", "7"))
