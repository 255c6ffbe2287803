import { beforeAll, it } from "vitest"
import { TMKMS } from "../../dev/setup/binary.ts"
import { ensureBinary } from "../../dev/setup/ensure-binary.ts"
import { TMKMS_RULES } from "../schedules/contract/tmkms.ts"
import { realTmkms } from "../support/real-tmkms.ts"

/** Building it takes long, once on a machine. */
const BUILD_LIMIT_MS = 30 * 60_000

let binary: string

beforeAll(async () => {
  binary = await ensureBinary(TMKMS, () => {})
}, BUILD_LIMIT_MS)

it.each(TMKMS_RULES)("the real tmkms $name", async ({ holds }) => holds(await realTmkms(binary)))
