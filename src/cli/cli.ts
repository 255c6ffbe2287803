import type { Deployment } from "../app/deployment.ts"
import type { SpecSource } from "../app/load-layers.ts"
import type { RenderPorts } from "../app/render.ts"
import type { BackupFiles } from "../core/backup/entry.ts"
import type { Report } from "../core/events.ts"
import type { Io } from "./io.ts"

/** What the composition root gives the commands. */
export type Cli = {
  readonly version: string
  readonly io: Io
  readonly env: { readonly file: string | undefined; readonly destination: string | undefined; readonly yes: boolean }
  readonly now: () => string
  readonly local: () => Promise<RenderPorts>
  readonly backups: () => Promise<BackupFiles>
  /**
   * Opens a deployment, runs the work, closes every connection.
   * @param report where progress goes; without it, to people on standard error
   */
  readonly withDeployment: <T>(source: SpecSource, work: (deployment: Deployment) => Promise<T>, report?: Report) => Promise<T>
}

/** A command that answers says with which code the process ends: one of `EXIT`, or that of a command that it has run on a host. */
export type SetExit = (code: number) => void
