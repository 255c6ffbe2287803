import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

const HELD = 75

/**
 * Arguments: the lock's directory, the signer's control directory. It tries for shared locks, which only the holder of a real one can
 * refuse, and which are gone at once; whoever takes the real lock at this very moment waits for longer than that.
 */
const LOOK = `held() { [ -e "$1" ] || return 1; flock -s -n -E ${HELD} "$1" true; code=$?; [ "$code" -eq 0 ] || [ "$code" -eq ${HELD} ] || exit "$code"; [ "$code" -ne 0 ]; }
if held "$1/lock"; then cat "$1/owner" 2>/dev/null; exit ${HELD}; fi
if held "$2/move.lock"; then echo "a move that ends by itself within seconds"; exit ${HELD}; fi
exit 0`

/**
 * Who holds the right to change a validator's signer at this moment; undefined when it is free. Takes nothing and changes nothing.
 * @throws Error when it cannot be told, AppError HOST_UNREACHABLE
 */
export async function lockHolder(
  { fleet, topology }: Pick<Deployment, "fleet" | "topology">,
  validator: Validator,
): Promise<string | undefined> {
  const lock = `${topology.dir}/${layout.signer.lock(validator.name)}`
  const control = `${topology.dir}/${layout.signer.control(validator.name)}`
  const result = await fleet.host(validator.signerHost).run(["sh", "-c", LOOK, "lock-holder", lock, control], { timeoutMs: 10_000 })
  if (result.code === 0) return undefined
  if (result.code === HELD) return result.stdout.trim() || "somebody unknown"
  throw new Error(result.stderr.trim() || `exit ${result.code}`)
}
