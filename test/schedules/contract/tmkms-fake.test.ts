import { expect, it } from "vitest"
import { Random } from "../random.ts"
import { topologyOf } from "../topologies.ts"
import { Disk } from "../world/disk.ts"
import { Timeline } from "../world/timeline.ts"
import { Tmkms } from "../world/tmkms.ts"
import { TMKMS_RULES, type TmkmsBench } from "./tmkms.ts"

const STATE = "/state.json"

function fakeBench(): TmkmsBench {
  const disk = new Disk()
  let signer: Tmkms | undefined
  return {
    async start(state) {
      if (state !== undefined) disk.write(STATE, state)
      try {
        signer = new Tmkms(
          {
            seed: 1,
            topology: topologyOf("pair"),
            timeline: new Timeline(),
            random: new Random(1),
            note: () => {},
            violation: (kind, what) => expect.fail(`${kind}: ${what}`),
          },
          {
            pid: 1,
            key: { validator: "main" },
            host: "sig-1",
            containerId: "c",
            config: "tmkms.toml",
            disk,
            stateFile: STATE,
            listener: { name: "node-1", knock: () => "connected", hangUp: () => {}, lose: () => {} },
            log: () => {},
            onSigned: () => {},
          },
        )
        return true
      } catch {
        return false
      }
    },
    async ask({ height, round, step, content }) {
      const answer = signer?.sign(height, round, step, content)
      if (answer === undefined || answer === "failed") throw new Error("no tmkms runs")
      return answer
    },
    state: async () => disk.read(STATE),
  }
}

it.each(TMKMS_RULES)("the fake tmkms $name", ({ holds }) => holds(fakeBench()))
