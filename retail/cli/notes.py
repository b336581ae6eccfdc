"""What the settings leave out, said once at the start: the shop runs without it, and somebody will look for it."""

from __future__ import annotations

from retail.identity.passkeys import relying_party
from retail.settings import Settings


def notes(settings: Settings) -> list[str]:
    """Say in sentences what doesn't work with these settings, and which setting would make it work."""
    said = [_of_passkeys(settings), _of_contact(settings)]
    return [sentence for sentence in said if sentence]


def _of_passkeys(settings: Settings) -> str:
    party = relying_party(settings)
    if party is None:
        return (
            "Passkeys are off: browsers make them for a name over https only. "
            "Set BASE_DOMAIN or PUBLIC_ORIGINS to the name that the shop is reached by."
        )
    if not settings.base_domain or party.businesses is not None:
        return ""
    return (
        f"Passkeys work at {party.origins[0]} only, not at the businesses' own hosts: browsers want a name with a dot "
        f"and https for that, like example.com; to try it out, BASE_DOMAIN=shop.localhost:{settings.port}."
    )


def _of_contact(settings: Settings) -> str:
    if settings.contact:
        return ""
    return (
        "Nobody is named for reports of weaknesses, so /.well-known/security.txt isn't there. "
        "Set SECURITY_CONTACT to an address that somebody reads."
    )
