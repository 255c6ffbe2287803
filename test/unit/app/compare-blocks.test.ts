import { expect, it } from "vitest"
import { compareTarget, compareWitnesses } from "../../../src/app/compare-blocks.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { seen } from "../../../src/core/observe/state.ts"
import { type Change, changed, healthy, node, nodeAway } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"

const HASH = "A".repeat(64)

/** Every node has the same blocks; those that are asked for are kept. */
function site(...changes: readonly Change[]) {
  const asked: string[] = []
  const host = aHost({
    rpc: async (_, path) => {
      asked.push(path)
      const height = /^\/commit\?height=(\d+)$/.exec(path)?.[1]
      return { signed_header: { commit: { height, block_id: { hash: HASH } } } }
    },
  })
  const silent = aHost({ rpc: () => Promise.reject(new AppError("RPC", EXIT.unreachable, "RPC /commit: height 990 is not available")) })
  const hosts = { "sen-1": host, "sen-2": host, "val-1": host, "val-2": host }
  const deployment = aDeployment(hosts)
  const observed = changed(healthy(deployment.topology), ...changes)
  return { asked, observed, deployment, withSilent: aDeployment({ ...hosts, "val-2": silent }) }
}

it("compares the newest block that all of them have for good", async () => {
  const { deployment, observed, asked } = site(node("sentry-2", { height: 998 }))
  expect(await compareWitnesses(deployment, observed)).toEqual({
    height: 997,
    hashes: new Map([
      ["sentry-1", seen(HASH)],
      ["sentry-2", seen(HASH)],
    ]),
  })
  expect(asked).toEqual(["/commit?height=997", "/commit?height=997"])
})

it("compares the target with a sentry that is fresh", async () => {
  const { deployment, observed } = site(nodeAway("sentry-1"))
  expect([...(await compareTarget(deployment, observed, "node-2")).hashes.keys()]).toEqual(["node-2", "sentry-2"])
})

it("tells which node does not tell", async () => {
  const { withSilent, observed } = site()
  expect((await compareTarget(withSilent, observed, "node-2")).hashes.get("node-2")).toEqual({
    kind: "unknown",
    reason: "RPC /commit: height 990 is not available",
  })
})

it("does not compare where there is nothing in common", async () => {
  const { deployment, observed } = site(node("node-2", { height: 1 }))
  await expect(compareTarget(deployment, observed, "node-2")).rejects.toThrow("no block yet that all of them have")
  await expect(compareWitnesses(deployment, site(nodeAway("sentry-2")).observed)).rejects.toThrow("fewer than two sentries are fresh")
  const { observed: lonely } = site(nodeAway("sentry-1"), nodeAway("sentry-2"))
  await expect(compareTarget(deployment, lonely, "node-2")).rejects.toThrow("no sentry is fresh")
})
