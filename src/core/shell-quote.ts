/** One argument for a POSIX shell: a remote one, to which ssh hands its arguments joined with blanks, or the one of a reader who copies a command. */
export function shellQuote(argument: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}
