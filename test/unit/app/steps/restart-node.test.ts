import { describe, expect, it } from "vitest"
import { restartNode } from "../../../../src/app/steps/restart-node.ts"
import { aTopology, type Change, changed, healthy, owner } from "../../../support/observed.ts"
import { aDeployment, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { speakingHosts } from "../../../support/speaking-hosts.ts"

const topology = aTopology()

/** Restarts a node; what the engine was asked is kept. */
async function restarted(node: string, costAccepted: boolean, ...changes: readonly Change[]) {
  const asked: string[] = []
  let deployment: PaperDeployment
  const hosts = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock)
  const acting = Object.entries(hosts).map(([name, access]) => [
    name,
    {
      ...access,
      run: async (argv: readonly string[], options?: { readonly stdin?: string }) => {
        if (argv[3] !== "restart-node") return access.run(argv, options)
        asked.push(`${name}: ${argv[4]}`)
        return { code: 0, stdout: "", stderr: "" }
      },
    },
  ])
  deployment = aDeployment(Object.fromEntries(acting), { topology })
  const args = { node, ...(costAccepted ? { costAccepted: true as const } : {}) }
  const ended = restartNode({ kind: "node.restart", cause: "because", args }, aRun(deployment)).then(
    (said) => ({ said, exit: undefined }),
    (error: { readonly exit: number }) => ({ said: undefined, exit: error.exit }),
  )
  return { ...(await ended), asked }
}

describe("node.restart", () => {
  it("restarts what has no privval port, and a standby", async () => {
    expect(await restarted("sentry-1", false)).toEqual({ said: "lab-sentry-1 restarted", exit: undefined, asked: ["sen-1: lab-sentry-1"] })
    expect(await restarted("node-2", false)).toMatchObject({ exit: undefined, asked: ["val-2: lab-node-2"] })
  })

  it("leaves a node alone whose port is the validator's signer's, unless the cost was accepted", async () => {
    expect(await restarted("node-1", false)).toEqual({ said: undefined, exit: 7, asked: [] })
    expect(await restarted("node-1", true)).toMatchObject({ exit: undefined, asked: ["val-1: lab-node-1"] })
  })

  it("leaves a node alone whose port is nobody's, whatever was accepted", async () => {
    for (const costAccepted of [false, true])
      expect(await restarted("node-2", costAccepted, owner("node-2", "val-2", undefined))).toMatchObject({ exit: 7, asked: [] })
  })
})
