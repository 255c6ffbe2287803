/** Where the overlay of a destination lies: `gonka-ha.yaml` and `testnet` make `gonka-ha.testnet.yaml`, beside the file. */
export function overlayFile(file: string, destination: string): string {
  const slash = file.lastIndexOf("/")
  const dot = file.lastIndexOf(".")
  return dot > slash + 1 ? `${file.slice(0, dot)}.${destination}${file.slice(dot)}` : `${file}.${destination}`
}

/** The destination that an overlay builds on; undefined when it builds on the file itself. */
export function extendedBy(
  value: unknown,
): { readonly kind: "none" } | { readonly kind: "destination"; readonly name: string } | { readonly kind: "wrong" } {
  const written: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "extends") : undefined
  if (written === undefined) return { kind: "none" }
  return isDestination(written) ? { kind: "destination", name: written } : { kind: "wrong" }
}

/** A destination is a part of a file's name, so it is a plain word. */
export function isDestination(value: unknown): value is string {
  return typeof value === "string" && /^[a-z][a-z0-9-]{0,30}$/.test(value)
}
