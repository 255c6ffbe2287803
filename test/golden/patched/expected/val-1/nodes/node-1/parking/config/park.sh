(park.sh)
