/** `name=value` lines that our shell scripts read with sed, never with eval. */
export function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (/[\r\n]/.test(value)) throw new Error(`setting ${name} spans lines`)
      return `${name}=${value}\n`
    })
    .join("")
}
