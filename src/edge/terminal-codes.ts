// biome-ignore lint/suspicious/noControlCharactersInRegex: tmkms colours its log lines
const CODES = /\u001b\[[0-9;]*[A-Za-z]/g

export function withoutTerminalCodes(text: string): string {
  return text.replace(CODES, "")
}
