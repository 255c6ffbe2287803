import { type InitPorts, type InitRequest, prepareInit } from "../../app/init.ts"
import { pathFrom } from "../../core/local-path.ts"
import type { Questions } from "../../core/questions.ts"
import { problemWith } from "./problem.ts"

/** Asks for keys that exist already, and for the last state of each. What the command line names is not asked for. */
export async function askForImports(ports: InitPorts, questions: Questions, request: InitRequest): Promise<InitRequest> {
  const isGiven = (request.keyFiles ?? []).length > 0 || (request.stateFiles ?? []).length > 0
  const { validators } = await prepareInit(ports, request)
  const lacking = validators.filter(({ origin }) => origin.kind === "made").map(({ name }) => name)
  if (isGiven || lacking.length === 0) return request
  const message = "Is there a consensus key that is to go on signing here? Without one, a new key is made."
  if (!(await questions.yesOrNo({ message, first: false }))) return request
  const isOneOfSeveral = validators.length > 1
  let answered = request
  for (const validator of lacking) answered = await askForOne(ports, questions, answered, validator, isOneOfSeveral)
  return answered
}

async function askForOne(
  ports: InitPorts,
  questions: Questions,
  request: InitRequest,
  validator: string,
  isOneOfSeveral: boolean,
): Promise<InitRequest> {
  const named = (answer: string) => `${isOneOfSeveral ? `${validator}=` : ""}${pathFrom(".", answer, ports.home)}`
  const withKey = (answer: string) => ({ ...request, keyFiles: [...(request.keyFiles ?? []), named(answer)] })
  const key = await questions.text({
    message: `File with the key of validator ${validator}`,
    hint: "priv_validator_key.json, or a softsign key of tmkms; empty: make a new key",
    check: async (answer) => (answer === "" ? undefined : await problemWith(ports, withKey(answer))),
  })
  if (key === "") return request
  const keyed = withKey(key)
  const withState = (answer: string) => ({ ...keyed, stateFiles: [...(keyed.stateFiles ?? []), named(answer)] })
  const state = await questions.text({
    message: `File with its last signing state, copied after its signer was stopped for good`,
    hint: "priv_validator_state.json; empty: this key has never signed",
    check: async (answer) => (answer === "" ? undefined : await problemWith(ports, withState(answer))),
  })
  return state === "" ? keyed : withState(state)
}
