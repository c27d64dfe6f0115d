"""System checks that refuse an unsafe deployment (`manage.py check --deploy`, and every start)."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import Error, Tags, register

from config.tiles import what_is_wrong

#: Whether it is wrong, what is wrong, what to do.
Problem = tuple[bool, str, str]


@register(Tags.security)
def production_is_safe(app_configs, **kwargs) -> list[Error]:
    """In production, each embedded default that would be unsafe is an error that stops the start."""
    if not settings.PRODUCTION:
        return []
    problems = (*_of_secrets(), *_of_services(), *_of_the_outside())  # an error's number is its place here
    return [
        Error(message, hint=hint, id=f"throughline.E{number:03}")
        for number, (wrong, message, hint) in enumerate(problems, start=1)
        if wrong
    ]


@register(Tags.security)
def map_tiles_are_whole(app_configs, **kwargs) -> list[Error]:
    """A server of map tiles is named as one, over TLS and with its credit, or not at all."""
    wrong = settings.MAP_TILES and what_is_wrong(settings.MAP_TILES, settings.MAP_TILES_CREDIT)
    return (
        [Error(wrong, hint="Mend MAP_TILES and MAP_TILES_CREDIT, or remove both.", id="throughline.E100")]
        if wrong
        else []
    )


def _of_secrets() -> list[Problem]:
    short = settings.SECRET_KEY == settings.EMBEDDED_SECRET_KEY or len(settings.SECRET_KEY) < 50
    return [
        (settings.DEBUG, "DEBUG is on.", "Remove DEBUG from the environment."),
        (settings.DEMO, "DEMO is on: it shows everybody's mail.", "Remove DEMO from the environment."),
        (
            short,
            "SECRET_KEY is the embedded one or shorter than 50 characters.",
            "Set SECRET_KEY to a long random value and keep it.",
        ),
    ]


def _of_services() -> list[Problem]:
    engine = settings.DATABASES["default"]["ENGINE"]
    return [
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
    ]


def _of_the_outside() -> list[Problem]:
    return [
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
    ]
