import { randomBytes } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, expect, it, onTestFinished } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { type CheckImageRequest, checkImage } from "../../src/app/check-image.ts"
import { LocalConnection } from "../../src/edge/local-connection.ts"
import { docker } from "../lab/docker.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const SETUP_LIMIT_MS = 20 * 60_000

/** Behaves like a newer release of the lab's binary. */
const NEWER = `#!/bin/sh
set -e
simd "$@"
cd "$4/config"
sed -i -e '/^double_sign_check_height/d' -e 's/^max_packet_msg_payload_size = .*/max_packet_msg_payload_size = 4096/' config.toml
sed -i -e '/^\\[telemetry\\]/a slow-query-threshold = "5s"' app.toml
`

let labImage: string

beforeAll(async () => {
  labImage = (await ensureSetup((line) => process.stderr.write(`${line}\n`))).images.node
}, SETUP_LIMIT_MS)

/** An image with both programs, until the test is over. */
async function newerImage(): Promise<string> {
  const program = join(temporaryDir(), "newer")
  writeFileSync(program, NEWER, { mode: 0o755 })
  const image = `gonka-ha-edge/newer:${randomBytes(5).toString("hex")}`
  const container = await docker(["create", labImage, "true"])
  try {
    await docker(["cp", program, `${container}:/usr/local/bin/newer`])
    await docker(["commit", container, image])
  } finally {
    await docker(["rm", "--force", container])
  }
  onTestFinished(async () => {
    await docker(["image", "rm", image])
  })
  return image
}

/** Checks the lab's image, or another one, with this machine's engine. */
function check(request: CheckImageRequest) {
  const topology = {
    hosts: [{ name: "here" }],
    chain: { binary: "simd" },
    versions: { node: "sdk-0.50" },
    images: { node: labImage },
  }
  return checkImage({ topology, fleet: { host: (name) => new LocalConnection(name) } }, request)
}

it("finds the lab's node binary exactly as its table says", async () => {
  expect(await check({})).toEqual({
    image: labImage,
    host: "here",
    binary: "simd",
    version: "sdk-0.50",
    settings: 143,
    differences: [],
    equalTo: [],
  })
})

it("names every difference from a table that is not the image's", async () => {
  const { differences, equalTo } = await check({ version: "gonka-0.2" })
  expect(differences).toEqual([
    { kind: "default", file: "app", key: "minimum-gas-prices", ours: "", image: "0stake" },
    { kind: "image-only", file: "app", key: "wasm.query_gas_limit", image: 300000 },
    { kind: "image-only", file: "app", key: "wasm.lru_size", image: 0 },
  ])
  expect(equalTo).toEqual(["sdk-0.50"])
})

it("names what a newer binary adds, drops and changes, and leaves no container behind", async () => {
  const image = await newerImage()
  const { differences, equalTo } = await check({ image, binary: "newer" })
  expect(differences).toEqual([
    { kind: "default", file: "config", key: "p2p.max_packet_msg_payload_size", ours: 1024, image: 4096 },
    { kind: "ours-only", file: "config", key: "consensus.double_sign_check_height", ours: 0 },
    { kind: "image-only", file: "app", key: "telemetry.slow-query-threshold", image: "5s" },
  ])
  expect(equalTo).toEqual([])
  expect(await docker(["ps", "--all", "--quiet", "--filter", `ancestor=${image}`])).toBe("")
})

it("says which program is missing, and which one does not write settings", async () => {
  await expect(check({ binary: "inferenced" })).rejects.toMatchObject({
    code: "REFUSED",
    exit: 6,
    message: `${labImage} on here has no program inferenced: name the node's program with --binary`,
  })
  for (const binary of ["true", "ls"]) {
    await expect(check({ binary })).rejects.toMatchObject({
      code: "REFUSED",
      exit: 6,
      message: expect.stringMatching(`^${binary} of ${labImage} on here does not write its settings on \`init\`: (cat|ls): .`),
    })
  }
})

it("says in one line when the engine has no such image", async () => {
  await expect(check({ image: "gonka-ha-edge.invalid/none:1" })).rejects.toMatchObject({
    code: "ENGINE",
    exit: 9,
    message: expect.stringMatching(/^docker on here cannot run gonka-ha-edge\.invalid\/none:1: docker: Error response from daemon: \S.*$/),
    hint: "try `docker pull gonka-ha-edge.invalid/none:1` on here",
  })
})

it("takes no image for an option of the engine", async () => {
  await expect(check({ image: "--privileged" })).rejects.toMatchObject({ code: "ENGINE", exit: 9 })
})
