import { connect } from "node:net"
import { AppError, reasonOf } from "../core/errors.ts"
import type { Connection, Endpoint } from "./connection.ts"
import { DockerEngine, loadClient } from "./docker-engine.ts"

/**
 * What Docker's own client runs on a host that it is told to reach over SSH: the engine's answers through the command's input and output.
 * It asks the engine that `docker compose` on that host asks.
 */
const BY_COMMAND = ["docker", "system", "dial-stdio"]

/**
 * The engine of a host: through its socket, or where that is not forwarded, through the host's own `docker`. Both are asked once, here; sshd
 * does not say that it forbids a socket, it only closes the connection, as it does where there is none.
 * @throws AppError HOST_UNREACHABLE, ENGINE with what `docker` says when neither answers
 */
export async function engineOf(connection: Connection, host: string): Promise<DockerEngine> {
  const [endpoint] = await Promise.all([connection.endpoint("docker"), loadClient()])
  const direct = new DockerEngine(async () => connect(addressOf(endpoint)), host)
  const fault = await faultOf(direct)
  if (fault === undefined) return direct
  // An engine that takes a question and does not answer has been reached.
  if (/no answer within/.test(fault.message)) throw fault
  const byCommand = new DockerEngine(() => connection.pipe(BY_COMMAND), host)
  await byCommand.ping()
  return byCommand
}

async function faultOf(engine: DockerEngine): Promise<Error | undefined> {
  try {
    await engine.ping()
    return undefined
  } catch (error) {
    return error instanceof AppError ? error : new Error(reasonOf(error))
  }
}

function addressOf(endpoint: Endpoint) {
  return "socketPath" in endpoint ? { path: endpoint.socketPath } : { host: "127.0.0.1", port: endpoint.port }
}
