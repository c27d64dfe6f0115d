"""The production files, as far as they can be judged without an engine to run them."""

from __future__ import annotations

import re

import yaml

from tests.tasks.running import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ("migrate", "web", "worker", "beat")


def test_compose_has_every_process_of_a_deployment():
    assert sorted(COMPOSE["services"]) == ["beat", "broker", "cache", "migrate", "postgres", "web", "worker"]


def test_compose_checks_the_health_of_every_lasting_service():
    # The image brings the web's own check.
    lasting = {name: service for name, service in COMPOSE["services"].items() if name not in ("migrate", "web")}
    assert [name for name, service in lasting.items() if not service.get("healthcheck", {}).get("test")] == []
    assert "HEALTHCHECK" in DOCKERFILE


def test_compose_holds_no_secret_and_demands_each():
    environment = COMPOSE["services"]["web"]["environment"]
    demanded = {name for name, value in environment.items() if re.search(r"\$\{\w+:\?[^}]+\}", str(value))}
    assert demanded == {"ALLOWED_HOSTS", "DATABASE_URL", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "SECRET_KEY"}


def test_compose_shares_one_environment_and_waits_for_migrations():
    services = [COMPOSE["services"][name] for name in OURS]
    assert [service["environment"] for service in services] == [services[0]["environment"]] * len(OURS)
    waits = [service["depends_on"].get("migrate", {}).get("condition") for service in services]
    assert waits == [None] + ["service_completed_successfully"] * 3


def reaching(service: dict, env_file: dict[str, str]) -> dict[str, str]:
    """What a container's environment is when `env_file` is the file beside docker-compose.yml."""

    def filled(found) -> str:
        return env_file.get(found[1], found[2] or "")

    files = [one["path"] for one in service.get("env_file", [])]
    said = {
        name: re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", filled, value) for name, value in service["environment"].items()
    }
    return {**(env_file if files == [".env"] else {}), **said}


def test_every_setting_reaches_every_process_but_what_compose_itself_brings():
    settings = (ROOT / "config" / "settings.py").read_text()
    known = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    configure = (ROOT / "README.md").read_text().partition("## Configure it")[2].partition("\n## ")[0]
    named = {
        name
        for line in re.findall(r"^\| (`.*?) \|", configure, re.MULTILINE)
        for name in re.findall(r"`([A-Z_]+)`", line)
    }
    assert (len(known) > 40, named - known) == (True, set())
    given = {name: f"mine {name}" for name in known}
    brought = {"DEPLOYMENT", "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "VAR_DIR", "STATIC_ROOT"}
    for name in OURS:
        found = reaching(COMPOSE["services"][name], given)
        assert {one for one in known if found.get(one) != given[one]} == brought


def test_compose_never_lets_the_broker_drop_a_message():
    command = COMPOSE["services"]["broker"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_compose_runs_our_containers_with_no_capability_and_a_read_only_root():
    services = [COMPOSE["services"][name] for name in OURS]
    assert [(service["read_only"], service["cap_drop"]) for service in services] == [(True, ["ALL"])] * len(OURS)


def test_image_runs_as_a_user_of_its_own_behind_the_deployment_checks():
    instructions = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]
    last = dict(instructions)
    assert last["USER"] != "0"
    assert f"useradd --system --uid {last['USER']} " in DOCKERFILE
    assert last["ENTRYPOINT"] == '["sh", "docker/entrypoint.sh"]'
    assert "check --deploy --fail-level ERROR" in (ROOT / "docker" / "entrypoint.sh").read_text()


def test_image_installs_only_what_the_lock_names():
    assert re.findall(r"pip install (.*)", DOCKERFILE) == ["--require-hashes --requirement requirements/run.txt"]
    addresses = [
        line
        for name in ("run.txt", "dev.txt")
        for line in (ROOT / "requirements" / name).read_text().splitlines()
        if "://" in line
    ]
    assert addresses == []
