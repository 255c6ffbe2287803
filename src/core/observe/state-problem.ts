import type { SignerFiles } from "./state.ts"

/** Why a signer must not start on the state that stands on its host, and what to do; undefined when nothing speaks against it. */
export function stateProblem(files: SignerFiles | undefined): { readonly message: string; readonly fix: string } | undefined {
  const restore = "restore the newest state of this host, or seal a floor above the tip"
  if (!files || files.state.kind === "missing") {
    return { message: "the signer's state file is missing on its host", fix: `never start without it: ${restore}` }
  }
  if (files.state.kind === "damaged")
    return { message: `the signer's state file is damaged: ${files.state.reason}`, fix: `never edit it to a lower height: ${restore}` }
  const { height } = files.state.state
  if (files.floor === undefined) return { message: `the signer's state is at height ${height}, and no floor is recorded`, fix: restore }
  return height < files.floor
    ? { message: `the signer's state is at height ${height}, below its recorded floor ${files.floor}: it was rolled back`, fix: restore }
    : undefined
}
