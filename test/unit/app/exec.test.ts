import { describe, expect, it } from "vitest"
import { enter, execIn } from "../../../src/app/exec.ts"
import type { ContainerSeen } from "../../../src/core/observe/state.ts"
import type { HostAccess } from "../../../src/core/ports.ts"
import { aTopology, filesOf, seenContainer } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"
import { standInDocker } from "../../support/stand-in-docker.ts"

const topology = aTopology()
const TAKES = { out: async () => true, err: async () => true }

/** A deployment whose node-1 is in this state; what is run on its host is kept. */
function standing(status: string | undefined, abilities: Partial<HostAccess> = {}) {
  const ran: (readonly string[])[] = []
  const container: ContainerSeen | undefined =
    status === undefined ? undefined : seenContainer(topology, filesOf(topology), "val-1", "node-1", { status })
  const host = aHost({
    inspect: async () => container,
    stream: async (argv) => {
      ran.push(argv)
      return 7
    },
    attach: async (argv) => {
      ran.push(argv)
      return 8
    },
    run: async (argv) => {
      ran.push(argv)
      return { code: 0, stdout: "", stderr: "" }
    },
    ...abilities,
  })
  return { ran, deployment: aDeployment({ "val-1": host }) }
}

describe("a command in a node's container", () => {
  it("gets its arguments as they are, and gives its exit code", async () => {
    const { deployment, ran } = standing("running")
    expect(await execIn(deployment, { node: "node-1", argv: ["ls", "-l", "a b"] }, TAKES)).toBe(7)
    expect(ran[0]).toEqual(["docker", "exec", "lab-node-1", "ls", "-l", "a b"])
  })

  it("leaves a line in the audit log with its program and not with its arguments", async () => {
    const { deployment, ran } = standing("running")
    await execIn(deployment, { node: "node-1", argv: ["cat\u001b[2J", "secret"] }, TAKES)
    expect(ran[1]?.at(-1)).toBe("2026-11-23T12:00:00.000Z anna@desk exec in node-1: cat\\x1b[2J, exit 7")
  })

  it("is given a terminal where that is wanted", async () => {
    const { deployment, ran } = standing("running")
    expect(await enter(deployment, { node: "node-1", argv: ["sh"] })).toBe(8)
    expect(ran[0]).toEqual(["docker", "exec", "-it", "lab-node-1", "sh"])
  })

  it("prints to both outputs as it goes", async () => {
    const said = { out: "", err: "" }
    const keep = (which: keyof typeof said) => async (piece: Uint8Array) => {
      said[which] += Buffer.from(piece).toString()
      return true
    }
    const deployment = aDeployment({}, { fleet: standInDocker('shift 2; exec "$@"') })
    const argv = ["sh", "-c", "echo one; echo two >&2; exit 5"]
    expect(await execIn(deployment, { node: "node-1", argv }, { out: keep("out"), err: keep("err") })).toBe(5)
    expect(said).toEqual({ out: "one\n", err: "two\n" })
  })

  it.each(["main", "main-signer", "node-1-parking"])("is refused for the signer %s, and nothing is run", async (name) => {
    const { deployment, ran } = standing("running")
    for (const run of [execIn(deployment, { node: name, argv: ["sh"] }, TAKES), enter(deployment, { node: name, argv: ["sh"] })])
      await expect(run).rejects.toMatchObject({ code: "REFUSED", exit: 6 })
    expect(ran).toEqual([])
  })

  it.each([
    { status: "exited", message: "lab-node-1 on val-1 is exited" },
    { status: undefined, message: "lab-node-1 on val-1 does not exist" },
  ])("is refused where $message", async ({ status, message }) => {
    const { deployment, ran } = standing(status)
    await expect(execIn(deployment, { node: "node-1", argv: ["ls"] }, TAKES)).rejects.toMatchObject({ exit: 6, message })
    expect(ran).toEqual([])
  })

  it("is no command of a node that does not exist", async () => {
    const { deployment } = standing("running")
    await expect(execIn(deployment, { node: "node-9", argv: ["ls"] }, TAKES)).rejects.toMatchObject({ code: "USAGE", exit: 64 })
  })
})
