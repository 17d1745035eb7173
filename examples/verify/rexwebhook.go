// Package rexwebhook verifies webhooks of Rex. Standard library only: copy this file.
package rexwebhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Errors that name the check that failed.
var (
	ErrNoSignature    = errors.New("no_signature")
	ErrBadHeader      = errors.New("bad_header")
	ErrTooOld         = errors.New("too_old")
	ErrTooEarly       = errors.New("too_early")
	ErrWrongSignature = errors.New("wrong_signature")
	ErrBadBody        = errors.New("bad_body")
)

// Tolerance is the greatest age of a signature, and the greatest difference of the two clocks.
const Tolerance = 300 * time.Second

// Event is the body of a webhook.
type Event struct {
	ID        string          `json:"id"`
	Event     string          `json:"event"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
	Changed   []string        `json:"changed"`
}

// Verify returns the event of a webhook. The body is the raw one. Give all secrets that hold while you rotate them.
func Verify(body []byte, headers http.Header, now time.Time, secrets ...string) (*Event, error) {
	err := ErrNoSignature
	for _, family := range signedHeaders(headers) {
		failure := family.check(body, now, secrets)
		if failure == nil {
			return parse(body)
		}
		if err == ErrNoSignature {
			err = failure
		}
	}
	return nil, err
}

func parse(body []byte) (*Event, error) {
	var event Event
	if json.Unmarshal(body, &event) != nil {
		return nil, ErrBadBody
	}
	return &event, nil
}

// family is what one kind of header says. Without signatures it is not readable.
type family struct {
	at         string
	prefix     string
	signatures [][]byte
	keyOf      func(secret string) []byte
}

var (
	rexHeader         = regexp.MustCompile(`^t=([0-9]{1,12}),(.+)$`)
	rexSignature      = regexp.MustCompile(`^v1n?=([0-9a-f]{64})$`)
	standardTime      = regexp.MustCompile(`^[0-9]{1,12}$`)
	standardSignature = regexp.MustCompile(`^v1,([A-Za-z0-9+/]{43}=)$`)
)

func signedHeaders(headers http.Header) (families []family) {
	if header := headers.Get("X-Rex-Signature"); header != "" {
		var read family
		if match := rexHeader.FindStringSubmatch(header); match != nil {
			signatures := decodeAll(strings.Split(match[2], ","), rexSignature, hex.DecodeString)
			read = family{match[1], match[1] + ".", signatures, func(secret string) []byte { return []byte(secret) }}
		}
		families = append(families, read)
	}
	if header := headers.Get("Webhook-Signature"); header != "" {
		var read family
		if at := headers.Get("Webhook-Timestamp"); standardTime.MatchString(at) {
			signatures := decodeAll(strings.Split(header, " "), standardSignature, base64.StdEncoding.DecodeString)
			read = family{at, headers.Get("Webhook-Id") + "." + at + ".", signatures, standardKey}
		}
		families = append(families, read)
	}
	return families
}

func decodeAll(parts []string, form *regexp.Regexp, decode func(string) ([]byte, error)) (decoded [][]byte) {
	for _, part := range parts {
		if match := form.FindStringSubmatch(part); match != nil {
			if signature, err := decode(match[1]); err == nil {
				decoded = append(decoded, signature)
			}
		}
	}
	return decoded
}

func (f family) check(body []byte, now time.Time, secrets []string) error {
	if len(f.signatures) == 0 {
		return ErrBadHeader
	}
	if !f.isSignedWith(secrets, body) {
		return ErrWrongSignature
	}
	seconds, _ := strconv.ParseInt(f.at, 10, 64)
	age := now.Sub(time.Unix(seconds, 0))
	if age > Tolerance {
		return ErrTooOld
	}
	if age < -Tolerance {
		return ErrTooEarly
	}
	return nil
}

func (f family) isSignedWith(secrets []string, body []byte) bool {
	for _, secret := range secrets {
		key := f.keyOf(secret)
		if len(key) == 0 {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(f.prefix))
		mac.Write(body)
		expected := mac.Sum(nil)
		for _, signature := range f.signatures {
			if hmac.Equal(expected, signature) {
				return true
			}
		}
	}
	return false
}

// standardKey returns the key of a secret of Standard Webhooks; nil for another secret.
func standardKey(secret string) []byte {
	encoded := strings.TrimPrefix(secret, "whsec_")
	if encoded == secret {
		return nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil
	}
	return key
}
