# A signer that is started the way nobody should: with a copy of a key that another one holds, and a state of its own.
# Given: CHAIN_ID, NODE (host:port), and the key's seed in base64 at /consensus.key.
set -eu
umask 077
mkdir -p /kms
tmkms softsign keygen /kms/identity.key >/dev/null 2>&1
cat >/kms/tmkms.toml <<TOML
[[chain]]
id = "$CHAIN_ID"
key_format = { type = "bech32", account_key_prefix = "cosmospub", consensus_key_prefix = "cosmosvalconspub" }
state_file = "/kms/state.json"

[[providers.softsign]]
chain_ids = ["$CHAIN_ID"]
key_type = "consensus"
path = "/consensus.key"

[[validator]]
chain_id = "$CHAIN_ID"
addr = "tcp://$NODE"
secret_key = "/kms/identity.key"
protocol_version = "v0.34"
reconnect = true
TOML
exec tmkms start -c /kms/tmkms.toml
