/** The name of a file that is being written next to its final place; a crash may leave one behind. */
export function temporaryName(random: string): string {
  return `.gonka-ha-${random}.tmp`
}

export function isTemporaryName(name: string): boolean {
  return /^\.gonka-ha-[0-9a-f]+\.tmp$/.test(name)
}
