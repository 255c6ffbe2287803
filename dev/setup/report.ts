/** Where progress goes: one line at a time, no trailing newline. */
export type Report = (line: string) => void
