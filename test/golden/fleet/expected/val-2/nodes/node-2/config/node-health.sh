(node-health.sh)
