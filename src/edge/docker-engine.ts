import { Agent } from "node:http"
import type { Duplex } from "node:stream"
import type Docker from "dockerode"
import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { ContainerSeen } from "../core/observe/state.ts"
import { printable } from "../core/printable.ts"
import { LABEL } from "../core/render/compose.ts"
import { LimitedStream, TooLargeError } from "./limited-stream.ts"
import { withoutTerminalCodes } from "./terminal-codes.ts"

/** For one question and its whole answer, and for its length. */
const LIMITS = { withinMs: 15_000, maxBytes: 32_000_000 }

/** A fresh stream to the engine. */
export type Dial = () => Promise<Duplex>

/** One Docker engine, by whatever stream leads to it. It reads state, streams logs, stops and starts; shaping services is Compose's part. */
export class DockerEngine {
  readonly #dial: Dial
  readonly #host: string

  constructor(dial: Dial, host: string) {
    this.#dial = dial
    this.#host = host
  }

  /** Whether anybody answers. @throws AppError HOST_UNREACHABLE */
  async ping(): Promise<void> {
    await this.#ask("answer", (docker) => docker.ping())
  }

  async containers(): Promise<readonly ContainerSeen[]> {
    const list = await this.#ask("list the containers", (docker) =>
      docker.listContainers({ all: true, filters: { label: [LABEL.service] } }),
    )
    return list.map((item) => ({
      ...seen(item.Id, item.Names[0] ?? "", item.Labels),
      image: printable(item.Image),
      status: printable(item.State),
      exitCode: undefined,
      told: printable(item.Status),
    }))
  }

  async inspect(container: string): Promise<ContainerSeen | undefined> {
    const found = await this.#ask(`inspect ${container}`, async (docker) => {
      try {
        return await docker.getContainer(container).inspect()
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    })
    if (!found) return undefined
    return {
      ...seen(found.Id, found.Name, found.Config.Labels),
      image: printable(found.Config.Image),
      status: printable(found.State.Status),
      exitCode: found.State.ExitCode,
    }
  }

  async kill(container: string): Promise<void> {
    await this.#ask(`kill ${container}`, async (docker) => {
      try {
        await docker.getContainer(container).kill({ signal: "SIGKILL" })
      } catch (error) {
        // 404: there is none; 409: it does not run. Both are what was wanted; the wait below proves it.
        if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
      }
      try {
        await docker.getContainer(container).wait({ condition: "not-running" })
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    })
  }

  async start(container: string): Promise<void> {
    await this.#ask(`start ${container}`, async (docker) => {
      try {
        await docker.getContainer(container).start()
      } catch (error) {
        // 304: it runs already.
        if (statusOf(error) !== 304) throw error
      }
    })
  }

  async logs(container: string, options: { readonly sinceMs?: number; readonly tail?: number }): Promise<readonly string[]> {
    const buffer = await this.#ask(`read the log of ${container}`, (docker) =>
      docker.getContainer(container).logs({
        stdout: true,
        stderr: true,
        follow: false,
        ...(options.sinceMs === undefined ? {} : { since: options.sinceMs / 1000 }),
        ...(options.tail === undefined ? {} : { tail: options.tail }),
      }),
    )
    return withoutTerminalCodes(unframed(buffer))
      .split("\n")
      .map((line) => printable(line.trimEnd()))
      .filter((line) => line !== "")
  }

  async #ask<T>(what: string, call: (docker: Docker) => Promise<T>): Promise<T> {
    const line = new Line(this.#dial)
    try {
      return await Promise.race([call(await dockerOver(line)), line.broken])
    } catch (error) {
      throw this.#fault(what, error)
    } finally {
      line.hangUp()
    }
  }

  #fault(what: string, error: unknown): AppError {
    const isAnswered = statusOf(error) !== undefined || error instanceof TooLargeError
    const reason = printable(reasonOf(error)).trim()
    return new AppError(
      isAnswered ? "ENGINE" : "HOST_UNREACHABLE",
      isAnswered ? EXIT.halfWay : EXIT.unreachable,
      `the Docker engine of ${this.#host} did not ${what}: ${reason}`,
      {
        cause: error,
        ...(/permission denied/i.test(reason)
          ? { hint: `let the user there use Docker: sudo usermod -aG docker USER; then log in anew` }
          : {}),
      },
    )
  }
}

/** The streams of one question, which may take several; all of it together has to be answered in time. */
class Line extends Agent {
  /** Never fulfilled: the client does not tell of an answer that breaks off in its middle. */
  readonly broken: Promise<never>
  readonly #dial: Dial
  readonly #streams = new Set<Duplex>()
  readonly #giveUp: NodeJS.Timeout
  #break: (error: Error) => void = () => {}

  constructor(dial: Dial) {
    super({ maxSockets: 1 })
    this.#dial = dial
    this.broken = new Promise((_, reject) => {
      this.#break = reject
    })
    // It is heard through the race, or there is nobody left to hear it.
    this.broken.catch(() => {})
    this.#giveUp = setTimeout(() => this.#break(new Error(`no answer within ${LIMITS.withinMs / 1000} s`)), LIMITS.withinMs)
  }

  override createConnection(_options: unknown, done?: (error: Error | null, stream: Duplex) => void): null {
    this.#dial().then(
      (inner) => {
        const stream = new LimitedStream(inner, LIMITS)
        this.#streams.add(stream)
        stream.on("error", this.#break)
        done?.(null, stream)
      },
      (error: Error) => this.#break(error),
    )
    return null
  }

  hangUp(): void {
    clearTimeout(this.#giveUp)
    for (const stream of this.#streams) stream.destroy()
    this.destroy()
  }
}

/** By far the slowest import of this program: only on first use, and then while something else is waited for. */
export const loadClient = () => import("dockerode")

async function dockerOver(agent: Agent): Promise<Docker> {
  const { default: Dockerode } = await loadClient()
  // Said outright: otherwise DOCKER_HOST and its kin in this machine's environment would choose another engine than the one that is meant.
  const options = { protocol: "http", host: undefined, port: undefined, timeout: undefined, socketPath: "/dialled", agent } as const
  return new Dockerode(options)
}

/** Whoever may start containers on a host names them, and what he calls them must not steer a terminal. */
function seen(id: string, name: string, labels: Readonly<Record<string, string>>): Omit<ContainerSeen, "image" | "status" | "exitCode"> {
  const label = (key: string) => printable(labels[key] ?? "")
  return {
    id: printable(id),
    name: printable(name.replace(/^\//, "")),
    deployment: label(LABEL.deployment),
    service: label(LABEL.service),
    role: label(LABEL.role),
    digest: label(LABEL.digest),
  }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : undefined
}

/** The engine frames each piece of a log with eight bytes: stream, three zeros, length. */
function unframed(log: Buffer): string {
  const pieces: string[] = []
  let offset = 0
  while (offset + 8 <= log.length) {
    const length = log.readUInt32BE(offset + 4)
    pieces.push(log.toString("utf8", offset + 8, offset + 8 + length))
    offset += 8 + length
  }
  return pieces.join("")
}
