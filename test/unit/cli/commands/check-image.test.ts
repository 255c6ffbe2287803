import { Command } from "commander"
import { describe, expect, it } from "vitest"
import { addCheckImageCommand, type CheckImageCli } from "../../../../src/cli/commands/check-image.ts"
import { initFiles } from "../../../support/node-keys/init-files.ts"

/** Runs the command on a deployment whose every image writes the files of simd. */
async function command(...argv: readonly string[]) {
  const seen: { out: string; exits: number[]; opened: string[]; images: string[] } = { out: "", exits: [], opened: [], images: [] }
  const { config, app } = initFiles("sdk-0.50")
  const cli: CheckImageCli = {
    io: {
      out: (text) => {
        seen.out += text
      },
    },
    env: { file: "from-env.yaml", destination: undefined, yes: false },
    now: () => "2026-11-23T12:00:00.000Z",
    withDeployment: async ({ file, destination }, work) => {
      seen.opened.push(destination === undefined ? file : `${file} ${destination}`)
      return work({
        topology: {
          hosts: [{ name: "alpha" }, { name: "beta" }],
          chain: { binary: "simd" },
          versions: { node: "gonka-0.2" },
          images: { node: "node:1" },
        },
        fleet: {
          host: (host) => ({
            run: async (argv) => {
              seen.images.push(`${host} ${argv[argv.indexOf("--") + 1]} ${argv.at(-3)}`)
              return { code: 0, stdout: `${config}\n=== app.toml ===\n${app}`, stderr: "" }
            },
          }),
        },
      })
    },
  }
  const program = new Command("gonka-ha").version("1.2.3").exitOverride()
  program.configureOutput({ writeOut: cli.io.out, writeErr: cli.io.out })
  addCheckImageCommand(program, cli, (exit) => seen.exits.push(exit))
  await program.parseAsync(["check-image", ...argv], { from: "user" })
  return seen
}

describe("check-image", () => {
  it("ends with exit code 2 when something differs from the topology's version", async () => {
    const seen = await command()
    expect(seen).toMatchObject({ exits: [2], opened: ["from-env.yaml"], images: ["alpha node:1 simd"] })
    expect(seen.out).toContain("wasm.lru_size")
  })

  it("ends with exit code 0 when nothing differs, and keeps its `--version` from the program's own", async () => {
    const seen = await command("--version", "sdk-0.50")
    expect(seen).toMatchObject({ exits: [0], out: "simd of node:1 on alpha writes exactly the 143 settings of sdk-0.50\n" })
  })

  it("asks the host for the image and the program that are named", async () => {
    const seen = await command("other:2", "--host", "beta", "--binary", "noded", "-f", "mine.yaml", "-d", "testnet")
    expect(seen).toMatchObject({ opened: ["mine.yaml testnet"], images: ["beta other:2 noded"] })
  })

  it("answers in JSON", async () => {
    const seen = await command("--json")
    expect(JSON.parse(seen.out)).toEqual({
      schema: "gonka-ha/check-image/v1",
      time: "2026-11-23T12:00:00.000Z",
      exitCode: 2,
      data: {
        image: "node:1",
        host: "alpha",
        binary: "simd",
        version: "gonka-0.2",
        settings: 141,
        differences: [
          { kind: "default", file: "app", key: "minimum-gas-prices", ours: "", image: "0stake" },
          { kind: "image-only", file: "app", key: "wasm.query_gas_limit", image: 300000 },
          { kind: "image-only", file: "app", key: "wasm.lru_size", image: 0 },
        ],
        equalTo: ["sdk-0.50"],
      },
    })
  })
})
