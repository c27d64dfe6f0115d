"""OneRoster archives as schools' systems write them, made for the tests. Every person is invented."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password\n"
)
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods\n"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
)
SESSIONS = "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
SECRETS = ("hunter2", "kim@home.example", "07700900111", "0770sms")


def archive(files: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return stream.getvalue()


def user(
    key: str, *, given: str = "Kim", family: str = "Adeyemi", grade: str = "10", role: str = "student", **more
) -> str:
    status, enabled, org = more.get("status", ""), more.get("enabled", "true"), more.get("org", "o1")
    when = more.get("when", "")
    return (
        f"{key},{status},{when},{enabled},{org},{role},u{key},,{given},{family},,{key},{SECRETS[1]},{SECRETS[3]},"
        f"{SECRETS[2]},,{grade},{SECRETS[0]}\n"
    )


def group(key: str, title: str, *, kind: str = "homeroom", grade: str = "", status: str = "", org: str = "o1") -> str:
    return f"{key},{status},,{title},{grade},,,{kind},,{org},t1,,,\n"


def enrolment(group: str, user: str, *, status: str = "", role: str = "student", end: str = "") -> str:
    return f"e-{group}-{user},{status},,{group},o1,{user},{role},,,{end}\n"


def session(key: str, title: str, starts: str, ends: str, kind: str = "term") -> str:
    return f"{key},,,{title},{kind},{starts},{ends},,2027\n"


def manifest(mode: str = "bulk", version: str = "1.1") -> str:
    files = ("academicSessions", "classes", "enrollments", "orgs", "users")
    return f"propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\n" + "".join(
        f"file.{name},{mode}\n" for name in files
    )


def small(**changes: str | bytes | None) -> bytes:
    """Two forms and one set at one school, three students; `changes` replace whole files (None takes one out)."""
    files: dict[str, str | bytes | None] = {
        "manifest.csv": manifest(),
        "orgs.csv": ORGS + "o1,,,Quayside School,school,,\n",
        "academicSessions.csv": SESSIONS + session("t1", "Autumn", "2026-09-01", "2026-12-18"),
        "classes.csv": CLASSES + group("c1", "10A") + group("c2", "9B") + group("c3", "10 Maths 1", kind="scheduled"),
        "users.csv": USERS + user("s1") + user("s2", given="Lee") + user("s3", grade="09") + user("t1", role="teacher"),
        "enrollments.csv": ENROLLMENTS
        + enrolment("c1", "s1")
        + enrolment("c1", "s2")
        + enrolment("c2", "s3")
        + enrolment("c3", "s1")
        + enrolment("c1", "t1", role="teacher"),
    }
    files |= {name.replace("_", "."): text for name, text in changes.items()}
    return archive({name: text for name, text in files.items() if text is not None})
