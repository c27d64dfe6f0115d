"""A mail server that refuses: the network's edge."""

import smtplib

from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    def send_messages(self, email_messages) -> int:
        raise ConnectionRefusedError("no mail server")


class Down(BaseEmailBackend):
    """Nobody listens at its address; `tried` counts who asked."""

    tried = 0

    def open(self) -> None:
        Down.tried += 1
        raise smtplib.SMTPConnectError(421, b"down for maintenance")


class NoSuchReader(BaseEmailBackend):
    def send_messages(self, email_messages) -> int:
        raise smtplib.SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"no such reader")})
