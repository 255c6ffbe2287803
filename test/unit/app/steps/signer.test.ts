import { beforeEach, describe, expect, it } from "vitest"
import { waitUntilAttached } from "../../../../src/app/steps/signer.ts"
import { aTopology, containerId } from "../../../support/observed.ts"
import { aDeployment, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { PaperSite } from "../../../support/paper-site.ts"

const SIGNER = "lab-main-signer"

let site: PaperSite
let deployment: PaperDeployment

beforeEach(() => {
  site = new PaperSite()
  deployment = aDeployment(site.hosts())
})

describe("signer.attached", () => {
  const attached = () =>
    waitUntilAttached({ kind: "signer.attached", args: { validator: "main", node: "node-2" }, cause: "because" }, aRun(deployment))
  const process = (connections: readonly string[]) => ({ pid: 101, containerId: containerId(aTopology(), "main-signer"), connections })

  beforeEach(() => {
    site.tmkms.set("sig-1", [process([])])
    deployment.clock.onTick = (ms) => ms > 1000 && site.tmkms.set("sig-1", [process(["10.0.0.22:26658"])])
  })

  it("is done when the signer is connected to its node, and not before", async () => {
    expect(await attached()).toBe("connected to 10.0.0.22:26658")
    expect(site.did).toEqual([])
    expect(deployment.clock.monoMs()).toBeGreaterThan(1000)
  })

  it.each(["restarting", "exited"])("gives the guard's own words when it does not let it start: %s", async (status) => {
    site.setStatus(SIGNER, status)
    site.logs.push("guard: the signer does not start: fenced: by hand", "something else")
    await expect(attached()).rejects.toMatchObject({
      code: "REFUSED",
      exit: 7,
      message: "the signer did not start: guard: the signer does not start: fenced: by hand",
    })
  })

  it("gives up on a signer that never reaches its node, with a way to its log", async () => {
    deployment.clock.onTick = () => {}
    await expect(attached()).rejects.toMatchObject({
      code: "WAIT_STALLED",
      message: expect.stringContaining("waited for the signer to connect to node-2"),
      hint: "look at its log: ssh sig-1 docker logs --tail 20 lab-main-signer",
    })
  })

  it("does not take a connection to the old node for one to the new", async () => {
    deployment.clock.onTick = () => site.tmkms.set("sig-1", [process(["10.0.0.21:26658"])])
    await expect(attached()).rejects.toMatchObject({ code: "WAIT_STALLED" })
  })
})
