import { FENCE_METHODS, fenceMeaning, fenceSentence } from "../core/fence-methods.ts"

/** For the help of the command: every fence, what is checked, and the sentence. */
export function fenceHelp(): string {
  const lines = FENCE_METHODS.flatMap((method) => {
    const { checked, attested } = fenceMeaning(method)
    return [`  ${method}`, `    checked:  ${checked}`, `    attested: ${attested}`, `    sentence: ${fenceSentence(method, "HOST")}`]
  })
  return ["", "Fences:", ...lines].join("\n")
}
