import type Docker from "dockerode"
import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { ContainerSeen } from "../core/observe/state.ts"
import { LABEL } from "../core/render/compose.ts"
import { withoutTerminalCodes } from "./terminal-codes.ts"

const TIMEOUT_MS = 15_000

/** One Docker engine, through a socket. It reads state, streams logs, stops and starts; shaping services is Compose's part. */
export class DockerEngine {
  readonly #docker: Docker
  readonly #host: string

  constructor(docker: Docker, host: string) {
    this.#docker = docker
    this.#host = host
  }

  static async connect(socketPath: string, host: string): Promise<DockerEngine> {
    // Loaded on first use: it is by far the slowest import of this program.
    const { default: Dockerode } = await import("dockerode")
    return new DockerEngine(new Dockerode({ socketPath, timeout: TIMEOUT_MS }), host)
  }

  async containers(): Promise<readonly ContainerSeen[]> {
    const list = await this.#ask("list the containers", () =>
      this.#docker.listContainers({ all: true, filters: { label: [LABEL.service] } }),
    )
    return list.map((item) => ({
      id: item.Id,
      name: (item.Names[0] ?? "").replace(/^\//, ""),
      ...labels(item.Labels),
      image: item.Image,
      status: item.State,
      exitCode: undefined,
      told: item.Status,
    }))
  }

  async inspect(container: string): Promise<ContainerSeen | undefined> {
    const found = await this.#ask(`inspect ${container}`, async () => {
      try {
        return await this.#docker.getContainer(container).inspect()
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw error
      }
    })
    if (!found) return undefined
    return {
      id: found.Id,
      name: found.Name.replace(/^\//, ""),
      ...labels(found.Config.Labels),
      image: found.Config.Image,
      status: found.State.Status,
      exitCode: found.State.ExitCode,
    }
  }

  async kill(container: string): Promise<void> {
    await this.#ask(`kill ${container}`, async () => {
      try {
        await this.#docker.getContainer(container).kill({ signal: "SIGKILL" })
      } catch (error) {
        // 404: there is none; 409: it does not run. Both are what was wanted; the wait below proves it.
        if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
      }
      try {
        await this.#docker.getContainer(container).wait({ condition: "not-running" })
      } catch (error) {
        if (statusOf(error) !== 404) throw error
      }
    })
  }

  async start(container: string): Promise<void> {
    await this.#ask(`start ${container}`, async () => {
      try {
        await this.#docker.getContainer(container).start()
      } catch (error) {
        // 304: it runs already.
        if (statusOf(error) !== 304) throw error
      }
    })
  }

  async logs(container: string, options: { readonly sinceMs?: number; readonly tail?: number }): Promise<readonly string[]> {
    const buffer = await this.#ask(`read the log of ${container}`, () =>
      this.#docker.getContainer(container).logs({
        stdout: true,
        stderr: true,
        follow: false,
        ...(options.sinceMs === undefined ? {} : { since: options.sinceMs / 1000 }),
        ...(options.tail === undefined ? {} : { tail: options.tail }),
      }),
    )
    return withoutTerminalCodes(unframed(buffer))
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== "")
  }

  async #ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      const unreachable = statusOf(error) === undefined
      throw new AppError(
        unreachable ? "HOST_UNREACHABLE" : "ENGINE",
        unreachable ? EXIT.unreachable : EXIT.halfWay,
        `the Docker engine of ${this.#host} did not ${what}: ${reasonOf(error)}`,
        { cause: error },
      )
    }
  }
}

function labels(all: Readonly<Record<string, string>>): Pick<ContainerSeen, "deployment" | "service" | "role" | "digest"> {
  return {
    deployment: all[LABEL.deployment] ?? "",
    service: all[LABEL.service] ?? "",
    role: all[LABEL.role] ?? "",
    digest: all[LABEL.digest] ?? "",
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
