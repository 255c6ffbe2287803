import type { Issue } from "../../issue.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import { foreignSignatures, stateProblem } from "../../observe/state-problem.ts"
import type { WhoSigns } from "../../observe/who-signs.ts"
import type { Validator } from "../../topology.ts"
import { refuse } from "./refusal.ts"

/** Fence, state and key as they lie on the signer's host. */
export function signerFileReasons(observed: Observed, validator: Validator, who: WhoSigns): Issue[] {
  const files = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)
  const reasons: Issue[] = []
  if (files?.fence !== undefined)
    reasons.push(
      refuse(
        validator.name,
        `the signer is fenced: ${files.fence}`,
        "`gonka-ha signer unfence` takes it away; only do that when you know why it is there",
      ),
    )
  const stopped = who.kind === "stopped"
  const problem = stateProblem(files) ?? (stopped ? foreignSignatures(observed, validator) : undefined)
  if (problem) reasons.push(refuse(validator.name, problem.message, problem.fix))
  if (validator.provider.kind !== "softsign")
    reasons.push(
      refuse(
        validator.name,
        `gonka-ha has never moved a signer with a ${validator.provider.kind}`,
        "move it by hand after the runbook of its host",
      ),
    )
  else if (files?.keySha256 === undefined)
    reasons.push(
      refuse(validator.name, "the consensus key is missing on the signer's host", "put it back from your backup; never make a new one"),
    )
  return reasons
}
