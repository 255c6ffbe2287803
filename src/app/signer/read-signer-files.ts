import { reasonOf } from "../../core/errors.ts"
import { layout, signerMarks } from "../../core/render/layout.ts"
import type { Validator } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"

/** An absent file is nothing, one that cannot be read is an error. */
const READ = '[ ! -e "$1" ] || exec cat "$1"'

/** What a signer's host keeps about who may sign, by the name that it has in a backup. */
const FACTS = ["state.json", "floor", "aim", "epoch", "fence", "marks-floor", "marks-fence"] as const
type Fact = (typeof FACTS)[number]

export type SignerFilesRead =
  | { readonly kind: "read"; readonly texts: ReadonlyMap<Fact, string> }
  | { readonly kind: "unknown"; readonly reason: string }

/** The files word for word; only looks. */
export async function readSignerFiles(
  { fleet, topology }: Pick<Deployment, "fleet" | "topology">,
  validator: Validator,
): Promise<SignerFilesRead> {
  const host = fleet.host(validator.signerHost)
  const texts = new Map<Fact, string>()
  try {
    for (const fact of FACTS) {
      const path = pathOf(topology, validator, fact)
      const { code, stdout, stderr } = await host.run(["sh", "-c", READ, "read-signer-file", path])
      if (code !== 0) return { kind: "unknown", reason: `${path} on ${validator.signerHost} cannot be read: ${stderr.trim()}` }
      if (stdout !== "") texts.set(fact, stdout)
    }
    return { kind: "read", texts }
  } catch (error) {
    return { kind: "unknown", reason: reasonOf(error) }
  }
}

function pathOf(topology: Deployment["topology"], validator: Validator, fact: Fact): string {
  const inDeployment = (path: string) => `${topology.dir}/${path}`
  const marks = signerMarks(topology, validator)
  switch (fact) {
    case "state.json":
      return inDeployment(layout.signer.stateFile(validator.name))
    case "floor":
    case "aim":
    case "epoch":
    case "fence":
      return inDeployment(layout.signer[fact](validator.name))
    case "marks-floor":
      return `${marks}/floor`
    case "marks-fence":
      return `${marks}/fence`
  }
}
