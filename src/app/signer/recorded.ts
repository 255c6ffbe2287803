import { AppError, reasonOf } from "../../core/errors.ts"
import type { Validator } from "../../core/topology.ts"
import { audit } from "../audit.ts"
import type { Deployment } from "../deployment.ts"
import { openJournal, type SignerVerb } from "../journal.ts"
import { operationId } from "../operation-id.ts"

/**
 * Does one thing with a signer and leaves word of it: in the journal before and after, in the audit log of the signer's host at the end.
 * @param detail what it is about, in words that say enough years later
 */
export async function recorded<T>(
  deployment: Deployment,
  validator: Validator,
  { verb, detail, epoch }: { readonly verb: SignerVerb; readonly detail: string; readonly epoch?: number },
  work: () => Promise<T>,
  outcome: (result: T) => string,
): Promise<T> {
  const id = operationId(deployment.clock, `${verb}-${validator.name}`)
  const journal = openJournal(deployment, id, validator)
  const tell = (text: string) => audit(deployment, [validator.signerHost], `signer ${verb} of ${validator.name}: ${text} (${id})`)
  await journal.write({ at: "begins", operation: id, kind: verb, by: deployment.operator, ...(epoch === undefined ? {} : { epoch }) })
  await journal.write({ at: "note", text: detail })
  try {
    const result = await work()
    await journal.write({ at: "note", text: outcome(result) })
    await journal.write({ at: "ends", result: "done" })
    await tell(outcome(result))
    return result
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    if (!(error instanceof AppError) || error.code !== "HOST_UNREACHABLE") await tell(`stopped: ${reasonOf(error)}`)
    throw error
  }
}
