"""System checks that refuse an unsafe deployment (`manage.py check --deploy`, and every start)."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def production_is_safe(app_configs, **kwargs) -> list[Error]:
    """In production, each embedded default that would be unsafe is an error that stops the start."""
    if not settings.PRODUCTION:
        return []
    engine = settings.DATABASES["default"]["ENGINE"]
    problems = (
        (settings.DEBUG, "DEBUG is on.", "Remove DEBUG from the environment."),
        (settings.DEMO, "DEMO is on: it shows everybody's mail.", "Remove DEMO from the environment."),
        (
            settings.SECRET_KEY == settings.EMBEDDED_SECRET_KEY or len(settings.SECRET_KEY) < 50,
            "SECRET_KEY is the embedded one or shorter than 50 characters.",
            "Set SECRET_KEY to a long random value and keep it.",
        ),
        (
            engine != "django.db.backends.postgresql",
            "The database is not PostgreSQL.",
            "Set DATABASE_URL=postgres://…",
        ),
        (
            settings.CELERY_BROKER_URL.startswith("filesystem"),
            "Celery has no broker that outlives one machine.",
            "Set REDIS_URL or CELERY_BROKER_URL.",
        ),
        (
            settings.PUBLIC_SCHEME != "https",
            "Addresses in mails would be http.",
            "Set PUBLIC_SCHEME=https (the default in production).",
        ),
        (
            "*" in settings.ALLOWED_HOSTS or settings.ALLOWED_HOSTS == ["localhost", "127.0.0.1", ".localhost"],
            "ALLOWED_HOSTS is open or still the embedded one.",
            "Set ALLOWED_HOSTS to the hubs' hostnames.",
        ),
        (
            settings.EMAIL_BACKEND == "hubs.mailbox.MailboxBackend",
            "Mail would only be written to files.",
            "Set EMAIL_URL=smtp+tls://user:password@host:587",
        ),
        (
            not settings.HUB_STAFF_NEED_MFA,
            "Hub staff may sign in without a second factor.",
            "Remove HUB_STAFF_NEED_MFA from the environment.",
        ),
    )
    return [
        Error(message, hint=hint, id=f"throughline.E{number:03}")
        for number, (wrong, message, hint) in enumerate(problems, start=1)
        if wrong
    ]
