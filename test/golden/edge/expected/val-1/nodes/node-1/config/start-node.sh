(start-node.sh)
