# frozen_string_literal: true

require "json"
require "openssl"

# Verifies webhooks of Rex. Standard library only: copy this file.
module RexWebhook
  # Names the check that failed: no_signature, bad_header, too_old, too_early, wrong_signature or bad_body.
  class Error < StandardError; end

  Family = Struct.new(:at, :prefix, :signatures, :key_of)

  module_function

  # Returns the event of a webhook. `body` is the raw body. Give all secrets that hold while you rotate them.
  def verify(body, headers, secret, tolerance_seconds: 300, now: Time.now.to_i)
    families = signed_headers(headers.to_h.transform_keys(&:downcase))
    raise Error, "no_signature" if families.empty?

    failures = families.map { |family| failure_of(family, body.b, Array(secret), tolerance_seconds, now) }
    raise Error, failures.first unless failures.include?(nil)

    JSON.parse(body)
  rescue JSON::ParserError
    raise Error, "bad_body"
  end

  # Returns each header family; nil for one that is not readable.
  def signed_headers(headers)
    rex, standard = headers.values_at("x-rex-signature", "webhook-signature")
    families = []
    families << rex_family(rex) if rex
    families << standard_family(standard, headers["webhook-timestamp"].to_s, headers["webhook-id"]) if standard
    families
  end

  def rex_family(header)
    match = /\At=(\d{1,12}),(.+)\z/.match(header) or return
    found = match[2].scan(/(?:\A|(?<=,))v1n?=([0-9a-f]{64})(?=,|\z)/).flatten
    Family.new(match[1], "#{match[1]}.", found.map { |hex| [hex].pack("H*") }, :itself.to_proc) unless found.empty?
  end

  def standard_family(header, at, id)
    found = header.scan(%r{(?:\A|(?<= ))v1,([A-Za-z0-9+/]{43}=)(?= |\z)}).flatten
    return if found.empty? || !at.match?(/\A\d{1,12}\z/)

    Family.new(at, "#{id}.#{at}.", found.map { |base64| base64.unpack1("m") }, method(:standard_key))
  end

  # Returns the check that fails; nil when all hold.
  def failure_of(family, body, secrets, tolerance_seconds, now)
    return "bad_header" unless family
    return "wrong_signature" unless signed_with?(secrets, family, body)

    age = now - family.at.to_i
    return "too_old" if age > tolerance_seconds

    "too_early" if age < -tolerance_seconds
  end

  def signed_with?(secrets, family, body)
    keys = secrets.filter_map { |secret| family.key_of.call(secret) }
    expected = keys.map { |key| OpenSSL::HMAC.digest("SHA256", key, family.prefix.b + body) }
    expected.product(family.signatures).any? { |one, other| OpenSSL.fixed_length_secure_compare(one, other) }
  end

  # Returns the key of a secret of Standard Webhooks; nil for another secret.
  def standard_key(secret)
    secret.delete_prefix("whsec_").unpack1("m0") if secret.start_with?("whsec_")
  rescue ArgumentError
    nil
  end
end
