import { createHash } from "node:crypto"
import { AppError, EXIT } from "../core/errors.ts"
import type { Fleet, HostAccess, RunOptions, RunResult } from "../core/ports.ts"
import { printable } from "../core/printable.ts"
import { Secret } from "../core/secret.ts"
import { shellQuote } from "../core/shell-quote.ts"
import { type Host, hostOf, type Topology } from "../core/topology.ts"
import { type Connection, DOCKER_SOCKET } from "./connection.ts"
import type { DockerEngine } from "./docker-engine.ts"
import { engineOf } from "./engine-of.ts"
import { LocalConnection } from "./local-connection.ts"
import { rpcOver } from "./rpc-over.ts"
import { SshConnection } from "./ssh-connection.ts"

/** All hosts of a topology; each is connected when it is first asked something. */
export function openFleet(topology: Topology): Fleet {
  const open = new Map<string, { access: HostAccess; connection: Connection }>()
  return {
    host(name) {
      const known = open.get(name)
      if (known) return known.access
      const connection = connectionTo(topology, hostOf(topology, name))
      const access = accessOver(connection, name)
      open.set(name, { access, connection })
      return access
    },
    async close() {
      await Promise.all([...open.values()].map(({ connection }) => connection.close()))
    },
  }
}

function connectionTo(topology: Topology, host: Host): Connection {
  if (host.connection.kind === "local") return new LocalConnection(host.name)
  const { target, config, sudo = false } = host.connection
  const rpcPorts = topology.nodes.filter((node) => node.host === host.name).map((node) => node.ports.rpc)
  const forwards = [
    { key: "docker", remote: DOCKER_SOCKET },
    ...rpcPorts.map((port) => ({ key: String(port), remote: `127.0.0.1:${port}` })),
  ]
  return new SshConnection(host.name, target, config, forwards, sudo)
}

/**
 * Reads the new file from standard input beside the old one, compares the checksum, and renames only what is whole and on the disk. What is
 * not, as on a full disk, is not left behind.
 * Arguments: path, mode, SHA-256.
 */
const RECEIVE = `set -eu
umask 077
trap 'rm -f "$1.new"' EXIT
trap 'exit 1' HUP INT TERM
case $2 in 600) mkdir -p "$(dirname "$1")";; *) (umask 022; mkdir -p "$(dirname "$1")");; esac
cat > "$1.new"
[ "$(sha256sum < "$1.new" | cut -d" " -f1)" = "$3" ] || { echo "checksum differs" >&2; exit 1; }
if [ "$2" = 600 ] && [ -e "$1" ] && [ "$(sha256sum < "$1" | cut -d" " -f1)" != "$3" ]; then echo "another secret stands there, and secrets are never overwritten" >&2; exit 1; fi
chmod "$2" "$1.new"
sync "$1.new"
mv "$1.new" "$1"
trap - EXIT
sync "$(dirname "$1")"`

/** A user who is not root may write where he was given a directory, and nowhere else. */
function notWritten(path: string, host: string, said: string): AppError {
  const place = /cannot create directory ['‘]([^'’]+)['’]: Permission denied/.exec(said)?.[1]
  return new AppError("REMOTE_COMMAND", EXIT.halfWay, `${path} could not be written on ${host}: ${printable(said)}`, {
    ...(place === undefined ? {} : { hint: `give it to the user there, once: sudo install -d -o "$USER" ${shellQuote(place)}` }),
  })
}

/** What is done on a host, over a connection to it. */
export function accessOver(connection: Connection, name: string): HostAccess {
  let engine: Promise<DockerEngine> | undefined
  const docker = () => {
    if (!engine) {
      engine = engineOf(connection, name)
      // An engine that is away may come back, and then is asked anew how it is reached.
      engine.catch(() => {
        engine = undefined
      })
    }
    return engine
  }
  const run = (argv: readonly string[], options?: RunOptions): Promise<RunResult> => connection.run(argv, options)
  return {
    run,
    hold: (argv) => connection.hold(argv),
    stream: (argv, options) => connection.stream(argv, options),
    feed: (argv) => connection.feed(argv),
    attach: (argv, tty) => connection.attach(argv, tty),
    async push(path, content, mode) {
      const text = content instanceof Secret ? content.expose() : content
      const digest = createHash("sha256").update(text).digest("hex")
      const result = await run(["sh", "-c", RECEIVE, "receive", path, mode.toString(8), digest], { stdin: text })
      if (result.code !== 0) throw notWritten(path, name, result.stderr.trim())
    },
    async rpc(port, path, timeoutMs) {
      return rpcOver(connection, port, path, timeoutMs)
    },
    containers: async () => (await docker()).containers(),
    inspect: async (container) => (await docker()).inspect(container),
    kill: async (container) => (await docker()).kill(container),
    start: async (container) => (await docker()).start(container),
    logs: async (container, options) => (await docker()).logs(container, options),
  }
}
