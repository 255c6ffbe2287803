import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { layout, signerMarks } from "../../core/render/layout.ts"
import type { Validator } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"
import { chosenValidator } from "./chosen-validator.ts"
import { killSigner } from "./kill.ts"
import { recorded } from "./recorded.ts"

/**
 * An earlier fence stays readable: the new reason comes below it. Where the disk is full an empty file still holds the signer, so that is
 * tried before giving up on one of the two places. Arguments: control directory, marks, text. Prints the places that are fenced.
 */
const FENCE = `set -u
umask 077
for dir in "$1" "$2"; do
  mkdir -p "$dir"
  if { { cat "$dir/fence" 2>/dev/null; printf '%s\\n' "$3"; } > "$dir/fence.new" && sync "$dir/fence.new" && mv "$dir/fence.new" "$dir/fence"; } ||
    : >> "$dir/fence"; then
    sync "$dir"
    echo "$dir"
  fi
done
chmod 700 "$2"
[ -e "$1/fence" ] && [ -e "$2/fence" ]`

export type Fenced = { readonly validator: string; readonly host: string; readonly text: string }

/**
 * `gonka-ha signer fence`: no start from now on, and an end of what runs. It needs no lock and waits for nobody: the fence comes first, and
 * every start asks for it, also one that another operation is about to make.
 * @throws AppError HOST_UNREACHABLE when nothing could be done; exit 7 when only a part could
 */
export async function fenceSigner(
  deployment: Deployment,
  request: { readonly validator: string | undefined; readonly reason: string },
  confirm: (what: { readonly validator: string; readonly host: string }) => Promise<void>,
): Promise<Fenced> {
  const { topology, clock, operator, report } = deployment
  const validator = chosenValidator(topology, request.validator)
  const reason = request.reason.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim()
  if (reason === "")
    throw new AppError("USAGE", EXIT.usage, "a fence needs its reason", { hint: "say --reason TEXT; whoever finds it reads that" })
  await confirm({ validator: validator.name, host: validator.signerHost })
  const text = `${reason} (${operator}, ${new Date(clock.wallMs()).toISOString()})`
  // Nothing that can fail stands before these two.
  const written = await writeFence(deployment, validator, text).then(
    () => undefined,
    (error: unknown) => error,
  )
  const killed = await killSigner(deployment, validator).then(
    () => undefined,
    (error: unknown) => error,
  )
  const result: Fenced = { validator: validator.name, host: validator.signerHost, text }
  try {
    return await recorded(
      deployment,
      validator,
      { verb: "fence", detail: text },
      async () => {
        if (written !== undefined) throw written
        if (killed !== undefined) throw killed
        return result
      },
      () => `fenced, and its signer is down: ${text}`,
    )
  } catch (error) {
    if (error === written || error === killed) throw halfDone(written, killed) ?? error
    report({ kind: "note", text: `the fence stands, but it could not be recorded here: ${reasonOf(error)}` })
    return result
  }
}

/** Both fences of a validator's signer. @throws AppError exit 7 when one of them does not stand */
async function writeFence({ topology, fleet }: Pick<Deployment, "topology" | "fleet">, validator: Validator, text: string): Promise<void> {
  const control = `${topology.dir}/${layout.signer.control(validator.name)}`
  const marks = signerMarks(topology, validator)
  const { code, stdout, stderr } = await fleet
    .host(validator.signerHost)
    .run(["sh", "-c", FENCE, "write-fence", control, marks, text], { timeoutMs: 30_000 })
  if (code === 0) return
  const stands = stdout.split("\n").filter((line) => line !== "")
  throw new AppError(
    "REMOTE_COMMAND",
    EXIT.halfWay,
    stands.length > 0
      ? `a fence stands in ${stands.join(" and ")} on ${validator.signerHost}, but not in both places: ${stderr.trim()}`
      : `no fence could be written on ${validator.signerHost}: ${stderr.trim()}`,
    { hint: "make room on its disk, then run the command again" },
  )
}

function halfDone(written: unknown, killed: unknown): AppError | undefined {
  if (written === undefined || killed === undefined) return undefined
  return written instanceof AppError
    ? new AppError(written.code, written.exit, `${written.message}; ${reasonOf(killed)}`, { cause: killed })
    : undefined
}
