import type { Issue } from "../../issue.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import type { FileSet } from "../../render/fileset.ts"
import { layout } from "../../render/layout.ts"
import type { Topology, Validator } from "../../topology.ts"
import { imageChanges } from "../signer-image.ts"
import type { Step } from "../step.ts"
import { refuse } from "./refusal.ts"

/** The files that the signer will start on, brought to what is rendered: a failover cannot wait for an `up` that a lost host holds up. */
export function installSteps(files: FileSet, observed: Observed, validator: Validator): Step[] {
  const paths = outdatedFiles(files, observed, validator)
  return paths.length === 0
    ? []
    : [
        {
          kind: "files.push",
          args: { host: validator.signerHost, paths },
          cause: "the signer starts on what is rendered, and the lost host holds up an `up`",
        },
      ]
}

/** The signer will start on the files of its own host: they must be the rendered ones, or it is found out only when it is stopped. */
export function installReasons(topology: Topology, files: FileSet, observed: Observed, validator: Validator): Issue[] {
  // The container of another image is made after the installed definition.
  const definition = imageChanges(topology, files, observed, validator) ? outdatedDefinition(files, observed, validator) : []
  return [...definition, ...outdatedFiles(files, observed, validator)].map((path) =>
    refuse(validator.name, `${path} on ${validator.signerHost} is not what is rendered`, "run `gonka-ha up`"),
  )
}

function outdatedDefinition(files: FileSet, observed: Observed, { signerHost }: Validator): readonly string[] {
  const rendered = files.get(signerHost)?.files.find(({ path }) => path === layout.compose)
  return rendered && valueIn(observed.hosts.get(signerHost))?.files.get(rendered.path) === rendered.sha256 ? [] : [layout.compose]
}

function outdatedFiles(files: FileSet, observed: Observed, validator: Validator): readonly string[] {
  const installed = valueIn(observed.hosts.get(validator.signerHost))?.files
  const dir = `${layout.signer.config(validator.name)}/`
  return (files.get(validator.signerHost)?.files ?? [])
    .filter((file) => file.path.startsWith(dir) && installed?.get(file.path) !== file.sha256)
    .map((file) => file.path)
}
