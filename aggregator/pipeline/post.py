"""The mail server: one connection for the letters of a round (RFC 5321)."""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from aggregator.config.models import Email
from aggregator.model import MailingState
from aggregator.outputs.mail import are_in_ascii

TIMEOUT = timedelta(seconds=30)
OK, LATER, NEVER = 200, 400, 500
UTF8 = "SMTPUTF8"
"""The extension by which a server takes addresses in all scripts (RFC 6531)."""

Outcome = tuple[MailingState, str | None]
SENT: Outcome = ("sent", None)


class Post:
    """Hands letters to the mail server of `settings`; connects with the first one.

    Nothing is raised: every letter has an outcome. `waiting` may be tried again, `refused` will
    be refused again, and of `unsure` nobody knows whether the server took it.
    """

    def __init__(self, settings: Email) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._hang_up()

    def send(self, letter: EmailMessage, recipient: str) -> Outcome:
        """Send a letter to its one recipient."""
        try:
            server = self._connected()
            sender, receiver = parseaddr(self._settings.sender)[1], parseaddr(recipient)[1]
            options = () if are_in_ascii(sender, receiver) else (UTF8, "BODY=8BITMIME")
            if options and not server.has_extn(UTF8):
                return "waiting", self._lacks_utf8(receiver if sender.isascii() else sender)
            steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
                lambda: server.mail(sender, options),
                lambda: server.rcpt(receiver),
            )
            for step in steps:
                code, answer = step()
                if code >= LATER or code < OK:
                    with suppress(smtplib.SMTPException, OSError):
                        server.rset()
                    return _declined(code, answer)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._hang_up()
            return "waiting", self._words(error)
        return self._hand_over(server, letter)

    def _hand_over(self, server: smtplib.SMTP, letter: EmailMessage) -> Outcome:
        try:
            code, answer = server.data(letter.as_bytes())
        except smtplib.SMTPDataError as error:
            return _declined(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            return "unsure", f"{self._words(error)} before it said whether it took the letter"
        return SENT if OK <= code < LATER else _declined(code, answer)

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._connect()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        settings, seconds = self._settings, TIMEOUT.total_seconds()
        context = ssl.create_default_context()
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=seconds, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=seconds)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if settings.username and settings.password:
                server.login(settings.username, settings.password)
        except BaseException:
            server.close()
            raise
        return server

    def _hang_up(self) -> None:
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server = None

    def _lacks_utf8(self, address: str) -> str:
        place = f"{self._settings.host}:{self._settings.port}"
        return f"{place} takes only addresses in ASCII (no {UTF8}), not {address}"

    def _words(self, error: Exception) -> str:
        place = f"{self._settings.host}:{self._settings.port}"
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return f"{place} refused the password of {self._settings.username}"
        if isinstance(error, smtplib.SMTPResponseException):
            return f"{place} answered {error.smtp_code} {_text(error.smtp_error)}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"{place}: its certificate is not trusted: {error.verify_message}"
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return f"{place} hung up"
        if isinstance(error, TimeoutError):
            return f"{place} did not answer within {TIMEOUT.seconds} s"
        strerror = error.strerror if isinstance(error, OSError) else None
        return f"{place}: {strerror or error}"


def _declined(code: int, answer: bytes | str) -> Outcome:
    return ("refused" if code >= NEVER else "waiting"), f"{code} {_text(answer)}"


def _text(answer: bytes | str) -> str:
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    return " ".join(text.split())[:200]
