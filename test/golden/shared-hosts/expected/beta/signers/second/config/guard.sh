(guard.sh)
