import type { Connection } from "./connection.ts"
import { nothingListens, rpcGet } from "./rpc-client.ts"

/**
 * A connection to a port of the host's loopback, with what a Docker host has: the shell of nearly all of them can do it, and the others have
 * a netcat. Its argument is the port. Nothing is said where nothing listens: that is how a forwarded port looks then, too. When our end is
 * gone, so is the connection.
 */
const TO_PORT = `command -v bash >/dev/null && exec bash -c '
exec 3<&0
exec 4<>"/dev/tcp/127.0.0.1/$1" || exit 0
(cat <&3 >&4; kill $$) >/dev/null 2>&1 &
exec cat <&4 3<&- 2>/dev/null
' to-port "$1"
command -v nc >/dev/null && exec nc 127.0.0.1 "$1"
echo "this host forwards no ports, and has neither bash nor nc" >&2
exit 69`

/** GETs a path of an RPC server on a host: through the forwarded port, or by a command where sshd has refused that. @throws AppError RPC */
export async function rpcOver(connection: Connection, port: number, path: string, timeoutMs: number): Promise<unknown> {
  if (!(await connection.refusesForwards())) {
    try {
      return await rpcGet(await connection.endpoint(String(port)), path, timeoutMs)
    } catch (error) {
      if (!nothingListens(error) || !(await connection.hasJustRefused())) throw error
    }
  }
  return rpcGet(await connection.pipe(["sh", "-c", TO_PORT, "to-port", String(port)]), path, timeoutMs)
}
