import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { renderFiles } from "../../src/core/render/fileset.ts"
import { layout } from "../../src/core/render/layout.ts"
import { resolve } from "../../src/core/spec/resolve.ts"
import type { Spec } from "../../src/core/spec/schema.ts"
import type { Topology } from "../../src/core/topology.ts"
import { newSeed, softsignText } from "../../src/edge/ed25519.ts"
import { openKeyStore } from "../../src/edge/key-store.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import type { GoldenSpec } from "./golden-specs.ts"
import { checkedTexts } from "./golden-topology.ts"
import { memoryFiles } from "./memory-files.ts"
import { realScripts } from "./scripts.ts"

/** A golden topology as an installation leaves it: a directory per host, with the rendered files and keys of its own. */
export type InstalledGolden = {
  readonly name: string
  readonly dir: string
  readonly topology: Topology
  /** Rendered files, `HOST/PATH`. */
  readonly files: ReadonlyMap<string, string>
}

type Installed = { readonly topology: Topology; readonly secrets: ReadonlyMap<string, string> }

/** Renders with keys that the product's own store makes, so that every id in the files belongs to a key that a program can be given. */
export async function installGolden({ name, texts }: GoldenSpec, below: string): Promise<InstalledGolden> {
  const { spec } = checkedTexts(...texts)
  if (!spec) throw new Error(`${name} is not a spec`)
  const dir = join(below, name)
  const { topology, secrets } = await withNewKeys(spec)
  const files = new Map(
    [...renderFiles(topology, realScripts(), sha256).values()].flatMap(({ host, files }) =>
      files.map(({ path, content }) => [`${host}/${path}`, content] as const),
    ),
  )
  for (const [path, content] of files) write(join(dir, path), content, 0o644)
  for (const [path, content] of secrets) write(join(dir, path), content, 0o600)
  return { name, dir, topology, files }
}

async function withNewKeys(spec: Spec): Promise<Installed> {
  const store = openKeyStore(memoryFiles(), "/keys", () => Promise.reject(new Error("a golden topology's references lead nowhere")))
  await store.ensureNodeKeys(spec)
  const { identities, issues } = await store.identities(spec, spec.chain?.consensusAddressPrefix ?? "")
  if (!identities) throw new Error(`the store does not take its own keys: ${JSON.stringify(issues)}`)
  const topology = resolve(spec, identities)
  // The pinned consensus keys belong to nobody, and so the store has no secrets for the signers; any keys let tmkms read its configuration.
  const secrets = new Map(
    topology.validators
      .filter(({ provider }) => provider.kind === "softsign")
      .flatMap(({ name, signerHost }) =>
        ["consensus.key", "kms-identity.key"].map((file) => [
          `${signerHost}/${layout.secrets.signer(name)}/${file}`,
          softsignText(newSeed()),
        ]),
      ),
  )
  for (const file of await store.secretFiles(topology)) {
    if (file.source.kind === "local") secrets.set(`${file.host}/${file.path}`, (await store.readSecret(file)).expose())
  }
  return { topology, secrets }
}

function write(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content, { mode })
}
