const WIDTH = 100

/** A command as one would type it in a shell; what is longer than a line is broken before its options. */
export function commandLine(program: string, args: readonly string[]): string {
  const words = [program, ...args].map(shellWord)
  const line = `$ ${words.join(" ")}`
  if (line.length <= WIDTH) return line
  const [first, ...rest] = grouped(words)
  return [`$ ${first}`, ...rest.map((group) => `    ${group}`)].join(" \\\n")
}

/** An option stays on the line of its value. */
function grouped(words: readonly string[]): string[] {
  const groups: string[][] = [[]]
  for (const word of words) {
    if (word.startsWith("-")) groups.push([word])
    else groups.at(-1)?.push(word)
  }
  return groups.map((group) => group.join(" "))
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
