import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { type SignerControl, signerControl } from "../../../src/app/signer-control.ts"
import { sealedState } from "../../../src/core/observe/signer-state.ts"
import { layout, marksName } from "../../../src/core/render/layout.ts"
import { aTopology, theValidator } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"
import { shellRun } from "../../support/shell-host.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const STATE = layout.signer.stateFile("main")
const CONTROL = layout.signer.control("main")
const SIGNED_AT_120 = '{"height":"120","round":"0","step":2,"block_id":{"hash":"AB","part_set_header":{"total":1,"hash":"CD"}}}'

let dir: string
let marks: string
let control: SignerControl

beforeEach(() => {
  dir = temporaryDir()
  const root = temporaryDir()
  const topology = aTopology({ dir })
  const validator = theValidator(topology)
  marks = join(root, marksName(topology, validator))
  control = signerControl(aDeployment({ "sig-1": aHost({ run: shellRun(root) }) }, { topology }), validator, 4)
  write(layout.signer.epoch("main"), "4\n")
})

function write(path: string, content: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), content)
}
function mark(name: string, content: string): void {
  mkdirSync(marks, { recursive: true })
  writeFileSync(join(marks, name), content)
}
const read = (path: string) => readFileSync(join(dir, path), "utf8")
const floors = () =>
  [join(dir, CONTROL, "floor"), join(marks, "floor")].map((path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined))

describe("the floor", () => {
  it("is written in both places, and nobody else may look into the second one", async () => {
    await control.write("floor", "100")
    expect(floors()).toEqual(["100\n", "100\n"])
    expect(statSync(marks).mode & 0o777).toBe(0o700)
    await control.write("floor", "101")
    expect(floors()).toEqual(["101\n", "101\n"])
  })

  it.each([
    { where: "control directory", before: ["102\n", "90\n"] as const },
    { where: "marks", before: ["90\n", "102\n"] as const },
  ])("is not lowered in the $where, and then in neither place changed", async ({ before: [inside, outside] }) => {
    write(layout.signer.floor("main"), inside)
    mark("floor", outside)
    await expect(control.write("floor", "101")).rejects.toThrow("a floor is only ever raised")
    expect(floors()).toEqual([inside, outside])
  })

  it("is not touched by a command that was overtaken", async () => {
    write(layout.signer.epoch("main"), "5\n")
    await expect(control.write("floor", "100")).rejects.toMatchObject({ code: "LOCK_LOST", exit: 7 })
    expect(floors()).toEqual([undefined, undefined])
  })
})

describe("a state that takes the place of another one", () => {
  const aside = { moveAsideAs: "damaged-20261123" } as const

  it("is sealed, private, and both floors go with it", async () => {
    write(STATE, SIGNED_AT_120)
    write(layout.signer.floor("main"), "110\n")
    mark("floor", "115\n")
    await control.replaceState(200, aside)
    expect(read(STATE)).toBe(sealedState(200))
    expect(statSync(join(dir, STATE)).mode & 0o777).toBe(0o600)
    expect(floors()).toEqual(["200\n", "200\n"])
    expect(readdirSync(dirname(join(dir, STATE)))).toEqual(["priv_validator_state.json"])
  })

  it("is written where there is none", async () => {
    await control.replaceState(200, "refuse")
    expect([read(STATE), floors()]).toEqual([sealedState(200), ["200\n", "200\n"]])
  })

  it.each(["", SIGNED_AT_120.slice(0, 40), SIGNED_AT_120.replace('"120"', "120")])("moves a damaged one aside: %j", async (damaged) => {
    write(STATE, damaged)
    await expect(control.replaceState(200, "refuse")).rejects.toThrow("is damaged")
    expect(read(STATE)).toBe(damaged)
    await control.replaceState(200, aside)
    expect(read(STATE)).toBe(sealedState(200))
    expect(read(`${STATE}.damaged-20261123`)).toBe(damaged)
  })

  it("moves a floor aside that is no number", async () => {
    write(STATE, SIGNED_AT_120)
    mark("floor", "high\n")
    await expect(control.replaceState(200, "refuse")).rejects.toThrow("is damaged")
    await control.replaceState(200, aside)
    expect(floors()).toEqual(["200\n", "200\n"])
    expect(readFileSync(join(marks, "floor.damaged-20261123"), "utf8")).toBe("high\n")
  })

  it.each([
    {
      name: "the state is as high",
      arrange: () => write(STATE, SIGNED_AT_120.replace("120", "200")),
      why: "the state there is at height 200",
    },
    {
      name: "the state is higher",
      arrange: () => write(STATE, SIGNED_AT_120.replace("120", "900")),
      why: "the state there is at height 900",
    },
    { name: "the floor is higher", arrange: () => write(layout.signer.floor("main"), "201\n"), why: "the floor 201 is above 200" },
    { name: "the mark is higher", arrange: () => mark("floor", "201\n"), why: "the floor 201 is above 200" },
    {
      name: "the command was overtaken",
      arrange: () => write(layout.signer.epoch("main"), "5\n"),
      why: "another operation has begun since",
    },
  ])("is not written when $name", async ({ arrange, why }) => {
    arrange()
    const before = [existsSync(join(dir, STATE)) && read(STATE), floors()]
    await expect(control.replaceState(200, aside)).rejects.toThrow(why)
    expect([existsSync(join(dir, STATE)) && read(STATE), floors()]).toEqual(before)
    expect(existsSync(join(dir, `${STATE}.new`))).toBe(false)
  })

  it("is not written while a process signs with the key, whatever container it is in", async () => {
    write(STATE, SIGNED_AT_120)
    mark("running.lock", "")
    const program = 'exec 9>>"$1"; flock 9; echo held; exec sleep 60'
    const signer = spawn("sh", ["-c", program, "signer", join(marks, "running.lock")], { stdio: ["ignore", "pipe", "ignore"] })
    try {
      await new Promise((resolve) => signer.stdout.once("data", resolve))
      await expect(control.replaceState(200, aside)).rejects.toThrow("a process signs with this key")
      expect(read(STATE)).toBe(SIGNED_AT_120)
    } finally {
      signer.kill("SIGKILL")
    }
  }, 20_000)

  it("is not written on a full disk, and what was there stays", async () => {
    write(STATE, SIGNED_AT_120)
    symlinkSync("/dev/full", join(dir, `${STATE}.new`))
    await expect(control.replaceState(200, aside)).rejects.toMatchObject({ code: "REMOTE_COMMAND", exit: 7 })
    expect(read(STATE)).toBe(SIGNED_AT_120)
  })
})

it("writes the tip down with the time of the host's clock", async () => {
  const before = Math.floor(Date.now() / 1000)
  await control.writeTip(1000)
  const [height, seconds] = read(layout.signer.tip("main")).trim().split(" ")
  expect(height).toBe("1000")
  expect(Number(seconds)).toBeGreaterThanOrEqual(before)
  expect(Number(seconds)).toBeLessThanOrEqual(Date.now() / 1000)
})

describe("unfence", () => {
  it("takes away both fences, or the only one, and nothing else", async () => {
    write(layout.signer.fence("main"), "x\n")
    mark("fence", "x\n")
    mark("floor", "5\n")
    await control.unfence()
    expect([existsSync(join(dir, layout.signer.fence("main"))), readdirSync(marks)]).toEqual([false, ["floor"]])
    write(layout.signer.fence("main"), "x\n")
    await control.unfence()
    expect(existsSync(join(dir, layout.signer.fence("main")))).toBe(false)
  })

  it("leaves them when the command was overtaken", async () => {
    write(layout.signer.fence("main"), "x\n")
    write(layout.signer.epoch("main"), "5\n")
    await expect(control.unfence()).rejects.toMatchObject({ code: "LOCK_LOST", exit: 7 })
    expect(read(layout.signer.fence("main"))).toBe("x\n")
  })
})
