import { expect, it } from "vitest"
import { waitUntilFresh } from "../../../../src/app/steps/node.ts"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import { aTopology, NOW_MS } from "../../../support/observed.ts"
import { aDeployment, aHost, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"

const topology = aTopology()
const TIP = 5400

type Moment = { readonly height: number | undefined; readonly log?: readonly string[] }

/** Waits for node-2, which stands where `at` says after so many milliseconds; the others are at the tip. */
async function waited(at: (ms: number) => Moment): Promise<{ readonly said: string; readonly news: readonly string[] }> {
  let deployment: PaperDeployment
  const hosts = topology.hosts.map(({ name }) => [
    name,
    aHost({
      rpc: async (_, path) => {
        const ms = deployment.clock.monoMs()
        const height = name === "val-2" ? at(ms).height : TIP
        if (height === undefined) throw new AppError("RPC", EXIT.unreachable, "RPC /status: nothing listens")
        if (path === "/net_info") return { peers: [{ node_info: { id: "a".repeat(40) } }] }
        if (path === "/abci_info") return { response: {} }
        return {
          node_info: { id: "f".repeat(40), network: topology.chain.id, version: "0.38.21" },
          sync_info: {
            latest_block_height: String(height),
            latest_block_time: new Date(NOW_MS + ms - (TIP - height) * topology.chain.blockMs).toISOString(),
            catching_up: height < TIP,
          },
        }
      },
      logs: async () => at(deployment.clock.monoMs()).log ?? [],
    }),
  ])
  deployment = aDeployment(Object.fromEntries(hosts), { topology })
  const said = await waitUntilFresh({ kind: "node.fresh", cause: "because", args: { node: "node-2" } }, aRun(deployment))
  return { said, news: deployment.events.flatMap((event) => (event.kind === "waiting" ? [event.now] : [])) }
}

it("tells pace, tip and what is left while a node catches up", async () => {
  const { said, news } = await waited((ms) => ({ height: Math.min(TIP, 1200 + Math.floor(ms / 10)) }))
  expect(said).toBe(`height ${TIP}`)
  expect(news[1]).toMatch(/^height 1\d{3} of 5400, 100 blocks\/s, about 3\ds left$/)
  expect(news.every((line) => /^height \d+ of 5400, 100 blocks\/s, about \d+s left$/.test(line))).toBe(true)
})

it("tells what the log of a state sync tells, for as long as that gets on", async () => {
  const chunk = (number: number) => `INF Applied snapshot chunk to ABCI app chunk=${number} format=3 height=5000 module=statesync total=400`
  const { news } = await waited((ms) => {
    if (ms < 4000) return { height: undefined, log: ["start-node: waiting for a snapshot at a sentry for 0 s by now; none"] }
    // Far longer than a node may stand still.
    return ms < 400_000 ? { height: 0, log: [chunk(Math.floor(ms / 1000))] } : { height: TIP }
  })
  expect(news[0]).toBe("state sync: waiting for a snapshot at a sentry for 0 s by now; none")
  expect(news).toContain("state sync: snapshot of height 5000, chunk 301/400 applied")
})

it("gives up on a state sync that does not get on", async () => {
  await expect(waited(() => ({ height: 0, log: ["INF Discovered new snapshot height=5000 module=statesync"] }))).rejects.toMatchObject({
    code: "WAIT_STALLED",
    message: expect.stringContaining("snapshot of height 5000 discovered"),
  })
})

it("says that a node without blocks looks for a snapshot, or has none yet, where the log says nothing", async () => {
  const bootstrap = topology.nodes.find(({ name }) => name === "node-2")?.bootstrap
  const { news } = await waited((ms) => ({ height: ms < 5000 ? 0 : TIP }))
  expect(news[0]).toBe(bootstrap === "genesis" ? "has no block yet" : "state sync: looking for a snapshot")
})
