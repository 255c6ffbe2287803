/** Where a secret comes from; what stands in topology files instead of the secret. */
export type SecretRef =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "command"; readonly command: string }

type Written = { readonly file?: string | undefined; readonly env?: string | undefined; readonly command?: string | undefined }

/** The first of the three that is written; a rule has seen to it that there is exactly one. */
export function secretRef(written: Written | undefined): SecretRef | undefined {
  if (written?.file !== undefined) return { kind: "file", path: written.file }
  if (written?.env !== undefined) return { kind: "env", name: written.env }
  if (written?.command !== undefined) return { kind: "command", command: written.command }
  return undefined
}

/** For messages: the place, never what is there. A command may carry a token, so it is not repeated. */
export function secretRefText(ref: SecretRef): string {
  switch (ref.kind) {
    case "file":
      return `the file ${ref.path}`
    case "env":
      return `the environment variable ${ref.name}`
    case "command":
      return "the command that the topology file names"
  }
}
