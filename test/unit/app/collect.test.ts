import { expect, it } from "vitest"
import { collect } from "../../../src/app/collect.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"

it("does not wait for a node that was silent a moment ago as long as for the others", async () => {
  const patience = new Map<string, number>()
  const deployment = aDeployment()
  const silent = (host: string) =>
    aHost({
      run: () => Promise.reject(new Error("no probe")),
      containers: async () => [],
      rpc: async (port, path, timeoutMs) => {
        patience.set(`${host}:${port}`, timeoutMs)
        if (host !== "val-1" && path === "/status")
          return {
            node_info: { id: "f".repeat(40), network: deployment.topology.chain.id, version: "0.38.21" },
            sync_info: { latest_block_height: "1000", latest_block_time: "2026-11-23T11:59:57Z", catching_up: false },
          }
        if (host !== "val-1" && path === "/net_info") return { peers: [] }
        if (host !== "val-1" && path === "/abci_info") return { response: { version: "1" } }
        throw new Error("no answer")
      },
    })
  const looking = { ...deployment, fleet: { host: silent, close: async () => {} } }
  const before = await collect(looking)
  const first = new Set(patience.values())
  patience.clear()
  await collect(looking, before)
  const [usual] = first
  expect([...first]).toEqual([usual])
  expect([...patience].filter(([, ms]) => ms !== usual).map(([node]) => node)).toEqual(["val-1:26657"])
  expect(patience.get("val-1:26657")).toBeLessThan((usual ?? 0) / 2)
})
