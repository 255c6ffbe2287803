/** The first key of RFC 8032, section 7.1; the address and the long form were computed with OpenSSL and sha256sum. */
export const RFC_8032_KEY = {
  seed: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
  seedAndPublic: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==",
  pubkey: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  address: "21FE31DFA154A261626BF854046FD2271B7BED4B",
} as const

/** CometBFT's own fixture: internal/test/config.go of v0.38.21. */
export const COMET_VALIDATOR_KEY = `{
  "address": "A3258DCBF45DCA0DF052981870F2D1441A36D145",
  "pub_key": {
    "type": "tendermint/PubKeyEd25519",
    "value": "AT/+aaL1eB0477Mud9JMm8Sh8BIvOYlPGC9KkIUmFaE="
  },
  "priv_key": {
    "type": "tendermint/PrivKeyEd25519",
    "value": "EVkqJO/jIXp3rkASXfh9YnyToYXRXhBr6g9cQVxPFnQBP/5povV4HTjvsy530kybxKHwEi85iU8YL0qQhSYVoQ=="
  }
}`
export const COMET_VALIDATOR = {
  seed: "EVkqJO/jIXp3rkASXfh9YnyToYXRXhBr6g9cQVxPFnQ=",
  pubkey: "AT/+aaL1eB0477Mud9JMm8Sh8BIvOYlPGC9KkIUmFaE=",
  address: "A3258DCBF45DCA0DF052981870F2D1441A36D145",
} as const
