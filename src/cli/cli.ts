import type { Deployment } from "../app/deployment.ts"
import type { SpecSource } from "../app/load-layers.ts"
import type { RenderPorts } from "../app/render.ts"
import type { BackupFiles } from "../core/backup/entry.ts"
import type { Io } from "./io.ts"

/** What the composition root gives the commands. */
export type Cli = {
  readonly version: string
  readonly io: Io
  readonly env: { readonly file: string | undefined; readonly destination: string | undefined; readonly yes: boolean }
  readonly now: () => string
  readonly local: () => Promise<RenderPorts>
  readonly backups: () => Promise<BackupFiles>
  /** Opens a deployment, runs the work, closes every connection. */
  readonly withDeployment: <T>(source: SpecSource, work: (deployment: Deployment) => Promise<T>) => Promise<T>
}

/** A command that answers says with which code the process ends: one of `EXIT`, or that of a command that it has run on a host. */
export type SetExit = (code: number) => void
