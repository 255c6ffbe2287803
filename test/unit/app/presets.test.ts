import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { initDeployment } from "../../../src/app/init.ts"
import { presetChoices, profileChoices } from "../../../src/app/init-choices.ts"
import { checkFile, loadTopology } from "../../../src/app/load.ts"
import { renderDeployment } from "../../../src/app/render.ts"
import { editYaml } from "../../../src/core/spec/edit.ts"
import { settingsFor } from "../../support/answers.ts"
import { localPorts } from "../../support/local-ports.ts"
import { TEMPLATES_DIR } from "../../support/package-paths.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const PRESETS = ["compact", "ha-2", "ha-3", "multi-validator", "solo"] as const
const PROFILES = ["devnet", "gonka-mainnet", "gonka-testnet"] as const

/** Rules whose warnings a shape cannot avoid. */
const ACCEPTED: Readonly<Record<(typeof PRESETS)[number], readonly string[]>> = {
  compact: ["GHA-212", "GHA-217"],
  "ha-2": [],
  "ha-3": [],
  "multi-validator": [],
  solo: ["GHA-210", "GHA-305"],
}

function initialised(preset: string, options: { readonly profile?: string; readonly settings?: readonly string[] } = {}) {
  return initDeployment(localPorts, { file: join(temporaryDir(), "gonka-ha.yaml"), preset, settings: [], ...options })
}

function textOf(preset: string): string {
  return readFileSync(join(TEMPLATES_DIR, "presets", `${preset}.yaml`), "utf8")
}

it("are the ones that the tests know", () => {
  expect(readdirSync(join(TEMPLATES_DIR, "presets")).sort()).toEqual(PRESETS.map((preset) => `${preset}.yaml`))
})

describe.each(PRESETS)("the preset %s", (preset) => {
  it("names the schema in its first line, and is written as an edit would leave it", () => {
    expect(textOf(preset).split("\n")[0]).toBe("# yaml-language-server: $schema=.gonka-ha/gonka-ha.schema.json")
    expect(editYaml(textOf(preset), [])).toEqual({ text: textOf(preset) })
  })

  it("is for the main network, a trial excepted", async () => {
    const { file } = await initialised(preset)
    expect((await checkFile(localPorts, { file })).spec?.profile).toBe(preset === "solo" ? "devnet" : "gonka-mainnet")
  })

  describe.each(PROFILES)("on %s", (profile) => {
    it("leaves nothing open but what only the operator knows, each with its line", async () => {
      const { file, placeholders, warnings } = await initialised(preset, { profile })
      expect(warnings).toEqual([])
      const open = placeholders.map(({ path }) => path.join("."))
      const isKnownNowhere =
        profile === "devnet" ? /^(hosts\.[^.]+\.(ssh|private)|images\.\w+|chain\.)/ : /^(hosts\.[^.]+\.(ssh|private|public)|images\.\w+)$/
      for (const path of open) expect(path).toMatch(isKnownNowhere)
      expect(open.filter((path) => path.startsWith("chain."))).toEqual(
        profile === "devnet" ? ["chain.id", "chain.genesis.rpc.0", "chain.genesis.rpc.1", "chain.peers.0"] : [],
      )
      const lines = readFileSync(file, "utf8").split("\n")
      for (const { place } of placeholders) expect(lines[place.line - 1]).toMatch(/CHANGE-ME|192\.0\.2\./)
    })

    it("keeps every comment", async () => {
      const { file } = await initialised(preset, { profile })
      const written = readFileSync(file, "utf8")
      const comments = textOf(preset).match(/#.*$/gm) ?? []
      const lost = comments.filter((comment) => !written.includes(comment))
      // A chain of one's own has no address that the world sees.
      expect(lost).toEqual(profile === "devnet" && preset === "solo" ? ["# The address that the sentries tell the network."] : [])
    })

    it("is right and renders when everything is filled in", async () => {
      const { placeholders } = await initialised(preset, { profile })
      const { file, warnings, ...filled } = await initialised(preset, { profile, settings: settingsFor(placeholders) })
      expect([filled.placeholders, warnings]).toEqual([[], []])
      const { topology, issues, suppressed } = await loadTopology(localPorts, { file })
      expect(issues).toEqual([])
      expect([...new Set(suppressed.map(({ issue }) => issue.rule))].sort()).toEqual(ACCEPTED[preset])
      const { changes } = await renderDeployment(localPorts, { source: { file }, check: false })
      for (const host of topology.hosts) expect(changes.map(({ path }) => path)).toContain(`${host.name}/compose.yaml`)
    })
  })
})

describe("the choices of init", () => {
  it("say in one sentence what each shape and each network is", async () => {
    for (const choices of [await presetChoices(localPorts), await profileChoices(localPorts)]) {
      for (const { about } of choices) expect(about).toMatch(/^[A-Z][^#$\n]{15,120}[^.]$/)
      expect(new Set(choices.map(({ about }) => about)).size).toBe(choices.length)
    }
    expect((await presetChoices(localPorts)).map(({ name }) => name)).toEqual(PRESETS)
    expect((await profileChoices(localPorts)).map(({ name }) => name)).toEqual(PROFILES)
  })
})
