import { Operator } from "../../test/drill/operator.ts"
import { HA2_HOSTS } from "../../test/drill/site.ts"
import type { Benchmark } from "./benchmark.ts"
import { startUpRatio } from "./start-up-ratio.ts"

/** What `init` leaves to be filled in; nothing of it has to exist for a spec to be valid. */
const SETTINGS = [
  "chain.id=bench-1",
  "chain.genesis.rpc=[http://10.1.0.1:26657, http://10.1.0.2:26657]",
  `chain.peers=[${"a".repeat(40)}@10.1.0.1:26656]`,
  "images.node=bench/node:1",
  "images.tmkms=bench/tmkms:1",
  ...HA2_HOSTS.flatMap((host, index) => [`hosts.${host}.ssh=${host}`, `hosts.${host}.private=10.1.1.${index + 1}`]),
]

export const validateStartup: Benchmark = {
  name: "validate-startup",
  about: "gonka-ha validate of the preset ha-2 against bare node -e 0",
  metrics: [{ name: "validate-startup", unit: "x", goal: 3 }],
  async run(report) {
    const operator = await Operator.sitDown()
    try {
      await operator.must([
        "init",
        "--preset",
        "ha-2",
        "--profile",
        "devnet",
        "--name",
        "bench",
        ...SETTINGS.flatMap((setting) => ["--set", setting]),
      ])
      return { "validate-startup": startUpRatio(["validate"], report, operator.dir) }
    } finally {
      await operator.leave()
    }
  },
}
