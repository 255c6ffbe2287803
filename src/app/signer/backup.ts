import type { BackupEntry, BackupFiles } from "../../core/backup/entry.ts"
import { type BackedUpSigner, MANIFEST, type Manifest, manifestOf } from "../../core/backup/manifest.ts"
import type { BackupRecord } from "../../core/backup/record.ts"
import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { baseName, directoryOf, pathBelow, pathFrom } from "../../core/local-path.ts"
import { parseSignerState } from "../../core/observe/signer-state.ts"
import type { SecretFile } from "../../core/ports.ts"
import { layout } from "../../core/render/layout.ts"
import { Secret } from "../../core/secret.ts"
import { secretRefText } from "../../core/secret-ref.ts"
import type { Validator } from "../../core/topology.ts"
import { audit } from "../audit.ts"
import type { Deployment } from "../deployment.ts"
import type { SpecSource } from "../load-layers.ts"
import { spentHeight } from "../signer-records.ts"
import { writeBackupRecord } from "./backup-record.ts"
import { readSignerFiles, type SignerFilesRead } from "./read-signer-files.ts"

const PRIVATE = 0o600
const PUBLIC = 0o644

export type BackupRequest = {
  readonly source: SpecSource
  readonly file: string
  /** Whether secrets that the topology file only refers to are read and taken in. */
  readonly withReferences: boolean
  readonly time: string
}

/**
 * `gonka-ha signer backup`: everything of this deployment that only this machine has, and what its signers' hosts say of their states.
 * A host that cannot be asked is named in the result and does not hinder the rest. The passphrase is asked for when everything is read.
 * Of each key in it a record stays here, and a line in the audit log of its signer's host.
 * @throws AppError FILE_EXISTS, and what reading throws
 */
export async function backUp(
  deployment: Deployment,
  backups: BackupFiles,
  request: BackupRequest,
  passphrase: () => Promise<Secret>,
): Promise<Manifest> {
  const { local, topology, sha256 } = deployment
  if (await local.exists(request.file))
    throw new AppError("FILE_EXISTS", EXIT.refused, `${request.file} exists already`, { hint: "gonka-ha does not overwrite it" })
  const dir = directoryOf(request.source.file)
  const place = { stateDir: pathBelow(dir, deployment.stateDir), recordsDir: pathBelow(dir, deployment.recordsDir) }
  const entries: BackupEntry[] = []
  // Overlays lie beside the file that they are put over.
  const specFiles = deployment.specDigests.map(({ file }) => file)
  for (const file of specFiles) entries.push({ ...(await read(deployment, pathFrom(dir, file), file)), mode: PUBLIC })
  for (const below of [`${place.stateDir}/secrets`, `${place.stateDir}/receipts`, place.recordsDir])
    entries.push(...(await allBelow(deployment, dir, below)))
  const { taken, leftOut } = await references(deployment, place.stateDir, request.withReferences)
  entries.push(...taken)
  const validators: BackedUpSigner[] = []
  const hostsRead: string[] = []
  for (const validator of topology.validators) {
    const files = await readSignerFiles(deployment, validator)
    validators.push(await signerOf(deployment, validator, files))
    if (files.kind === "read" && files.texts.size > 0) hostsRead.push(validator.signerHost)
    if (files.kind === "read")
      entries.push(
        ...[...files.texts].map(([name, text]) => ({ path: `seen/${validator.name}/${name}`, content: new Secret(text), mode: PRIVATE })),
      )
  }
  const manifest = manifestOf(
    {
      time: request.time,
      by: deployment.operator,
      deployment: topology.deployment,
      chain: topology.chain.id,
      topology: {
        files: specFiles,
        ...(request.source.destination === undefined ? {} : { destination: request.source.destination }),
      },
      ...place,
      validators,
      leftOut: [...leftOut],
    },
    entries,
    sha256,
  )
  const first = { path: MANIFEST, content: new Secret(`${JSON.stringify(manifest, null, 2)}\n`), mode: PRIVATE }
  const digest = await backups.write(request.file, [first, ...entries], await passphrase())
  const withKeys = validators.filter(({ name }) => manifest.files.some(({ path }) => path === keyPlace(place.stateDir, name)))
  for (const validator of withKeys)
    await leaveWord(deployment, manifest, validator, { file: baseName(request.file), sha256: digest }, hostsRead)
  return manifest
}

/** The backup is there by now: that nobody could be told of it must not look as if it had failed. */
async function leaveWord(
  deployment: Deployment,
  { time, by }: Manifest,
  { name, address, host }: BackedUpSigner,
  written: Pick<BackupRecord, "file" | "sha256">,
  hostsRead: readonly string[],
): Promise<void> {
  try {
    await writeBackupRecord(deployment, { time, by, validator: name, address, ...written })
  } catch (error) {
    deployment.report({ kind: "note", text: `that a backup of ${name} was made could not be recorded: ${reasonOf(error)}` })
  }
  // A host without a signer's files has no place for a line about it.
  if (!hostsRead.includes(host)) return
  await audit(deployment, [host], `signer backup of ${name}: its key is in ${written.file}, sha256 ${written.sha256}`)
}

async function read({ local }: Deployment, file: string, path: string): Promise<BackupEntry> {
  return { path, content: new Secret(await local.readText(file)), mode: PRIVATE }
}

async function allBelow(deployment: Deployment, dir: string, below: string): Promise<BackupEntry[]> {
  const from = pathFrom(dir, below)
  const found: BackupEntry[] = []
  for (const path of await deployment.local.list(from)) found.push(await read(deployment, `${from}/${path}`, `${below}/${path}`))
  return found
}

/** A consensus key goes to where gonka-ha looks for it first; any other secret has no place on this machine, and is only kept. */
async function references(
  { secrets, keys, topology }: Deployment,
  stateDir: string,
  wanted: boolean,
): Promise<{ readonly taken: readonly BackupEntry[]; readonly leftOut: readonly string[] }> {
  const taken: BackupEntry[] = []
  const leftOut: string[] = []
  for (const secret of secrets) {
    if (secret.source.kind !== "reference") continue
    if (wanted) taken.push({ path: placeOf(topology.validators, stateDir, secret), content: await keys.readSecret(secret), mode: PRIVATE })
    else leftOut.push(`${secret.path.split("/").at(-1)}: ${secretRefText(secret.source.ref)}`)
  }
  return { taken, leftOut }
}

function placeOf(validators: readonly Validator[], stateDir: string, secret: SecretFile): string {
  const owner = validators.find(({ name }) => secret.path === `${layout.secrets.signer(name)}/consensus.key`)
  return owner ? keyPlace(stateDir, owner.name) : `references/${secret.path}`
}

function keyPlace(stateDir: string, validator: string): string {
  return `${stateDir}/secrets/validators/${validator}/consensus.key`
}

async function signerOf(deployment: Deployment, validator: Validator, files: SignerFilesRead): Promise<BackedUpSigner> {
  const { name, address, pubkey, signerHost: host } = validator
  const state = stateSeen(files)
  const imported = await deployment.keys.importedState(name)
  const known = [
    state.kind === "seen" ? state.height : undefined,
    imported === undefined ? undefined : heightIn(imported),
    await spentHeight(deployment, validator),
    ...(files.kind === "read" ? [files.texts.get("floor"), files.texts.get("marks-floor")].map(numberIn) : []),
  ].filter((height) => height !== undefined)
  return { name, address, pubkey, host, state, ...(known.length === 0 ? {} : { signedUpTo: Math.max(...known) }) }
}

function stateSeen(files: SignerFilesRead): BackedUpSigner["state"] {
  if (files.kind === "unknown") return files
  const text = files.texts.get("state.json")
  if (text === undefined) return { kind: "absent" }
  const parsed = parseSignerState(text)
  if (parsed.kind === "ok") return { kind: "seen", ...parsed.state }
  return {
    kind: "unknown",
    reason: parsed.kind === "damaged" ? `the state file is damaged: ${parsed.reason}` : "the state file is missing",
  }
}

function heightIn(state: string): number | undefined {
  const parsed = parseSignerState(state)
  return parsed.kind === "ok" ? parsed.state.height : undefined
}

function numberIn(text: string | undefined): number | undefined {
  const word = text?.trim() ?? ""
  return /^\d{1,15}$/.test(word) ? Number(word) : undefined
}
