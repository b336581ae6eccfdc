"""Notifications as letters: one e-mail or SMS of one or of many, put into the letter box like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from retail.kit.text import use_language
from retail.notifications.queries import Notification
from retail.notifications.words import say
from retail.runtime.mail import Mail, compose, tame
from retail.runtime.tenancy import TenantFacts
from retail.settings import settings_of_process

KIND: Final = "notification"
URGENT: Final = 1
USUAL: Final = 5
DIGEST: Final = 7
_MOST: Final = 50


def address_of(facts: TenantFacts, one: Notification | None) -> str:
    """Give the whole address that a notification opens; the centre's without one."""
    page = f"/notices/{one.id}" if one else "/notices"
    return f"{settings_of_process().base_url}/t/{facts.slug}{page}"


def mail_of(facts: TenantFacts, to: str, told: Sequence[Notification], priority: int) -> Mail:
    """Write an e-mail of one notification, or a digest of several. Raises BadAddress."""
    with use_language(facts.locale):
        sentences = [tame(say(one, facts).text) for one in told[:_MOST]]
    link = address_of(facts, told[0] if len(told) == 1 else None)
    made = compose(KIND, to, tenant=facts, link=link, sentences=sentences)
    return replace(made, priority=priority)


def sms_of(facts: TenantFacts, to: str, one: Notification, priority: int) -> Mail:
    """Write an SMS: the sentence and the business's name, no link. Raises BadAddress."""
    with use_language(facts.locale):
        text = f"{tame(facts.name)}: {tame(say(one, facts).text)}"
    return Mail(to, "SMS", text, tenant=facts.id, kind=KIND, channel="sms", priority=priority)


def sample(facts: TenantFacts, to: str, sentences: Sequence[str]) -> Mail:
    """Write an e-mail as it would look, for a preview; it goes nowhere."""
    return compose(KIND, to, tenant=facts, link=address_of(facts, None), sentences=list(sentences))
