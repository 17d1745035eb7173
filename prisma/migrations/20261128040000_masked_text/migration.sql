-- Returns a text as keys without PII_READ see it, with the local part of each e-mail masked: what they filter by. The same as
-- maskText in src/contacts/masking.ts. A text without an at sign, written or percent-encoded, takes the short way.
CREATE FUNCTION contact_masked(of_text TEXT) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10
AS $$BEGIN RETURN CASE
    WHEN strpos(of_text, '@') = 0 AND strpos(of_text, '40') = 0 THEN of_text
    WHEN of_text ~ '^\s*[^\s"(),:;<>@[\\\]?/]{1,64}@[^\s@]+$'
    THEN regexp_replace(of_text, '^\s*(.)[^@]*(@[^\s@]+)$', '\1***\2')
    ELSE regexp_replace(of_text,
        '(?:([^\s@"<>(),;:=&?/%])|(%)(?!(?:25)*40)[0-9a-f]{2})(?:[^\s@"<>(),;:=&?/%]|%(?!(?:25)*40)[0-9a-f]{2})*(?:@|%(?:25)*40)([^\s@"''<>(),;:=&?/%]+)',
        '\1\2***@\3', 'gi')
END; END$$;
