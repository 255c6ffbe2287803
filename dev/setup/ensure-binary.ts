import { chmodSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import type { Binary } from "./binary.ts"
import { binaryKey } from "./binary-key.ts"
import { cacheDir } from "./cache-dir.ts"
import { BUILDER_IMAGE } from "./debian-image.ts"
import { ensureDebianImage } from "./ensure-debian-image.ts"
import type { Report } from "./report.ts"
import { runLogged } from "./run-logged.ts"
import { stage } from "./stage.ts"

/** Passed into a build container, because a machine may reach its package mirrors only through them. */
const PASSED_ENV = [
  "GOPROXY",
  "GONOSUMDB",
  "GOSUMDB",
  "GOFLAGS",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
]

const TRUST_STORE = "/etc/ssl/certs/ca-certificates.crt"

/** The path of a built program in the cache; built by this machine's toolchain, else by one in a container. */
export async function ensureBinary(binary: Binary, report: Report): Promise<string> {
  const cached = join(cacheDir(), `${binary.name}-${binaryKey(binary)}`)
  if (existsSync(cached)) return cached
  const work = mkdtempSync(join(cacheDir(), `build-${binary.name}-`))
  try {
    for (const [name, content] of Object.entries(binary.files)) writeFileSync(join(work, name), content)
    if (await isToolchainGood(binary)) {
      await stage(report, `build ${binary.name}`, () => runLogged(["sh", "-c", binary.script], { log: `build-${binary.name}`, cwd: work }))
    } else {
      const builder = await ensureDebianImage(BUILDER_IMAGE, report)
      await stage(report, `build ${binary.name} in a container`, () => buildInContainer(binary, builder, work))
    }
    // Copy, then rename: an interrupted copy must not look like a finished one.
    copyFileSync(join(work, "out", binary.name), `${cached}.partial`)
    chmodSync(`${cached}.partial`, 0o755)
    renameSync(`${cached}.partial`, cached)
    return cached
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function isToolchainGood(binary: Binary): Promise<boolean> {
  const { program, versionArgs, minimum } = binary.toolchain
  const result = await execa(program, [...versionArgs], { reject: false })
  const found = result.failed ? null : /(\d+)\.(\d+)/.exec(result.stdout)
  if (found === null) return false
  const [major, minor] = [Number(found[1]), Number(found[2])]
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1])
}

async function buildInContainer(binary: Binary, builder: string, work: string): Promise<void> {
  const env = PASSED_ENV.filter((name) => process.env[name] !== undefined).flatMap((name) => ["--env", name])
  // Whom this machine trusts, the build has to trust as well: a machine behind a proxy may have an authority of its own.
  const trust = existsSync(TRUST_STORE) ? ["--volume", `${TRUST_STORE}:${TRUST_STORE}:ro`] : []
  const run = ["docker", "run", "--rm", "--network", "host", "--volume", `${work}:/work`, "--workdir", "/work", ...trust, ...env]
  await runLogged([...run, builder, "sh", "-c", binary.script], { log: `build-${binary.name}` })
}
