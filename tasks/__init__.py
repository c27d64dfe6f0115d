"""The only package that knows Celery. Rows are the work; a job only drains them."""
