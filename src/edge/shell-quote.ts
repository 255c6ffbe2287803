/** One argument for a remote POSIX shell: ssh joins its arguments with blanks and hands them to the user's shell. */
export function shellQuote(argument: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}
