import type { ProcessIdentity } from "../../dev/setup/process-identity.ts"
import { docker } from "./docker.ts"
import { LAB_LABEL, OWNER_LABEL, parseOwner } from "./lab-identity.ts"

export type LabResource = {
  readonly kind: "container" | "volume" | "network"
  readonly name: string
  readonly lab: string
  readonly owner: ProcessIdentity | undefined
}

/** Everything in the outer engine that carries a lab's label; of one lab, or of all. */
export async function labResources(id?: string): Promise<readonly LabResource[]> {
  const filter = ["--filter", `label=${id === undefined ? LAB_LABEL : `${LAB_LABEL}=${id}`}`]
  const columns = `{{.Label "${LAB_LABEL}"}}|{{.Label "${OWNER_LABEL}"}}`
  const [containers, volumes, networks] = await Promise.all([
    docker(["ps", "--all", ...filter, "--format", `{{.Names}}|${columns}`]),
    docker(["volume", "ls", ...filter, "--format", `{{.Name}}|${columns}`]),
    docker(["network", "ls", ...filter, "--format", `{{.Name}}|${columns}`]),
  ])
  return [...parse("container", containers), ...parse("volume", volumes), ...parse("network", networks)]
}

function parse(kind: LabResource["kind"], output: string): readonly LabResource[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", lab = "", owner = ""] = line.split("|")
      return { kind, name, lab, owner: parseOwner(owner) }
    })
}
