"""The functions of m0016 that rewrite names, remove what is old, and gather or erase an account."""

from __future__ import annotations

from migrations.ddl import auth_function

# Some floors bind the application's role alone, so both functions name the transaction's business themselves.
REWRITE = """
CREATE FUNCTION auth_rewrite(rel text, col text, how text, finder text, whom uuid, needles text[], replacement text,
                             most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public AS $body$
DECLARE
  own uuid := public.current_tenant();
  needle text; changed bigint := 0; part bigint;
BEGIN
  IF own IS NULL THEN RAISE EXCEPTION 'names are replaced in one business at a time'; END IF;
  IF how = 'by_id' THEN
    EXECUTE format('UPDATE %1$I SET %2$I = $1 WHERE tenant_id = $2 AND ctid = ANY (ARRAY(
        SELECT ctid FROM %1$I WHERE tenant_id = $2 AND %3$I = $3 AND %2$I <> $1 LIMIT $4))', rel, col, finder)
      USING replacement, own, whom, most;
    GET DIAGNOSTICS changed = ROW_COUNT;
  ELSIF how = 'named' THEN
    EXECUTE format('UPDATE %1$I SET %2$I = $1 WHERE tenant_id = $2 AND ctid = ANY (ARRAY(
        SELECT ctid FROM %1$I WHERE tenant_id = $2 AND %2$I = ANY ($3) AND %2$I <> $1 LIMIT $4))', rel, col)
      USING replacement, own, needles, most;
    GET DIAGNOSTICS changed = ROW_COUNT;
  ELSIF how = 'null' THEN
    EXECUTE format('UPDATE %1$I SET %2$I = NULL WHERE tenant_id = $1 AND %3$I = $2', rel, col, finder)
      USING own, whom;
    GET DIAGNOSTICS changed = ROW_COUNT;
  ELSIF how IN ('json', 'text') THEN
    FOREACH needle IN ARRAY needles LOOP
      IF how = 'json' THEN
        EXECUTE format('UPDATE %1$I SET %2$I = replace(%2$I::text, $1, $2)::jsonb WHERE tenant_id = $3
            AND ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $3 AND position($1 in %2$I::text) > 0 LIMIT $4))',
            rel, col)
          USING to_json(needle)::text, to_json(replacement)::text, own, most;
      ELSE
        EXECUTE format('UPDATE %1$I SET %2$I = replace(%2$I, $1, $2) WHERE tenant_id = $3
            AND ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $3 AND position($1 in %2$I) > 0 LIMIT $4))',
            rel, col)
          USING needle, replacement, own, most;
      END IF;
      GET DIAGNOSTICS part = ROW_COUNT;
      changed := changed + part;
    END LOOP;
  ELSE
    RAISE EXCEPTION 'unknown way: %', how;
  END IF;
  RETURN changed;
END $body$;
REVOKE ALL ON FUNCTION auth_rewrite FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth_rewrite TO countertop_app;
ALTER FUNCTION auth_rewrite OWNER TO countertop_auth;

CREATE FUNCTION auth_forget_old(rel text, col text, before timestamptz, most integer) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
DECLARE
  own uuid := public.current_tenant();
  gone bigint;
BEGIN
  IF own IS NULL THEN RAISE EXCEPTION 'rows are removed in one business at a time'; END IF;
  IF rel = 'api_token' THEN
    DELETE FROM public.token_scope s USING public.api_token k
     WHERE s.tenant_id = own AND k.tenant_id = own AND k.id = s.token_id AND k.expires_at < before;
  END IF;
  EXECUTE format('DELETE FROM %1$I WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
      SELECT ctid FROM %1$I WHERE tenant_id = $1 AND %2$I < $2 LIMIT $3))', rel, col)
    USING own, before, most;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $body$;
REVOKE ALL ON FUNCTION auth_forget_old FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth_forget_old TO countertop_app;
ALTER FUNCTION auth_forget_old OWNER TO countertop_auth;
"""

PLATFORM = """
GRANT DELETE ON session TO countertop_auth;
GRANT SELECT, DELETE ON sign_up TO countertop_auth;
""" + "".join(
    [
        auth_function(
            "auth_forget_actor(whom uuid, pseudonym text, most integer)",
            "bigint",
            """WITH picked AS (SELECT e.ctid AS place FROM audit_event e WHERE e.tenant_id = current_tenant() AND e.actor_id = whom
                               AND e.blind IS NOT NULL LIMIT most),
                    done AS (UPDATE audit_event e SET actor_name = pseudonym, ip = '', blind = NULL FROM picked
                              WHERE e.tenant_id = current_tenant() AND e.ctid = picked.place RETURNING 1)
               SELECT count(*) FROM done""",
        ),
        # Letters of one business, to an address or about somebody; of all of them where the account itself goes.
        auth_function(
            "auth_forget_mail(addresses text[], needles text[], of_tenant uuid)",
            "bigint",
            """WITH gone AS (DELETE FROM mail m
                  WHERE (of_tenant IS NULL OR m.tenant_id = of_tenant)
                    AND (m.recipient = ANY (addresses) OR EXISTS (SELECT FROM unnest(needles) AS n (word)
                          WHERE position(n.word in concat_ws(' ', m.sender, m.subject, m.text_body, m.html_body)) > 0))
               RETURNING 1) SELECT count(*) FROM gone""",
        ),
        auth_function(
            "auth_erase_account(whom uuid, pseudonym text, new_email text, at timestamptz)",
            "uuid",
            """WITH known AS (SELECT p.id, p.email FROM person p WHERE p.id = whom AND p.operator_since IS NULL
                  AND NOT EXISTS (SELECT FROM membership m WHERE m.person_id = whom AND m.email NOT LIKE '%@erased.invalid')),
                 a AS (DELETE FROM session x USING known k WHERE x.person_id = k.id),
                 b AS (DELETE FROM sign_in_event x USING known k WHERE x.person_id = k.id),
                 c AS (DELETE FROM sign_in_attempt x USING known k WHERE x.person_id = k.id),
                 d AS (DELETE FROM known_browser x USING known k WHERE x.person_id = k.id),
                 e AS (DELETE FROM passkey x USING known k WHERE x.person_id = k.id),
                 f AS (DELETE FROM totp x USING known k WHERE x.person_id = k.id),
                 g AS (DELETE FROM recovery_code x USING known k WHERE x.person_id = k.id),
                 h AS (DELETE FROM password_reset x USING known k WHERE x.person_id = k.id),
                 i AS (DELETE FROM mail x USING known k WHERE x.recipient = k.email),
                 j AS (DELETE FROM sign_up x USING known k WHERE x.email = k.email)
               UPDATE person p SET name = pseudonym, email = new_email, password_hash = '!', language = NULL,
                      password_changed_at = NULL, disabled_at = at
                 FROM known k WHERE p.id = k.id RETURNING p.id""",
        ),
        auth_function(
            "auth_person_data(whom uuid)",
            "TABLE (relation text, told jsonb)",
            """SELECT 'person', to_jsonb(x) - 'password_hash' FROM person x WHERE x.id = whom
               UNION ALL SELECT 'session', to_jsonb(x) - 'token_hash' - 'browser' FROM session x WHERE x.person_id = whom
               UNION ALL SELECT 'sign_in_event', to_jsonb(x) FROM sign_in_event x WHERE x.person_id = whom
               UNION ALL SELECT 'sign_in_attempt', to_jsonb(x) - 'token_hash' FROM sign_in_attempt x WHERE x.person_id = whom
               UNION ALL SELECT 'known_browser', to_jsonb(x) - 'browser' FROM known_browser x WHERE x.person_id = whom
               UNION ALL SELECT 'passkey', to_jsonb(x) - 'credential_id' - 'public_key' FROM passkey x
                          WHERE x.person_id = whom
               UNION ALL SELECT 'totp', jsonb_build_object('made_at', x.made_at) FROM totp x WHERE x.person_id = whom
               UNION ALL SELECT 'recovery_code', jsonb_build_object('made_at', x.made_at, 'used_at', x.used_at)
                           FROM recovery_code x WHERE x.person_id = whom
               UNION ALL SELECT 'password_reset', to_jsonb(x) - 'token_hash' FROM password_reset x WHERE x.person_id = whom
               UNION ALL SELECT 'mail', to_jsonb(x) - 'secret' FROM mail x JOIN person p ON p.email = x.recipient
                          WHERE p.id = whom
               UNION ALL SELECT 'sign_up', to_jsonb(x) - 'password_hash' FROM sign_up x JOIN person p ON p.email = x.email
                          WHERE p.id = whom""",
        ),
        auth_function(
            "auth_forget_old_accounts(sign_ins timestamptz, letters timestamptz, at timestamptz)",
            "TABLE (rule text, gone bigint)",
            """WITH a AS (DELETE FROM sign_in_event x WHERE x.at < sign_ins RETURNING 1),
                    b AS (DELETE FROM known_browser x WHERE x.seen_at < sign_ins RETURNING 1),
                    c AS (DELETE FROM session x WHERE x.expires_at < sign_ins RETURNING 1),
                    d AS (DELETE FROM mail x WHERE x.created_at < letters RETURNING 1),
                    e AS (DELETE FROM password_reset x WHERE x.expires_at < at - interval '1 day' RETURNING 1),
                    f AS (DELETE FROM passkey_challenge x WHERE x.expires_at < at - interval '1 day' RETURNING 1),
                    g AS (DELETE FROM sign_in_attempt x WHERE x.expires_at < at - interval '1 day' RETURNING 1)
               SELECT 'sign_ins', count(*) FROM a UNION ALL SELECT 'browsers', count(*) FROM b
               UNION ALL SELECT 'sessions', count(*) FROM c UNION ALL SELECT 'mail', count(*) FROM d
               UNION ALL SELECT 'resets', count(*) FROM e UNION ALL SELECT 'challenges', count(*) FROM f
               UNION ALL SELECT 'half_sign_ins', count(*) FROM g""",
        ),
    ]
)
