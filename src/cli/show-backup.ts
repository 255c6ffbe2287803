import type { Restored } from "../app/signer/restore.ts"
import type { BackedUpSigner, Manifest } from "../core/backup/manifest.ts"

/** What `gonka-ha signer backup` says when the file is there. */
export function backupText(file: string, manifest: Manifest): string {
  return [
    `wrote ${file}: ${counted(manifest.files.length)} of ${manifest.deployment}, encrypted, and read back with the passphrase`,
    ...manifest.validators.map(signerLine),
    "keep it and its passphrase apart; age shows it without gonka-ha: age -d FILE | tar tv",
    "",
  ].join("\n")
}

/** What is missing in a backup, for standard error. */
export function gapsText({ validators, leftOut }: Manifest): string {
  return [
    ...validators.flatMap(({ name, state }) =>
      state.kind === "unknown" ? [`warning: the signer state of ${name} is not in the backup: ${state.reason}\n`] : [],
    ),
    ...leftOut.map((what) => `not in the backup: ${what} (--with-references takes it in)\n`),
  ].join("")
}

/** `gonka-ha signer restore --list` */
export function listText(manifest: Manifest): string {
  const width = Math.max(...manifest.files.map(({ size }) => String(size).length))
  return [
    `backup of ${manifest.deployment} on chain ${manifest.chain}, made ${manifest.time} by ${manifest.by}`,
    ...manifest.validators.map(signerLine),
    ...manifest.leftOut.map((what) => `not in it: ${what}`),
    ...manifest.files.map(({ path, size }) => `${String(size).padStart(width)}  ${path}`),
    "",
  ].join("\n")
}

/** What `gonka-ha signer restore` has done, and what it has left to the operator. */
export function restoredText(dir: string, { manifest, written, unchanged, kept }: Restored): string {
  return [
    `restored ${counted(written.length)} of ${manifest.deployment} into ${dir}${unchanged.length > 0 ? `; ${unchanged.length} were there already` : ""}`,
    ...kept.map((path) => `not written, since it has no place here: ${path}`),
    ...manifest.validators.flatMap((signer) => [
      signerLine(signer),
      `  its state was not put back, since ${signer.name} may have signed more since the backup was made`,
      `  ${signer.host} still has it: nothing to do, see \`gonka-ha status\``,
      `  ${signer.host} has lost it and nothing else: \`gonka-ha signer state seal --validator ${signer.name}\``,
      `  ${signer.host} is lost or was installed anew: name a new host, then \`gonka-ha signer replace ${signer.host}\``,
    ]),
    "",
  ].join("\n")
}

function signerLine({ name, address, host, state, signedUpTo }: BackedUpSigner): string {
  const bound = signedUpTo === undefined ? "no height is known" : `nothing up to height ${signedUpTo} may be signed again`
  switch (state.kind) {
    case "seen":
      return `validator ${name} (${address}): state ${state.height}/${state.round}/${state.step} on ${host}; ${bound}`
    case "absent":
      return `validator ${name} (${address}): no state on ${host}; ${bound}`
    case "unknown":
      return `validator ${name} (${address}): state on ${host} unknown; ${bound}`
  }
}

function counted(files: number): string {
  return files === 1 ? "one file" : `${files} files`
}
