import { readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { editYaml, parseSetting, settingText } from "../../../../src/core/spec/edit.ts"
import { TEMPLATES_DIR } from "../../../support/package-paths.ts"

const TEXT = `# head
name: a # why
list: [x, y] # two

hosts:
  # first
  one:
    ssh: root@one
`

function editedBy(...settings: string[]) {
  return editYaml(
    TEXT,
    settings.map((text) => {
      const setting = parseSetting(text)
      if ("problem" in setting) throw new Error(setting.problem)
      return setting
    }),
  )
}

describe("editYaml", () => {
  it("gives a preset back as it is when nothing is set", () => {
    const preset = readFileSync(join(TEMPLATES_DIR, "presets", "ha-2.yaml"), "utf8")
    expect(editYaml(preset, [])).toEqual({ text: preset })
  })

  it("keeps comments and order", () => {
    expect(editedBy("name=b", "list=[p, q, r]", "hosts.one.ssh=root@10.0.0.1", "hosts.two.local=true", "policy.freshness=20s")).toEqual({
      text: `# head
name: b # why
list: [p, q, r] # two

hosts:
  # first
  one:
    ssh: root@10.0.0.1
  two:
    local: true
policy:
  freshness: 20s
`,
    })
  })

  it("removes what is set to null", () => {
    expect(editedBy("list=null", "hosts.one=null")).toEqual({ text: expect.not.stringContaining("root@one") })
  })

  it("says which path leads through a value", () => {
    expect(editedBy("hosts.one.ssh.user=root")).toEqual({ problem: "hosts.one.ssh.user: hosts.one.ssh is not a map" })
  })
})

describe("parseSetting", () => {
  it.each([
    ["a.b=1", { path: ["a", "b"], value: 1 }],
    ["a=x=y", { path: ["a"], value: "x=y" }],
    ["a=[http://x:1, y]", { path: ["a"], value: ["http://x:1", "y"] }],
    ["a=", { path: ["a"], value: null }],
  ])("reads %s", (text, setting) => {
    expect(parseSetting(text)).toEqual(setting)
  })

  it.each(["a", "=x", "a..b=1", ".a=1", "a=[x", "a=*b", "a=!tag x"])("refuses %s", (text) => {
    expect(parseSetting(text)).toHaveProperty("problem")
  })
})

describe("settingText", () => {
  it.each([
    [["chain", "id"], "lab-1", "chain.id=lab-1"],
    [["chain", "id"], "7", 'chain.id="7"'],
    [["chain", "id"], "", 'chain.id=""'],
    [["a"], ["http://x:1", "y"], "a=[http://x:1, y]"],
    [["a"], ["x, y"], 'a=["x, y"]'],
  ])("writes %j = %j as %s", (path, value, text) => {
    expect(settingText(path, value)).toBe(text)
  })

  it("is read back as what was meant, whatever was typed", () => {
    const words = fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 }))
    fc.assert(
      fc.property(words, (value) => {
        expect(parseSetting(settingText(["a", "b"], value))).toEqual({ path: ["a", "b"], value })
      }),
    )
  })
})
