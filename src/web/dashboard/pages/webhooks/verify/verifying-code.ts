/** Code that verifies signatures, by language. */
export interface VerifyingCode {
  readonly language: 'Node' | 'Python' | 'PHP' | 'Ruby' | 'Go'
  readonly code: string
}

const node = String.raw`import { createHmac, timingSafeEqual } from 'node:crypto'

/** Returns whether Rex signed this raw body within the last 5 minutes. */
export function isFromRex(rawBody, header, secret) {
  const [, time] = /^t=(\d{1,12}),/.exec(header ?? '') ?? []
  if (time === undefined || Math.abs(Date.now() / 1000 - Number(time)) > 300) return false
  const expected = createHmac('sha256', secret).update(time + '.').update(rawBody).digest()
  const found = [...header.matchAll(/,v1n?=([0-9a-f]{64})(?=,|$)/g)]
  return found.some(([, hex]) => timingSafeEqual(Buffer.from(hex, 'hex'), expected))
}

// isFromRex(rawBody, request.headers['x-rex-signature'], webhookSecret)
`

const python = `import hashlib, hmac, re, time


def is_from_rex(raw_body: bytes, header: str, secret: str) -> bool:
    """Returns whether Rex signed this raw body within the last 5 minutes."""
    match = re.match(r"t=([0-9]{1,12}),", header or "")
    if not match or abs(time.time() - int(match[1])) > 300:
        return False
    signed = match[1].encode() + b"." + raw_body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    found = re.findall(r",v1n?=([0-9a-f]{64})(?=,|$)", header)
    return any(hmac.compare_digest(one, expected) for one in found)


# is_from_rex(request.get_data(), request.headers.get("X-Rex-Signature"), os.environ["REX_WEBHOOK_SECRET"])
`

const php = String.raw`<?php

/** Returns whether Rex signed this raw body within the last 5 minutes. */
function isFromRex(string $rawBody, string $header, string $secret): bool
{
    if (!preg_match('/^t=(\d{1,12}),/', $header, $match) || abs(time() - (int) $match[1]) > 300) {
        return false;
    }
    $expected = hash_hmac('sha256', "$match[1].$rawBody", $secret);
    preg_match_all('/,v1n?=([0-9a-f]{64})(?=,|$)/', $header, $found);
    return array_filter($found[1], fn ($one) => hash_equals($expected, $one)) !== [];
}

// isFromRex(file_get_contents('php://input'), $_SERVER['HTTP_X_REX_SIGNATURE'] ?? '', getenv('REX_WEBHOOK_SECRET'))
`

const ruby = String.raw`require "openssl"

# Returns whether Rex signed this raw body within the last 5 minutes.
def from_rex?(raw_body, header, secret)
  time = header.to_s[/\At=(\d{1,12}),/, 1]
  return false if time.nil? || (Time.now.to_i - time.to_i).abs > 300

  expected = OpenSSL::HMAC.hexdigest("SHA256", secret, "#{time}.#{raw_body}")
  found = header.scan(/,v1n?=([0-9a-f]{64})(?=,|\z)/).flatten
  found.any? { |one| OpenSSL.fixed_length_secure_compare(one, expected) }
end

# from_rex?(request.raw_post, request.headers["X-Rex-Signature"], ENV["REX_WEBHOOK_SECRET"])
`

const go = `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"time"
)

var signedAt = regexp.MustCompile("^t=([0-9]{1,12}),")
var signature = regexp.MustCompile(",v1n?=([0-9a-f]{64})")

// IsFromRex returns whether Rex signed this raw body within the last 5 minutes.
func IsFromRex(rawBody []byte, header, secret string) bool {
	match := signedAt.FindStringSubmatch(header)
	if match == nil {
		return false
	}
	seconds, _ := strconv.ParseInt(match[1], 10, 64)
	if time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(match[1] + "."))
	mac.Write(rawBody)
	expected := []byte(hex.EncodeToString(mac.Sum(nil)))
	for _, found := range signature.FindAllStringSubmatch(header, -1) {
		if hmac.Equal([]byte(found[1]), expected) {
			return true
		}
	}
	return false
}

// IsFromRex(rawBody, request.Header.Get("X-Rex-Signature"), os.Getenv("REX_WEBHOOK_SECRET"))
`

/** Functions that verify X-Rex-Signature with nothing but the standard library. */
export const verifyingCode: readonly VerifyingCode[] = [
  { language: 'Node', code: node },
  { language: 'Python', code: python },
  { language: 'PHP', code: php },
  { language: 'Ruby', code: ruby },
  { language: 'Go', code: go },
]
