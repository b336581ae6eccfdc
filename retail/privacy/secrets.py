"""The columns that let somebody in, or show what does: no export has them. A test compares them with the catalogue."""

from __future__ import annotations

from typing import Final

SECRETS: Final = frozenset(
    {
        "api_token.token_hash", "badge.code_hash", "device_challenge.hash", "device_enrolment.code_hash",
        "device_session.token_hash", "invitation.token_hash", "known_browser.browser", "mail.secret",
        "oidc_provider.client_secret", "oidc_sign_in.browser_hash", "oidc_sign_in.nonce", "oidc_sign_in.state_hash",
        "oidc_sign_in.verifier", "passkey_challenge.binding", "passkey_challenge.challenge_hash",
        "password_reset.token_hash", "person.password_hash", "pin.sealed", "recovery_code.tag", "session.browser",
        "session.token_hash", "sign_in_attempt.token_hash", "sign_up.password_hash", "sign_up.token_hash",
        "push_subscription.auth", "receipt_link.token_hash", "till_display.code_hash", "till_display.token_hash",
        "totp.pending_secret", "totp.secret", "value_account.code_mac",
    }
)  # fmt: skip

FOLDED: Final = frozenset({"data_export.archive"})
"""Exports inside of exports: what they hold is exported by itself, to whoever may have it."""
