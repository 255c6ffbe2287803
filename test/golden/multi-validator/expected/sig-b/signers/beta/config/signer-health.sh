(signer-health.sh)
