import type { Issue } from "../../issue.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import type { FileSet } from "../../render/fileset.ts"
import { layout } from "../../render/layout.ts"
import type { Validator } from "../../topology.ts"
import type { Step } from "../step.ts"
import { refuse } from "./refusal.ts"

const FAILOVER = "the signer starts on what is rendered, and the lost host holds up an `up`"

/** The files that the signer will start on, brought to what is rendered: a failover cannot wait for an `up` that a lost host holds up. */
export function installSteps(files: FileSet, observed: Observed, validator: Validator, cause = FAILOVER): Step[] {
  const paths = outdatedFiles(files, observed, validator)
  return paths.length === 0
    ? []
    : [
        {
          kind: "files.push",
          args: { host: validator.signerHost, paths },
          cause,
        },
      ]
}

/** The signer will start on the files of its own host: they must be the rendered ones, or it is found out only when it is stopped. */
export function installReasons(files: FileSet, observed: Observed, validator: Validator): Issue[] {
  return outdatedFiles(files, observed, validator).map((path) =>
    refuse(validator.name, `${path} on ${validator.signerHost} is not what is rendered`, "run `gonka-ha up`"),
  )
}

/** Whether anything of that is still to be installed. */
export function isInstalled(files: FileSet, observed: Observed, validator: Validator): boolean {
  return outdatedFiles(files, observed, validator).length === 0
}

function outdatedFiles(files: FileSet, observed: Observed, validator: Validator): readonly string[] {
  const installed = valueIn(observed.hosts.get(validator.signerHost))?.files
  const dir = `${layout.signer.config(validator.name)}/`
  return (files.get(validator.signerHost)?.files ?? [])
    .filter((file) => file.path.startsWith(dir) && installed?.get(file.path) !== file.sha256)
    .map((file) => file.path)
}
