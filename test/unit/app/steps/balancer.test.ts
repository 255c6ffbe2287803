import { execa } from "execa"
import { beforeEach, describe, expect, it } from "vitest"
import { restartBalancer, waitUntilAnswers } from "../../../../src/app/steps/balancer.ts"
import type { HostAccess } from "../../../../src/core/ports.ts"
import { healthy } from "../../../support/observed.ts"
import { aDeployment, aHost, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { fullTopology as topology } from "../../../support/sample-topologies.ts"
import { speakingHosts } from "../../../support/speaking-hosts.ts"

const step = { kind: "balancer.answers", cause: "because", args: { host: "api-1", service: "manager-balancer" } } as const

let asked: (readonly string[])[]
beforeEach(() => {
  asked = []
})

function deploymentWhere(says: (ms: number) => string, on = "api-1"): PaperDeployment {
  const deployment: PaperDeployment = aDeployment(
    {
      [on]: aHost({
        run: async (argv) => {
          asked.push(argv)
          return { code: 0, stdout: says(deployment.clock.monoMs()), stderr: "" }
        },
      }),
    },
    { topology },
  )
  return deployment
}

describe("a load balancer that was started", () => {
  it("is there once a node answers through it", async () => {
    const deployment = deploymentWhere((ms) => (ms < 1000 ? "status running\n" : "status running\nanswers 200\n"))
    expect(await waitUntilAnswers(step, aRun(deployment))).toBe("answers, and so does a node behind it")
    expect(asked[0]?.slice(3)).toEqual(["knock", "base-manager-balancer", "26657", "/health"])
  })

  it("is asked for a sentry's answer, since its own word counts servers that it has not asked yet", async () => {
    const args = { host: "edge-1", service: "public-1-balancer" }
    await waitUntilAnswers({ ...step, args }, aRun(deploymentWhere(() => "status running\nanswers 200\n", "edge-1")))
    expect(asked[0]?.slice(3)).toEqual(["knock", "base-public-1-balancer", "8080", "/chain-rpc/health"])
  })

  describe("with a node behind it that is fresh", () => {
    function where(says: (ms: number) => string): PaperDeployment {
      const hosts = speakingHosts(topology, healthy(topology), () => deployment.clock)
      const api = hosts["api-1"] as HostAccess
      const run: HostAccess["run"] = async (argv, options) =>
        argv[3] === "knock" ? { code: 0, stdout: says(deployment.clock.monoMs()), stderr: "" } : api.run(argv, options)
      const deployment: PaperDeployment = aDeployment({ ...hosts, "api-1": { ...api, run } }, { topology })
      return deployment
    }

    it("is not there while that does not answer through it", async () => {
      const deployment = where(() => "status running\nanswers 503\n")
      await expect(waitUntilAnswers(step, aRun(deployment))).rejects.toMatchObject({
        code: "WAIT_STALLED",
        exit: 7,
        message: expect.stringMatching(/, which is fresh, does not answer through it/),
      })
    })

    it("is given up when it opens and ends again and again", async () => {
      const deployment = where((ms) => (ms % 1000 < 500 ? "status restarting\n" : "status running\nanswers 503\n"))
      const limited = { ...deployment, waitLimitMs: 600_000 }
      await expect(waitUntilAnswers(step, aRun(limited))).rejects.toMatchObject({ code: "WAIT_STALLED" })
      expect(deployment.clock.monoMs()).toBeLessThan(60_000)
    })
  })

  it("is there also without any node, which is told after a while", async () => {
    const deployment = deploymentWhere(() => "status running\nanswers \n")
    expect(await waitUntilAnswers(step, aRun(deployment))).toBe(
      "takes connections; a node behind it does not answer yet, and none is fresh",
    )
    expect(deployment.clock.monoMs()).toBeGreaterThanOrEqual(10_000)
  })

  it("is not there when it ends and is started again and again", async () => {
    const deployment = deploymentWhere((ms) => (ms % 1000 < 500 ? "status restarting\n" : "status running\n"))
    await expect(waitUntilAnswers(step, aRun(deployment))).rejects.toMatchObject({ code: "WAIT_STALLED", exit: 7 })
  })

  it("is believed on a host that has nothing to ask it with", async () => {
    const deployment = deploymentWhere(() => "status running\nblind\n")
    expect(await waitUntilAnswers(step, aRun(deployment))).toBe("runs; api-1 has neither bash nor nc to ask it")
  })
})

it("is restarted by its engine, and says what that said when it could not", async () => {
  const restart = { ...step, kind: "balancer.restart" } as const
  expect(await restartBalancer(restart, aRun(deploymentWhere(() => "")))).toBe("base-manager-balancer restarted")
  const away = aDeployment({ "api-1": aHost({ run: async () => ({ code: 1, stdout: "", stderr: "no such container\n" }) }) }, { topology })
  await expect(restartBalancer(restart, aRun(away))).rejects.toThrow("could not be restarted: no such container")
})

it("is asked by a program that a shell can read", async () => {
  await waitUntilAnswers(step, aRun(deploymentWhere(() => "status running\nblind\n")))
  expect((await execa("sh", ["-n", "-c", asked[0]?.[2] ?? "exit 1"], { reject: false })).exitCode).toBe(0)
})
