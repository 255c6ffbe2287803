import { describe, expect, it } from "vitest"
import { type CheckImageRequest, checkImage, type ImageSite } from "../../../src/app/check-image.ts"
import type { RunResult } from "../../../src/core/ports.ts"
import { initFiles } from "../../support/node-keys/init-files.ts"

const topology = {
  hosts: [{ name: "alpha" }, { name: "beta" }],
  chain: { binary: "inferenced" },
  versions: { node: "gonka-0.2" },
  images: { node: "example.org/node:1" },
}

/** Runs a check on a host that answers as it is told. */
async function check(answer: Partial<RunResult>, request: CheckImageRequest = {}) {
  const ran: { host: string; argv: readonly string[]; timeoutMs: number | undefined }[] = []
  const fleet: ImageSite["fleet"] = {
    host: (host) => ({
      run: async (argv, options) => {
        ran.push({ host, argv, timeoutMs: options?.timeoutMs })
        return { code: 0, stdout: "", stderr: "", ...answer }
      },
    }),
  }
  const outcome = await checkImage({ topology, fleet }, request).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  )
  return { ...outcome, ran }
}

function printed({ config, app }: { readonly config: string; readonly app: string }): Partial<RunResult> {
  return { stdout: `${config}\n=== app.toml ===\n${app}` }
}

describe("a check of an image", () => {
  it("finds nothing when the image writes what the table has", async () => {
    const { result } = await check(printed(initFiles("gonka-0.2")))
    const checked = { image: "example.org/node:1", host: "alpha", binary: "inferenced", version: "gonka-0.2" }
    expect(result).toEqual({ ...checked, settings: 141, differences: [], equalTo: [] })
  })

  it("names what differs, and the version that would fit", async () => {
    const { result } = await check(printed(initFiles("sdk-0.50")))
    expect(result?.differences).toEqual([
      { kind: "default", file: "app", key: "minimum-gas-prices", ours: "", image: "0stake" },
      { kind: "image-only", file: "app", key: "wasm.query_gas_limit", image: 300000 },
      { kind: "image-only", file: "app", key: "wasm.lru_size", image: 0 },
    ])
    expect(result?.equalTo).toEqual(["sdk-0.50"])
  })

  it("runs the image shut in, with the binary as an argument, and waits for a pull", async () => {
    const { ran } = await check(printed(initFiles("gonka-0.2")))
    expect(ran).toEqual([{ host: "alpha", argv: expect.any(Array), timeoutMs: 900_000 }])
    const argv = ran[0]?.argv ?? []
    expect(argv.slice(0, 4)).toEqual(["docker", "run", "--rm", "--quiet"])
    expect(argv.join(" ")).toContain(
      "--network none --cap-drop ALL --security-opt no-new-privileges --entrypoint sh -- example.org/node:1 -c ",
    )
    expect(argv.slice(-3)).toEqual(["inferenced", "test", "=== app.toml ==="])
  })

  it("takes image, host, binary and version from the request when they are given", async () => {
    const request = { image: "other:2", host: "beta", binary: "/opt/$(reboot)", version: "sdk-0.50" }
    const { result, ran } = await check(printed(initFiles("sdk-0.50")), request)
    expect(result).toMatchObject({ ...request, differences: [] })
    expect(ran[0]).toMatchObject({ host: "beta", argv: expect.arrayContaining(["other:2", "/opt/$(reboot)"]) })
  })

  it.each([
    [{ host: "alhpa" }, "there is no host alhpa; did you mean alpha?", "hosts: alpha, beta"],
    [{ host: "somewhere" }, "there is no host somewhere", "hosts: alpha, beta"],
    [{ version: "gonka-0.3" }, "there is no version gonka-0.3; did you mean gonka-0.2?", "versions: gonka-0.2, sdk-0.50"],
  ])("refuses %j before anything is run", async (request, message, hint) => {
    const { error, ran } = await check({}, request)
    expect(error).toMatchObject({ code: "USAGE", exit: 64, message, hint })
    expect(ran).toEqual([])
  })
})

describe("an image that cannot be checked", () => {
  it.each([
    {
      what: "is not there",
      answer: {
        code: 125,
        stderr:
          "Unable to find image 'x'\ndocker: Error response from daemon: pull access denied.\n\nRun 'docker run --help' for more information\n",
      },
      message: "docker on alpha cannot run example.org/node:1: docker: Error response from daemon: pull access denied.",
    },
    {
      what: "has no shell",
      answer: { code: 127, stderr: 'docker: Error response from daemon: exec: "sh": executable file not found in $PATH.\n' },
      message:
        'docker on alpha cannot run example.org/node:1: docker: Error response from daemon: exec: "sh": executable file not found in $PATH.',
    },
    { what: "dies without a word", answer: { code: 137 }, message: "docker on alpha cannot run example.org/node:1: it gave no reason" },
  ])("because it $what is the engine's failure", async ({ answer, message }) => {
    const { error } = await check(answer)
    expect(error).toMatchObject({ code: "ENGINE", exit: 9, message, hint: "try `docker pull example.org/node:1` on alpha" })
  })

  it.each([
    {
      what: "lacks the program",
      answer: { code: 3 },
      message: "example.org/node:1 on alpha has no program inferenced: name the node's program with --binary",
    },
    {
      what: "has a program without init",
      answer: { code: 4, stderr: 'Error: unknown command "init" for "inferenced"\nRun \'inferenced --help\' for usage.\n' },
      message:
        'inferenced of example.org/node:1 on alpha does not write its settings on `init`: Error: unknown command "init" for "inferenced"',
    },
    {
      what: "prints something else",
      answer: { stdout: "hello\n" },
      message: "inferenced of example.org/node:1 on alpha printed something else than its two files",
    },
    {
      what: "writes no TOML",
      answer: printed({ config: "a = \n", app: "" }),
      message: expect.stringMatching(/^inferenced of example\.org\/node:1 wrote settings that are not TOML: /),
    },
  ])("because it $what is refused", async ({ answer, message }) => {
    expect((await check(answer)).error).toMatchObject({ code: "REFUSED", exit: 6, message })
  })
})
