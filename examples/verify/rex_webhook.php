<?php

/** Verifies webhooks of Rex. No package is needed: copy this file. */

namespace Rex;

/** Names the check that failed: no_signature, bad_header, too_old, too_early, wrong_signature or bad_body. */
final class WebhookError extends \RuntimeException
{
}

/**
 * Returns the event of a webhook.
 *
 * @param string $body the raw body, such as file_get_contents('php://input')
 * @param array<string, string> $headers such as getallheaders()
 * @param string|list<string> $secret all secrets that hold while you rotate them
 * @return array<string, mixed>
 * @throws WebhookError
 */
function verifyWebhook(string $body, array $headers, string|array $secret, int $toleranceSeconds = 300, ?int $now = null): array
{
    $headers = array_change_key_case($headers);
    $families = signedHeaders($headers);
    if ($families === []) {
        throw new WebhookError('no_signature');
    }
    $failures = array_map(
        fn (?array $family) => failureOf($family, $body, (array) $secret, $toleranceSeconds, $now ?? time()),
        $families,
    );
    if (!in_array(null, $failures, true)) {
        throw new WebhookError($failures[0]);
    }
    $event = json_decode($body, true);
    return is_array($event) ? $event : throw new WebhookError('bad_body');
}

/** Returns time, prefix of the signed bytes, signatures and keys of each header family; null for one that is not readable. */
function signedHeaders(array $headers): array
{
    $families = [];
    if (isset($headers['x-rex-signature'])) {
        $isRead = preg_match('/^t=(\d{1,12}),(.+)$/D', $headers['x-rex-signature'], $parts)
            && preg_match_all('/(?:^|,)v1n?=([0-9a-f]{64})(?=,|$)/D', $parts[2], $found);
        $families[] = $isRead
            ? ['at' => $parts[1], 'prefix' => "$parts[1].", 'signatures' => array_map('hex2bin', $found[1]), 'keyOf' => fn ($secret) => $secret]
            : null;
    }
    if (isset($headers['webhook-signature'])) {
        $at = $headers['webhook-timestamp'] ?? '';
        $isRead = preg_match('/^\d{1,12}$/D', $at)
            && preg_match_all('/(?:^| )v1,([A-Za-z0-9+\/]{43}=)(?= |$)/D', $headers['webhook-signature'], $found);
        $prefix = ($headers['webhook-id'] ?? '') . ".$at.";
        $families[] = $isRead
            ? ['at' => $at, 'prefix' => $prefix, 'signatures' => array_map('base64_decode', $found[1]), 'keyOf' => standardKey(...)]
            : null;
    }
    return $families;
}

/** Returns the check that fails; null when all hold. */
function failureOf(?array $family, string $body, array $secrets, int $toleranceSeconds, int $now): ?string
{
    if ($family === null) {
        return 'bad_header';
    }
    if (!isSignedWith($family, $body, $secrets)) {
        return 'wrong_signature';
    }
    $age = $now - (int) $family['at'];
    if ($age > $toleranceSeconds) {
        return 'too_old';
    }
    return $age < -$toleranceSeconds ? 'too_early' : null;
}

function isSignedWith(array $family, string $body, array $secrets): bool
{
    foreach (array_filter(array_map($family['keyOf'], $secrets)) as $key) {
        $expected = hash_hmac('sha256', $family['prefix'] . $body, $key, true);
        foreach ($family['signatures'] as $signature) {
            if (hash_equals($expected, $signature)) {
                return true;
            }
        }
    }
    return false;
}

/** Returns the key of a secret of Standard Webhooks; null for another secret. */
function standardKey(string $secret): ?string
{
    if (!str_starts_with($secret, 'whsec_')) {
        return null;
    }
    return base64_decode(substr($secret, 6), true) ?: null;
}
