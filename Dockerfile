# One image for web, worker, beat and migrations; docker-compose.yml says which is which.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DEPLOYMENT=production \
    VAR_DIR=/var/lib/throughline \
    STATIC_ROOT=/srv/static \
    PYTHONPATH=/srv/app

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin throughline \
    && mkdir -p /var/lib/throughline /srv/static \
    && chown throughline /var/lib/throughline

WORKDIR /srv/app
COPY requirements/run.txt requirements/run.txt
RUN pip install --require-hashes --requirement requirements/run.txt
COPY . .
# What nobody compiled here would be compiled anew at each start: nothing is written once it runs.
# Any key will do for naming static files; the running containers are given their own.
RUN python -m compileall -q -j 0 . \
    && SECRET_KEY=only-while-building python manage.py collectstatic --noinput --verbosity 0

# The number, for whoever enforces "not root" cannot look the name up.
USER 10001
EXPOSE 8000
VOLUME /var/lib/throughline
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "docker/healthcheck.py"]
ENTRYPOINT ["sh", "docker/entrypoint.sh"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "3", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "config.wsgi:application"]
