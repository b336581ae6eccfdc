"""The auth functions of m0007 for codes, passkeys, what lies between two factors, and the history of sign-ins."""

from __future__ import annotations

from migrations.ddl import auth_function

FACTORS = "".join(
    [
        auth_function(
            "auth_totp(whom uuid, at timestamptz)",
            "TABLE (secret bytea, last_step bigint, made_at timestamptz, pending_secret bytea)",
            """SELECT t.secret, t.last_step, t.made_at, CASE WHEN t.pending_until > at THEN t.pending_secret END
                 FROM totp t WHERE t.person_id = whom""",
        ),
        auth_function(
            "auth_propose_totp(whom uuid, new_secret bytea, until timestamptz)",
            "void",
            """INSERT INTO totp (person_id, pending_secret, pending_until) VALUES (whom, new_secret, until)
               ON CONFLICT (person_id) DO UPDATE
                  SET pending_secret = excluded.pending_secret, pending_until = excluded.pending_until""",
        ),
        auth_function(
            "auth_accept_totp(whom uuid, wanted bytea, step bigint, at timestamptz)",
            "uuid",
            """UPDATE totp SET secret = pending_secret, last_step = step, made_at = at, pending_secret = NULL,
                      pending_until = NULL
                WHERE person_id = whom AND pending_secret = wanted AND pending_until > at RETURNING person_id""",
        ),
        auth_function(
            "auth_use_totp(whom uuid, step bigint)",
            "uuid",
            """UPDATE totp SET last_step = step
                WHERE person_id = whom AND secret IS NOT NULL AND last_step < step RETURNING person_id""",
        ),
        auth_function(
            "auth_reseal_totp(whom uuid, old_secret bytea, new_secret bytea)",
            "void",
            "UPDATE totp SET secret = new_secret WHERE person_id = whom AND secret = old_secret",
        ),
        auth_function(
            "auth_remove_totp(whom uuid)",
            "void",
            "DELETE FROM totp WHERE person_id = whom",
        ),
        auth_function(
            "auth_recovery_codes(whom uuid)",
            "TABLE (tag bytea, used_at timestamptz)",
            "SELECT r.tag, r.used_at FROM recovery_code r WHERE r.person_id = whom ORDER BY r.tag",
        ),
        auth_function(
            "auth_replace_recovery_codes(whom uuid, tags bytea[], at timestamptz)",
            "void",
            """WITH gone AS (DELETE FROM recovery_code r WHERE r.person_id = whom AND NOT r.tag = ANY (tags))
               INSERT INTO recovery_code (person_id, tag, made_at) SELECT whom, t.tag, at FROM unnest(tags) AS t (tag)""",
        ),
        auth_function(
            "auth_use_recovery_code(whom uuid, wanted bytea, at timestamptz)",
            "uuid",
            """UPDATE recovery_code SET used_at = at
                WHERE person_id = whom AND tag = wanted AND used_at IS NULL RETURNING person_id""",
        ),
        auth_function(
            "auth_passkeys(whom uuid)",
            "TABLE (id uuid, credential_id bytea, name text, transports text[], backed_up boolean,"
            " made_at timestamptz, used_at timestamptz)",
            """SELECT k.id, k.credential_id, k.name, k.transports, k.backed_up, k.made_at, k.used_at FROM passkey k
                WHERE k.person_id = whom ORDER BY k.made_at, k.id""",
        ),
        auth_function(
            "auth_passkey(wanted bytea)",
            "TABLE (id uuid, person_id uuid, credential_id bytea, public_key bytea, sign_count bigint, email text)",
            """SELECT k.id, k.person_id, k.credential_id, k.public_key, k.sign_count, p.email
                 FROM passkey k JOIN person p ON p.id = k.person_id AND p.disabled_at IS NULL
                WHERE k.credential_id = wanted""",
        ),
        auth_function(
            "auth_add_passkey(new_id uuid, whom uuid, credential bytea, its_key bytea, count bigint, its_name text,"
            " ways text[], is_backed_up boolean, at timestamptz)",
            "uuid",
            """INSERT INTO passkey (id, person_id, credential_id, public_key, sign_count, name, transports, backed_up,
                                    made_at)
               VALUES (new_id, whom, credential, its_key, count, its_name, ways, is_backed_up, at)
               ON CONFLICT (credential_id) DO NOTHING RETURNING id""",
        ),
        auth_function(
            "auth_passkey_used(wanted uuid, count bigint, at timestamptz)",
            "void",
            "UPDATE passkey SET sign_count = greatest(sign_count, count), used_at = at WHERE id = wanted",
        ),
        auth_function(
            "auth_name_passkey(whom uuid, wanted uuid, its_name text)",
            "uuid",
            "UPDATE passkey SET name = its_name WHERE person_id = whom AND id = wanted RETURNING id",
        ),
        auth_function(
            "auth_remove_passkey(whom uuid, wanted uuid)",
            "text",
            "DELETE FROM passkey WHERE person_id = whom AND id = wanted RETURNING name",
        ),
        auth_function(
            "auth_add_challenge(new_hash bytea, its_purpose text, bound bytea, at timestamptz, until timestamptz)",
            "void",
            """WITH gone AS (DELETE FROM passkey_challenge c WHERE c.expires_at <= at)
               INSERT INTO passkey_challenge (challenge_hash, purpose, binding, expires_at)
               VALUES (new_hash, its_purpose, bound, until)""",
        ),
        auth_function(
            "auth_take_challenge(wanted bytea, its_purpose text, bound bytea, at timestamptz)",
            "boolean",
            """WITH taken AS (DELETE FROM passkey_challenge c WHERE c.challenge_hash = wanted RETURNING c.*)
               SELECT coalesce(bool_or(t.purpose = its_purpose AND t.binding = bound AND t.expires_at > at), false)
                 FROM taken t""",
        ),
        auth_function(
            "auth_begin_sign_in(new_hash bytea, whom uuid, proofs text[], at timestamptz, until timestamptz)",
            "void",
            """WITH gone AS (DELETE FROM sign_in_attempt a WHERE a.expires_at <= at)
               INSERT INTO sign_in_attempt (token_hash, person_id, factors, expires_at)
               VALUES (new_hash, whom, proofs, until)""",
        ),
        auth_function(
            "auth_sign_in_attempt(wanted bytea, at timestamptz)",
            "TABLE (person_id uuid, email text, factors text[])",
            """SELECT a.person_id, p.email, a.factors
                 FROM sign_in_attempt a JOIN person p ON p.id = a.person_id AND p.disabled_at IS NULL
                WHERE a.token_hash = wanted AND a.expires_at > at""",
        ),
        auth_function(
            "auth_end_sign_in(wanted bytea)",
            "uuid",
            "DELETE FROM sign_in_attempt WHERE token_hash = wanted RETURNING person_id",
        ),
        auth_function(
            "auth_end_sign_ins_of(whom uuid)",
            "void",
            "DELETE FROM sign_in_attempt WHERE person_id = whom",
        ),
    ]
)

HISTORY = "".join(
    [
        auth_function(
            "auth_knows_browser(whom uuid, its_browser bytea, seen_after timestamptz)",
            "boolean",
            """SELECT EXISTS (SELECT FROM known_browser b
                WHERE b.person_id = whom AND b.browser = its_browser AND b.seen_at > seen_after)""",
        ),
        auth_function(
            "auth_know_browser(whom uuid, its_browser bytea, at timestamptz)",
            "void",
            """INSERT INTO known_browser (person_id, browser, since, seen_at) VALUES (whom, its_browser, at, at)
               ON CONFLICT (person_id, browser) DO UPDATE SET seen_at = excluded.seen_at""",
        ),
        auth_function(
            "auth_forget_browsers(whom uuid, but bytea)",
            "void",
            "DELETE FROM known_browser b WHERE b.person_id = whom AND (but IS NULL OR b.browser <> but)",
        ),
        auth_function(
            "auth_note_sign_in(new_id uuid, whom uuid, at timestamptz, its_outcome text, proofs text[],"
            " is_new boolean, from_ip text, agent text)",
            "void",
            """INSERT INTO sign_in_event (id, person_id, at, outcome, factors, new_browser, ip, user_agent)
               VALUES (new_id, whom, at, its_outcome, proofs, is_new, from_ip, agent)""",
        ),
        auth_function(
            "auth_sign_ins(whom uuid, before uuid, most integer)",
            "TABLE (id uuid, at timestamptz, outcome text, factors text[], new_browser boolean, ip text,"
            " user_agent text)",
            """SELECT e.id, e.at, e.outcome, e.factors, e.new_browser, e.ip, e.user_agent FROM sign_in_event e
                WHERE e.person_id = whom AND (before IS NULL OR e.id < before) ORDER BY e.id DESC LIMIT most""",
        ),
        auth_function(
            "auth_has_signed_in(whom uuid)",
            "boolean",
            "SELECT EXISTS (SELECT FROM sign_in_event e WHERE e.person_id = whom AND e.outcome = 'accepted')",
        ),
        auth_function(
            "auth_prune_sign_ins(before timestamptz)",
            "bigint",
            """WITH gone AS (DELETE FROM sign_in_event e WHERE e.at < before RETURNING 1),
                    browsers AS (DELETE FROM known_browser b WHERE b.seen_at < before),
                    ended AS (DELETE FROM session s WHERE s.expires_at < before)
               SELECT count(*) FROM gone""",
        ),
    ]
)
