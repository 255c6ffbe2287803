/*
 * What is done with chain data on a host, in its shell. A home is a node's: `data` and `wasm` are what the chain has put there, `config` holds
 * the node's key and address book and is never touched.
 */

/**
 * Sets `chosen`: what is carried from one home to another. The consensus log belongs to the one who wrote it, the state of a key to the key;
 * a key or an address book further down would be carried along, and then nothing is. Argument: `with-snapshots` or `without-snapshots`.
 */
const CHOOSE = `choose() {
  chosen=
  for entry in data/* wasm; do
    [ -e "$entry" ] || continue
    case $entry in *[!A-Za-z0-9._/-]*) echo "$entry has a name that chain data does not have" >&2; exit 1 ;; esac
    case \${entry##*/} in cs.wal | priv_validator_* | node_key* | addrbook*) continue ;; esac
    [ "$1" = with-snapshots ] || [ "$entry" != data/snapshots ] || continue
    chosen="$chosen $entry"
  done
  [ -n "$chosen" ] || { echo "there is no chain data" >&2; exit 1; }
  private=$(find $chosen \\( -name 'priv_validator*' -o -name 'node_key*' -o -name 'addrbook*' -o -name 'keyring*' \\) | head -n 1)
  [ -z "$private" ] || { echo "$private is a node's own and would be carried along: move it away" >&2; exit 1; }
}`

/** Prints the chosen files' digest of names and sizes, their number and their bytes. Arguments: directory, snapshots. */
export const LIST = `set -eu
${CHOOSE}
cd "$1"
choose "$2"
listed=$(mktemp)
trap 'rm -f "$listed"' EXIT
find $chosen -type f -exec stat -c '%n %s' {} + | LC_ALL=C sort > "$listed"
printf '%s %s\\n' "$(sha256sum < "$listed" | cut -c 1-64)" "$(awk '{ sum += $2 } END { print NR, sum + 0 }' "$listed")"`

/** Prints an archive of the chosen files. Arguments: home, snapshots. */
export const SEND = `set -eu
${CHOOSE}
cd "$1"
choose "$2"
exec tar -cf - $chosen`

/** Unpacks an archive beside the data of a node, which may run. Argument: directory for it, in the node's home. */
export const RECEIVE = `set -eu
umask 077
rm -rf "$1"
mkdir "$1"
cd "$1"
tar -xpof -
sync`

/** Both, on one host. Arguments: home, snapshots, directory for it in the other home. */
export const CARRY = `set -eu
${CHOOSE}
umask 077
rm -rf "$3"
mkdir "$3"
cd "$1"
choose "$2"
tar -cf - $chosen | (cd "$3" && tar -xpof -)
sync`

/**
 * Prints \`held\`, then stops a container for as long as somebody holds on, and starts it again: also when whoever asked for it, or the way
 * to them, is gone. Arguments: container, seconds without a sign of life.
 */
export const KEEP_STOPPED = `trap '' HUP INT TERM PIPE
echo held
docker stop "$1" > /dev/null || { status=$?; docker start "$1" > /dev/null; exit $status; }
while [ -n "$(timeout "$2" head -c 1)" ]; do :; done
for wait in 1 2 4 8 16; do
  docker start "$1" > /dev/null && exit 0
  sleep $wait
done
exit 1`

/**
 * Moves what the chain has put into a home aside, and puts in its place what lies in a directory beside it, or nothing. What is new is made
 * complete first, so that two renames are all there is between old and new. The state of the node's local key, which signs nothing, is carried
 * over. Arguments: home, place for the old data, \`copied\` or \`bare\`, directory of the copy.
 */
export const RENEW = `set -eu
umask 077
cd "$1"
if [ "$3" = copied ]; then
  [ -e "$4/data/blockstore.db" ] && [ -e "$4/data/state.db" ] || { echo "there is no whole copy in $4" >&2; exit 1; }
else
  rm -rf "$4"
  mkdir -p "$4/data"
fi
[ ! -e data/priv_validator_state.json ] || cp -p data/priv_validator_state.json "$4/data/"
[ ! -e "$2" ] || { echo "$2 is there already" >&2; exit 1; }
mkdir -p "$2"
for name in statesync.trust wasm data; do
  [ ! -e "$name" ] || mv "$name" "$2/$name"
done
mv "$4/data" data
[ ! -e "$4/wasm" ] || mv "$4/wasm" wasm
rmdir "$4"
sync . "$2"`
